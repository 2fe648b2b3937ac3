"""Kinds of notifications in groups that people choose by, and what they get where nobody has chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.choices import EMAIL, EmailMode
from users.models import Role


@dataclass(frozen=True)
class Group:
    """Some kinds, by a name that people understand; `email` is what everybody gets unless somebody decides else."""

    code: str
    label: str | Promise
    help: str | Promise
    email: EmailMode
    kinds: tuple[str, ...]
    urgent: bool = False
    """May come in quiet hours to those who allow it."""


_ALL = (
    Group(
        "escalations",
        _("Escalations"),
        _("Nobody has acted on an alert, a renewal or a follow-up in time."),
        EmailMode.NOW,
        ("alert_escalated", "alert_escalated_further", "renewal_escalated", "follow_up_escalated"),
        urgent=True,
    ),
    Group(
        "approvals",
        _("Approvals to give"),
        _("Somebody asks you to decide."),
        EmailMode.NOW,
        ("approval_asked", "approval_asked_for"),
    ),
    Group(
        "decisions",
        _("Decisions on your requests"),
        _("What you asked for was approved, sent back or taken back."),
        EmailMode.NOW,
        ("approval_approved", "approval_approved_now", "approval_sent_back", "approval_withdrawn"),
    ),
    Group(
        "mentions",
        _("Mentions and comments"),
        _("A colleague names you, or comments on what is yours."),
        EmailMode.NOW,
        ("mentioned", "approval_commented", "alert_commented"),
    ),
    Group(
        "alerts",
        _("Alerts"),
        _("An account is in danger, or an alert becomes yours."),
        EmailMode.DIGEST,
        ("alert_opened", "alerts_opened", "alert_woken", "alert_assigned", "alert_inherited"),
    ),
    Group(
        "playbooks",
        _("Playbooks"),
        _("A playbook or one of its tasks begins for you."),
        EmailMode.DIGEST,
        ("playbook_started", "playbook_task_given", "playbook_inherited"),
    ),
    Group(
        "feedback",
        _("Answers of customers"),
        _("A customer is not content, or would recommend us."),
        EmailMode.NOW,
        ("recovery_opened", "recovery_joined", "reference_opened", "reference_joined", "follow_up_inherited"),
    ),
    Group(
        "renewals",
        _("Renewals"),
        _("A contract is to be renewed, or has renewed itself."),
        EmailMode.DIGEST,
        ("renewal_opened", "renewal_alerted", "renewed_itself"),
    ),
    Group(
        "steps",
        pgettext_lazy("notifications", "Next steps"),
        _("Next steps and promises that colleagues give you, and what became of yours."),
        EmailMode.DIGEST,
        ("step_assigned", "promise_assigned", "step_done", "step_dropped"),
    ),
    Group(
        "scorecards",
        pgettext_lazy("notifications", "Scorecards"),
        _("Targets are set for you; your scorecard is commented on, signed or reopened."),
        EmailMode.DIGEST,
        ("scorecard_set", "scorecard_commented", "scorecard_signed", "scorecard_reopened"),
    ),
    Group(
        "visits",
        pgettext_lazy("notifications", "Visits"),
        _("Somebody else plans, moves or cancels a visit of yours."),
        EmailMode.DIGEST,
        ("visit_assigned", "visit_moved", "visit_cancelled"),
    ),
    Group(
        "system",
        _("Rules and system"),
        _("New rules are in force, an export or a report is ready or failed, a message could not be delivered."),
        EmailMode.NEVER,
        (
            "policy_activated",
            "export_ready",
            "export_failed",
            "report_ready",
            "report_failed",
            "report_mail_failed",
            "mail_refused",
            "robot_refused",
        ),
    ),
)
GROUPS = {group.code: group for group in _ALL}
_GROUP_OF = {kind: group for group in _ALL for kind in group.kinds}
LEADING = (Role.SUPERVISOR, Role.DIRECTOR)
"""Roles that can be told of what concerns the people below them."""
URGENT_KINDS = frozenset(kind for group in _ALL if group.urgent for kind in group.kinds)
REPEATS_WITHIN = dt.timedelta(minutes=10)
"""What repeats itself within this time is told together: the first at once, the rest when it is over."""
BELL_ONLY = frozenset({"mail_refused", "robot_refused"})
"""What tells of a channel that fails is not sent by a channel."""


@dataclass(frozen=True)
class Choice:
    """How somebody hears of one group besides the bell."""

    email: str
    robots: frozenset[str]
    copied: bool = False
    """For those who lead: also what concerns the people below them."""


def group_of(kind: str) -> Group:
    """The group of a kind; the last one for a kind that is in none."""
    return _GROUP_OF.get(kind, GROUPS["system"])


def thread_of(kind: str, params: dict[str, object], url: str) -> str:
    """What repeats have in common: the kind and the account, or the page where there is no account."""
    return f"{kind}:{params.get('account') or url}"


def built_in(group: Group, channels: Collection[str]) -> Choice:
    """Where nobody has decided: what comes at once by e-mail comes to one's robots too."""
    robots = [code for code in channels if code != EMAIL] if group.email == EmailMode.NOW else []
    return Choice(group.email, frozenset(robots))
