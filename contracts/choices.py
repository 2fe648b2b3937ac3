"""The closed lists of contracts, in the field's words."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ContractKind(models.TextChoices):
    FRAMEWORK = "framework", _("Framework agreement")
    SUPPLY = "supply", _("Supply contract")
    SERVICE = "service", _("Service contract")


class Phase(models.TextChoices):
    """What people decided; stored. What the date makes of a signed contract is `State`."""

    DRAFT = "draft", pgettext_lazy("of a contract", "Draft")
    IN_APPROVAL = "in_approval", pgettext_lazy("of a contract", "In approval")
    APPROVED = "approved", pgettext_lazy("of a contract", "Approved, to be signed")
    SIGNED = "signed", pgettext_lazy("of a contract", "Signed")
    TERMINATED = "terminated", pgettext_lazy("of a contract", "Terminated")
    DISCARDED = "discarded", pgettext_lazy("of a contract", "Discarded")


class State(models.TextChoices):
    """The state on a day: a fact of the phase and the dates (contracts/states.py), never stored."""

    DRAFT = "draft", pgettext_lazy("of a contract", "Draft")
    IN_APPROVAL = "in_approval", pgettext_lazy("of a contract", "In approval")
    APPROVED = "approved", pgettext_lazy("of a contract", "Approved, to be signed")
    SIGNED = "signed", pgettext_lazy("of a contract", "Signed, not yet in force")
    IN_FORCE = "in_force", pgettext_lazy("of a contract", "In force")
    EXPIRING = "expiring", pgettext_lazy("of a contract", "Expiring")
    RENEWED = "renewed", pgettext_lazy("of a contract", "Renewed")
    EXPIRED = "expired", pgettext_lazy("of a contract", "Expired")
    TERMINATED = "terminated", pgettext_lazy("of a contract", "Terminated")
    DISCARDED = "discarded", pgettext_lazy("of a contract", "Discarded")


class VersionStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("of a contract version", "Draft")
    IN_APPROVAL = "in_approval", pgettext_lazy("of a contract version", "In approval")
    APPROVED = "approved", pgettext_lazy("of a contract version", "Approved, to be signed")
    SIGNED = "signed", pgettext_lazy("of a contract version", "Signed")
    DISCARDED = "discarded", pgettext_lazy("of a contract version", "Discarded")


class Side(models.TextChoices):
    OURS = "ours", pgettext_lazy("side of a contract", "Ours")
    CUSTOMER = "customer", pgettext_lazy("side of a contract", "The customer's")


class DueBy(models.TextChoices):
    DATE = "date", _("On a date")
    EVENT = "event", _("After an event")


class ReceiptKind(models.TextChoices):
    RECEIPT = "receipt", _("Receipt")
    REFUND = "refund", _("Refund")


class ReceiptMethod(models.TextChoices):
    TRANSFER = "transfer", _("Bank transfer")
    ACCEPTANCE = "acceptance", _("Bank acceptance bill")
    CHEQUE = "cheque", _("Cheque")
    CASH = "cash", _("Cash")
    OTHER = "other", pgettext_lazy("way of paying", "Other")


class MismatchRule(models.TextChoices):
    """What is done where the instalments do not sum to the contract's total."""

    WARN = "warn", _("Warn")
    REFUSE = "refuse", _("Refuse to submit")


class RenewalOutcome(models.TextChoices):
    OPEN = "open", pgettext_lazy("of a renewal", "Open")
    RENEWED = "renewed", pgettext_lazy("of a renewal", "Renewed")
    AUTO_RENEWED = "auto_renewed", _("Renewed by itself")
    LOST = "lost", pgettext_lazy("of a renewal", "Lost")


class DocumentKind(models.TextChoices):
    GENERATED = "generated", _("Generated")
    SIGNED_SCAN = "signed_scan", _("Signed scan")
    ATTACHMENT = "attachment", _("Attachment")
