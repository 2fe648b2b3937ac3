"""The inbox: alerts ranked, one of them with its evidence, and what is done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import require_editable
from audit.models import AuditEntry
from core.errors import Conflict, DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, is_fragment, next_url, panel
from core.numbers import plain
from core.paging import Page, Sort
from health.choices import ACTIVE_ALERTS, AlertOutcome, AlertStatus
from health.evidence_words import headline
from health.filters import ACTIVE, ALERT_SORTS, TABS, AlertInboxFilter, in_state
from health.forms.alerts import CommentForm, ReassignForm, ResolveForm, SnoozeForm
from health.models import Alert
from health.pages import Place, alerts_of, gap_now, page_of, pane
from health.services import alerts as services

ENTRIES_SHOWN = 30
LONGEST_KEY = 19
MOST_COUNTED = 100
"""In a tab. Ten times as many would cost a supervisor of much of the company most of the page's time: their accounts
and all alerts would be read first, where a hundred are found along the way."""
STARTS_WITH = {ACTIVE: "-rank", AlertStatus.RESOLVED.value: "-resolved_at"}


@require_GET
def alert_list(request: UserRequest) -> HttpResponse:
    """Alerts, the most dangerous first, and the chosen one beside them."""
    now, user, place = timezone.now(), request.user, Place.of(request)
    found = AlertInboxFilter(request.GET, queryset=Alert.objects.visible_to(user).order_by(), request=request)
    scope_form(found.form, user)
    found.form.is_valid()
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), ALERT_SORTS, STARTS_WITH.get(found.tab, "-rank"))
    page = page_of(found.in_tab, sort, request.GET.get("cursor"))
    for number, row in enumerate(page):
        row.headline = headline(row.evidence_now or row.evidence)
        row.url = place.row(number).url("health:alert_detail", row)
        row.list_url = place.list_url(alert=row.pk)
    chosen, at = _chosen(request, page, place)
    context = {
        "filter": found,
        "page": page,
        "counts": _counts(found),
        "sort_key": sort_key,
        "gap": gap_now(user),
        "place": place,
        "now": now,
        "in_inbox": True,
        "about": found.form.cleaned_data.get("account"),
    }
    if chosen is not None:
        context |= pane(chosen, user, place.row(at), now, {})
    return render(request, panel(request, "health/alert_list.html", "rows"), context)


@require_GET
def alert_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One alert: beside the list for htmx, else as a page with its history."""
    return _page(request, _alert(request, pk))


@require_POST
def alert_acknowledge(request: UserRequest, pk: int) -> HttpResponse:
    """Somebody takes care of it."""
    alert = _editable(request, pk)
    return _do(request, alert, None, lambda _form: _acknowledged(request, alert), stays=True)


@require_POST
def alert_snooze(request: UserRequest, pk: int) -> HttpResponse:
    """It rests until a day."""
    alert, form = _editable(request, pk), SnoozeForm(request.POST, today=timezone.localdate())

    def act(data: Any) -> None:
        services.snooze_alert(alert, data["until"], actor=request.user, now=timezone.now())
        _say(request, _("Snoozed: %(alert)s"), alert, undo="health:alert_wake")

    return _do(request, alert, form, act, snooze=form)


@require_POST
def alert_wake(request: UserRequest, pk: int) -> HttpResponse:
    """It rests no longer."""
    alert = _editable(request, pk)

    def act(_data: Any) -> None:
        services.wake_alert(alert, actor=request.user, now=timezone.now())
        _say(request, _("Open again: %(alert)s"), alert)

    return _do(request, alert, None, act, stays=True)


@require_POST
def alert_comment(request: UserRequest, pk: int) -> HttpResponse:
    """Note something beside it."""
    alert, form = _editable(request, pk), CommentForm(request.POST)

    def act(data: Any) -> None:
        services.comment_on_alert(alert, data["text"], actor=request.user, now=timezone.now())
        _say(request, _("Noted: %(alert)s"), alert)

    return _do(request, alert, form, act, stays=True, comment=form)


@require_POST
def alert_resolve(request: UserRequest, pk: int) -> HttpResponse:
    """It is over: saved, lost or a false alarm."""
    alert, form = _editable(request, pk), ResolveForm(request.POST)

    def act(data: Any) -> None:
        outcome = AlertOutcome(data["outcome"])
        services.resolve_alert(
            alert, outcome, actor=request.user, now=timezone.now(), lost_cause=form.cause,
            resolution=data["resolution"],
        )  # fmt: skip
        _say(request, f"{outcome.label}: %(alert)s", alert, undo="health:alert_reopen")

    return _do(request, alert, form, act, resolve=form)


