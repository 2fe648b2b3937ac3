"""The closed lists about contacts, in the field's words."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DecisionRole(models.TextChoices):
    ECONOMIC_BUYER = "economic_buyer", _("Economic buyer")
    DECISION_MAKER = "decision_maker", _("Decision maker")
    INFLUENCER = "influencer", _("Influencer")
    CHAMPION = "champion", _("Champion")
    USER = "user", pgettext_lazy("decision role", "User")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")
    BLOCKER = "blocker", _("Blocker")


DECIDERS = (DecisionRole.ECONOMIC_BUYER, DecisionRole.DECISION_MAKER)


class Attitude(models.TextChoices):
    MENTOR = "mentor", _("Mentor")
    SUPPORTER = "supporter", _("Supporter")
    NEUTRAL = "neutral", _("Neutral")
    CRITIC = "critic", _("Critic")
    OPPONENT = "opponent", _("Opponent")


class Influence(models.IntegerChoices):
    LOW = 1, pgettext_lazy("influence", "Low")
    MEDIUM = 2, pgettext_lazy("influence", "Medium")
    HIGH = 3, pgettext_lazy("influence", "High")


class Seniority(models.IntegerChoices):
    """How high in the customer's house; the contact policy may ask for a minimum."""

    UNKNOWN = 0, pgettext_lazy("seniority", "Unknown")
    STAFF = 1, pgettext_lazy("seniority", "Staff")
    MANAGER = 2, pgettext_lazy("seniority", "Department head")
    DIRECTOR = 3, pgettext_lazy("seniority", "Director")
    EXECUTIVE = 4, pgettext_lazy("seniority", "Top management")


class Closeness(models.IntegerChoices):
    """The ladder of a relationship between one of us and one of them."""

    UNKNOWN = 0, pgettext_lazy("closeness", "Unknown")
    VENDOR = 1, _("One vendor of many")
    CREDIBLE_SOURCE = 2, _("Credible source")
    PROBLEM_SOLVER = 3, _("Problem solver")
    TRUSTED_ADVISOR = 4, _("Trusted advisor")


class LinkKind(models.TextChoices):
    INFLUENCE = "influence", pgettext_lazy("line of the map", "Influence")
    CONFLICT = "conflict", pgettext_lazy("line of the map", "Conflict")


class Channel(models.TextChoices):
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    WECHAT = "wechat", _("WeChat")
    VISIT = "visit", _("Visit")


class BirthdayCalendar(models.TextChoices):
    SOLAR = "solar", _("Solar calendar")
    LUNAR = "lunar", _("Lunar calendar")


class Consent(models.TextChoices):
    """May we keep and use the personal data?"""

    UNKNOWN = "unknown", _("Not asked")
    GIVEN = "given", _("Given")
    WITHDRAWN = "withdrawn", _("Withdrawn")
