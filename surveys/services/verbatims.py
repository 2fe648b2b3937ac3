"""Labels of what customers wrote."""

from __future__ import annotations

from django.db import transaction

from audit.services import record
from surveys.errors import TagEmpty, TooManyTags
from surveys.models import Answer, VerbatimTag
from users.models import User

MOST_TAGS = 12


@transaction.atomic
def add_tag(answer: Answer, name: str, *, actor: User) -> VerbatimTag:
    """Label an answer; a label that is new is made. Twice is once. Raises TagEmpty, TooManyTags."""
    words = " ".join(name.split())[:40]
    if not words:
        raise TagEmpty(field="name")
    Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    tag = VerbatimTag.objects.filter(name__iexact=words).first()
    if tag is not None and answer.tags.filter(pk=tag.pk).exists():
        return tag
    if answer.tags.count() >= MOST_TAGS:
        raise TooManyTags(most=MOST_TAGS, field="name")
    if tag is None:
        tag, _made = VerbatimTag.objects.get_or_create(name=words)
    answer.tags.add(tag)
    record("survey_answer.tagged", answer, actor=actor, changes={"tags": ["", tag.name]})
    return tag


@transaction.atomic
def remove_tag(answer: Answer, tag: VerbatimTag, *, actor: User) -> None:
    """Take a label away; one that no answer has any more goes."""
    if not answer.tags.filter(pk=tag.pk).exists():
        return
    answer.tags.remove(tag)
    record("survey_answer.untagged", answer, actor=actor, changes={"tags": [tag.name, ""]})
    if not tag.answers.exists():
        VerbatimTag.objects.filter(pk=tag.pk).delete()
