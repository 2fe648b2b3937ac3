"""User, Team (a tree) and roles: those who log in. Customers are in `accounts`."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped
from users.querysets import LeaveQuerySet, TeamQuerySet, UserManager


class Role(models.TextChoices):
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    SUPERVISOR = "supervisor", _("Supervisor")
    DIRECTOR = "director", _("Director")
    ADMINISTRATOR = "administrator", _("Administrator")


class Team(Timestamped):
    """A team in the tree. `path` is the ids from the root down (`000001.000007.`): a subtree is one prefix."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent team")
    )
    path = models.CharField(max_length=255, editable=False, db_index=True, default="")

    objects = TeamQuerySet.as_manager()

    STEP = "%06d."

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("users:team_detail", args=[self.pk])

    @property
    def step(self) -> str:
        """This team's own part of the paths of its subtree."""
        return self.STEP % self.pk

    @property
    def depth(self) -> int:
        """0 for a root team."""
        return max(self.path.count(".") - 1, 0)

    @property
    def local_name(self) -> str:
        """The name in the reader's language: the English one, where there is one, for readers of English."""
        english = (translation.get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name


def validate_time_zone(value: str) -> None:
    """Raises ValidationError unless `value` is a name of the IANA time zone database."""
    if value not in available_timezones():
        raise ValidationError(_("%(value)s is not a time zone."), code="time_zone", params={"value": value})


class User(AbstractUser):
    """One who logs in: name as one field (family name first in Chinese), role, team, language and time zone.

    User name and e-mail are lower case, so that a login means the same however it is typed.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=80)
    email = models.EmailField(_("e-mail"), unique=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.ACCOUNT_MANAGER)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    may_export = models.BooleanField(
        _("may export"), default=False, help_text=_("Exporting is a right of its own, and every export is logged.")
    )

    objects = UserManager()  # type: ignore[misc]
    REQUIRED_FIELDS = ["email", "name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["team", "is_active"], name="users_by_team")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(role=Role.SUPERVISOR) | models.Q(team__isnull=False),
                name="users_supervisor_has_a_team",
                violation_error_message=_("A supervisor needs a team."),
            ),
            models.CheckConstraint(
                condition=models.Q(username=Lower("username"), email=Lower("email")), name="users_login_in_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_absolute_url(self) -> str:
        return reverse("users:user_detail", args=[self.pk])

    def clean(self) -> None:
        """Login names in lower case; the flags of Django's own admin follow the role."""
        super().clean()
        self.username, self.email = self.username.lower(), self.email.lower()
        self.is_staff = self.is_superuser = self.is_administrator
        if self.role == Role.SUPERVISOR and self.team_id is None:
            raise ValidationError({"team": _("A supervisor needs a team.")})

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def sees_everything(self) -> bool:
        """Directors and administrators see every account."""
        return self.role in (Role.DIRECTOR, Role.ADMINISTRATOR)

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    @property
    def leads(self) -> bool:
        """May decide for others: tier changes, assignments, approvals."""
        return self.role in (Role.SUPERVISOR, Role.DIRECTOR, Role.ADMINISTRATOR)

    @cached_property
    def leads_widely(self) -> bool:
        """True for a supervisor of more than 2% of all users: only chooses the shape of a query, never its rows."""
        if self.role != Role.SUPERVISOR:
            return False
        led = models.Q(pk__in=User.objects.led_by(self).order_by().values("pk"))
        counts = User.objects.aggregate(led=models.Count("pk", filter=led), everybody=models.Count("pk"))
        return counts["led"] * 50 > counts["everybody"]

    @property
    def owns_policies(self) -> bool:
        """May change tier policies and other company-wide rules."""
        return self.sees_everything


class LeaveKind(models.TextChoices):
    ANNUAL = "annual", _("Annual leave")
    SICK = "sick", _("Sick leave")
    TRAINING = "training", _("Training")
    OTHER = "other", _("Other absence")


class Leave(Timestamped):
    """Days on which a user is away, first and last included: no visits are planned on them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="leaves", verbose_name=_("user"))
    from_date = models.DateField(_("from"))
    until_date = models.DateField(_("until"))
    kind = models.CharField(_("kind"), max_length=10, choices=LeaveKind, default=LeaveKind.ANNUAL)
    note = models.CharField(_("note"), max_length=200, blank=True)
    delegate = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stands_in_for",
        verbose_name=_("stand-in"),
        help_text=_("Decides approvals in your place during these days."),
    )

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        ordering = ["-from_date", "-pk"]
        indexes = [models.Index(fields=["user", "until_date"], name="users_leave_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_date__gte=models.F("from_date")),
                name="users_leave_in_order",
                violation_error_message=_("The last day is before the first."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.from_date:%Y-%m-%d} – {self.until_date:%Y-%m-%d}"
