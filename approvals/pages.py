"""What pages of other apps show of the approvals of their rows: `{% include "approvals/history.html" %}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from approvals.desk import RELATED, Round, rounds_of
from approvals.models import ApprovalRequest


def history_of(subject: str, object_id: int) -> list[Round]:
    """All rounds about a row that the page has found by its own scope, the newest first; three statements."""
    return history_of_rows({subject: [object_id]})


def history_of_rows(rows: Mapping[str, Collection[int]]) -> list[Round]:
    """All rounds about several rows, their numbers by subject, that the page has found by its own scope: as above."""
    requests = ApprovalRequest.objects.of(rows).select_related(*RELATED).order_by("-pk")
    return rounds_of(requests)
