"""Contracts by state on a board, and their dates in a calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from contracts import dates
from contracts.choices import Phase, State
from contracts.dates import COLUMNS, DateKind, Entry, Month
from contracts.filters import BoardFilter
from contracts.forms.boards import CalendarForm
from contracts.models import Contract, Instalment
from contracts.querysets import state_conditions
from core.forms import scope_form
from core.http import UserRequest, panel

CARDS = 20
MOST_ENTRIES = 600
COLUMNS_SHOWN = (
    State.DRAFT, State.IN_APPROVAL, State.APPROVED, State.SIGNED, State.IN_FORCE, State.EXPIRING, State.EXPIRED,
    State.RENEWED, State.TERMINATED,
)  # fmt: skip
SOONEST_FIRST = (State.SIGNED, State.IN_FORCE, State.EXPIRING)


@dataclass
class Column:
    """The contracts in one state: how many, what they are worth by currency, and some of them."""

    state: State
    url: str
    count: int = 0
    sums: list[dict[str, Any]] = field(default_factory=list)
    cards: list[Any] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


@require_GET
def contract_board(request: UserRequest) -> HttpResponse:
    """A column for each state, at most 20 contracts in it: what ends first of those that run, else the newest."""
    found = BoardFilter(request.GET, queryset=Contract.objects.visible_to(request.user))
    scope_form(found.form, request.user)
    columns = _columns(request, found.qs)
    context = {"filter": found, "columns": columns, "empty": not any(column.count for column in columns)}
    return render(request, panel(request, "contracts/contract_board.html", "rows"), context)


@require_GET
def contract_calendar(request: UserRequest) -> HttpResponse:
    """A month with the dates of contracts: starts, ends, notice, renewals, instalments."""
    today = timezone.localdate()
    form = CalendarForm(request.GET)
    scope_form(form, request.user)
    form.is_valid()
    day = form.cleaned_data.get("date") or today
    month = dates.month_of(day if 1990 < day.year < 2200 else today)
    kinds = [DateKind(kind) for kind in form.cleaned_data.get("kind") or DateKind]
    entries = _entries(request, form, month, kinds, today)
    dates.fill(month, entries[:MOST_ENTRIES])
    context = {
        "form": form,
        "month": month,
        "today": today,
        "kinds": [(kind.value, dates.LABELS[kind]) for kind in dates.LABELS],
        "weekdays": [day.date for day in month.weeks[0]],
        "cut": len(entries) > MOST_ENTRIES,
        "limit": MOST_ENTRIES,
    }
    return render(request, panel(request, "contracts/contract_calendar.html", "rows"), context)


def _columns(request: UserRequest, contracts: QuerySet[Any]) -> list[Column]:
    """Two statements: the numbers of all columns, and the cards of all columns."""
    today = timezone.localdate()
    query = request.GET.copy()
    query.pop("cursor", None)
    columns = {}
    for state in COLUMNS_SHOWN:
        query["state"] = str(state)
        columns[str(state)] = Column(state, f"?{query.urlencode()}")
    numbers = contracts.order_by().with_state(today).values("state_now", "currency")
    for row in numbers.annotate(contracts=Count("pk"), net=Sum("net_amount")).order_by("currency"):
        if (column := columns.get(row["state_now"])) is not None:
            column.count += row["contracts"]
            column.sums.append(row)
    filled = [column for column in columns.values() if column.count]
    for card in _cards(request, contracts, filled, today):
        columns[card.state_now].cards.append(card)
    for column in columns.values():
        if column.state in SOONEST_FIRST:
            column.cards.sort(key=lambda card: (card.end_date, card.pk))
    return list(columns.values())


def _cards(request: UserRequest, contracts: QuerySet[Any], columns: list[Column], today: dt.date) -> QuerySet[Any]:
    """The first contracts of each column, in one statement."""
    conditions, wanted = state_conditions(today), Q(pk__in=[])
    for column in columns:
        order = ("end_date", "pk") if column.state in SOONEST_FIRST else ("-pk",)
        wanted |= Q(pk__in=contracts.filter(conditions[column.state]).order_by(*order).values("pk")[:CARDS])
    cards = Contract.objects.visible_to(request.user).filter(wanted).with_state(today)
    return cards.select_related("account", "owner").order_by("-pk")


def _entries(
    request: UserRequest, form: CalendarForm, month: Month, kinds: list[DateKind], today: dt.date
) -> list[Entry]:
    """What is on the days of the month's weeks, of signed contracts."""
    first, last = month.start, month.end
    owner = form.cleaned_data.get("owner")
    on_days = Q(pk__in=[])
    for kind in kinds:
        if kind in COLUMNS:
            on_days |= Q(**{f"{COLUMNS[kind]}__range": (first, last)})
    contracts = Contract.objects.visible_to(request.user).filter(on_days, phase=Phase.SIGNED)
    instalments = Instalment.objects.visible_to(request.user).filter(is_current=True, due_date__range=(first, last))
    if owner is not None:
        contracts, instalments = contracts.filter(owner=owner), instalments.filter(contract__owner=owner)
    entries: list[Entry] = []
    for contract in contracts.select_related("account").order_by("pk")[:MOST_ENTRIES]:
        entries += dates.entries_of(contract, kinds, first, last)
    if DateKind.DUE in kinds:
        due = instalments.filter(settled_amount__lt=F("amount")).select_related("contract__account")
        entries += [
            Entry(row.due_date, DateKind.DUE, row.contract, row.open_amount, is_late=row.is_overdue(today))
            for row in due.order_by("due_date", "pk")[: MOST_ENTRIES + 1]
        ]
    return sorted(entries, key=lambda entry: entry.day)
