"""The company as a whole: a page of panels, each with its own address; and the accounts behind every number."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import Account
from core.forms import scope_form
from core.http import UserRequest, is_fragment, panel
from core.paging import Sort, bounded_count, keyset_page
from dashboards.director.links import filters_on
from dashboards.director.panels import PANELS, Company
from dashboards.filters import COMPANY_DEFAULT_SORT, COMPANY_SORTS, CompanyAccountFilter, CompanyFilter


@require_GET
def company(request: UserRequest) -> HttpResponse:
    """The page: the filters, and a slot for each panel."""
    found = _found(request)
    query = urlencode(filters_on(request.GET))
    urls = [f"{reverse(f'dashboards:company_{name}')}{'?' * bool(query)}{query}" for name in PANELS]
    context = {"filter": found, "urls": urls, "whole": request.user.sees_everything}
    return render(request, panel(request, "dashboards/company.html", "rows"), context)


def _panel(request: UserRequest, name: str) -> HttpResponse:
    """Only the panel for htmx; else a page with the filters and this panel."""
    template = f"dashboards/company_{name}.html"
    found = _found(request)
    context = PANELS[name](Company(request.user, request.GET, found, timezone.localdate()))
    context |= {"filter": found, "currency": settings.REPORTING_CURRENCY, "panel_template": template}
    return render(request, template if is_fragment(request) else "dashboards/company_panel.html", context)


@require_GET
def company_months(request: UserRequest) -> HttpResponse:
    """Revenue, accounts that bought, coverage, health and NPS by month."""
    return _panel(request, "months")


@require_GET
def company_cohorts(request: UserRequest) -> HttpResponse:
    """Of the accounts that first bought in a month or quarter: which share came back how long after."""
    return _panel(request, "cohorts")


@require_GET
def company_tiers(request: UserRequest) -> HttpResponse:
    """How many accounts moved from which tier to which in the months."""
    return _panel(request, "tiers")


@require_GET
def company_regions(request: UserRequest) -> HttpResponse:
    """Accounts, revenue, coverage and risk by region."""
    return _panel(request, "regions")


@require_GET
def company_lines(request: UserRequest) -> HttpResponse:
    """Revenue of 12 months by product line and tier, with share and change."""
    return _panel(request, "lines")


@require_GET
def company_churn(request: UserRequest) -> HttpResponse:
    """What became of the alerts of the months, why customers were lost, why relationships are interrupted."""
    return _panel(request, "churn")


@require_GET
def company_actions(request: UserRequest) -> HttpResponse:
    """What playbooks were put to work in the months, and how far they came."""
    return _panel(request, "actions")


@require_GET
def company_accounts(request: UserRequest) -> HttpResponse:
    """The accounts behind a number."""
    accounts = Account.objects.visible_to(request.user).with_list_columns()
    found = CompanyAccountFilter(request.GET, queryset=accounts, request=request)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), COMPANY_SORTS, COMPANY_DEFAULT_SORT)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    context = {"filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key}
    return render(request, panel(request, "dashboards/company_accounts.html", "rows"), context)


def _found(request: UserRequest) -> CompanyFilter:
    found = CompanyFilter(request.GET, queryset=Account.objects.visible_to(request.user).order_by(), request=request)
    scope_form(found.form, request.user)
    found.form.is_valid()
    return found
