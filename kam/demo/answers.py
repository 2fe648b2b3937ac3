"""Answers of the demo's customers to any questionnaire, as happy or unhappy as their business goes."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from kam.demo import voices
from kam.demo.voices import BAD, GOOD, MID, Remark
from surveys import answering
from surveys.choices import QuestionKind
from surveys.conditions import holds
from surveys.definition import Definition, Question

WRITES = 0.45
"""Of those who are asked for words, how many write some where they need not."""
ANSWERS_OPTIONAL = 0.85


def answer(definition: Definition, mood: float, language: str, rng: Random) -> dict[str, Any]:
    """Clean answers of somebody in this mood, 0 (furious) to 1 (delighted)."""
    given: dict[str, Any] = {}
    said: set[Remark] = set()
    for page in definition.pages:
        if not holds(page.show_if, given):
            continue
        for question in page.questions:
            if holds(question.show_if, given) and (question.required or rng.random() < ANSWERS_OPTIONAL):
                value = _value(question, mood, language, said, rng)
                if value is not None:
                    given[question.key] = answering.clean_answer(question, value)
    return answering.clean(definition, given).values


def _value(question: Question, mood: float, language: str, said: set[Remark], rng: Random) -> Any:
    kind = question.kind
    if kind == QuestionKind.MATRIX:
        return {row: _rating(question, mood, rng) for row in question.row_keys}
    if question.scale:
        return _rating(question, mood, rng)
    if kind == QuestionKind.SINGLE:
        return _choice(question, mood, rng)
    if kind == QuestionKind.MULTIPLE:
        return _choices(question, language, rng)
    if kind == QuestionKind.RANKING:
        return rng.sample(question.choice_keys, len(question.choice_keys))
    if kind == QuestionKind.NUMBER:
        return int(question.minimum or 1) + min(int(rng.expovariate(0.25)), 20)
    return _words(question, mood, language, said, rng) if kind == QuestionKind.TEXT else None


def _rating(question: Question, mood: float, rng: Random) -> int:
    low, high = question.scale or (0, 0)
    value = low + (high - low) * rng.gauss(mood, 0.11)
    return min(high, max(low, round(value)))


def _choice(question: Question, mood: float, rng: Random) -> str:
    ordered = voices.BY_MOOD.get(question.key)
    if ordered is None or not set(ordered) <= set(question.choice_keys):
        return rng.choice(question.choice_keys)
    place = (1 - mood) * len(ordered) + rng.gauss(0, 0.5)
    return ordered[min(len(ordered) - 1, max(0, int(place)))]


def _choices(question: Question, language: str, rng: Random) -> dict[str, Any]:
    keys = [choice.key for choice in question.choices if not choice.other]
    most = min(int(question.maximum or 3), 3, len(keys))
    found = {"choices": rng.sample(keys, rng.randint(1, most))}
    others = [choice.key for choice in question.choices if choice.other]
    if others and rng.random() < 0.08:
        return {"choices": [others[0]], "text": voices.OTHER[language]}
    return found


def _words(question: Question, mood: float, language: str, said: set[Remark], rng: Random) -> str | None:
    """A remark that was not made yet; None where there is nothing to say."""
    if not question.required and rng.random() > WRITES:
        return None
    remarks = [remark for remark in voices.REMARKS[language][tone_of(mood)] if remark not in said]
    if not remarks:
        return None
    remark = rng.choice(remarks)
    said.add(remark)
    return remark.text


def tone_of(mood: float) -> str:
    """Which remarks somebody in this mood makes."""
    return GOOD if mood >= 0.8 else MID if mood >= 0.58 else BAD


def tag_of(text: str) -> int | None:
    """The tag that goes with a remark."""
    return _TAGS.get(text)


_TAGS: Mapping[str, int | None] = {
    remark.text: remark.tag for by_tone in voices.REMARKS.values() for remarks in by_tone.values() for remark in remarks
}
