"""The closed lists of approvals."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Subject(models.TextChoices):
    """What is asked for; each has a handler that its app registers (registry.py)."""

    CONTRACT = "contract", _("Contract")
    AMENDMENT = "amendment", _("Amendment")
    TERMINATION = "termination", _("Termination of a contract")


class Approver(models.TextChoices):
    """Who a step asks, seen from the person who asks."""

    SUPERIOR = "superior", _("Superior")
    TEAM_HEAD = "team_head", _("Head of the team above")
    DIRECTOR = "director", _("Director")
    PERSON = "person", _("Named person")


class Mode(models.TextChoices):
    ONE = "one", _("One of them")
    ALL = "all", _("All of them")


class RequestStatus(models.TextChoices):
    PENDING = "pending", pgettext_lazy("of an approval", "In approval")
    APPROVED = "approved", pgettext_lazy("of an approval", "Approved")
    SENT_BACK = "sent_back", _("Sent back")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class StepStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("of an approval step", "Waiting")
    OPEN = "open", pgettext_lazy("of an approval step", "Open")
    APPROVED = "approved", pgettext_lazy("of an approval", "Approved")
    SENT_BACK = "sent_back", _("Sent back")
    CLOSED = "closed", pgettext_lazy("of an approval step", "Not needed any more")


# The letters that facts may name; "" is no tier. (The accounts, whose tiers these are, lie above.)
TIERS = ("A", "B", "C", "")
