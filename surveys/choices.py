"""The closed lists of surveys, in the field's words."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class QuestionKind(models.TextChoices):
    """NPS 0..10, CSAT 1..5, CES 1..7; the others are what the question says."""

    NPS = "nps", _("NPS: would you recommend us (0 to 10)")
    CSAT = "csat", _("CSAT: how satisfied are you (1 to 5)")
    CES = "ces", _("CES: how easy was it (1 to 7)")
    MATRIX = "matrix", _("Rating matrix (1 to 5 for each row)")
    SINGLE = "single", _("Single choice")
    MULTIPLE = "multiple", _("Multiple choice")
    RANKING = "ranking", _("Ranking")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    TEXT = "text", _("Text")


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", pgettext_lazy("of a questionnaire", "Published")


class CampaignStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RUNNING = "running", pgettext_lazy("of a campaign", "Running")
    PAUSED = "paused", pgettext_lazy("of a campaign", "Paused")
    ENDED = "ended", pgettext_lazy("of a campaign", "Ended")


class Timing(models.TextChoices):
    """When a campaign asks: all at once, again and again by the tier, or some days after something happened."""

    ONCE = "once", pgettext_lazy("of a campaign", "Once")
    RECURRING = "recurring", _("Recurring by tier")
    EVENT = "event", _("After an event")


class Event(models.TextChoices):
    """What a campaign may follow. `case_closed` comes from the ticket system over the API."""

    VISIT_DONE = "visit_done", _("Visit done")
    CONTRACT_SIGNED = "contract_signed", pgettext_lazy("event", "Contract signed")
    ORDER_DELIVERED = "order_delivered", _("Order delivered")
    CASE_CLOSED = "case_closed", _("Case closed (reported over the API)")


class Channel(models.TextChoices):
    """How the invitation reaches the contact."""

    EMAIL = "email", _("E-mail")
    LINK = "link", _("Link or QR code, handed over by the account manager")


class InvitationStatus(models.TextChoices):
    """Only forward. `withdrawn`: the contact left, opted out or the account ended before the answer."""

    WAITING = "waiting", pgettext_lazy("of an invitation", "Waiting")
    SENT = "sent", pgettext_lazy("of an invitation", "Sent")
    OPENED = "opened", pgettext_lazy("of an invitation", "Opened")
    STARTED = "started", pgettext_lazy("of an invitation", "Started")
    ANSWERED = "answered", pgettext_lazy("of an invitation", "Answered")
    BOUNCED = "bounced", pgettext_lazy("of an invitation", "Bounced")
    EXPIRED = "expired", pgettext_lazy("of an invitation", "Expired")
    WITHDRAWN = "withdrawn", pgettext_lazy("of an invitation", "Withdrawn")


# In which the link still takes an answer.
OPEN_INVITATIONS = (
    InvitationStatus.WAITING,
    InvitationStatus.SENT,
    InvitationStatus.OPENED,
    InvitationStatus.STARTED,
)


class MailKind(models.TextChoices):
    INVITATION = "invitation", _("Invitation")
    REMINDER = "reminder", _("Reminder")


class MailStatus(models.TextChoices):
    """`sending` is set just before the mail server is called, `sent` right after it took the mail; what stays in
    `sending` because the worker died becomes `uncertain`: shown, and sent again by a person only."""

    WAITING = "waiting", pgettext_lazy("of a mail", "Waiting")
    SENDING = "sending", pgettext_lazy("of a mail", "Sending")
    SENT = "sent", pgettext_lazy("of a mail", "Sent")
    DELIVERED = "delivered", pgettext_lazy("of a mail", "Delivered")
    BOUNCED = "bounced", pgettext_lazy("of a mail", "Bounced")
    UNCERTAIN = "uncertain", _("Not known whether it was sent")
    DROPPED = "dropped", pgettext_lazy("of a mail", "Not sent: no longer wanted")


class ResponseSource(models.TextChoices):
    LINK = "link", _("The contact's own link")
    PHONE = "phone", _("Entered by staff: by phone")
    PAPER = "paper", _("Entered by staff: on paper")
    API = "api", _("API")
    IMPORT = "import", pgettext_lazy("source", "Import")


# Given with the token of a link, on our page or on a form elsewhere: it can be changed for a day.
BY_TOKEN = (ResponseSource.LINK, ResponseSource.API)


class ResponseStatus(models.TextChoices):
    PARTIAL = "partial", pgettext_lazy("of an answer", "Begun")
    COMPLETE = "complete", pgettext_lazy("of an answer", "Complete")


class Cut(models.TextChoices):
    """What results are cut by; `all` is not cut."""

    ALL = "all", pgettext_lazy("results", "All")
    TIER = "tier", _("Tier")
    TEAM = "team", _("Team")
    MANAGER = "manager", _("Account manager")
    REGION = "region", _("Region")
    PRODUCT_LINE = "product_line", _("Product line")


class FollowUpKind(models.TextChoices):
    """`recovery`: somebody is unhappy. `reference`: a promoter may be asked for a reference."""

    RECOVERY = "recovery", pgettext_lazy("follow-up", "Win back satisfaction")
    REFERENCE = "reference", pgettext_lazy("follow-up", "Ask for a reference")


class FollowUpStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("of a follow-up", "Open")
    CONTACTED = "contacted", pgettext_lazy("of a follow-up", "Customer contacted")
    CLOSED = "closed", pgettext_lazy("of a follow-up", "Closed")


class Cause(models.TextChoices):
    """Why the customer was unhappy."""

    QUALITY = "quality", _("Product quality")
    DELIVERY = "delivery", _("Delivery")
    SERVICE = "service", pgettext_lazy("cause", "Service")
    PRICE = "price", pgettext_lazy("cause", "Price")
    COMMUNICATION = "communication", _("Communication")
    PEOPLE = "people", _("Our people")
    MISUNDERSTANDING = "misunderstanding", _("Misunderstanding")
    OTHER = "other", pgettext_lazy("cause", "Other")


class FollowUpOutcome(models.TextChoices):
    SOLVED = "solved", _("Solved, the customer is content")
    IMPROVED = "improved", _("Improved, not content yet")
    NOT_SOLVED = "not_solved", _("Not solved")
    NO_ISSUE = "no_issue", _("There was no issue")
    REFERENCE_GIVEN = "reference_given", _("Reference given")
    REFERENCE_REFUSED = "reference_refused", _("No reference")


class NotAsked(models.TextChoices):
    """Why a contact is not asked: the first that holds counts, in this order."""

    TERMINATED = "terminated", _("The account is terminated")
    ERASED = "erased", _("The person was erased on request")
    LEFT = "left", _("The person has left")
    CONSENT = "consent", _("Consent was withdrawn")
    OPTED_OUT = "opted_out", _("Wants no surveys")
    NO_EMAILS = "no_emails", _("Wants no e-mails")
    NO_ADDRESS = "no_address", _("No e-mail address")
    ASKED = "asked", _("Asked by this campaign already")
    TIER = "tier", _("This tier is not asked")
    NO_EVENT = "no_event", _("Nothing has happened yet to ask about")
    RECENTLY = "recently", _("Asked a short time ago")
    SAME_PERSON = "same_person", _("Is asked already at another account, or under the same address")
    NO_CONTACT = "no_contact", _("The account has no such contact")


class ImportState(models.TextChoices):
    """Of a file of earlier results: its rows were looked at, it waits, it is written, it is there."""

    CHECKED = "checked", pgettext_lazy("of an import", "Checked, nothing written")
    QUEUED = "queued", pgettext_lazy("of an import", "Waiting")
    RUNNING = "running", pgettext_lazy("of an import", "Running")
    DONE = "done", pgettext_lazy("of an import", "Done")
    FAILED = "failed", pgettext_lazy("of an import", "Failed")
