"""Changing what was logged, with what is added to it, all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from audit.services import record
from interactions.models import Interaction, InteractionFile, NextStep
from interactions.services.files import check_files, keep_files
from interactions.services.log import update_interaction
from interactions.services.steps import add_step
from users.models import User


@transaction.atomic
def amend_interaction(
    interaction: Interaction,
    *,
    actor: User,
    now: dt.datetime,
    steps: Iterable[NextStep] = (),
    files: Iterable[Any] = (),
    **parts: Any,
) -> Interaction:
    """`update_interaction` with new next steps and files. Raises what that, `add_step` and `check_files` raise."""
    update_interaction(interaction, actor=actor, now=now, **parts)
    for step in steps:
        step.account, step.interaction = interaction.account, interaction
        add_step(step, actor=actor, now=now)
    kept = InteractionFile.objects.filter(interaction=interaction).count()
    checked = check_files(files, kept=kept)
    for row in keep_files(interaction, checked, actor=actor):
        record("interaction.file_added", interaction, actor=actor, changes={"file": (None, row.name)})
    return interaction
