"""How far playbooks at work are."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from health.choices import StepStatus


def with_progress(runs: Any) -> Any:
    """With how many tasks there are, and how many are settled."""
    settled = Count("tasks", filter=~Q(tasks__status=StepStatus.OPEN))
    return runs.annotate(task_count=Count("tasks"), settled_count=settled)
