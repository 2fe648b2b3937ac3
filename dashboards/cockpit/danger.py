"""Tiles about danger: moves between health bands, alerts, value at risk."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from dashboards.cockpit.scope import ALERTS, MOVES, RISKS, Scope
from dashboards.cockpit.tile import MONEY, Number, Tile
from health.choices import Severity
from health.distribution import BETTER, WORSE, directions_of, moves_of
from health.filters import OVERDUE

WEEK, MONTH = dt.timedelta(days=7), dt.timedelta(days=30)


def alerts(scope: Scope) -> Tile:
    """Alerts that want somebody to act, by severity and age; in one statement."""
    today, rows = scope.today, ALERTS.of(scope)
    ages = {
        "new": ({"opened_after": today - WEEK}, Q(opened_on__gte=today - WEEK), _("Opened in the last 7 days")),
        "old": ({"opened_before": today - MONTH}, Q(opened_on__lte=today - MONTH), _("Open for 30 days or longer")),
    }
    levels = [level for level in reversed(Severity) if level >= Severity.MEDIUM]
    counts = rows.aggregate(
        all=Count("pk"),
        late=Count("pk", filter=Q(due_at__lt=scope.now)),
        **{f"level_{level.value}": Count("pk", filter=Q(severity=level)) for level in levels},
        **{name: Count("pk", filter=condition) for name, (_query, condition, _label) in ages.items()},
    )
    active = {"state": "active"}
    main = Number("alerts", _("Open alerts"), ALERTS, counts["all"], {}, api_query=active)
    late = Number(
        "alerts.overdue", _("Overdue"), ALERTS, counts["late"], {"urgency": OVERDUE}, api_query={"state": OVERDUE},
        tone="danger" if counts["late"] else "",
    )  # fmt: skip
    by_level = [
        Number(f"alerts.severity_{level.value}", level.label, ALERTS, counts[f"level_{level.value}"],
               {"severity": level.value}, api_query={**active, "severity": level.value})
        for level in levels
    ]  # fmt: skip
    by_age = [
        Number(f"alerts.{name}", label, ALERTS, counts[name], query, api_query={**active, **query})
        for name, (query, _condition, label) in ages.items()
    ]
    return Tile("alerts", "health", _("Open alerts"), main, [late, *by_level, *by_age], is_good_up=False)


def value_at_risk(scope: Scope) -> Tile:
    """Probability of leaving × what is expected to be bought, over the accounts that have both."""
    query = {"valued": "true"}
    sums = RISKS.of(scope, **query).aggregate(rows=Count("pk"), amount=Sum("value_at_risk_amount"))
    main = Number("value_at_risk", _("Value at risk"), RISKS, sums["rows"], query, MONEY, sums["amount"] or 0)
    return Tile(
        "value_at_risk", "health", _("Value at risk"), main, is_good_up=False,
        note=_("Probability of no order in 90 days × the net revenue expected of 12 months."),
    )  # fmt: skip


def migration(scope: Scope) -> Tile:
    """Accounts that moved to another band within four weeks up to the newest night."""
    counts = directions_of(moves_of(MOVES.of(scope)))
    worse, better = (
        Number(f"migration.{move}", label, MOVES, counts[move], {"move": move})
        for move, label in ((WORSE, _("To a worse band")), (BETTER, _("To a better band")))
    )
    worse.tone = "danger" if worse.count else ""
    return Tile(
        "migration", "health", _("Health migration"), worse, [better], is_good_up=False,
        note=_("Within four weeks, of the accounts with a score then and now."),
    )  # fmt: skip
