"""What pages of other apps show of the approvals of their rows: `{% include "approvals/history.html" %}`."""

from __future__ import annotations

from approvals.desk import RELATED, Round, rounds_of
from approvals.models import ApprovalRequest


def history_of(subject: str, object_id: int) -> list[Round]:
    """All rounds about a row that the page has found by its own scope, the newest first; three statements."""
    requests = ApprovalRequest.objects.of(subject, object_id).select_related(*RELATED).order_by("-pk")
    return rounds_of(requests)
