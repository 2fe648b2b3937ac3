"""The company by month. Of each month:

- *revenue*: net, in the reporting currency, as the monthly revenue facts have it;
- *accounts that bought*: those with sales in the month (returns alone do not count);
- *coverage*: of the accounts with a cadence, those within it at the end of the month, with the tier and manager of
  that day;
- *health*: the average score on the last Monday of the month (so far), when all accounts are scored;
- *NPS*: answers of the month, promoters minus detractors, of campaigns that are not anonymous.

For revenue, health and NPS an account counts with the tier, manager and region that it has today.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from accounts.models import Account
from health.models import HealthPoint
from interactions.models import CoverageMonth
from orders.models import MonthlyRevenue
from surveys import definition as definitions
from surveys.choices import QuestionKind
from surveys.models import Answer, Campaign

PROMOTER, DETRACTOR = 9, 6
ACCOUNT_PARTS = ("manager_id", "tier", "region")
Key = tuple[Any, ...]


@dataclass
class Month:
    """The sums of one month."""

    revenue_amount: Decimal = Decimal(0)
    buyers: int = 0
    rhythm: int = 0
    covered: int = 0
    scored: int = 0
    score_sum: int = 0
    answered: int = 0
    answers: int = 0
    promoters: int = 0
    detractors: int = 0

    @property
    def coverage(self) -> Decimal | None:
        return Decimal(self.covered) / self.rhythm if self.rhythm else None

    @property
    def health(self) -> Decimal | None:
        return Decimal(self.score_sum) / self.scored if self.scored else None

    @property
    def nps(self) -> Decimal | None:
        return Decimal(100) * (self.promoters - self.detractors) / self.answers if self.answers else None


SUMS = tuple(field.name for field in fields(Month))


def months_of(cells: QuerySet[Any]) -> dict[dt.date, Month]:
    """The months of the sums that were kept."""
    found = cells.order_by().values("month").annotate(**{f"sum_{name}": Sum(name) for name in SUMS})
    return {row["month"]: Month(**{name: row[f"sum_{name}"] for name in SUMS}) for row in found}


def counted(
    months: Sequence[dt.date], accounts: QuerySet[Account] | None, coverage: Q, *, today: dt.date, by_part: bool
) -> dict[Key, Month]:
    """The sums of these months, of these accounts (None: all): five statements and one for the questions.

    The keys are (month,), or with `by_part` (month, manager, tier, region). `coverage` narrows the months of coverage,
    which have a tier and a manager of their own.
    """
    found: dict[Key, Month] = defaultdict(Month)
    span = {"month__gte": months[0], "month__lte": months[-1]}
    own = {} if accounts is None else {"account__in": accounts}
    parts = [f"account__{name}" for name in ACCOUNT_PARTS] if by_part else []
    facts = MonthlyRevenue.objects.filter(**span, **own).order_by().values_list("month", *parts)
    buys = Count("account", filter=Q(sales_amount__gt=0), distinct=True)
    _add(found, summed(facts, Sum("reporting_amount"), buys), ("revenue_amount", "buyers"))
    rhythm = CoverageMonth.objects.filter(coverage, **span, **own).order_by()
    then = ["manager_id", "tier", "account__region"] if by_part else []
    kept = summed(rhythm.values_list("month", *then), Count("pk"), Count("pk", filter=Q(covered=True)))
    _add(found, kept, ("rhythm", "covered"))
    days = [day for month in months if (day := scored_on(month, today)) >= month]
    points = HealthPoint.objects.filter(date__in=days, score__isnull=False, **own).order_by()
    by_month = points.annotate(month=TruncMonth("date")).values_list("month", *parts)
    scored = summed(by_month, Count("pk"), Sum("score"))
    _add(found, scored, ("scored", "score_sum"))
    given = nps_answers(months).filter(**{f"response__{name}": value for name, value in own.items()})
    answers = summed(
        given.values_list("month", *[f"response__{part}" for part in parts]),
        Count("response__account", distinct=True), Count("pk"),
        Count("pk", filter=Q(value__gte=PROMOTER)), Count("pk", filter=Q(value__lte=DETRACTOR)),
    )  # fmt: skip
    _add(found, answers, ("answered", "answers", "promoters", "detractors"))
    return dict(found)


def summed(rows: QuerySet[Any], *sums: Any) -> QuerySet[Any]:
    """The rows grouped by their columns, with the sums at their end."""
    return rows.annotate(**{f"sum_{place}": one for place, one in enumerate(sums)})


def scored_on(month: dt.date, today: dt.date) -> dt.date:
    """The last Monday of the month; of one that is not over the last Monday so far."""
    last = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    day = min(last, today)
    return day - dt.timedelta(days=day.weekday())


def nps_answers(months: Sequence[dt.date]) -> QuerySet[Any]:
    """The answers to the first NPS question of each campaign, with their month."""
    until = (months[-1].replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    questions: dict[str, list[int]] = defaultdict(list)
    campaigns = Campaign.objects.filter(anonymous=False).order_by()
    for pk, definition in campaigns.values_list("pk", "definition"):
        question = next(definitions.read(definition).of_kind(QuestionKind.NPS), None)
        if question is not None:
            questions[question.key].append(pk)
    asked = Q(pk__in=[])
    for key, ids in questions.items():
        asked |= Q(question=key, response__campaign__in=ids)
    within = {"response__date__gte": months[0], "response__date__lt": until, "response__status": "complete"}
    rows = Answer.objects.filter(asked, part="", value__isnull=False, response__account__isnull=False, **within)
    return rows.order_by().annotate(month=TruncMonth("response__date"))


def _add(found: dict[Key, Month], rows: Iterable[tuple[Any, ...]], names: tuple[str, ...]) -> None:
    """Put the last columns of each row into the month that the first ones name."""
    for row in rows:
        key = row[: -len(names)]
        month = found[key if len(key) == 1 else (key[0], key[1] or 0, *key[2:])]
        for name, value in zip(names, row[-len(names) :], strict=True):
            amount = Decimal(value or 0).quantize(Decimal("0.01")) if name == "revenue_amount" else value or 0
            setattr(month, name, getattr(month, name) + amount)
