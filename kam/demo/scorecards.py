"""Load the demo's scorecards by their own services: signed quarters of some managers and their team, and the current
quarter open, with comments of both sides."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.models import Account
from contracts.terms import ONE_DAY, add_months
from dashboards.choices import Measure, PeriodKind
from dashboards.models import Scorecard
from dashboards.scorecards.actuals import actuals
from dashboards.scorecards.rules import Period
from dashboards.services.scorecards import (
    Wanted,
    add_comment,
    compute_scorecard,
    create_scorecard,
    people_of,
    sign_scorecard,
)
from notifications.models import Notification
from users.models import Role, Team, User

QUARTERS, PEOPLE = 3, 6
"""Signed ones, the oldest first; and whose."""
STEP = Decimal(10_000)
AHEAD = (Decimal("1.02"), Decimal("0.95"), Decimal("1.15"), Decimal("0.88"), Decimal("1.05"), Decimal("1.30"))
"""How far the targets lie above what came of them, person by person: some are reached, some are not."""


def load_scorecards(*, today: dt.date, now: dt.datetime) -> None:
    """For the people of the demo's supervisor; nothing where there is none."""
    lee, dora = (User.objects.filter(username=name).first() for name in ("lee", "dora"))
    if lee is None or dora is None or lee.team is None:
        return
    managers = User.objects.active().filter(team__path__startswith=lee.team.path, role=Role.ACCOUNT_MANAGER)
    managers = managers.filter(pk__in=Account.objects.exclude(manager=None).order_by().values("manager"))
    people = sorted(managers, key=lambda user: (user.username != "alice", user.pk))[:PEOPLE]
    current = Period.of(PeriodKind.QUARTER, today)
    for back in range(QUARTERS, -1, -1):
        period = Period.of(PeriodKind.QUARTER, add_months(current.first, -3 * back))
        for number, person in enumerate(people):
            _card(person, None, period, number + back, lee, today=today, now=now)
        _card(None, lee.team, period, back, dora, today=today, now=now)
    past = Notification.objects.filter(kind__startswith="scorecard_", created_at__gte=now)
    past.exclude(kind="scorecard_commented").update(read_at=now)


def _card(
    person: User | None,
    team: Team | None,
    period: Period,
    number: int,
    actor: User,
    *,
    today: dt.date,
    now: dt.datetime,
) -> None:
    """Agreed on in the first days of the quarter; signed a week after its end."""
    begun, ended = period.first + 5 * ONE_DAY, period.last + 7 * ONE_DAY
    card = Scorecard(person=person, team=team, kind=period.kind, first_day=period.first)
    begun = min(begun, today)
    card = create_scorecard(
        card, _wanted(card, period, number, today), actor=actor, today=begun, now=now - (today - begun)
    )
    if ended <= today:
        if person is not None:
            add_comment(card, "回款比上季度及时，覆盖率还可以提高。", actor=actor, now=now - (today - ended))
        sign_scorecard(card, actor=actor, today=today, now=now - (today - ended))
        return
    compute_scorecard(card, today=today, now=now)
    if person is not None and person.username == "alice":
        add_comment(card, "本季度重点是续约，新客户的目标请按月跟进。", actor=actor, now=now)
        add_comment(card, "好的，两家重点客户的续约已在谈。", actor=person, now=now)


def _wanted(card: Scorecard, period: Period, number: int, today: dt.date) -> list[Wanted]:
    """Targets around what came of them; money in round numbers."""
    found = actuals(people_of(card), period, today)
    ahead = AHEAD[number % len(AHEAD)]
    part = Decimal((min(today, period.last) - period.first).days + 1) / ((period.last - period.first).days + 1)

    def money(measure: Measure) -> Decimal:
        value = max(found[measure].value or Decimal(0), Decimal(0)) / part
        return max((value * ahead / STEP).quantize(Decimal(1)) * STEP, STEP)

    return [
        Wanted(Measure.COVERAGE, Decimal("0.85"), 30),
        Wanted(Measure.RETENTION, Decimal("0.95"), 20),
        Wanted(Measure.REVENUE, money(Measure.REVENUE), 25),
        Wanted(Measure.NPS, Decimal(40), 10),
        Wanted(Measure.COLLECTIONS, money(Measure.COLLECTIONS), 15),
    ]
