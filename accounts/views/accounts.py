"""List, page and forms of accounts."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import pages, services
from accounts.filters import DEFAULT_SORT, SORTS, AccountFilter
from accounts.forms import AccountForm
from accounts.models import Account
from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page

GROUP_LIMIT = 500


@require_GET
def account_list(request: UserRequest) -> HttpResponse:
    """The accounts that the user sees, filtered, sorted by one key, 50 a page."""
    accounts = AccountFilter(request.GET, queryset=Account.objects.visible_to(request.user).with_list_columns())
    scope_form(accounts.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), SORTS, DEFAULT_SORT)
    context = {
        "filter": accounts,
        "page": keyset_page(accounts.qs, sort, request.GET.get("cursor")),
        "count": bounded_count(accounts.qs),
        "sort_key": sort_key,
    }
    return render(request, panel(request, "accounts/account_list.html", "rows"), context)


@require_GET
def account_lookup(request: UserRequest) -> HttpResponse:
    """Options for the account picker: what matches `q` among the accounts that the user sees."""
    text = next((value for key, value in request.GET.items() if key == "q" or key.endswith(("parent", "account"))), "")
    found = AccountFilter({"q": text}, queryset=Account.objects.visible_to(request.user)).qs if text.strip() else []
    return render(request, "accounts/account_lookup.html", {"accounts": found[:10]})


@require_http_methods(["GET", "POST"])
def account_create(request: UserRequest) -> HttpResponse:
    """A new account; its creator becomes the account manager unless they lead others."""
    form = AccountForm(request.POST or None)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            account = services.create_account(
                form.save(commit=False),
                actor=request.user,
                tags=form.cleaned_data["tags"],
                manager=None if request.user.sees_everything else request.user,
                today=timezone.localdate(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(account)s was saved.") % {"account": account})
            return redirect(account)
    return render(request, "accounts/account_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def account_update(request: UserRequest, pk: int) -> HttpResponse:
    """Edit an account that the user may change."""
    account = pages.get_editable_account(request.user, pk)
    # A copy: where the input is refused, the page goes on naming the account as it is stored.
    form = AccountForm(request.POST or None, instance=copy(account))
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.update_account(form.save(commit=False), actor=request.user, tags=form.cleaned_data["tags"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(account)s was saved.") % {"account": saved})
            return redirect(saved)
    return render(request, "accounts/account_form.html", {"form": form, "account": account})


@require_GET
def account_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Overview: what needs attention, and the profile."""
    account = pages.get_account(request.user, pk)
    members = list(account.members.visible_to(request.user).select_related("user"))
    context = {
        "account": account,
        "members": members,
        "gaps": pages.gaps(account, members, timezone.localdate()),
        "tags": account.tags.all(),
        "active_tab": "overview",
    }
    return render(request, panel(request, "accounts/account_detail.html"), context)


@require_GET
def account_group(request: UserRequest, pk: int) -> HttpResponse:
    """The group as a tree with totals, over the accounts that the user sees."""
    account = pages.get_account(request.user, pk)
    group = Account.objects.visible_to(request.user).in_group_of(account)
    context = {
        "account": account,
        "nodes": list(group.with_list_columns().order_by("path")[:GROUP_LIMIT]),
        "limit": GROUP_LIMIT,
        "totals": group.aggregate(
            accounts=Count("pk"),
            revenue=Sum("summary__revenue_12m_amount"),
            revenue_prior=Sum("summary__revenue_prior_12m_amount"),
        ),
        "tiers": list(group.order_by("tier").values("tier").annotate(accounts=Count("pk"))),
        "hidden": Account.objects.in_group_of(account).exclude(pk__in=group.order_by().values("pk")).exists(),
        "active_tab": "group",
    }
    return render(request, panel(request, "accounts/account_group.html"), context)


@require_GET
def account_history(request: UserRequest, pk: int) -> HttpResponse:
    """Who did what to the account and all that belongs to it."""
    account = pages.get_account(request.user, pk)
    entries = AuditEntry.objects.of_account(account.pk).order_by().with_names(request.user)
    page = keyset_page(entries, Sort("pk", descending=True), request.GET.get("cursor"))
    context = {"account": account, "page": page, "entries": page.rows, "active_tab": "history"}
    return render(request, panel(request, "accounts/account_history.html"), context)
