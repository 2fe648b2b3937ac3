"""Every address of contracts."""

from django.urls import path

from contracts.views import boards, contracts, drafts, lifecycle, money, policy, rates, renewals

app_name = "contracts"
urlpatterns = [
    path("", contracts.contract_list, name="contract_list"),
    path("sums/", contracts.contract_sums, name="contract_sums"),
    path("new/", drafts.contract_create, name="contract_create"),
    path("board/", boards.contract_board, name="contract_board"),
    path("calendar/", boards.contract_calendar, name="contract_calendar"),
    path("accounts/<int:account_pk>/", contracts.account_panel, name="account_panel"),
    path("<int:pk>/", contracts.contract_detail, name="contract_detail"),
    path("<int:pk>/edit/", drafts.contract_update, name="contract_update"),
    path("<int:pk>/lines/", contracts.contract_lines, name="contract_lines"),
    path("<int:pk>/compare/", contracts.contract_compare, name="contract_compare"),
    path("<int:pk>/submit/", lifecycle.contract_submit, name="contract_submit"),
    path("<int:pk>/reopen/", lifecycle.contract_reopen, name="contract_reopen"),
    path("<int:pk>/sign/", lifecycle.contract_sign, name="contract_sign"),
    path("<int:pk>/amend/", lifecycle.contract_amend, name="contract_amend"),
    path("<int:pk>/discard/", lifecycle.contract_discard, name="contract_discard"),
    path("<int:pk>/notice/", lifecycle.contract_notice, name="contract_notice"),
    path("<int:pk>/terminate/", lifecycle.contract_terminate, name="contract_terminate"),
    path("<int:pk>/renew/", lifecycle.contract_renew, name="contract_renew"),
    path("<int:pk>/renewal/", renewals.contract_renewal, name="contract_renewal"),
    path("renewals/", renewals.renewal_list, name="renewal_list"),
    path("renewals/rates/", rates.renewal_rates, name="renewal_rates"),
    path("renewals/rates/accounts/", rates.renewal_rate_accounts, name="renewal_rate_accounts"),
    path("renewals/<int:pk>/", renewals.renewal_detail, name="renewal_detail"),
    path("renewals/<int:pk>/renew/", renewals.renewal_renew, name="renewal_renew"),
    path("renewals/<int:pk>/lose/", renewals.renewal_lose, name="renewal_lose"),
    path("renewals/<int:pk>/notice/", renewals.renewal_notice, name="renewal_notice"),
    path("renewals/<int:pk>/reopen/", renewals.renewal_reopen, name="renewal_reopen"),
    path("<int:pk>/money/", money.contract_money, name="contract_money"),
    path("<int:pk>/receipts/new/", money.receipt_create, name="receipt_create"),
    path("receipts/<int:pk>/void/", money.receipt_void, name="receipt_void"),
    path("instalments/<int:pk>/event/", money.instalment_event, name="instalment_event"),
    path("instalments/<int:pk>/invoice/", money.instalment_invoice, name="instalment_invoice"),
    path("ageing/", money.ageing, name="ageing"),
    path("receivables/", money.receivables_curve, name="receivables_curve"),
    path("accounts/<int:account_pk>/receivables/", money.account_receivables, name="account_receivables"),
    path("policy/", policy.policy_update, name="policy_update"),
]
