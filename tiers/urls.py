"""URLs of tier policies, runs and proposals."""

from django.urls import path

from tiers.views import accounts, policies, runs

app_name = "tiers"
urlpatterns = [
    path("policies/", policies.policy_list, name="policy_list"),
    path("policies/new/", policies.policy_create, name="policy_create"),
    path("policies/<int:pk>/", policies.policy_detail, name="policy_detail"),
    path("policies/<int:pk>/edit/", policies.policy_update, name="policy_update"),
    path("policies/<int:pk>/run/", policies.policy_run, name="policy_run"),
    path("", runs.run_list, name="run_list"),
    path("runs/<int:pk>/", runs.run_detail, name="run_detail"),
    path("runs/<int:pk>/decide/", runs.run_decide, name="run_decide"),
    path("proposals/<int:pk>/", runs.proposal_detail, name="proposal_detail"),
    path("proposals/<int:pk>/approve/", runs.proposal_approve, name="proposal_approve"),
    path("proposals/<int:pk>/adjust/", runs.proposal_adjust, name="proposal_adjust"),
    path("proposals/<int:pk>/reject/", runs.proposal_reject, name="proposal_reject"),
    path("account/<int:account_pk>/", accounts.account_panel, name="account_panel"),
    path("account/<int:account_pk>/override/", accounts.override_set, name="override_set"),
    path("overrides/<int:pk>/end/", accounts.override_end, name="override_end"),
]
