"""What pages of other apps show of the approvals of their rows: `{% include "approvals/history.html" %}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q

from approvals.desk import RELATED, Round, rounds_of
from approvals.models import ApprovalRequest


def history_of(subject: str, object_id: int) -> list[Round]:
    """All rounds about a row that the page has found by its own scope, the newest first; three statements."""
    requests = ApprovalRequest.objects.of(subject, object_id).select_related(*RELATED).order_by("-pk")
    return rounds_of(requests)


def history_of_rows(rows: Mapping[str, Collection[int]]) -> list[Round]:
    """All rounds about several rows, their numbers by subject, that the page has found by its own scope: as above."""
    about = Q(pk__in=[])
    for subject, object_ids in rows.items():
        about |= Q(subject=subject, object_id__in=object_ids)
    requests = ApprovalRequest.objects.filter(about).select_related(*RELATED).order_by("-pk")
    return rounds_of(requests)
