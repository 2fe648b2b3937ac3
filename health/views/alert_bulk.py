"""What is done about many alerts at once: those that are ticked in the inbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import Account
from core.forms import scope_form
from core.http import UserRequest, back_to, next_url
from health.choices import AlertOutcome
from health.forms.alerts import ReassignForm, ResolveForm, SnoozeForm
from health.models import Alert
from health.pages import alerts_of, snooze_days
from health.services.alert_bulk import (
    ACKNOWLEDGE,
    MAX_ALERTS,
    REASSIGN,
    RESOLVE,
    SNOOZE,
    VERBS,
    WAKE,
    Outcome,
    Refusal,
    act_on_alerts,
)

LONGEST_KEY = 18
NAMED = 5
FORMS: dict[str, Callable[..., BaseForm]] = {
    SNOOZE: lambda *args: SnoozeForm(*args, today=timezone.localdate()),
    RESOLVE: ResolveForm,
    REASSIGN: ReassignForm,
}


@require_POST
def alert_bulk(request: UserRequest) -> HttpResponse:
    """Do it to the ticked ones; a verb that asks for more shows them with its form first."""
    verb, ids = request.POST.get("verb", ""), _ids(request)
    if verb not in VERBS:
        return HttpResponseBadRequest()
    if not 0 < len(ids) <= MAX_ALERTS:
        messages.error(request, _("Tick at least one alert, and no more than %(most)s.") % {"most": MAX_ALERTS})
        return back_to(request, "health:alert_list")
    if verb not in FORMS:
        _tell(request, verb, _act(request, verb, ids, {}), {})
        return back_to(request, "health:alert_list")
    form = FORMS[verb](*([request.POST] if "sent" in request.POST else []))
    scope_form(form, request.user)
    if form.is_bound and form.is_valid():
        outcome = _act(request, verb, ids, form.cleaned_data)
        if outcome.done:
            _tell(request, verb, outcome, form.cleaned_data)
            return back_to(request, "health:alert_list")
        form.add_error(None, [*_reasons(outcome.refused)])
    return render(request, "health/alert_bulk.html", _page(request, verb, ids, form))


def _ids(request: UserRequest) -> list[int]:
    """The ticked ones; what is no number of a row is not there."""
    sent = dict.fromkeys(request.POST.getlist("ids"))
    return [int(text) for text in sent if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY]


def _act(request: UserRequest, verb: str, ids: list[int], values: dict[str, Any]) -> Outcome:
    alerts = Alert.objects.visible_to(request.user)
    return act_on_alerts(alerts, ids, verb, values, actor=request.user, now=timezone.now())


def _page(request: UserRequest, verb: str, ids: list[int], form: BaseForm) -> dict[str, Any]:
    """The ticked ones in their order, with what the user may only read marked, and the form."""
    found = alerts_of(request.user).in_bulk(ids)
    alerts = [found[pk] for pk in ids if pk in found]
    accounts = Account.objects.editable_by(request.user).filter(pk__in={alert.account_id for alert in alerts})
    editable = set(accounts.values_list("pk", flat=True))
    for alert in alerts:
        alert.may_edit = alert.account_id in editable
    return {
        "verb": verb,
        "alerts": alerts,
        "form": form,
        "next": next_url(request),
        "list_url": reverse("health:alert_list"),
        "snoozes": snooze_days(timezone.localdate()),
    }


def _tell(request: UserRequest, verb: str, outcome: Outcome, values: dict[str, Any]) -> None:
    """How many were done, and why the others were not."""
    if outcome.done:
        messages.success(request, _done(verb, len(outcome.done), values))
    for reason in _reasons(outcome.refused):
        messages.warning(request, reason)


def _done(verb: str, number: int, values: dict[str, Any]) -> str:
    given: dict[str, object] = {"number": number}
    if verb == ACKNOWLEDGE:
        text = ngettext("You take care of %(number)s alert.", "You take care of %(number)s alerts.", number)
    elif verb == WAKE:
        text = ngettext("%(number)s alert is open again.", "%(number)s alerts are open again.", number)
    elif verb == SNOOZE:
        given["day"] = formats.date_format(values["until"], "DATE_FORMAT")
        text = ngettext("%(number)s alert rests until %(day)s.", "%(number)s alerts rest until %(day)s.", number)
    elif verb == RESOLVE:
        given["how"] = AlertOutcome(values["outcome"]).label
        text = ngettext("%(number)s alert resolved: %(how)s", "%(number)s alerts resolved: %(how)s", number)
    else:
        given["name"] = values["owner"]
        text = ngettext("%(number)s alert handed to %(name)s.", "%(number)s alerts handed to %(name)s.", number)
    return text % given


def _reasons(refused: list[Refusal]) -> list[str]:
    """Each reason once, with the first of those that it holds for."""
    by_reason: dict[str, list[str]] = {}
    for refusal in refused:
        by_reason.setdefault(refusal.message, []).append(str(refusal.alert or f"#{refusal.pk}"))
    return [
        _("Left as they were: %(names)s. %(reason)s") % {"names": _named(names), "reason": reason}
        for reason, names in by_reason.items()
    ]


def _named(names: list[str]) -> str:
    text, more = "; ".join(names[:NAMED]), len(names) - NAMED
    return text if more <= 0 else _("%(names)s and %(more)s more") % {"names": text, "more": more}
