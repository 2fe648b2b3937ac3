"""What happened to a questionnaire and its versions, and to a campaign, in the reader's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from surveys.choices import FollowUpKind
from surveys.definition import read
from surveys.models import Campaign, Questionnaire, QuestionnaireVersion

STORED_RULE = re.compile(r"(?P<question>\S+) (?P<low>\d+)–(?P<high>\d+) (?P<kind>\w+)")
"""One rule for follow-ups as the audit keeps it, whatever the language of its readers: `recommend 0–6 recovery`."""


def of_questionnaire(questionnaire: Questionnaire, versions: Iterable[QuestionnaireVersion]) -> Any:
    """The entries of a questionnaire and of these versions of it, newest first."""
    own = Q(object_type=questionnaire._meta.label_lower, object_id=questionnaire.pk)
    ids = [version.pk for version in versions]
    parts = Q(object_type=QuestionnaireVersion._meta.label_lower, object_id__in=ids)
    return AuditEntry.objects.filter(own | parts).order_by("-pk")


def of_campaign(campaign: Campaign, viewer: Any, most: int) -> list[AuditEntry]:
    """The newest entries of a campaign, at most `most`."""
    return list(AuditEntry.objects.of(campaign).with_names(viewer)[:most])


def say_rules(entries: Sequence[AuditEntry]) -> None:
    """The rules for follow-ups that were kept as codes, in words; one statement for all campaigns."""
    campaigns = Campaign.objects.select_related("questionnaire_version")
    rows = campaigns.in_bulk({entry.object_id for entry in entries})
    asked = {pk: read(row.definition or row.questionnaire_version.definition).by_key for pk, row in rows.items()}
    for entry in entries:
        said = [_rules_in_words(stored, asked.get(entry.object_id, {})) for stored in entry.changes.get("rules", ())]
        entry.changes = {**entry.changes, "rules": said}


def _rules_in_words(stored: str | None, asked: Mapping[str, Any]) -> str:
    """Questions by their text and kinds by their label; what is not known (any more) stays as it is."""
    return _("; ").join(_rule_in_words(rule, asked) for rule in stored.split("; ")) if stored else ""


def _rule_in_words(stored: str, asked: Mapping[str, Any]) -> str:
    found = STORED_RULE.fullmatch(stored)
    if not found:
        return stored
    question, kinds = asked.get(found["question"]), dict(FollowUpKind.choices)
    return _("“%(question)s” %(low)s–%(high)s: %(kind)s") % {
        "question": question.text.into(get_language() or "en") if question else found["question"],
        "low": found["low"], "high": found["high"], "kind": kinds.get(found["kind"], found["kind"]),
    }  # fmt: skip
