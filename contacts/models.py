"""Contact (a person), Employment (that person at one account, with their part in decisions), ContactLink (a line of
the relationship map)."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.access import AccountScopedQuerySet
from accounts.models import Account
from contacts.birthdays import BirthdayImpossible, check_birthday
from contacts.choices import (
    Attitude,
    BirthdayCalendar,
    Channel,
    Closeness,
    Consent,
    DecisionRole,
    Influence,
    LinkKind,
    Seniority,
)
from contacts.fields import PhoneField
from contacts.querysets import ContactQuerySet, EmploymentQuerySet
from core.languages import LANGUAGE_CHOICES
from core.models import Timestamped
from users.models import User

# What people and clients may write on a contact.
CONTACT_FIELDS = (
    "name",
    "name_en",
    "form_of_address",
    "mobile",
    "work_phone",
    "email",
    "wechat",
    "preferred_channel",
    "preferred_language",
    "birthday_calendar",
    "birthday_year",
    "birthday_month",
    "birthday_day",
    "birthday_leap_month",
    "consent",
    "consent_date",
    "no_phone",
    "no_email",
    "no_wechat",
    "no_surveys",
    "no_greetings",
    "notes",
)
EMPLOYMENT_FIELDS = (
    "position",
    "department",
    "seniority",
    "from_date",
    "until_date",
    "reports_to",
    "decision_role",
    "attitude",
    "influence",
    "owner",
    "closeness",
    "wanted_closeness",
)


class Contact(Timestamped):
    """A person at one or several accounts. Chinese names are one field, family name first.

    A birthday is a month and a day of the solar or the lunar calendar, the year only if known; `birthday_leap_month`
    says that the lunar month is the leap month (闰月). Which day it falls on in a year: `contacts/birthdays.py`.
    """

    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    form_of_address = models.CharField(
        _("form of address"), max_length=40, blank=True, help_text=_("How to greet this person: 王总, Dr Smith.")
    )
    mobile = PhoneField(_("mobile phone"))
    work_phone = PhoneField(_("work phone"))
    email = models.EmailField(_("e-mail"), blank=True)
    wechat = models.CharField(_("WeChat ID"), max_length=40, blank=True)
    preferred_channel = models.CharField(_("preferred channel"), max_length=10, choices=Channel, blank=True)
    preferred_language = models.CharField(_("preferred language"), max_length=10, choices=LANGUAGE_CHOICES, blank=True)
    birthday_calendar = models.CharField(
        _("calendar of the birthday"), max_length=5, choices=BirthdayCalendar, default=BirthdayCalendar.SOLAR
    )
    birthday_year = models.PositiveSmallIntegerField(
        _("year of birth"), null=True, blank=True, validators=[MinValueValidator(1900), MaxValueValidator(2100)]
    )
    birthday_month = models.PositiveSmallIntegerField(
        _("month of birth"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    birthday_day = models.PositiveSmallIntegerField(
        _("day of birth"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    birthday_leap_month = models.BooleanField(_("leap month"), default=False)
    consent = models.CharField(_("consent"), max_length=10, choices=Consent, default=Consent.UNKNOWN)
    consent_date = models.DateField(_("consent given or withdrawn on"), null=True, blank=True)
    no_phone = models.BooleanField(_("no calls"), default=False)
    no_email = models.BooleanField(_("no e-mails"), default=False)
    no_wechat = models.BooleanField(_("no WeChat messages"), default=False)
    no_surveys = models.BooleanField(_("no surveys"), default=False)
    no_greetings = models.BooleanField(_("no greetings"), default=False)
    notes = models.TextField(_("notes"), blank=True, max_length=10_000)
    erased = models.BooleanField(_("erased on request"), default=False, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name", "id"], name="contacts_by_name"),
            models.Index(fields=["mobile"], name="contacts_by_mobile", condition=~Q(mobile="")),
            models.Index(fields=["email"], name="contacts_by_email", condition=~Q(email="")),
            models.Index(fields=["wechat"], name="contacts_by_wechat", condition=~Q(wechat="")),
            models.Index(fields=["birthday_month", "birthday_day"], name="contacts_by_birthday"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(birthday_month__isnull=True, birthday_day__isnull=True)
                | Q(birthday_month__isnull=False, birthday_day__isnull=False),
                name="contacts_birthday_whole",
                violation_error_message=_("A birthday needs its month and its day."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("Erased person") if self.erased else self.name

    def get_absolute_url(self) -> str:
        return reverse("contacts:contact_detail", args=[self.pk])

    def clean(self) -> None:
        """Raises ValidationError on the birthday's fields unless there is such a day in its calendar."""
        self.email = self.email.lower()
        if self.birthday_month and self.birthday_day:
            try:
                check_birthday(
                    self.birthday_calendar,
                    self.birthday_year,
                    self.birthday_month,
                    self.birthday_day,
                    leap_month=self.birthday_leap_month,
                )
            except BirthdayImpossible as error:
                raise ValidationError({error.field or "birthday_day": str(error)}) from error

    @property
    def local_name(self) -> str:
        """The name in the reader's language: the English one, where there is one, for readers of English."""
        if self.erased:
            return gettext("Erased person")
        english = (translation.get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name

    @property
    def opt_outs(self) -> list[str]:
        """What this person does not want, in words."""
        wishes = [field for field in self._meta.concrete_fields if field.name.startswith("no_")]
        return [str(field.verbose_name) for field in wishes if getattr(self, field.name)]


class Employment(Timestamped):
    """A contact at one account: what they do there, and their part in its decisions as we judge it.

    `until_date` is the last day; without one they are there today. `owner` is who of us keeps the relationship, with
    the closeness that it has and the one that we want. `map_x`, `map_y` (0 to 10000) are where somebody dragged the
    person to on the relationship map; empty: where the chart puts them.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="employments", verbose_name=_("contact")
    )
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="employments", verbose_name=_("account")
    )
    position = models.CharField(_("position"), max_length=80, blank=True)
    department = models.CharField(_("department"), max_length=80, blank=True)
    seniority = models.PositiveSmallIntegerField(_("level"), choices=Seniority, default=Seniority.UNKNOWN)
    from_date = models.DateField(_("there since"), null=True, blank=True)
    until_date = models.DateField(_("last day"), null=True, blank=True)
    reports_to = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("reports to"),
    )
    decision_role = models.CharField(_("role in decisions"), max_length=16, choices=DecisionRole, blank=True)
    attitude = models.CharField(_("attitude to us"), max_length=10, choices=Attitude, blank=True)
    influence = models.PositiveSmallIntegerField(_("influence"), choices=Influence, null=True, blank=True)
    owner = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("relationship owner"),
    )
    closeness = models.PositiveSmallIntegerField(_("closeness today"), choices=Closeness, default=Closeness.UNKNOWN)
    wanted_closeness = models.PositiveSmallIntegerField(
        _("closeness wanted"), choices=Closeness, default=Closeness.UNKNOWN
    )
    map_x = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    map_y = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("employment")
        verbose_name_plural = _("employments")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["account", "until_date", "contact"], name="employments_by_account"),
            models.Index(fields=["contact", "account"], name="employments_by_contact"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "account"],
                condition=Q(until_date__isnull=True),
                name="contacts_one_open_employment",
                violation_error_message=_("This person works at this account already."),
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(from_date__isnull=True) | Q(until_date__gte=F("from_date")),
                name="contacts_employment_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(reports_to__isnull=True) | ~Q(reports_to=F("id")), name="contacts_not_own_boss"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.account}"

    def clean(self) -> None:
        """Raises ValidationError on `reports_to` unless the boss works at the same account."""
        if self.reports_to is not None and self.reports_to.account_id != self.account_id:
            raise ValidationError({"reports_to": _("The superior works at another account.")})

    def is_current(self, today: dt.date) -> bool:
        """True until the end of the last day."""
        return self.until_date is None or self.until_date >= today


class ContactLink(Timestamped):
    """A line of the relationship map beside reports-to: who influences whom, who is in conflict with whom."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="contact_links", verbose_name=_("account")
    )
    source = models.ForeignKey(
        Employment, on_delete=models.CASCADE, related_name="links_out", verbose_name=_("from person")
    )
    target = models.ForeignKey(
        Employment, on_delete=models.CASCADE, related_name="links_in", verbose_name=_("to person")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=LinkKind)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of the map")
        verbose_name_plural = _("lines of the map")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "kind"],
                name="contacts_link_once",
                violation_error_message=_("This line is on the map already."),
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="contacts_link_between_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source.contact} → {self.target.contact}"
