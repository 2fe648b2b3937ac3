"""The questionnaires that come with the product, written for key accounts: what a new one may begin with."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from surveys.models import Questionnaire
from surveys.shipped import complaint, delivery, relationship, visit, yearly


@dataclass(frozen=True)
class Template:
    """`label` and `about` say when it is used; `name` and `name_en` are what a questionnaire made from it is called."""

    key: str
    label: str | Promise
    about: str | Promise
    name: str
    name_en: str
    form: Mapping[str, Any]

    def definition(self) -> dict[str, Any]:
        """A definition of its own, to be changed."""
        return copy.deepcopy(dict(self.form))

    @property
    def question_count(self) -> int:
        return sum(len(page["questions"]) for page in self.form["pages"])


_ALL = (
    Template(
        "relationship", _("Relationship NPS"),
        _("How loyal the customer is, and why. One minute; twice a year for A accounts, once for B."),
        "关系净推荐值调查", "Relationship NPS", relationship.FORM,
    ),
    Template(
        "visit", _("After a visit"),
        _("Whether the visit was worth the customer's time. A few days after it."),
        "拜访后回访", "After a visit", visit.FORM,
    ),
    Template(
        "complaint", _("After a complaint"),
        _("Whether the problem is solved and trust is back. A few days after the case was closed."),
        "投诉处理回访", "After a complaint", complaint.FORM,
    ),
    Template(
        "delivery", _("After a delivery"),
        _("Whether what was ordered came as agreed. Within a week."),
        "交货后回访", "After a delivery", delivery.FORM,
    ),
    Template(
        "yearly", _("Yearly review"),
        _("The whole cooperation, for the talk about next year. Five minutes, for those who decide."),
        "年度合作回顾", "Yearly review", yearly.FORM,
    ),
)  # fmt: skip
TEMPLATES: Mapping[str, Template] = {template.key: template for template in _ALL}


def blank(questionnaire: Questionnaire) -> dict[str, Any]:
    """An empty definition: the title is the questionnaire's name, and one page waits for questions."""
    title = {"zh-hans": questionnaire.name, "en": questionnaire.name_en}
    return {
        "title": {language: text for language, text in title.items() if text},
        "pages": [{"key": "page_1", "questions": []}],
    }
