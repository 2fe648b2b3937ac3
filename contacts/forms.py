"""Parse what people type on the contact pages."""

from __future__ import annotations

import datetime as dt
from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import AccountChoiceField
from accounts.models import Account
from contacts.models import CONTACT_FIELDS, EMPLOYMENT_FIELDS, Contact, Employment
from core.forms import DayInput, LookupSelect
from users.models import User

PERSON = (_("Person"), ("name", "name_en", "form_of_address"))
WORK = (
    _("At the account"),
    ("account", "position", "department", "seniority", "reports_to", "from_date", "until_date"),
)
DECISIONS = (
    _("In decisions"),
    ("decision_role", "attitude", "influence", "owner", "closeness", "wanted_closeness"),
)
REACH = (
    _("How to reach them"),
    ("mobile", "work_phone", "email", "wechat", "preferred_channel", "preferred_language"),
)
BIRTHDAY = (
    _("Birthday"),
    ("birthday_calendar", "birthday_year", "birthday_month", "birthday_day", "birthday_leap_month"),
)
WISHES = (
    _("Consent and wishes"),
    ("consent", "consent_date", "no_phone", "no_email", "no_wechat", "no_surveys", "no_greetings"),
)
NOTES = (_("Notes"), ("notes",))


class SuperiorField(forms.ModelChoiceField):
    """One of the people of an account."""

    def label_from_instance(self, job: Any) -> str:
        return f"{job.contact.local_name} · {job.position}" if job.position else job.contact.local_name


class ContactForm(forms.ModelForm):
    """Everything on a person that people may type. The name is one field, family name first in Chinese."""

    class Meta:
        model = Contact
        fields = CONTACT_FIELDS
        widgets = {
            "consent_date": DayInput(),
            "notes": forms.Textarea(attrs={"rows": 3}),
            "mobile": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
            "work_phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {
            "name": _("Family name first in Chinese: 王建国, 欧阳明."),
            "birthday_year": _("Empty if you do not know it."),
        }

    sections: tuple[Any, ...] = (PERSON, REACH, BIRTHDAY, WISHES, NOTES)


class EmploymentForm(forms.ModelForm):
    """Where a person works, what they do there, and their part in decisions; the account may be known already."""

    account = AccountChoiceField(label=_("account"), help_text=_("Type a code or part of a name."))
    reports_to = SuperiorField(label=_("reports to"), queryset=Employment.objects.none(), required=False)
    owner = forms.ModelChoiceField(
        label=_("relationship owner"),
        queryset=User.objects.active().order_by("name"),
        required=False,
        widget=LookupSelect("users:user_lookup"),
        help_text=_("Who of us keeps the relationship."),
    )

    class Meta:
        model = Employment
        fields = ("account", *EMPLOYMENT_FIELDS)
        widgets = {"from_date": DayInput(), "until_date": DayInput()}

    sections: tuple[Any, ...] = (WORK, DECISIONS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account = self.instance.account if self.instance.account_id else None
        self.fields["reports_to"].queryset = superiors(account, self.instance)
        if account is None:
            del self.fields["reports_to"]  # chosen once the account is known
        else:
            del self.fields["account"]
        if self.instance.owner_id:
            self.fields["owner"].queryset = User.objects.filter(
                models.Q(is_active=True) | models.Q(pk=self.instance.owner_id)
            ).order_by("name")

    def _get_validation_exclusions(self) -> set[str]:
        # Person and account are not on the form where they are known, but "once per account" is checked with them.
        return super()._get_validation_exclusions() - {"account", "contact"}  # type: ignore[misc]  # private, stable


class NewContactForm(ContactForm):
    """A new person together with where they work: two forms in one."""

    sections = (PERSON, WORK, REACH, DECISIONS, BIRTHDAY, WISHES, NOTES)

    def __init__(self, data: Any = None, *, account: Account | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.job = _NewJobForm(data, instance=Employment(account=account))
        self.fields.update(self.job.fields)  # the same fields: what is scoped here is scoped there
        self.initial.update(self.job.initial)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, errors in self.job.errors.as_data().items():
            if name not in self.errors:
                self.add_error(None if name == NON_FIELD_ERRORS else name, errors)
        return {**cleaned, **self.job.cleaned_data}


class _NewJobForm(EmploymentForm):
    """The second half of NewContactForm: its person is not saved yet."""

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"contact"}


class MoveForm(EmploymentForm):
    """The new employment of somebody who goes to another account."""

    sections = (
        (_("The new account"), ("account", "position", "department", "seniority", "from_date")),
        DECISIONS,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("until_date", "reports_to"):
            self.fields.pop(name, None)
        self.fields["from_date"].help_text = _("Empty: from today. The old employment ends the day before.")


class EndForm(forms.Form):
    """The last day of somebody who leaves an account."""

    last_day = forms.DateField(label=_("last day"), widget=DayInput())


class MergeForm(ContactForm):
    """The person that two rows become; begins with the left one, and with the right one where the left is empty."""

    def __init__(self, data: Any = None, *, left: Contact, right: Contact, **kwargs: Any) -> None:
        super().__init__(data, instance=copy(left), initial=merged_values(left, right), **kwargs)


class HandoverForm(forms.Form):
    """Who keeps the relationships from now on."""

    owner = forms.ModelChoiceField(
        label=_("new relationship owner"),
        queryset=User.objects.active().order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )


def merged_values(left: Contact, right: Contact) -> dict[str, Any]:
    """What a merge proposes: the left value, else the right one; every wish of either; the notes of both. The parts of
    a birthday stay together, and who withdrew their consent on either row has withdrawn it."""
    values: dict[str, Any] = {}
    for name in CONTACT_FIELDS:
        values[name] = getattr(left, name) or getattr(right, name)
    birthday = [name for name in CONTACT_FIELDS if name.startswith("birthday_")]
    values.update({name: getattr(left if left.birthday_month else right, name) for name in birthday})
    order = ("withdrawn", "given", "unknown")
    consenting = min((left, right), key=lambda row: order.index(row.consent))
    values.update(consent=consenting.consent, consent_date=consenting.consent_date)
    values["notes"] = "\n\n".join(dict.fromkeys(filter(None, (left.notes, right.notes))))
    return values


def superiors(account: Account | None, job: Employment, today: dt.date | None = None) -> models.QuerySet[Any]:
    """Who may be above `job`: the people who work at the account today, and who is there already."""
    if account is None:
        return Employment.objects.none()
    here = models.Q(until_date__isnull=True) | models.Q(until_date__gte=today or timezone.localdate())
    people = Employment.objects.filter(here | models.Q(pk=job.reports_to_id), account=account)
    return people.exclude(pk=job.pk).select_related("contact").order_by("-seniority", "contact__name", "pk")
