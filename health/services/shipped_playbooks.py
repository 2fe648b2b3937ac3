"""The playbooks that come with the product, put beside the company's own: once, and never over what was changed."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from health.models import Playbook
from health.playbook_steps import Step
from health.services.playbooks import save_playbook
from health.shipped import CODES, playbook


def ensure_playbooks() -> int:
    """Store those that are missing; returns how many. Asked any number of times, by several at once."""
    known = set(Playbook.objects.filter(code__in=CODES).order_by().values_list("code", flat=True))
    return sum(_store(code) for code in CODES if code not in known)


def _store(code: str) -> bool:
    """False where somebody else was quicker."""
    given = playbook(code)
    row = Playbook(
        code=code, names=given["names"], descriptions=given["descriptions"], reasons=given["reasons"],
        stages=given["stages"], starts_at_stage=given.get("starts_at_stage", False),
    )  # fmt: skip
    try:
        with transaction.atomic():
            save_playbook(row, [Step(**step) for step in given["steps"]], actor=None)
    except IntegrityError:
        return False
    return True
