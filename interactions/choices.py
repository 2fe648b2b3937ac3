"""The closed lists about interactions and visits, in the field's words."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    VISIT = "visit", _("Visit")
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    EMAIL = "email", _("E-mail")
    WECHAT = "wechat", _("WeChat message")
    GIFT = "gift", _("Gift")
    TRAINING = "training", _("Training")
    LIAISON_MEETING = "liaison", _("Liaison meeting")
    NOTE = "note", _("Note")


# What can count as a contact with the customer: a note is only for us.
CHANNELS = [kind for kind in Kind if kind != Kind.NOTE]


class Direction(models.TextChoices):
    """Who began it."""

    OUTBOUND = "out", _("From us")
    INBOUND = "in", _("From the customer")


class Outcome(models.TextChoices):
    GOOD = "good", pgettext_lazy("outcome", "Good")
    NEUTRAL = "neutral", pgettext_lazy("outcome", "Neutral")
    BAD = "bad", pgettext_lazy("outcome", "Bad")
    NOT_REACHED = "not_reached", _("Not reached")


class Mood(models.IntegerChoices):
    """How the customer's people felt, as we saw it."""

    VERY_BAD = 1, pgettext_lazy("mood", "Very bad")
    BAD = 2, pgettext_lazy("mood", "Bad")
    NEUTRAL = 3, pgettext_lazy("mood", "Neutral")
    GOOD = 4, pgettext_lazy("mood", "Good")
    VERY_GOOD = 5, pgettext_lazy("mood", "Very good")


class StepKind(models.TextChoices):
    """A promise was given to the customer; a next step is our own."""

    PROMISE = "promise", _("Promise")
    NEXT_STEP = "next_step", _("Next step")


class StepStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("of a next step", "Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class VisitStatus(models.TextChoices):
    PLANNED = "planned", _("Planned")
    DONE = "done", _("Done")
    MISSED = "missed", _("Missed")
    CANCELLED = "cancelled", _("Cancelled")


class VisitSource(models.TextChoices):
    POLICY = "policy", _("Contact policy")
    MANUAL = "manual", _("By hand")


class Duty(models.TextChoices):
    """Who of us is to go."""

    MANAGER = "manager", _("Account manager")
    SPONSOR = "sponsor", _("Executive sponsor")


class PolicyStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_FORCE = "in_force", pgettext_lazy("policy", "In force")
    SUPERSEDED = "superseded", _("Superseded")


class GapReason(models.TextChoices):
    """Why a visit that is due could not be planned."""

    OVER_CAPACITY = "over_capacity", _("Over capacity")
    NO_CAPACITY = "no_capacity", _("Capacity of zero")
    NO_WORKING_DAY = "no_working_day", _("No working day in reach")
    ON_LEAVE = "on_leave", _("On leave")
    NOBODY = "nobody", _("Nobody responsible")
    INACTIVE = "inactive", _("The person is deactivated")


class Weekday(models.IntegerChoices):
    """As date.weekday() counts."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class GreetingStatus(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    SENT = "sent", pgettext_lazy("greeting", "Sent")
    SKIPPED = "skipped", _("Skipped")


class Occasion(models.TextChoices):
    """What one greets for; the day of each in a year is in `interactions/occasions.py`."""

    BIRTHDAY = "birthday", _("Birthday")
    NEW_YEAR = "new_year", _("New Year")
    SPRING_FESTIVAL = "spring_festival", _("Spring Festival")
    LANTERN_FESTIVAL = "lantern_festival", _("Lantern Festival")
    DRAGON_BOAT = "dragon_boat", _("Dragon Boat Festival")
    MID_AUTUMN = "mid_autumn", _("Mid-Autumn Festival")
    NATIONAL_DAY = "national_day", _("National Day of China")
    CHRISTMAS = "christmas", _("Christmas")


HOLIDAYS = [occasion for occasion in Occasion if occasion != Occasion.BIRTHDAY]
