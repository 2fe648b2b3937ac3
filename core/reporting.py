"""What can be reported on. Each app declares its objects in `report_objects.py`; `dashboards` reads them all.

An object is a set of rows that starts at `visible_to`, and columns. A column is a path from the row or an expression;
what it may be grouped by and which sums it has follow from its kind. A higher app adds columns to an object of a lower
one with `extend`. Amounts are in the reporting currency: amounts of several currencies are never added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, DecimalField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Round, TruncMonth
from django.utils.functional import Promise

from core.models import ExchangeRate
from core.money import minor_digits

MONEY = DecimalField(max_digits=20, decimal_places=4)


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    YESNO = "yesno"
    RELATION = "relation"


@dataclass(frozen=True)
class Asked:
    """For whom and for when a report is computed; `zone` is where the days of the viewer begin."""

    viewer: Any
    today: dt.date
    now: dt.datetime
    zone: dt.tzinfo
    english: bool = False


@dataclass(frozen=True)
class Column:
    """A column of an object.

    `path`: from the row, for Django; or `value`, which makes an expression. `choices`: value and label, of a choice.
    `name`, `english`: of a relation, where the related row's names stand; `url` its page. `moment`: a date that is kept
    as a time, told as the day in the viewer's zone. `sums`: other ones than the kind has. `raw`: the amount that has to
    be converted, to count those for which there is no rate. `ratio`: the keys of two amounts or numbers of which this
    is the quotient of the sums, `change` the quotient less one.
    """

    key: str
    label: str | Promise
    kind: Kind
    path: str = ""
    value: Callable[[Asked], Any] | None = None
    choices: Sequence[tuple[Any, Any]] = ()
    name: str = "name"
    english: str = ""
    url: str = ""
    moment: bool = False
    groups: bool = True
    sums: tuple[str, ...] | None = None
    raw: str = ""
    ratio: tuple[str, str] | None = None
    change: bool = False
    per_cent: bool = False

    @property
    def functions(self) -> tuple[str, ...]:
        """The sums that the column has."""
        if self.ratio:
            return ("ratio",)
        return FUNCTIONS[self.kind] if self.sums is None else self.sums

    @property
    def groupable(self) -> bool:
        return self.groups and self.kind in GROUPABLE and not self.ratio

    def expression(self, asked: Asked) -> Any:
        return self.value(asked) if self.value else F(self.path)


FUNCTIONS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: (),
    Kind.NUMBER: ("sum", "avg", "min", "max"),
    Kind.MONEY: ("sum", "avg", "min", "max", "part", "running"),
    Kind.DATE: ("min", "max"),
    Kind.CHOICE: (),
    Kind.YESNO: ("share",),
    Kind.RELATION: ("distinct",),
}
GROUPABLE = (Kind.TEXT, Kind.DATE, Kind.CHOICE, Kind.YESNO, Kind.RELATION)


@dataclass(frozen=True)
class ReportObject:
    """A kind of rows. `rows` starts at `visible_to(viewer)`; `shown` are the columns of a list where none are chosen;
    `url` is the page of one row, found by the key at `url_path`."""

    key: str
    label: str | Promise
    model: Callable[[], type[models.Model]]
    rows: Callable[[Asked], QuerySet[Any]]
    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    url: str = ""
    url_path: str = "pk"

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)


_objects: dict[str, ReportObject] = {}
_added: dict[str, list[Column]] = {}


def register(*objects: ReportObject) -> None:
    """Make objects known; called once, when the app's `report_objects` module is loaded."""
    _objects.update({one.key: one for one in objects})


def extend(key: str, columns: Iterable[Column]) -> None:
    """Add columns to an object of a lower app."""
    _added.setdefault(key, []).extend(columns)


def reportable() -> dict[str, ReportObject]:
    """Every object with what was added to it, by key."""
    return {key: _with_added(one) for key, one in _objects.items()}


def _with_added(one: ReportObject) -> ReportObject:
    added = tuple(_added.get(one.key, ()))
    values = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return ReportObject(**{**values, "columns": one.columns + added}) if added else one


def related_model(model: type[models.Model], path: str) -> type[models.Model]:
    """The model at the end of a path of foreign keys."""
    for name in path.split("__"):
        found = model._meta.get_field(name).related_model
        if not isinstance(found, type):
            raise TypeError(path)
        model = found
    return model


def prefixed(prefix: str, name: str) -> str:
    """The path of a field of the related row; of the row itself without a prefix."""
    return f"{prefix}__{name}" if prefix else name


def in_reporting_currency(amount: Any, currency: str, day: str = "", *, month: str = "") -> Callable[[Asked], Any]:
    """The amount in the reporting currency by the rate of the day at `day`, of the last day of the month at `month`,
    else of today; null where there is no rate. `amount` is a path or an expression."""

    def value(asked: Asked) -> Any:
        rates = ExchangeRate.objects.filter(currency=OuterRef(currency)).order_by("-valid_from")
        if month:
            rates = rates.annotate(first=TruncMonth("valid_from")).filter(first__lte=OuterRef(month))
        else:
            rates = rates.filter(valid_from__lte=OuterRef(day) if day else asked.today)
        number = F(amount) if isinstance(amount, str) else amount
        priced = ExpressionWrapper(number * Subquery(rates.values("rate")[:1]), output_field=MONEY)
        return Case(
            When(**{currency: settings.REPORTING_CURRENCY}, then=ExpressionWrapper(number, output_field=MONEY)),
            default=Round(priced, precision=minor_digits(settings.REPORTING_CURRENCY)),
            output_field=MONEY,
        )

    return value


def yes_if(condition: Callable[[Asked], Q], among: Callable[[Asked], Q] | None = None) -> Callable[[Asked], Any]:
    """Yes where the condition holds; no elsewhere, or only `among` some rows: of the others there is nothing to say."""

    def value(asked: Asked) -> Any:
        no = [When(among(asked), then=Value(value=False))] if among else []
        default = None if among else Value(value=False)
        return Case(
            When(condition(asked), then=Value(value=True)), *no, default=default, output_field=models.BooleanField()
        )

    return value


def choice_of(cases: Callable[[Asked], Sequence[tuple[Q, str]]], default: str = "") -> Callable[[Asked], Any]:
    """The value of the first condition that holds."""

    def value(asked: Asked) -> Any:
        whens = [When(condition, then=Value(code)) for condition, code in cases(asked)]
        return Case(*whens, default=Value(default), output_field=models.CharField())

    return value


def days_since(path: str) -> Callable[[Asked], Any]:
    """Days from the date at `path` until today, on either database."""

    def value(asked: Asked) -> Any:
        return DaysUntil(F(path), today=asked.today)

    return value


class DaysUntil(models.Func):
    """Days from a date until `today`; below zero for days to come."""

    output_field = models.IntegerField()
    arg_joiner = " - "
    template = "(%(expressions)s)"

    def __init__(self, date: Any, *, today: dt.date) -> None:
        super().__init__(Value(today, output_field=models.DateField()), date)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        template = "CAST(julianday(%(expressions)s) AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)
