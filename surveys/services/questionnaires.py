"""Questionnaires: made from a template or blank, drafted, published, renamed, archived. A published version never
changes: campaigns copy it, and what is changed later is a new version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from audit.services import diff, record, snapshot
from search.services import index_rows
from surveys import checking, shipped
from surveys.choices import VersionStatus
from surveys.errors import (
    DraftChanged,
    DraftExists,
    DraftInUse,
    MayNotOwnSurveys,
    OnlyVersion,
    QuestionnaireArchived,
    QuestionnaireIncomplete,
    QuestionnaireMalformed,
    TemplateUnknown,
    VersionPublished,
)
from surveys.models import Questionnaire, QuestionnaireVersion
from surveys.tidying import tidied
from users.models import User


@transaction.atomic
def create_questionnaire(
    questionnaire: Questionnaire, *, template: str = "", actor: User | None
) -> QuestionnaireVersion:
    """Store a new questionnaire; returns its first version, a draft with the questions of the template (its key in
    `shipped.TEMPLATES`), or empty.

    Raises MayNotOwnSurveys, TemplateUnknown, ValidationError.
    """
    _require_owner(actor)
    if template and template not in shipped.TEMPLATES:
        raise TemplateUnknown(field="template")
    questionnaire.template = template
    questionnaire.full_clean()
    questionnaire.save()
    definition = shipped.TEMPLATES[template].definition() if template else shipped.blank(questionnaire)
    version = QuestionnaireVersion(questionnaire=questionnaire, number=1, definition=definition, author=actor)
    version.save()
    changes = {"name": (None, questionnaire.name), "template": (None, template)}
    record("questionnaire.created", questionnaire, actor=actor, changes=changes)
    index_rows("questionnaire", [questionnaire.pk])
    return version


@transaction.atomic
def save_draft(
    version: QuestionnaireVersion, definition: Any, *, actor: User | None, seen: str | None = None
) -> QuestionnaireVersion:
    """Keep what a draft asks, whether or not it could be published. `seen`: `mark_of` of the draft that the changes
    were made to; where it has been changed since, nothing is saved. The same twice changes nothing.

    Raises MayNotOwnSurveys, VersionPublished, QuestionnaireArchived, DraftChanged, QuestionnaireMalformed.
    """
    _require_owner(actor)
    locked = _locked_draft(version)
    if seen is not None and seen != mark_of(locked):
        raise DraftChanged
    if found := checking.malformed(definition):
        raise QuestionnaireMalformed(found)
    kept = tidied(definition)
    if kept != locked.definition:
        changes = _difference(locked.definition, kept)
        locked.definition, locked.author = kept, actor
        locked.save()
        record("questionnaire.draft_saved", locked, actor=actor, changes=changes)
    return locked


@transaction.atomic
def publish(version: QuestionnaireVersion, *, actor: User | None, now: dt.datetime) -> QuestionnaireVersion:
    """Let campaigns ask with a draft; from now on it never changes.

    Raises MayNotOwnSurveys, VersionPublished, QuestionnaireArchived, QuestionnaireIncomplete.
    """
    _require_owner(actor)
    locked = _locked_draft(version)
    if found := checking.problems(locked.definition):
        raise QuestionnaireIncomplete(found)
    locked.status, locked.published_at, locked.author = VersionStatus.PUBLISHED, now, actor
    locked.save()
    changes = {"version": (None, locked.number), "questions": (None, len(_questions(locked.definition)))}
    record("questionnaire.published", locked, actor=actor, changes=changes)
    return locked


@transaction.atomic
def new_draft(questionnaire: Questionnaire, *, actor: User | None) -> QuestionnaireVersion:
    """The next version, which begins as a copy of the newest.

    Raises MayNotOwnSurveys, QuestionnaireArchived, DraftExists.
    """
    _require_owner(actor)
    _locked(questionnaire.pk)
    newest = QuestionnaireVersion.objects.filter(questionnaire=questionnaire).order_by("-number")[:1].get()
    if newest.status == VersionStatus.DRAFT:
        raise DraftExists(number=newest.number)
    draft = QuestionnaireVersion(
        questionnaire=questionnaire, number=newest.number + 1, definition=newest.definition, author=actor
    )
    draft.save()
    record("questionnaire.version_begun", draft, actor=actor, changes={"version": (newest.number, draft.number)})
    return draft


@transaction.atomic
def discard_draft(version: QuestionnaireVersion, *, actor: User | None) -> Questionnaire:
    """Throw a draft away; the published versions stay.

    Raises MayNotOwnSurveys, VersionPublished, QuestionnaireArchived, OnlyVersion, DraftInUse.
    """
    _require_owner(actor)
    locked = _locked_draft(version)
    questionnaire = locked.questionnaire
    if questionnaire.versions.count() == 1:
        raise OnlyVersion
    record("questionnaire.draft_discarded", questionnaire, actor=actor, changes={"version": (locked.number, None)})
    try:
        locked.delete()
    except ProtectedError as error:
        raise DraftInUse from error
    return questionnaire


@transaction.atomic
def rename(questionnaire: Questionnaire, *, name: str, name_en: str = "", actor: User | None) -> Questionnaire:
    """Give it another name, under which no other one is known. What is asked stays.

    Raises MayNotOwnSurveys, ValidationError.
    """
    _require_owner(actor)
    locked = _locked(questionnaire.pk)
    before = snapshot(locked)
    locked.name, locked.name_en = name, name_en
    locked.full_clean()
    if changes := diff(before, locked):
        locked.save()
        record("questionnaire.renamed", locked, actor=actor, changes=changes)
        index_rows("questionnaire", [locked.pk])
    return locked


@transaction.atomic
def archive(questionnaire: Questionnaire, *, archived: bool = True, actor: User | None) -> Questionnaire:
    """Offer it to no new campaign any more (`archived=False`: again). Campaigns that ask with it go on.

    Raises MayNotOwnSurveys.
    """
    _require_owner(actor)
    locked = _locked(questionnaire.pk)
    if locked.archived != archived:
        locked.archived = archived
        locked.save()
        action = "questionnaire.archived" if archived else "questionnaire.restored"
        record(action, locked, actor=actor, changes={"archived": (not archived, archived)})
    return locked


def mark_of(version: QuestionnaireVersion) -> str:
    """What tells a state of a draft from the next one."""
    return version.updated_at.isoformat()


def _require_owner(actor: User | None) -> None:
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnSurveys


def _locked(pk: int) -> Questionnaire:
    """The questionnaire, whose versions nobody else changes until the transaction ends."""
    questionnaire: Questionnaire = Questionnaire.objects.select_for_update().get(pk=pk)
    return questionnaire


def _locked_draft(version: QuestionnaireVersion) -> QuestionnaireVersion:
    """The draft as it is now, locked with its questionnaire. Raises VersionPublished, QuestionnaireArchived."""
    questionnaire = _locked(version.questionnaire_id)
    locked: QuestionnaireVersion = QuestionnaireVersion.objects.select_for_update().get(pk=version.pk)
    if locked.status != VersionStatus.DRAFT:
        raise VersionPublished
    if questionnaire.archived:
        raise QuestionnaireArchived
    locked.questionnaire = questionnaire
    return locked


def _questions(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The questions of a well-formed definition, by their key."""
    pages = definition.get("pages") or []
    return {question["key"]: question for page in pages for question in page.get("questions") or []}


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What the audit keeps of a change: the keys of the questions that came, went or changed."""
    old, new = _questions(before), _questions(after)
    found = {
        "added": [key for key in new if key not in old],
        "removed": [key for key in old if key not in new],
        "changed": [key for key in new if key in old and new[key] != old[key]],
    }
    changes: dict[str, tuple[Any, Any]] = {name: (None, ", ".join(keys)) for name, keys in found.items() if keys}
    if list(old) != list(new) and set(old) == set(new):
        changes["order"] = (", ".join(old), ", ".join(new))
    return changes or {"pages": (None, len(after.get("pages") or []))}
