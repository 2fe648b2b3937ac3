"""Tiles about what customers say: NPS, who answered, and what is to be followed up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from contracts.retention import Period
from dashboards.cockpit.filters import before
from dashboards.cockpit.scope import FOLLOW_UPS, INVITATIONS, RESPONSES, Scope
from dashboards.cockpit.tile import SCORE, SHARE, Number, Tile, share
from surveys.choices import InvitationStatus
from surveys.filters.follow_ups import ESCALATED, LATE, UNFINISHED
from surveys.rates import NEVER_REACHED
from surveys.recommendation import ANY, DETRACTOR, PASSIVE, PROMOTER, recommendation_is

REACHED = [status.value for status in InvitationStatus if status not in NEVER_REACHED]


def nps(scope: Scope) -> Tile:
    """The net promoter score of the answers of the period, and that of the period before."""
    counts, then = (_recommendations(scope, period) for period in (scope.period, before(scope.period)))
    days = _days(scope, scope.period)
    why = "" if counts[ANY] else _("Nobody answered the question in the period.")
    labels = {ANY: _("Answers"), PROMOTER: _("Promoters"), PASSIVE: _("Passives"), DETRACTOR: _("Detractors")}
    numbers = {
        kind: Number(f"nps.{kind}", label, RESPONSES, counts[kind], {**days, "nps": kind})
        for kind, label in labels.items()
    }
    main = Number("nps", _("NPS"), RESPONSES, counts[ANY], {**days, "nps": ANY}, SCORE, _score(counts), why)
    numbers[DETRACTOR].tone = "danger" if counts[DETRACTOR] else ""
    return Tile("nps", "satisfaction", _("NPS"), main, list(numbers.values()), before=_score(then), is_good_up=True)


def response_rate(scope: Scope) -> Tile:
    """Of the invitations of the period that reached somebody, those that were answered."""
    counts, then = (_invitations(scope, period) for period in (scope.period, before(scope.period)))
    days = {f"asked_on_{end}": value for end, value in _ends(scope, scope.period).items()}
    answered = InvitationStatus.ANSWERED.value
    main = Number(
        "response_rate", _("Answered"), INVITATIONS, counts["answered"], {**days, "status": answered}, SHARE,
        share(counts["answered"], counts["asked"]), "" if counts["asked"] else _("Nobody was asked in the period."),
    )  # fmt: skip
    asked = Number("response_rate.asked", _("Asked"), INVITATIONS, counts["asked"], {**days, "status": REACHED})
    return Tile(
        "response_rate", "satisfaction", _("Response rate"), main, [asked],
        before=share(then["answered"], then["asked"]), is_good_up=True,
    )  # fmt: skip


def follow_ups(scope: Scope) -> Tile:
    """What is to be closed with a customer."""
    counts = FOLLOW_UPS.of(scope).aggregate(
        all=Count("pk"),
        late=Count("pk", filter=Q(due_at__lt=scope.now)),
        escalated=Count("pk", filter=Q(escalated_at__isnull=False)),
    )
    main = Number("follow_ups", _("Follow-ups open"), FOLLOW_UPS, counts["all"], {}, api_query={"state": UNFINISHED})
    others = [
        Number("follow_ups.late", _("Overdue"), FOLLOW_UPS, counts["late"], {"state": LATE},
               tone="danger" if counts["late"] else ""),
        Number("follow_ups.escalated", _("Escalated"), FOLLOW_UPS, counts["escalated"], {"state": ESCALATED}),
    ]  # fmt: skip
    return Tile("follow_ups", "satisfaction", _("Follow-ups"), main, others, is_good_up=False)


def _recommendations(scope: Scope, period: Period) -> dict[str, int]:
    kinds = (ANY, PROMOTER, PASSIVE, DETRACTOR)
    rows = RESPONSES.of(scope, nps=ANY, **_days(scope, period))
    if rows.query.is_empty():
        return dict.fromkeys(kinds, 0)
    return rows.aggregate(**{kind: Count("pk", filter=recommendation_is(kind)) for kind in kinds})


def _score(counts: dict[str, int]) -> Decimal | None:
    """From −100 to 100."""
    found = share(counts[PROMOTER] - counts[DETRACTOR], counts[ANY])
    return None if found is None else 100 * found


def _invitations(scope: Scope, period: Period) -> dict[str, Any]:
    days = {f"asked_on_{end}": value for end, value in _ends(scope, period).items()}
    answered = Count("pk", filter=Q(status=InvitationStatus.ANSWERED))
    return INVITATIONS.of(scope, status=REACHED, **days).aggregate(asked=Count("pk"), answered=answered)


def _days(scope: Scope, period: Period) -> dict[str, str]:
    return {f"date_{end}": value for end, value in _ends(scope, period).items()}


def _ends(scope: Scope, period: Period) -> dict[str, str]:
    return {"after": period.first.isoformat(), "before": min(period.last, scope.today).isoformat()}
