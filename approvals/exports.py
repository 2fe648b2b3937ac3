"""Approvals as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals import desk
from approvals.filters import DEFAULT_SORT, SORTS, RequestPageFilter
from approvals.models import ApprovalRequest
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register

DECIDE, ASKED, DECIDED = "decide", "asked", "decided"
OLDEST_FIRST = "requested"


def _find(asked: Asked) -> Found:
    """`tab` says which of the page's lists."""
    user, tab = asked.user, asked.query.get("tab", "")
    rows = ApprovalRequest.objects.visible_to(user).order_by()
    if tab == DECIDE:
        rows = rows.to_decide(user, asked.today)
    elif tab == ASKED:
        rows = rows.filter(requested_by=user)
    elif tab == DECIDED:
        rows = rows.decided_by(user)
    found = RequestPageFilter(asked.query, queryset=rows)
    return filtered(found, asked, SORTS, OLDEST_FIRST if tab == DECIDE else DEFAULT_SORT)


def _cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        ApprovalRequest, "subject", Cell(_("title"), "title", width=40), "requested_by", "requested_at", "status",
        Cell(_("waiting for"), "waiting_text"), "rule_name", "note", "closed_at",
    )  # fmt: skip


def _load(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related(*desk.RELATED)


def _prepare(rows: list[Any], asked: Asked) -> None:
    for one in desk.rounds_of(rows, with_comments=False):
        request: Any = one.request
        request.waiting_text = one.waiting_text


register(
    ListExport(
        "approvals", _("Approvals"), ApprovalRequest,
        {"approvals:request_list": {"tab": "=decide"}, "approvals:request_asked": {"tab": "=asked"},
         "approvals:request_decided": {"tab": "=decided"}, "approvals:request_all": {}},
        find=_find, cells=_cells, load=_load, prepare=_prepare,
    )
)  # fmt: skip
