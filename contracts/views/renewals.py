"""Renewals: the pipeline, the page of one, what is decided there, the rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, F, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import pages
from accounts.models import Account
from audit.models import AuditEntry
from contracts import pipeline
from contracts import usage as using
from contracts.choices import RenewalOutcome
from contracts.forms.renewals import (
    RENEWAL_DEFAULT_SORT,
    RENEWAL_SORTS,
    WAITING_SORTS,
    LostForm,
    NoticeForm,
    RenewalListFilter,
    WaitingFilter,
    month_of,
)
from contracts.models import Contract, Instalment, Renewal
from contracts.rates import dated_rates
from contracts.services import guards, renewals
from core.agenda import link
from core.errors import Conflict, DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page

ENTRIES_SHOWN = 20


@require_GET
def renewal_list(request: UserRequest) -> HttpResponse:
    """What is up for renewal by month of the term's end, and the rows behind each number."""
    rows = Renewal.objects.visible_to(request.user).select_related("contract__account__manager").order_by()
    found = RenewalListFilter(request.GET, queryset=rows, request=request)
    scope_form(found.form, request.user)
    today, amounts = timezone.localdate(), pipeline.amounts_by_month(_all_months(found))
    waiting = _waiting(request, today)
    coming = pipeline.waiting_by_month(_all_months(waiting)) if found.of_open else ()
    months, total = pipeline.months(amounts, dated_rates(), today, coming)
    listed, sorts = (waiting.qs, WAITING_SORTS) if found.not_yet else (found.qs, RENEWAL_SORTS)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), sorts, RENEWAL_DEFAULT_SORT)
    context = {
        "filter": found,
        "page": keyset_page(listed, sort, request.GET.get("cursor")),
        "count": bounded_count(listed),
        "sort_key": sort_key,
        "not_yet": found.not_yet,
        "of_open": found.of_open,
        "until": pipeline.horizon(today),
        "months": months,
        "total": total,
        "month": month_of(request.GET.get("month", "")),
        "today": today,
        "reporting": settings.REPORTING_CURRENCY,
    }
    return render(request, panel(request, "contracts/renewal_list.html", "rows"), context)


