"""The accounts behind a number of the company, and the scorecards, as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.exports import account_cells, load_accounts, prepare_accounts
from accounts.models import Account
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.sheets import Kind
from dashboards.choices import AMOUNTS, SHARES, Measure
from dashboards.filters import (
    COMPANY_DEFAULT_SORT,
    COMPANY_SORTS,
    SCORECARD_DEFAULT_SORT,
    SCORECARD_SORTS,
    CompanyAccountFilter,
    ScorecardFilter,
)
from dashboards.models import Scorecard
from dashboards.scorecards.words import shown_lines


def _find(asked: Asked) -> Found:
    rows = Account.objects.visible_to(asked.user, asked.today).with_list_columns()
    filterset = CompanyAccountFilter(asked.query, queryset=rows, request=asked)
    return filtered(filterset, asked, COMPANY_SORTS, COMPANY_DEFAULT_SORT)


def _find_scorecards(asked: Asked) -> Found:
    rows = Scorecard.objects.visible_to(asked.user)
    filterset = ScorecardFilter(asked.query, queryset=rows, request=asked)
    return filtered(filterset, asked, SCORECARD_SORTS, SCORECARD_DEFAULT_SORT)


def _scorecard_cells(asked: Asked) -> Sequence[Cell]:
    """Whose, when, what came of it, and then target, actual number and achievement of every measure."""
    measures = [cell for measure in Measure for cell in _measure_cells(measure)]
    return cells_of(
        Scorecard, "person", Cell(_("Team"), lambda card: card.team and card.team.local_name), "kind", "first_day",
        Cell(_("Last day"), "period.last", Kind.DATE), "score", *measures, "set_by", "computed_at", "signed_by",
        "signed_at",
    )  # fmt: skip


def _measure_cells(measure: Measure) -> list[Cell]:
    """In the reporting currency where it is an amount."""
    kind = Kind.SHARE if measure in SHARES else Kind.MONEY if measure in AMOUNTS else Kind.NUMBER
    label = f"{measure.label} ({settings.REPORTING_CURRENCY})" if measure in AMOUNTS else str(measure.label)
    return [
        Cell(_("%(measure)s: target") % {"measure": label}, _of_line(measure, "target"), kind),
        Cell(_("%(measure)s: actual") % {"measure": label}, _of_line(measure, "actual"), kind),
        Cell(_("%(measure)s: achievement") % {"measure": label}, _of_line(measure, "achievement"), Kind.SHARE),
    ]


def _of_line(measure: Measure, name: str) -> Callable[[Scorecard], Any]:
    """What the card's line of this measure has; nothing where the measure was not agreed on."""

    def value(card: Scorecard) -> Any:
        return next((getattr(line, name) for line in shown_lines(card) if line.measure == measure), None)

    return value


def _load_scorecards(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("person", "team", "set_by", "signed_by")


register(
    ListExport(
        "scorecards",
        _("Manager scorecards"),
        Scorecard,
        {"dashboards:scorecard_list": {}},
        find=_find_scorecards,
        cells=_scorecard_cells,
        load=_load_scorecards,
    ),
    ListExport(
        "company_accounts",
        _("Accounts behind a number"),
        Account,
        {"dashboards:company_accounts": {}},
        find=_find,
        cells=account_cells,
        load=load_accounts,
        prepare=prepare_accounts,
    ),
)
