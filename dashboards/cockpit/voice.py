"""Tiles about what customers say: NPS, who answered, and what is to be followed up."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from contracts.retention import Period
from dashboards.cockpit.filters import before
from dashboards.cockpit.scope import FOLLOW_UPS, INVITATIONS, RESPONSES, Scope
from dashboards.cockpit.tile import SCORE, SHARE, Number, Tile, share
from surveys.choices import InvitationStatus
from surveys.filters.follow_ups import ESCALATED, LATE, UNFINISHED
from surveys.rates import NEVER_REACHED
from surveys.recommendation import ANY, DETRACTOR, PASSIVE, PROMOTER, RANGES, counted

REACHED = [status.value for status in InvitationStatus if status not in NEVER_REACHED]


def nps(scope: Scope) -> Tile:
    """The net promoter score of the answers of the period, and that of the period before."""
    counts, then = _recommendations(scope)
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
    counts, then = _invitations(scope)
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


def _recommendations(scope: Scope) -> tuple[dict[str, int], dict[str, int]]:
    """Answers by kind, in the period and in the one before it."""
    both = {"date_after": before(scope.period).first.isoformat(), "date_before": scope.until.isoformat()}
    values = counted(RESPONSES.of(scope, **both), scope.period.first)
    now, then = (
        {kind: sum(count for (value, later), count in values.items() if later == is_now and value in RANGES[kind])
         for kind in (ANY, PROMOTER, PASSIVE, DETRACTOR)}
        for is_now in (True, False)
    )  # fmt: skip
    return now, then


def _score(counts: dict[str, int]) -> Decimal | None:
    """From −100 to 100."""
    found = share(counts[PROMOTER] - counts[DETRACTOR], counts[ANY])
    return None if found is None else 100 * found


def _invitations(scope: Scope) -> tuple[dict[str, int], dict[str, int]]:
    """Asked and answered, in the period and in the one before it."""
    earlier = before(scope.period)
    both = {"asked_on_after": earlier.first.isoformat(), "asked_on_before": scope.until.isoformat()}
    answered, now = Q(status=InvitationStatus.ANSWERED), Q(asked_on__gte=scope.period.first)
    found = INVITATIONS.of(scope, status=REACHED, **both).aggregate(
        asked=Count("pk", filter=now), answered=Count("pk", filter=now & answered),
        asked_then=Count("pk", filter=~now), answered_then=Count("pk", filter=~now & answered),
    )  # fmt: skip
    return found, {"asked": found["asked_then"], "answered": found["answered_then"]}


def _days(scope: Scope, period: Period) -> dict[str, str]:
    return {f"date_{end}": value for end, value in _ends(scope, period).items()}


def _ends(scope: Scope, period: Period) -> dict[str, str]:
    return {"after": period.first.isoformat(), "before": min(period.last, scope.today).isoformat()}
