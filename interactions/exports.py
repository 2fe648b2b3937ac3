"""Interactions, visits, next steps, greetings and what the planner left as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from accounts.exports import ACCOUNT
from accounts.models import Account
from contacts.models import Contact
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.paging import Sort
from core.sheets import Kind
from interactions.choices import GreetingStatus
from interactions.filters import (
    GAP_DEFAULT_SORT,
    GAP_SORTS,
    VISIT_DEFAULT_SORT,
    VISIT_SORTS,
    PlanningGapFilter,
    VisitListFilter,
)
from interactions.filters.coverage import (
    COVERAGE_DEFAULT_SORT,
    COVERAGE_MONTH_SORTS,
    COVERAGE_SORTS,
    CoverageAccountFilter,
    CoverageMonthFilter,
    month_of,
)
from interactions.filters.greetings import GreetingFilter
from interactions.filters.interactions import INTERACTION_DEFAULT_SORT, INTERACTION_SORTS, InteractionFilter
from interactions.filters.steps import StepListFilter
from interactions.models import CoverageMonth, Greeting, Interaction, NextStep, PlanningGap, Visit


def _names(people: Any) -> str:
    return ", ".join(str(person) for person in people)


def _interactions(asked: Asked) -> Found:
    found = InteractionFilter(asked.query, queryset=Interaction.objects.visible_to(asked.user))
    return filtered(found, asked, INTERACTION_SORTS, INTERACTION_DEFAULT_SORT)


def _interaction_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        Interaction, *ACCOUNT, "occurred_at", "kind", "direction", "title", "duration_minutes", "place",
        Cell(_("the customer's people"), lambda row: _names(row.contacts.all())),
        Cell(_("our people"), lambda row: _names(row.colleagues.all())), "outcome", "mood",
        Cell(_("topics"), lambda row: _names(row.topics.all())), Cell(_("minutes"), "minutes", width=60), "author",
    )  # fmt: skip


def _load_interactions(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account", "author").prefetch_related("contacts", "colleagues", "topics")


def _visits(asked: Asked) -> Found:
    found = VisitListFilter(asked.query, queryset=Visit.objects.visible_to(asked.user))
    default = f"-{VISIT_DEFAULT_SORT}" if found.looks_back else VISIT_DEFAULT_SORT
    return filtered(found, asked, VISIT_SORTS, default)


def _visit_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        Visit, *ACCOUNT, Cell(_("city"), "account.city"), "planned_date",
        Cell(_("time"), lambda row: row.start_time and row.start_time.strftime("%H:%M")), "duration_minutes", "owner",
        "duty", "purpose", Cell(_("contacts"), lambda row: _names(row.contacts.all())), "status",
        Cell(_("Overdue"), lambda row: row.is_overdue(asked.today)), "due_date", "source", "closed_at", "closing_note",
    )  # fmt: skip


def _load_visits(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account", "owner").prefetch_related(
        Prefetch("contacts", Contact.objects.visible_to(asked.user).order_by("name", "pk"))
    )


def _steps(asked: Asked) -> Found:
    found = StepListFilter(asked.query, queryset=NextStep.objects.visible_to(asked.user), request=asked)
    return filtered(found, asked, found.sort)


def _step_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        NextStep, *ACCOUNT, Cell(_("what"), "text", width=50), "kind", "owner", "due_date", "status",
        Cell(_("Overdue"), lambda row: row.is_overdue(asked.today)), "closed_at", "closed_by", "closing_note",
    )  # fmt: skip


def _load_steps(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account", "owner", "closed_by")


def _greetings(asked: Asked) -> Found:
    query: Any = asked.query or {"status": GreetingStatus.PROPOSED, "owner": str(asked.user.pk)}
    found = GreetingFilter(query, queryset=Greeting.objects.visible_to(asked.user).without_erased())
    return filtered(found, asked, Sort("date"))


def _greeting_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(Greeting, *ACCOUNT, "contact", "occasion", "date", "owner", "status", "closed_at")


def _load_greetings(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account", "contact", "owner")


def _gaps(asked: Asked) -> Found:
    found = PlanningGapFilter(asked.query, queryset=PlanningGap.objects.visible_to(asked.user))
    return filtered(found, asked, GAP_SORTS, GAP_DEFAULT_SORT)


def _gap_cells(asked: Asked) -> Sequence[Cell]:
    def days(row: Any) -> int:
        return max((asked.today - row.due_date).days, 0)

    return cells_of(
        PlanningGap, *ACCOUNT, "user", "duty", "due_date", Cell(_("days overdue"), days, Kind.WHOLE), "reason", "as_of"
    )


def _load_gaps(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account", "user")


def _coverage(asked: Asked) -> Found:
    rows = Account.objects.visible_to(asked.user, asked.today).with_list_columns()
    found = CoverageAccountFilter(asked.query, queryset=rows.filter(summary__contact_due_date__isnull=False))
    return filtered(found, asked, COVERAGE_SORTS, COVERAGE_DEFAULT_SORT)


def _coverage_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        Account, Cell(_("Account code"), "code", width=14), Cell(_("Account"), "local_name", width=32), "tier",
        "manager", "region", "summary.last_contact_date", "summary.contact_due_date",
        Cell(_("Overdue"), lambda row: row.summary.is_overdue(asked.today)), "summary.next_visit_date",
    )  # fmt: skip


def _load_coverage(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("manager", "summary")


def _is_over(asked: Asked) -> bool:
    """Whether the page shows a month that is over."""
    month = month_of(asked.query.get("month", ""))
    return month is not None and month != asked.today.replace(day=1)


def _coverage_month(asked: Asked) -> Found:
    rows: Any = CoverageMonth.objects.visible_to(asked.user)
    rows = rows.filter(month=month_of(asked.query.get("month", "")))
    found = CoverageMonthFilter(asked.query, queryset=rows)
    return filtered(found, asked, COVERAGE_MONTH_SORTS, COVERAGE_DEFAULT_SORT)


def _coverage_month_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        CoverageMonth, *ACCOUNT, "month", "tier", Cell(_("Account manager"), "manager"), "last_contact_date",
        "due_date", "covered",
    )  # fmt: skip


def _load_coverage_month(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account", "manager")


register(
    ListExport(
        "interactions", _("Interactions"), Interaction,
        {"interactions:interaction_list": {}, "interactions:account_panel": {"account": "account_pk"},
         "interactions:contact_panel": {"contact": "contact_pk"}},
        find=_interactions, cells=_interaction_cells, load=_load_interactions,
    ),
    ListExport(
        "visits", _("Visits"), Visit, {"interactions:visit_list": {}}, find=_visits, cells=_visit_cells,
        load=_load_visits,
    ),
    ListExport(
        "next_steps", _("Next steps"), NextStep, {"interactions:step_list": {}}, find=_steps, cells=_step_cells,
        load=_load_steps,
    ),
    ListExport(
        "greetings", _("Greetings"), Greeting, {"interactions:greeting_list": {}}, find=_greetings,
        cells=_greeting_cells, load=_load_greetings, personal=True,
    ),
    ListExport(
        "planning_gaps", _("Visits that could not be planned"), PlanningGap, {"interactions:planning_gap_list": {}},
        find=_gaps, cells=_gap_cells, load=_load_gaps,
    ),
    ListExport(
        "coverage", _("Coverage"), Account, {"interactions:coverage_accounts": {}}, find=_coverage,
        cells=_coverage_cells, load=_load_coverage, instead=("coverage_month", _is_over),
    ),
    ListExport(
        "coverage_month", _("Coverage of a month"), CoverageMonth, {}, find=_coverage_month,
        cells=_coverage_month_cells, load=_load_coverage_month, needed=("month",),
    ),
)  # fmt: skip
