"""The account's page: what its people have told us, and what waits for us because of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import pages
from accounts.choices import Status
from core.agenda import link
from core.http import UserRequest, panel
from surveys import account_scores
from surveys.models import FollowUp, Response
from surveys.reasons import with_reasons

ANSWERS_SHOWN, OPEN_SHOWN, PEOPLE_SHOWN = 5, 50, 12


@require_GET
def account_panel(request: UserRequest, account_pk: int) -> HttpResponse:
    """Score over time, the last answers, open follow-ups, when whom may be asked again."""
    account, today = pages.get_account(request.user, account_pk), timezone.localdate()
    responses = Response.objects.visible_to(request.user).filter(account=account).complete()
    rows = account_scores.quarters(responses, today)
    people = [] if account.status == Status.TERMINATED else account_scores.askable(account, request.user, today)
    context = {
        "account": account,
        "active_tab": "satisfaction",
        "quarters": [(row, _links(account.pk, row)) for row in reversed(rows)],
        "option": account_scores.chart_of(rows) if len(rows) > 1 else None,
        "answers": account_scores.last_answers(responses, ANSWERS_SHOWN),
        "answers_url": link("surveys:response_list", account=account.pk),
        "follow_ups": _unfinished(request, account),
        "follow_ups_url": link("surveys:follow_up_list", account=account.pk, state="all"),
        "people": people[:PEOPLE_SHOWN],
        "more_people": max(len(people) - PEOPLE_SHOWN, 0),
        "next_allowed": next((row.allowed_on for row in people if row.allowed_on), None),
        "entry_url": link("surveys:entry_create", account=account.pk) if account.may_edit else "",
        "is_terminated": account.status == Status.TERMINATED,
        "today": today,
        "now": timezone.now(),
    }
    return render(request, panel(request, "surveys/account_panel.html"), context)


def _unfinished(request: UserRequest, account: Any) -> list[Any]:
    rows = FollowUp.objects.visible_to(request.user).filter(account=account).unfinished()
    rows = rows.select_related("campaign", "owner").defer("campaign__definition", "campaign__texts")
    return with_reasons(rows.prefetch_related("reasons").order_by("due_at", "pk")[:OPEN_SHOWN])


def _links(account_pk: int, quarter: account_scores.Quarter) -> str:
    """The answers of a quarter; "" while no page lists them."""
    return link("surveys:response_list", account=account_pk, date_after=quarter.first, date_before=quarter.last)
