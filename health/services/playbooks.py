"""Playbooks: written, changed, copied, switched on and off, deleted. What runs at accounts keeps the steps it began
with (`playbook_runs`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.choices import Stage
from audit.services import diff, record, snapshot
from health.choices import Reason
from health.models import Alert, Playbook, PlaybookStep
from health.playbook_errors import (
    MayNotOwnPlaybooks,
    PlaybookChanged,
    PlaybookNameless,
    PlaybookShipped,
    PlaybookUsed,
    StageNeeded,
)
from health.playbook_steps import LANGUAGES, MAX_DESCRIPTION, MAX_NAME, Step, checked, tidied
from users.models import User


@transaction.atomic
def save_playbook(
    playbook: Playbook, steps: Sequence[Step], *, actor: User | None, seen: str | None = None
) -> Playbook:
    """Store a playbook with its steps in this order, new or changed. `seen`: `mark_of` of what the changes were made
    to; where it has been changed since, nothing is saved. The same twice changes nothing.

    Raises MayNotOwnPlaybooks, PlaybookChanged, PlaybookNameless, StageNeeded, and what `checked` raises.
    """
    _require_owner(actor)
    new, wanted = playbook.pk is None, checked(steps)
    before: dict[str, Any] = {}
    if not new:
        stored = Playbook.objects.select_for_update().get(pk=playbook.pk)
        if seen is not None and seen != mark_of(stored):
            raise PlaybookChanged
        before = snapshot(stored)
    _tidy(playbook)
    changes: dict[str, Any] = {} if new else diff(before, playbook)
    if new or changes:
        playbook.save()
    if moved := _keep_steps(playbook, wanted):
        changes["steps"] = moved
        playbook.save(update_fields=["updated_at"])
    if new or changes:
        record("playbook.created" if new else "playbook.updated", playbook, actor=actor, changes=changes)
    return playbook


@transaction.atomic
def copy_playbook(playbook: Playbook, *, actor: User | None) -> Playbook:
    """A new one with the same steps, switched off until somebody has changed it. Raises MayNotOwnPlaybooks."""
    _require_owner(actor)
    copy = Playbook(
        names={language: _copied(name, language) for language, name in playbook.names.items()},
        descriptions=playbook.descriptions,
        reasons=playbook.reasons,
        stages=playbook.stages,
        is_active=False,
    )
    return save_playbook(copy, steps_of(playbook), actor=actor)


@transaction.atomic
def switch_playbook(playbook: Playbook, *, active: bool, actor: User | None) -> Playbook:
    """Offer it, or offer it no more; what runs at accounts goes on. Raises MayNotOwnPlaybooks."""
    _require_owner(actor)
    locked: Playbook = Playbook.objects.select_for_update().get(pk=playbook.pk)
    if locked.is_active != active:
        locked.is_active = active
        locked.save(update_fields=["is_active", "updated_at"])
        action = "playbook.switched_on" if active else "playbook.switched_off"
        record(action, locked, actor=actor, changes={"is_active": (not active, active)})
    return locked


@transaction.atomic
def delete_playbook(playbook: Playbook, *, actor: User | None) -> None:
    """Delete one that never was at work. Raises MayNotOwnPlaybooks, PlaybookShipped, PlaybookUsed."""
    _require_owner(actor)
    if playbook.code:
        raise PlaybookShipped
    record("playbook.deleted", playbook, actor=actor, changes={"name": (str(playbook), None)})
    try:
        playbook.delete()
    except ProtectedError as error:
        raise PlaybookUsed from error


def recommended(alert: Alert) -> list[Playbook]:
    """The playbooks to offer for an alert: that of its rule, then those for its reason in the account's relationship
    stage, then those for its reason in every stage."""
    stage, own = alert.account.stage, alert.rule.playbook_id
    found = [
        row
        for row in Playbook.objects.active()
        if row.pk == own or (alert.reason in row.reasons and (not row.stages or stage in row.stages))
    ]
    return sorted(found, key=lambda row: (row.pk != own, stage not in row.stages, row.pk))


def steps_of(playbook: Playbook) -> list[Step]:
    """The steps in their order, as `save_playbook` takes them."""
    rows = PlaybookStep.objects.filter(playbook=playbook).order_by("position")
    return [Step(row.titles, row.role, row.due_days, row.checklist, row.template) for row in rows]


def mark_of(playbook: Playbook) -> str:
    """What tells a state of a playbook from the next one."""
    return playbook.updated_at.isoformat()


def _copied(name: str, language: str) -> str:
    with translation.override(language):
        return _("%(name)s (copy)") % {"name": name[: MAX_NAME - 20]}


def _require_owner(actor: User | None) -> None:
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnPlaybooks


def _tidy(playbook: Playbook) -> None:
    """Texts and lists as they are kept. Raises PlaybookNameless, StageNeeded."""
    for name, most in (("names", MAX_NAME), ("descriptions", MAX_DESCRIPTION)):
        try:
            setattr(playbook, name, tidied(getattr(playbook, name), most))
        except ValueError as error:
            raise PlaybookNameless(str(error), field=name) from error
    if not playbook.names:
        raise PlaybookNameless(field="names")
    playbook.reasons = [code for code in Reason.values if code in playbook.reasons]
    playbook.stages = [code for code in Stage.values if code in playbook.stages]
    if playbook.starts_at_stage and not playbook.stages:
        raise StageNeeded(field="stages")


def _keep_steps(playbook: Playbook, wanted: Sequence[Step]) -> list[Any] | None:
    """Replace the steps where they differ; returns what the audit keeps: the titles before and after."""
    before = steps_of(playbook)
    if [_plain(step) for step in before] == [_plain(step) for step in wanted]:
        return None
    PlaybookStep.objects.filter(playbook=playbook).delete()
    PlaybookStep.objects.bulk_create(
        PlaybookStep(playbook=playbook, position=number, **_plain(step)) for number, step in enumerate(wanted, start=1)
    )
    return [_titles(before), _titles(wanted)]


def _plain(step: Step) -> Mapping[str, Any]:
    return {
        "titles": dict(step.titles), "role": step.role, "due_days": step.due_days,
        "checklist": [dict(item) for item in step.checklist], "template": dict(step.template),
    }  # fmt: skip


def _titles(steps: Sequence[Step]) -> str:
    return " · ".join(next((step.titles[code] for code in LANGUAGES if code in step.titles), "") for step in steps)
