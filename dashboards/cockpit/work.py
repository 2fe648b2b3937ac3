"""Tiles about the work: visits, approvals, and what is planned against what can be done."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from contracts.retention import ONE_DAY
from core.workdays import HOME, work_calendars
from dashboards.cockpit.scope import ACCOUNTS, APPROVALS, VISITS, Scope
from dashboards.cockpit.tile import SHARE, Number, Tile, share
from interactions.choices import VisitStatus
from interactions.filters.visits import ALL, OVERDUE
from interactions.services.workload import capacities, leave_days, visits_per_day
from users.models import User

AHEAD = 28
"""So many days of planned visits are held against the capacity, today the first."""


def visits(scope: Scope) -> Tile:
    """Visits that should have been made, and those missed in the period."""
    days = {
        "planned_date_after": scope.period.first.isoformat(), "planned_date_before": scope.period.last.isoformat(),
    }  # fmt: skip
    span = scope.period.first, scope.period.last
    late = Q(status=VisitStatus.PLANNED, planned_date__lt=scope.today)
    rows = VISITS.of(scope, status=ALL).filter(late | Q(planned_date__range=span))
    counts = rows.aggregate(
        late=Count("pk", filter=late),
        **{
            status.value: Count("pk", filter=Q(status=status, planned_date__range=span))
            for status in (VisitStatus.DONE, VisitStatus.MISSED)
        },
    )  # fmt: skip
    main = Number("visits", _("Overdue visits"), VISITS, counts["late"], {"status": OVERDUE})
    main.tone = "danger" if main.count else ""
    others = [
        Number(f"visits.{status.value}", label, VISITS, counts[status.value], {"status": status.value, **days})
        for status, label in (
            (VisitStatus.DONE, _("Done in the period")), (VisitStatus.MISSED, _("Missed in the period")),
        )
    ]  # fmt: skip
    return Tile("visits", "coverage", _("Overdue visits"), main, others, is_good_up=False)


def approvals(scope: Scope) -> Tile:
    """What waits for the reader's decision, whatever the filters: a request has no tier and no region."""
    count = APPROVALS.of(scope).count()
    main = Number("approvals", _("Waiting for you"), APPROVALS, count, {}, api_query={"to_decide": "true"})
    return Tile("approvals", "work", _("Approvals waiting"), main, note=_("Yours, whatever the filters."))


def workload(scope: Scope) -> Tile:
    """Visits planned at these accounts against what their managers can do, over four weeks from today."""
    last = scope.today + (AHEAD - 1) * ONE_DAY
    query = {"planned_date_after": scope.today.isoformat(), "planned_date_before": last.isoformat()}
    planned = VISITS.of(scope, **query).count()
    theirs = ACCOUNTS.of(scope).filter(manager=OuterRef("pk"))
    people = list(User.objects.active().filter(Exists(theirs)).order_by().values_list("pk", flat=True))
    most = _capacity(people, scope)
    main = Number(
        "workload", _("Planned visits against capacity"), VISITS, planned, query, SHARE, share(planned, most),
        "" if most else _("No active manager of these accounts can make visits in these weeks."),
        api_query={**query, "status": VisitStatus.PLANNED.value},
    )  # fmt: skip
    others = [
        Number("workload.planned", _("Visits planned in four weeks"), VISITS, planned, query,
               api_query={**query, "status": VisitStatus.PLANNED.value})
    ]  # fmt: skip
    note = _("%(people)s managers can make %(visits)s visits by then.") % {"people": len(people), "visits": most}
    return Tile(
        "workload", "work", _("Workload"), main, others, target=1, target_label=_("No more than their capacity."),
        is_good_up=False, note=note if people else "",
    )  # fmt: skip


def _capacity(people: list[int], scope: Scope) -> int:
    """Visits per day × working days of the home calendar on which they are there."""
    until = scope.today + (AHEAD - 1) * ONE_DAY
    working = set(work_calendars([HOME], scope.today, until)[HOME].working_days(scope.today, until))
    per_day, away = capacities(people, visits_per_day()), leave_days(people, scope.today, until)
    return sum(per_day[person] * len(working - away[person]) for person in people)