@require_POST
def alert_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """It is not over after all."""
    alert = _editable(request, pk)

    def act(_data: Any) -> None:
        services.reopen_alert(alert, actor=request.user, now=timezone.now())
        _say(request, _("Open again: %(alert)s"), alert)

    return _do(request, alert, None, act, stays=True)


@require_POST
def alert_reassign(request: UserRequest, pk: int) -> HttpResponse:
    """Somebody else is to act."""
    alert, form = _editable(request, pk), ReassignForm(request.POST)
    scope_form(form, request.user)

    def act(data: Any) -> None:
        services.reassign_alert(alert, data["owner"], actor=request.user, now=timezone.now())
        messages.success(request, _("%(name)s was told.") % {"name": data["owner"]})

    return _do(request, alert, form, act, stays=True, reassign=form)


def _acknowledged(request: UserRequest, alert: Alert) -> None:
    services.acknowledge_alert(alert, actor=request.user, now=timezone.now())
    _say(request, _("You take care of it: %(alert)s"), alert)


def _say(request: UserRequest, words: str, alert: Alert, undo: str = "") -> None:
    tags = f"undo:{reverse(undo, args=[alert.pk])}" if undo else ""
    messages.success(request, words % {"alert": alert}, extra_tags=tags)


def _do(
    request: UserRequest, alert: Alert, form: Any, act: Callable[[Any], None], *, stays: bool = False, **sent: Any
) -> HttpResponse:
    """Do it and go on, or show what was typed and why not."""
    inbox = is_fragment(request)
    onward = redirect(next_url(request) or Place.of(request).after(alert, stays=stays, inbox=inbox))
    if form is None or form.is_valid():
        try:
            act(form and form.cleaned_data)
        except DomainError as error:
            if form is None or isinstance(error, Conflict):  # the page has no such form any more
                messages.error(request, str(error))
                return onward
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return onward
    response = _page(request, _alert(request, alert.pk), **sent)
    if inbox:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#alert", "outerHTML"
        response.headers["HX-Replace-Url"] = "false"
    return response


def _alert(request: UserRequest, pk: int) -> Alert:
    alert: Alert = get_object_or_404(alerts_of(request.user), pk=pk)
    return alert


def _editable(request: UserRequest, pk: int) -> Alert:
    """Raises Http404, and PermissionDenied where the user may only read."""
    alert = _alert(request, pk)
    require_editable(request.user, alert.account_id)
    return alert


def _page(request: UserRequest, alert: Alert, **sent: Any) -> HttpResponse:
    """The panes of one alert for htmx, else the page with its history and with whom else could act."""
    context = pane(alert, request.user, Place.of(request), timezone.now(), sent)
    if is_fragment(request):
        return render(request, "health/alert_panes.html", context | {"in_inbox": True})
    reassign = sent.get("reassign") or ReassignForm(initial={"owner": alert.owner_id})
    scope_form(reassign, request.user)
    entries = AuditEntry.objects.of(alert).with_names(request.user)[:ENTRIES_SHOWN]
    context |= {"reassign_form": reassign, "entries": entries}
    return render(request, "health/alert_detail.html", context)


def _chosen(request: UserRequest, page: Page, place: Place) -> tuple[Alert | None, int | None]:
    """The alert that is open beside the list and its row: the one asked for, else the one at that row, or the first."""
    wanted = request.GET.get("alert", "")
    rows = [str(row.pk) for row in page]
    if wanted in rows:
        return page.rows[rows.index(wanted)], rows.index(wanted)
    if wanted:
        with suppress(Http404):
            return _asked(request, wanted), None
    if not rows:
        return None, None
    at = min(place.at or 0, len(rows) - 1)
    return page.rows[at], at


def _asked(request: UserRequest, wanted: str) -> Alert:
    """One that is on another page of the list or in another tab."""
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < LONGEST_KEY):
        raise Http404
    return _alert(request, int(wanted))


def _counts(found: AlertInboxFilter) -> dict[str, str]:
    """How many there are in each tab, up to a hundred; what is resolved is not counted."""
    tabs = [in_state(found.in_all_tabs, tab).order_by() for tab in TABS if tab != AlertStatus.RESOLVED]
    if connection.features.supports_slicing_ordering_in_compound:
        tabs = [rows[: MOST_COUNTED + 1] for rows in tabs]
    first, *others = [rows.values_list("status") for rows in tabs]
    counted = Counter(_tab_of(status) for (status,) in first.union(*others, all=True))
    return {tab: plain(min(number, MOST_COUNTED)) + "+" * (number > MOST_COUNTED) for tab, number in counted.items()}


def _tab_of(status: str) -> str:
    return ACTIVE if status in ACTIVE_ALERTS else status
