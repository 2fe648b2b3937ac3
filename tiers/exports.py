"""The proposals of a tier run as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.exports import ACCOUNT
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.sheets import Kind
from tiers import wording
from tiers.filters import DEFAULT_PROPOSAL_SORT, PROPOSAL_SORTS, RunPageFilter
from tiers.models import TierProposal, TierRun


def _run(asked: Asked) -> TierRun | None:
    text = asked.query.get("run", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return TierRun.objects.visible_to(asked.user).select_related("version").filter(pk=int(text)).first()


def _find(asked: Asked) -> Found:
    """All moves of the run, or the one that is asked for: the page shows one at a time."""
    run = _run(asked)
    rows = TierProposal.objects.visible_to(asked.user).filter(run=run) if run else TierProposal.objects.none()
    return filtered(RunPageFilter(asked.query, queryset=rows), asked, PROPOSAL_SORTS, DEFAULT_PROPOSAL_SORT)


def _cells(asked: Asked) -> Sequence[Cell]:
    run = _run(asked)
    basis = wording.Basis.of_run(run) if run else None
    return cells_of(
        TierProposal, *ACCOUNT, Cell(_("Account manager"), "account.manager"), "tier_before", "raw_tier",
        "proposed_tier", "hold", "revenue_amount", Cell(_("share before"), "cum_before", Kind.SHARE), "rank",
        Cell(_("score"), "score", Kind.NUMBER), "state", "final_tier", "decided_by", "decided_at", "reason",
        Cell(_("arithmetic"), lambda row: basis and wording.sentence(row, basis), width=60),
    )  # fmt: skip


def _load(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account__manager", "decided_by")


register(
    ListExport(
        "tier_proposals", _("Tier proposals"), TierProposal, {"tiers:run_detail": {"run": "pk", "move": "@chosen"}},
        find=_find, cells=_cells, load=_load, needed=("run",),
    )
)  # fmt: skip
