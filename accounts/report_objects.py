"""What accounts can be reported on: accounts, tier changes, changes of managers, account teams."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import MemberRole, Right, Status, Tier, TierSource
from accounts.models import Account, AccountMember, ManagerAssignment, TierHistory
from accounts.report_columns import RESPONSIBILITY, account_columns, manager_columns, responsibility
from core.reporting import (
    Asked,
    Column,
    Kind,
    ReportObject,
    choice_of,
    days_since,
    in_reporting_currency,
    register,
    yes_if,
)

SILENCE = (
    ("0", _("Under 30 days")),
    ("30", _("30 to 59 days")),
    ("60", _("60 to 89 days")),
    ("90", _("90 days and more")),
    ("never", _("Never contacted")),
)


def _silence(asked: Asked) -> list[tuple[Q, str]]:
    """How long ago the last contact was."""

    def ago(days: int) -> Q:
        return Q(summary__last_contact_date__gt=asked.today - dt.timedelta(days=days))

    never = Q(summary__last_contact_date__isnull=True)
    return [(never, "never"), (ago(30), "0"), (ago(60), "30"), (ago(90), "60")]


def _covered(asked: Asked) -> Q:
    return Q(summary__contact_due_date__gte=asked.today, summary__last_contact_date__isnull=False)


def _movement(asked: Asked) -> list[tuple[Q, str]]:
    """Up, down or new; a change to no tier is a way down."""
    pairs = [(before, after) for before in ("A", "B", "C", "") for after in ("A", "B", "C", "") if before != after]
    rank = {"A": 0, "B": 1, "C": 2, "": 3}
    up = Q(pk__in=[])
    for before, after in pairs:
        if rank[after] < rank[before] and before:
            up |= Q(previous_tier=before, tier=after)
    return [(Q(previous_tier=F("tier")), "same"), (Q(previous_tier=""), "first"), (up, "up")]


MOVEMENTS = (("first", _("First tier")), ("up", _("Up")), ("down", _("Down")), ("same", _("Confirmed")))

_accounts = ReportObject(
    key="accounts",
    label=_("Accounts"),
    model=lambda: Account,
    rows=lambda asked: Account.objects.visible_to(asked.viewer, asked.today).order_by(),
    shown=("account", "tier", "manager", "revenue", "last_contact"),
    url="accounts:account_detail",
    columns=(
        *account_columns(""),
        Column("country", _("Country"), Kind.TEXT, "country"),
        Column("customer_since", _("Customer since"), Kind.DATE, "customer_since"),
        Column("created", _("Created"), Kind.DATE, "created_at", moment=True),
        Column("tier_since", _("Tier since"), Kind.DATE, "tier_since"),
        Column("employees", _("Employees"), Kind.NUMBER, "employees"),
        Column("revenue", _("Revenue, 12 months"), Kind.MONEY, "summary__revenue_12m_amount"),
        Column("revenue_before", _("Revenue, 12 months before"), Kind.MONEY, "summary__revenue_prior_12m_amount"),
        Column(
            "revenue_difference",
            _("Revenue, difference"),
            Kind.MONEY,
            value=lambda asked: F("summary__revenue_12m_amount") - F("summary__revenue_prior_12m_amount"),
        ),
        Column("revenue_change", _("Revenue, change"), Kind.NUMBER, ratio=("revenue", "revenue_before"), change=True),
        Column(
            "annual_purchase",
            _("Annual purchases"),
            Kind.MONEY,
            value=in_reporting_currency("annual_purchase_amount", "annual_purchase_currency"),
            raw="annual_purchase_amount",
        ),
        Column("wallet_share", _("Wallet share"), Kind.NUMBER, ratio=("revenue", "annual_purchase")),
        Column("last_order", _("Last order"), Kind.DATE, "summary__last_order_date"),
        Column("last_contact", _("Last contact"), Kind.DATE, "summary__last_contact_date"),
        Column(
            "days_silent",
            _("Days since the last contact"),
            Kind.NUMBER,
            value=days_since("summary__last_contact_date"),
            sums=("avg", "min", "max"),
        ),
        Column("silence", _("Without contact for"), Kind.CHOICE, value=choice_of(_silence, "90"), choices=SILENCE),
        Column("contact_due", _("Next contact due"), Kind.DATE, "summary__contact_due_date"),
        Column(
            "covered",
            _("Covered"),
            Kind.YESNO,
            value=yes_if(_covered, lambda asked: Q(summary__contact_due_date__isnull=False)),
        ),
        Column("next_visit", _("Next visit"), Kind.DATE, "summary__next_visit_date"),
        Column("next_renewal", _("Next renewal"), Kind.DATE, "summary__next_renewal_date"),
        Column("nps", _("NPS"), Kind.NUMBER, "summary__nps", sums=("avg", "min", "max")),
        Column("health_score", _("Health score"), Kind.NUMBER, "summary__health_score", sums=("avg", "min", "max")),
        Column("open_alerts", _("Open alerts"), Kind.NUMBER, "summary__open_alerts", sums=("sum", "max")),
        Column("converted", _("Became a customer"), Kind.YESNO, value=yes_if(lambda asked: ~Q(status=Status.PROSPECT))),
        Column(
            "responsibility",
            _("Gap in responsibility"),
            Kind.CHOICE,
            value=choice_of(responsibility, "none"),
            choices=RESPONSIBILITY,
        ),
    ),
)

_tier_changes = ReportObject(
    key="tier_changes",
    label=_("Tier changes"),
    model=lambda: TierHistory,
    rows=lambda asked: TierHistory.objects.visible_to(asked.viewer).order_by(),
    shown=("since", "account", "previous_tier", "new_tier", "movement", "origin", "manager"),
    url="accounts:account_detail",
    url_path="account_id",
    columns=(
        Column("since", _("Since"), Kind.DATE, "since"),
        Column("previous_tier", _("Previous tier"), Kind.CHOICE, "previous_tier", choices=Tier.choices),
        Column("new_tier", _("New tier"), Kind.CHOICE, "tier", choices=Tier.choices),
        Column("movement", _("Movement"), Kind.CHOICE, value=choice_of(_movement, "down"), choices=MOVEMENTS),
        Column("origin", _("Decided through"), Kind.CHOICE, "source", choices=TierSource.choices),
        Column("reason", _("Reason"), Kind.TEXT, "reason", groups=False),
        *account_columns(),
    ),
)


def _earlier(asked: Asked) -> Any:
    """Whether the account had another manager before this one. For assignments."""
    before = ManagerAssignment.objects.filter(account=OuterRef("account"), pk__lt=OuterRef("pk")).order_by()
    return Q(Exists(before))


_assignments = ReportObject(
    key="assignments",
    label=_("Changes of account managers"),
    model=lambda: ManagerAssignment,
    rows=lambda asked: ManagerAssignment.objects.visible_to(asked.viewer).order_by(),
    shown=("from", "account", "assigned", "until", "reason", "tier"),
    url="accounts:account_detail",
    url_path="account_id",
    columns=(
        Column("from", _("From"), Kind.DATE, "from_date"),
        Column("until", _("Until"), Kind.DATE, "until_date"),
        *manager_columns("manager", "assigned", _("Manager of the time")),
        Column("assigned_by", _("Assigned by"), Kind.RELATION, "assigned_by", url="users:user_detail"),
        Column("reason", _("Reason"), Kind.TEXT, "reason", groups=False),
        Column("handover", _("Handover from another manager"), Kind.YESNO, value=yes_if(_earlier)),
        *account_columns(),
    ),
)

_members = ReportObject(
    key="members",
    label=_("Account teams"),
    model=lambda: AccountMember,
    rows=lambda asked: AccountMember.objects.visible_to(asked.viewer).order_by(),
    shown=("account", "member", "role", "right", "expires"),
    url="accounts:account_detail",
    url_path="account_id",
    columns=(
        *manager_columns("user", "member", _("Team member")),
        Column("role", _("Role"), Kind.CHOICE, "role", choices=MemberRole.choices),
        Column("right", _("Right"), Kind.CHOICE, "right", choices=Right.choices),
        Column("expires", _("Expires on"), Kind.DATE, "expires_on"),
        *account_columns(),
    ),
)

register(_accounts, _tier_changes, _assignments, _members)