@require_GET
def renewal_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The workspace of one renewal: what was bought, what it costs, what happened, what to do."""
    return _page(request, _renewal(request, pk), LostForm(), NoticeForm(initial={"on": timezone.localdate()}))


@require_GET
def contract_renewal(request: UserRequest, pk: int) -> HttpResponse:
    """The renewal of a contract's term, in short: a part of the contract's page."""
    contracts = Contract.objects.visible_to(request.user).select_related("account")
    contract = get_object_or_404(contracts, pk=pk)
    rows = Renewal.objects.visible_to(request.user).filter(contract=contract).select_related("decided_by")
    found = list(rows.order_by("-term_end"))
    current = next((row for row in found if row.term_end == contract.end_date), None)
    context = {
        "contract": contract,
        "renewal": current,
        "earlier": [row for row in found if row is not current],
        "today": timezone.localdate(),
    }
    return render(request, panel(request, "contracts/renewal_panel.html"), context)


@require_POST
def renewal_renew(request: UserRequest, pk: int) -> HttpResponse:
    """Draft the contract that follows, by one click."""
    renewal = _editable(request, pk)
    now = timezone.now()
    try:
        successor = renewals.renew(renewal, actor=request.user, today=timezone.localdate(now), now=now)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(renewal)
    messages.success(request, _("%(contract)s is drafted: check its dates, lines and plan.") % {"contract": successor})
    return redirect(successor)


@require_POST
def renewal_lose(request: UserRequest, pk: int) -> HttpResponse:
    """The customer does not renew."""
    renewal, form, now = _editable(request, pk), LostForm(request.POST), timezone.now()

    def lose() -> None:
        renewals.lose(renewal, **form.cleaned_data, actor=request.user, today=timezone.localdate(now), now=now)
        messages.success(request, _("The renewal is closed as lost."))

    return _decide(request, renewal, form, lose)


@require_POST
def renewal_notice(request: UserRequest, pk: int) -> HttpResponse:
    """One side gave notice."""
    renewal, form, now = _editable(request, pk), NoticeForm(request.POST), timezone.now()

    def give_notice() -> None:
        values = form.cleaned_data
        renewals.give_notice_of(renewal, **values, actor=request.user, today=timezone.localdate(now), now=now)
        messages.success(request, _("The notice is noted."))

    return _decide(request, renewal, form, give_notice)


@require_POST
def renewal_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """It was not lost after all."""
    renewal = _editable(request, pk)
    try:
        renewals.reopen_renewal(renewal, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The renewal is open again."))
    return redirect(renewal)


def _waiting(request: UserRequest, today: dt.date) -> WaitingFilter:
    """The contracts whose renewals are not opened yet, by the same filters."""
    rows = Contract.objects.visible_to(request.user).waiting_for_renewal(today, pipeline.horizon(today))
    found = WaitingFilter(request.GET, queryset=rows.select_related("account__manager").order_by(), request=request)
    scope_form(found.form, request.user)
    return found


def _all_months(found: RenewalListFilter | WaitingFilter) -> QuerySet[Any]:
    """What the table of months counts; known once the rows are filtered."""
    _rows = found.qs
    return found.all_months


def _renewal(request: UserRequest, pk: int) -> Renewal:
    rows = Renewal.objects.visible_to(request.user).select_related(
        "contract__account__manager", "contract__version", "contract__owner", "contract__successor", "step__owner",
        "decided_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def _editable(request: UserRequest, pk: int) -> Renewal:
    """Raises Http404, and PermissionDenied where the user may only read."""
    renewal = _renewal(request, pk)
    pages.require_editable(request.user, renewal.account_id)
    return renewal


def _decide(request: UserRequest, renewal: Renewal, form: Any, act: Callable[[], None]) -> HttpResponse:
    """Do it, or show the page with what was typed and why not."""
    if form.is_valid():
        try:
            act()
        except Conflict as error:  # the page has no such form any more
            messages.error(request, str(error))
            return redirect(renewal)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect(renewal)
    lost = form if isinstance(form, LostForm) else LostForm()
    notice = form if isinstance(form, NoticeForm) else NoticeForm(initial={"on": timezone.localdate()})
    return _page(request, _renewal(request, renewal.pk), lost, notice)


def _page(request: UserRequest, renewal: Renewal, lost: LostForm, notice: NoticeForm) -> HttpResponse:
    contract, today = renewal.contract, timezone.localdate()
    if contract.version is None:
        raise Http404
    term = using.term_of(contract, contract.version, renewal.term_end, today)
    may_edit = Account.objects.editable_by(request.user).filter(pk=contract.account_id).exists()
    goes_on = contract.renews_itself and contract.notice_given_on is None
    context = {
        "renewal": renewal,
        "contract": contract,
        "account": contract.account,
        "successor": getattr(contract, "successor", None),
        "usage": using.usage(contract, contract.version, term, dated_rates()),
        "prices": using.price_changes(contract, today),
        "overdue": _overdue(request, contract),
        "satisfaction_url": link("surveys:account_panel", contract.account_id),
        "entries": AuditEntry.objects.of(renewal).with_names(request.user)[:ENTRIES_SHOWN],
        "may_edit": may_edit,
        "may_decide": may_edit and guards.may_decide(contract, request.user),
        "is_open": renewal.outcome == RenewalOutcome.OPEN,
        "goes_on": goes_on,
        "days_left": (renewal.notice_date - today).days,
        "lost_form": lost,
        "notice_form": notice,
        "today": today,
    }
    return render(request, "contracts/renewal_detail.html", context)


def _overdue(request: UserRequest, contract: Contract) -> dict[str, Any]:
    """How many instalments are overdue, and what is open of them."""
    rows = Instalment.objects.visible_to(request.user).filter(contract=contract).overdue(timezone.localdate())
    found = rows.aggregate(count=Count("pk"), amount=Sum(F("amount") - F("settled_amount")))
    return {"count": found["count"], "amount": found["amount"] or Decimal(0)}
