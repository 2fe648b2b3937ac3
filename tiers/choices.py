"""The closed lists of tier policies, runs and proposals."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# Best first. "" is an account without a tier, below all of them.
TIERS = ("A", "B", "C")


# How addresses, forms and filters write a tier that is none, and the group of accounts that stay.
NO_TIER = "none"
UNCHANGED = "unchanged"


def tier_name(tier: str) -> str:
    """A tier as filters and addresses write it: `none` for no tier."""
    return tier or NO_TIER


def tier_value(name: str) -> str:
    """The tier that `tier_name` wrote."""
    return "" if name == NO_TIER else name


class Method(models.TextChoices):
    PARETO = "pareto", _("Pareto")
    THRESHOLD = "threshold", _("Threshold")
    SCORECARD = "scorecard", _("Scorecard")


class Measure(models.TextChoices):
    """What the threshold method compares with its bounds."""

    TOTAL = "total", _("Revenue of all months together")
    EVERY_MONTH = "every_month", _("Revenue of every single month")


class Combine(models.TextChoices):
    """When a downgrade passes, where both the runs in a row and the margin are set."""

    ANY = "any", _("Either is enough")
    ALL = "all", _("Both are needed")


class Schedule(models.TextChoices):
    MANUAL = "manual", _("By hand only")
    MONTHLY = "monthly", _("Every month")
    QUARTERLY = "quarterly", _("Every quarter")
    HALF_YEARLY = "half_yearly", _("Every half-year")


class Criterion(models.TextChoices):
    """What a scorecard weighs, each with the unit of its points."""

    REVENUE = "revenue", _("Revenue")
    GROWTH = "growth", _("Growth")
    MARGIN = "margin", _("Margin")
    POTENTIAL = "potential", _("Potential")
    WALLET_SHARE = "wallet_share", _("Wallet share")
    PAYMENT_BEHAVIOUR = "payment_behaviour", _("Payment behaviour")
    TENURE = "tenure", _("Tenure")
    STRATEGIC_FIT = "strategic_fit", _("Strategic fit")


class State(models.TextChoices):
    """What has become of a proposal. Only a pending one can be decided."""

    NO_CHANGE = "no_change", _("No change")
    PENDING = "pending", _("To decide")
    APPROVED = "approved", _("Approved")
    ADJUSTED = "adjusted", _("Adjusted")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded")


class Hold(models.TextChoices):
    """Why the proposed tier is not simply the one that the numbers give."""

    NONE = "", _("Nothing held back")
    OVERRIDE = "override", _("Manual override")
    RUNS = "runs", _("Not enough runs in a row")
    MARGIN = "margin", _("Within the margin")
    RUNS_AND_MARGIN = "runs_margin", _("Not enough runs in a row, within the margin")
    NO_DATA = "no_data", _("No data")


class BulkAction(models.TextChoices):
    APPROVE = "approve", _("Approve")
    REJECT = "reject", _("Reject")


class RunStatus(models.TextChoices):
    OPEN = "open", _("Decisions open")
    DECIDED = "decided", _("Decided")
