"""What every app's models share, and the one table that money needs everywhere: dated exchange rates."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.money import CURRENCY_CHOICES


class Timestamped(models.Model):
    """Adds when a row was made and last saved (UTC)."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, editable=False)

    class Meta:
        abstract = True


class ExchangeRate(models.Model):
    """Units of the reporting currency for one unit of `currency`, valid from `valid_from` until the next rate."""

    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    valid_from = models.DateField(_("valid from"))
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="core_rate_once_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="core_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate_text} ({self.valid_from})"

    @property
    def rate_text(self) -> str:
        """The rate without trailing zeros."""
        return f"{self.rate.normalize():f}"


class CalendarDay(models.Model):
    """A day of a country that is not what its weekday says: a holiday (off) or a make-up working day (调休).

    `country` is an ISO 3166-1 alpha-2 code. What is written here goes before what the `holidays` package knows.
    """

    country = models.CharField(_("country"), max_length=2)
    date = models.DateField(_("date"))
    working = models.BooleanField(_("working day"), default=False)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["country", "date"]
        constraints = [models.UniqueConstraint(fields=["country", "date"], name="core_calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.country} {self.date:%Y-%m-%d} {self.name}"

    @property
    def local_name(self) -> str:
        """The English name, where there is one, for readers of English."""
        english = (translation.get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name


class CalendarYear(models.Model):
    """A year of a country's calendar that an administrator has entered; provisional until confirmed.

    A year without a row is provisional and comes from the `holidays` package alone.
    """

    country = models.CharField(_("country"), max_length=2)
    year = models.PositiveSmallIntegerField(_("year"))
    confirmed = models.BooleanField(_("confirmed"), default=False)

    class Meta:
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")
        ordering = ["country", "-year"]
        constraints = [models.UniqueConstraint(fields=["country", "year"], name="core_calendar_year_once")]

    def __str__(self) -> str:
        return f"{self.country} {self.year}"


class KeptAnswer(models.Model):
    """What a POST with an `Idempotency-Key` was answered; `owner` is `token:7` or `user:7`."""

    owner = models.CharField(_("owner"), max_length=40)
    key = models.CharField(_("key"), max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    body = models.JSONField(_("answer"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="core_answer_once_per_key")]

    def __str__(self) -> str:
        return f"{self.owner} {self.key}"
