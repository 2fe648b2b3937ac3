"""What a user answers for here: the next steps that they owe (see users/duties.py)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from interactions.models import NextStep
from users.duties import DutySource, register
from users.models import User


def count_open(user_ids: Collection[int], viewer: User | None) -> dict[int, int]:
    """Open promises and next steps by their owner, those that `viewer` sees (None: all)."""
    steps = NextStep.objects.all() if viewer is None else NextStep.objects.visible_to(viewer)
    owed = steps.open().filter(owner__in=user_ids).order_by().values("owner").annotate(steps=Count("pk"))
    return dict(owed.values_list("owner", "steps"))


def describe(count: int) -> str:
    """Completes "Chen still is …"."""
    return ngettext("owner of %(count)d open next step", "owner of %(count)d open next steps", count) % {"count": count}


def step_list_url(user: User) -> str:
    return f"{reverse('interactions:step_list')}?owner={user.pk}"


register(DutySource(_("open next steps"), count_open, describe, step_list_url))
