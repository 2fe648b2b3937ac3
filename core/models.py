"""What every app's models share, and the one table that money needs everywhere: dated exchange rates."""

from django.core.validators import MinValueValidator
from django.db import models
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
