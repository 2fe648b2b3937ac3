"""Parse what is typed where a follow-up is worked on, and the follow-up rules of a campaign."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from interactions.choices import CHANNELS, Kind, Outcome
from interactions.forms.log import RowsField
from interactions.models import Interaction
from surveys.choices import Cause, FollowUpKind, FollowUpOutcome
from surveys.closing import RATINGS, Rule
from surveys.definition import Definition
from surveys.models import FollowUp
from surveys.reasons import SHORT
from surveys.services.follow_ups import MAX_ACTION, OUTCOMES, Findings

MINUTES = "%Y-%m-%dT%H:%M"
RULES = "rules"
MAX_ROWS = 50


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MINUTES)


class ContactForm(forms.Form):
    """How and when the customer was contacted; or which interaction it was, where it is logged already."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    interaction = forms.ModelChoiceField(label=_("logged already"), queryset=Interaction.objects.none(), required=False)
    kind = forms.ChoiceField(
        label=_("channel"), choices=[(kind.value, kind.label) for kind in CHANNELS], required=False
    )
    occurred_at = forms.DateTimeField(label=_("when"), widget=MomentInput, required=False)
    contacts = RowsField(
        label=_("the customer's people"), queryset=Contact.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    outcome = forms.ChoiceField(label=_("outcome"), choices=[("", "–"), *Outcome.choices], required=False)
    minutes = forms.CharField(
        label=_("minutes"), required=False, max_length=50_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, follow_up: FollowUp, logged: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.follow_up = follow_up
        self.initial.setdefault("client_key", uuid.uuid4())
        self.initial.setdefault("kind", Kind.CALL)
        self.initial.setdefault("occurred_at", timezone.localtime().strftime(MINUTES))
        self._offer("interaction", logged, first=[("", _("No, log it now"))])
        self._offer("contacts", people)

    def _offer(self, name: str, rows: Any, first: Sequence[tuple[str, Any]] = ()) -> None:
        """The rows to choose from, read once; without any there is no such field."""
        field: Any = self.fields[name]
        field.queryset = rows
        field.choices = [*first, *((row.pk, field.label_from_instance(row)) for row in rows)]
        if len(field.choices) == len(first):
            del self.fields[name]

    def filled(self, now: dt.datetime) -> Interaction:
        """The interaction that is logged already, or an unsaved one with what was typed."""
        data = self.cleaned_data
        if (logged := data.get("interaction")) is not None:
            return logged
        return Interaction(
            account=self.follow_up.account, client_key=data["client_key"], kind=data["kind"] or Kind.CALL,
            occurred_at=data["occurred_at"] or now, outcome=data["outcome"], minutes=data["minutes"],
        )  # fmt: skip

    @property
    def chosen(self) -> list[Contact]:
        return list(self.cleaned_data.get("contacts") or [])


class FindingsForm(forms.Form):
    """Why, what was done, whether the customer knows, how it ended. Nothing is required: what is missing is said when
    the follow-up is to be closed."""

    cause = forms.ChoiceField(label=_("cause"), choices=[("", "–"), *Cause.choices], required=False)
    action = forms.CharField(
        label=_("what was done"), required=False, max_length=MAX_ACTION, widget=forms.Textarea(attrs={"rows": 3})
    )
    customer_told = forms.BooleanField(label=_("the customer was told"), required=False)
    outcome = forms.ChoiceField(label=_("outcome"), required=False)

    def __init__(self, *args: Any, follow_up: FollowUp, **kwargs: Any) -> None:
        names = ("cause", "action", "customer_told", "outcome")
        kwargs.setdefault("initial", {name: getattr(follow_up, name) for name in names})
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        outcomes = OUTCOMES[FollowUpKind(follow_up.kind)]
        fields["outcome"].choices = [("", "–"), *((value.value, FollowUpOutcome(value).label) for value in outcomes)]
        if follow_up.kind == FollowUpKind.REFERENCE:
            del self.fields["cause"], self.fields["customer_told"]

    def findings(self) -> Findings:
        return Findings(**self.cleaned_data)


class ReopenForm(forms.Form):
    """Why it is not settled after all."""

    reason = forms.CharField(
        label=_("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why.")},
    )  # fmt: skip


class RuleForm(forms.Form):
    """One rule: answers from … to … to a question open a follow-up."""

    question = forms.ChoiceField(label=_("question"))
    low = forms.IntegerField(label=_("from"), min_value=0, max_value=10)
    high = forms.IntegerField(label=_("to"), min_value=0, max_value=10)
    kind = forms.ChoiceField(label=_("kind"), choices=FollowUpKind.choices)

    def __init__(self, *args: Any, questions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["question"].choices = questions

    def rule(self) -> Rule:
        return Rule(**self.cleaned_data)


RuleFormSet = forms.formset_factory(RuleForm, extra=0, max_num=MAX_ROWS, absolute_max=MAX_ROWS, validate_max=True)


def rated_questions(asked: Definition, language: str) -> list[tuple[str, str]]:
    """The questions that a rule can be about: key, and the words with the kind and scale."""
    found = []
    for question in asked.of_kind(*RATINGS):
        low, high = question.scale or (0, 0)
        kind = SHORT.get(question.kind, "")  # type: ignore[call-overload]
        found.append((question.key, " ".join(filter(None, [kind, f"{low}–{high}", question.text.into(language)]))))
    return found


def first_rows(rules: list[Rule]) -> list[dict[str, Any]]:
    """The rows of the form as the rules are."""
    return [rule._asdict() for rule in rules]


def changed_rows(data: Mapping[str, str], questions: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The rows as typed, with one more or one less: what the buttons of the form ask for, nothing being saved."""
    total = data.get(f"{RULES}-TOTAL_FORMS", "")
    count = min(int(total), MAX_ROWS) if total.isascii() and total.isdigit() and len(total) < 4 else 0
    names = ("question", "low", "high", "kind")
    rows = [{name: data.get(f"{RULES}-{number}-{name}", "") for name in names} for number in range(count)]
    gone = data.get("remove", "")
    if gone.isascii() and gone.isdigit() and int(gone) < len(rows):
        del rows[int(gone)]
    if "add" in data and len(rows) < MAX_ROWS and questions:
        rows.append({"question": questions[0][0], "low": "", "high": "", "kind": FollowUpKind.RECOVERY})
    return rows
