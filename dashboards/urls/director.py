"""The company as a whole: its page, the panels on it, and the accounts behind their numbers."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboards.views import director

urlpatterns: list[URLPattern] = [
    path("company/", director.company, name="company"),
    path("company/months/", director.company_months, name="company_months"),
    path("company/cohorts/", director.company_cohorts, name="company_cohorts"),
    path("company/tiers/", director.company_tiers, name="company_tiers"),
    path("company/regions/", director.company_regions, name="company_regions"),
    path("company/lines/", director.company_lines, name="company_lines"),
    path("company/churn/", director.company_churn, name="company_churn"),
    path("company/actions/", director.company_actions, name="company_actions"),
    path("company/accounts/", director.company_accounts, name="company_accounts"),
]
