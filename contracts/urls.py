"""Every address of contracts."""

from django.urls import path

from contracts.views import policy, rates, renewals

app_name = "contracts"
urlpatterns = [
    path("<int:pk>/renewal/", renewals.contract_renewal, name="contract_renewal"),
    path("renewals/", renewals.renewal_list, name="renewal_list"),
    path("renewals/rates/", rates.renewal_rates, name="renewal_rates"),
    path("renewals/rates/accounts/", rates.renewal_rate_accounts, name="renewal_rate_accounts"),
    path("renewals/<int:pk>/", renewals.renewal_detail, name="renewal_detail"),
    path("renewals/<int:pk>/renew/", renewals.renewal_renew, name="renewal_renew"),
    path("renewals/<int:pk>/lose/", renewals.renewal_lose, name="renewal_lose"),
    path("renewals/<int:pk>/notice/", renewals.renewal_notice, name="renewal_notice"),
    path("renewals/<int:pk>/reopen/", renewals.renewal_reopen, name="renewal_reopen"),
    path("policy/", policy.policy_update, name="policy_update"),
]
