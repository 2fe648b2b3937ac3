"""Why a follow-up was opened, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from surveys.choices import FollowUpKind, QuestionKind
from surveys.closing import ratings_of
from surveys.definition import Definition, Question, read
from surveys.models import Campaign, FollowUp, Response

SHORT = {QuestionKind.NPS: "NPS", QuestionKind.CSAT: "CSAT", QuestionKind.CES: "CES"}


@dataclass(frozen=True)
class Reason:
    """One answer that is a reason: `label` is short (NPS), `question` what was asked, `now` what the answer is since
    the customer changed it, where it is no reason any more."""

    label: str
    question: str
    value: int
    top: int | None
    now: int | None = None
    is_corrected: bool = False


@dataclass(frozen=True)
class Said:
    """What one person answered: the reasons, and what they wrote."""

    response: Response
    reasons: list[Reason] = field(default_factory=list)
    words: list[tuple[str, str]] = field(default_factory=list)


def definitions_of(follow_ups: Iterable[FollowUp]) -> dict[int, Definition]:
    """What the campaigns of these follow-ups ask, by campaign; one statement."""
    keys = {row.campaign_id for row in follow_ups}
    campaigns = Campaign.objects.filter(pk__in=keys).order_by()
    return {pk: read(data) for pk, data in campaigns.values_list("pk", "definition")}


def with_reasons(follow_ups: Iterable[Any]) -> list[Any]:
    """The same rows, each with its reasons in words (`shown_reasons`: of several answers to a question the one that
    weighs most) and how many answers there are (`answers_count`); the rows' `reasons` are prefetched."""
    rows = list(follow_ups)
    definitions = definitions_of(rows)
    for row in rows:
        pick = pick_of(row.kind)
        most: dict[str, int] = {}
        for reason in row.reasons.all():
            most[reason.question] = pick(reason.value, most.get(reason.question, reason.value))
        asked = definitions.get(row.campaign_id)
        row.shown_reasons = [_reason(asked, question, value) for question, value in most.items()]
        row.answers_count = len({reason.response_id for reason in row.reasons.all()})
    return rows


def pick_of(kind: str) -> Any:
    """Which of several values speaks for that kind of follow-up: the lowest, of a reference the highest."""
    return min if kind == FollowUpKind.RECOVERY else max


def said(follow_up: FollowUp) -> list[Said]:
    """Everything that was answered and is a reason for this follow-up, the first answer first."""
    asked = definitions_of([follow_up]).get(follow_up.campaign_id)
    found: dict[int, Said] = {}
    rows = follow_up.reasons.select_related("response__contact", "response__invitation__contact")
    for row in rows.order_by("response__completed_at", "pk"):
        if row.response_id not in found:
            found[row.response_id] = Said(row.response, [], _words(asked, row.response.answers))
        given = row.response.answers.get(row.question)
        reason = _reason(asked, row.question, row.value, ratings_of(given), pick_of(follow_up.kind))
        found[row.response_id].reasons.append(reason)
    return list(found.values())


def _reason(asked: Definition | None, key: str, value: int, given: list[int] | None = None, pick: Any = min) -> Reason:
    question = asked.by_key.get(key) if asked else None
    is_corrected = given is not None and value not in given
    return Reason(
        label=_label(question, key),
        question=question.text.into(get_language() or "en") if question else key,
        value=value,
        top=question.scale[1] if question and question.scale else None,
        now=pick(given) if is_corrected and given else None,
        is_corrected=is_corrected,
    )


def _label(question: Question | None, key: str) -> str:
    if question is None:
        return key
    return SHORT.get(QuestionKind(question.kind)) or question.text.into(get_language() or "en")


def _words(asked: Definition | None, answers: Any) -> list[tuple[str, str]]:
    """The questions answered in free words, with the words."""
    if asked is None:
        return []
    language = get_language() or "en"
    written = ((q.text.into(language), answers.get(q.key)) for q in asked.questions)
    found = []
    for question, answer in written:
        text = answer.get("text") if isinstance(answer, dict) else None
        if text:
            found.append((question, str(text)))
    texts = ((q.text.into(language), answers.get(q.key)) for q in asked.of_kind(QuestionKind.TEXT))
    return [*((question, str(answer)) for question, answer in texts if answer), *found]
