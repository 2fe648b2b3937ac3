"""The audit log as a file, for those who see everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.filters import AuditFilter
from audit.models import AuditEntry
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.paging import Sort


def _find(asked: Asked) -> Found:
    found = AuditFilter(asked.query, queryset=AuditEntry.objects.visible_to(asked.user), request=asked)
    return filtered(found, asked, Sort("pk", descending=True))


def _cells(asked: Asked) -> Sequence[Cell]:
    def changes(row: Any) -> str:
        return "; ".join(f"{line.label}: {line.old} → {line.new}" for line in row.lines)

    return cells_of(
        AuditEntry, "at", "actor", Cell(_("action"), "action_label", width=30), Cell(_("kind"), "kind_label"),
        Cell(_("name"), "object_label", width=30), Cell(_("changes"), changes, width=60), "reason",
        Cell(_("via"), "via_label"), "request_id",
    )  # fmt: skip


def _load(rows: Any, asked: Asked) -> models.QuerySet[Any]:
    return rows.with_names(asked.user)


register(
    ListExport(
        "audit", _("Audit log"), AuditEntry, {"audit:entry_list": {}}, find=_find, cells=_cells, load=_load,
        may=lambda user: user.is_active and user.sees_everything,
    )
)  # fmt: skip
