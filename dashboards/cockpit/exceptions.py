"""Where somebody has to step in first: the accounts with the most value at risk where something is wrong, why, and what
to do next."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Gap
from accounts.models import Account
from accounts.querysets import contact_conditions, gap_conditions
from contracts.choices import RenewalOutcome
from contracts.models import Instalment, Renewal
from core.agenda import link
from dashboards.cockpit.scope import ACCOUNTS, Scope
from health.choices import Severity
from health.models import Alert
from surveys.models import FollowUp

MOST = 10
LOOKED_AT_FIRST = 200
AHEAD = dt.timedelta(days=90)
LONG_OVERDUE = dt.timedelta(days=30)
VALUE = "health__value_at_risk_amount"


class Reason(NamedTuple):
    """Why, in words, and the next step: what it is called and where."""

    text: str
    step: str
    url: str


@dataclass
class Danger:
    """An account with what is wrong there, the most pressing first."""

    account: Account
    reasons: list[Reason] = field(default_factory=list)

    @property
    def value(self) -> Decimal | None:
        found = getattr(self.account, "health", None)
        return found.value_at_risk_amount if found else None

    @property
    def step(self) -> Reason:
        return self.reasons[0]


def exceptions(scope: Scope) -> list[Danger]:
    """At most ten, the most value at risk first; then, without such a value, the largest revenue."""
    accounts = _wrong(scope)
    ranked = accounts.filter(**{f"{VALUE}__gt": 0}).order_by(f"-{VALUE}", "-pk")
    # Something is wrong at many accounts with much at risk: it is looked for there before it is looked for everywhere.
    valued = ACCOUNTS.of(scope).filter(**{f"{VALUE}__gt": 0}).order_by(f"-{VALUE}", "-pk")
    first = list(valued.values_list("pk", flat=True)[:LOOKED_AT_FIRST])
    found = list(ranked.filter(pk__in=first)[:MOST])
    if len(found) < MOST and len(first) == LOOKED_AT_FIRST:
        found = list(ranked[:MOST])
    if len(found) < MOST:
        rest = accounts.filter(Q(**{f"{VALUE}__isnull": True}) | Q(**{f"{VALUE}__lte": 0}))
        found += rest.order_by("-summary__revenue_12m_amount", "-pk")[: MOST - len(found)]
    return _explained(scope, found)


def _wrong(scope: Scope) -> QuerySet[Any]:
    """Accounts where at least one thing is wrong, with what `_explained` reads."""
    conditions = {
        "overdue_contact": contact_conditions(scope.today)["overdue"] & Q(tier__in=["A", "B"]),
        **{f"gap_{gap}": condition for gap, condition in gap_conditions(scope.today).items()},
    }
    own = {"account": OuterRef("pk")}
    wrong: Any = Q(summary__open_alerts__gt=0) & Exists(_alerts(scope).filter(**own))
    wrong |= Exists(_renewals(scope).filter(contract__account=OuterRef("pk")))
    wrong |= Exists(_instalments(scope).filter(contract__account=OuterRef("pk")))
    wrong |= Exists(_follow_ups(scope).filter(**own))
    for condition in conditions.values():
        wrong |= condition
    flags = {name: Case(When(condition, then=Value(1)), default=Value(0)) for name, condition in conditions.items()}
    rows = ACCOUNTS.of(scope).filter(wrong).select_related("summary", "manager", "health")
    return rows.annotate(**flags).defer("health__parts", "health__missing", "health__reasons")


def _alerts(scope: Scope) -> QuerySet[Any]:
    return Alert.objects.visible_to(scope.viewer).order_by().active().filter(severity__gte=Severity.HIGH)


def _renewals(scope: Scope) -> QuerySet[Any]:
    """Open renewals of the next 90 days that nobody acted on."""
    rows = Renewal.objects.visible_to(scope.viewer).order_by().filter(outcome=RenewalOutcome.OPEN)
    return rows.filter(acted_at__isnull=True, term_end__range=(scope.today, scope.today + AHEAD))


def _instalments(scope: Scope) -> QuerySet[Any]:
    """Instalments that are overdue for more than 30 days."""
    return Instalment.objects.visible_to(scope.viewer).order_by().overdue(scope.today - LONG_OVERDUE)


def _follow_ups(scope: Scope) -> QuerySet[Any]:
    return FollowUp.objects.visible_to(scope.viewer).order_by().late(scope.now)


def _explained(scope: Scope, accounts: list[Account]) -> list[Danger]:
    """Why each of them is there; four statements more."""
    keys = [account.pk for account in accounts]
    reasons: dict[int, list[Reason]] = defaultdict(list)
    for found in (_of_alerts(scope, keys), _of_renewals(scope, keys), _of_money(scope, keys), _of_loops(scope, keys)):
        for pk, reason in found:
            reasons[pk].append(reason)
    return [Danger(account, [*reasons[account.pk], *_of_account(scope, account)]) for account in accounts]


def _of_alerts(scope: Scope, keys: list[int]) -> Iterable[tuple[int, Reason]]:
    """The worst alert of each account."""
    rows = (
        _alerts(scope)
        .filter(account__in=keys)
        .only("account_id", "reason", "severity", "due_at")
        .order_by("account", "-severity", "-rank", "-pk")
    )
    seen: set[int] = set()
    for alert in rows:
        if alert.account_id in seen:
            continue
        seen.add(alert.account_id)
        text = _("Alert: %(reason)s (%(severity)s)") % {
            "reason": alert.get_reason_display(), "severity": alert.get_severity_display(),
        }  # fmt: skip
        yield alert.account_id, Reason(text, _("Handle alert"), link("health:alert_detail", alert.pk))


def _of_renewals(scope: Scope, keys: list[int]) -> Iterable[tuple[int, Reason]]:
    rows = _renewals(scope).filter(contract__account__in=keys).order_by("term_end", "pk")
    for pk, account, end in rows.values_list("pk", "contract__account", "term_end"):
        days = (end - scope.today).days
        text = ngettext(
            "Renewal in %(days)s day, nobody acted yet", "Renewal in %(days)s days, nobody acted yet", days
        ) % {"days": days}
        yield account, Reason(text, _("Renew"), link("contracts:renewal_detail", pk))


def _of_money(scope: Scope, keys: list[int]) -> Iterable[tuple[int, Reason]]:
    """The oldest overdue instalment of each account."""
    rows = _instalments(scope).filter(contract__account__in=keys).order_by("due_date", "pk")
    seen: set[int] = set()
    for contract, account, due in rows.values_list("contract", "contract__account", "due_date"):
        if account in seen:
            continue
        seen.add(account)
        days = (scope.today - due).days
        text = ngettext("Payment overdue for %(days)s day", "Payment overdue for %(days)s days", days)
        yield account, Reason(text % {"days": days}, _("Open contract"), link("contracts:contract_detail", contract))


def _of_loops(scope: Scope, keys: list[int]) -> Iterable[tuple[int, Reason]]:
    rows = _follow_ups(scope).filter(account__in=keys).order_by("due_at", "pk")
    seen: set[int] = set()
    for pk, account in rows.values_list("pk", "account"):
        if account not in seen:
            seen.add(account)
            yield account, Reason(_("Follow-up overdue"), _("Follow up"), link("surveys:follow_up_detail", pk))


def _of_account(scope: Scope, account: Any) -> list[Reason]:
    """What the account itself lacks: contact, somebody responsible."""
    found = []
    if account.overdue_contact:
        days = (scope.today - account.summary.contact_due_date).days
        text = ngettext("Contact overdue for %(days)s day", "Contact overdue for %(days)s days", days)
        url = f"{link('interactions:visit_create')}?account={account.pk}"
        found.append(Reason(text % {"days": days}, _("Plan a visit"), url))
    words = {
        Gap.NO_MANAGER: (_("No account manager"), _("Assign a manager"), "accounts:account_assign"),
        Gap.MANAGER_LEFT: (_("Account manager deactivated"), _("Assign a manager"), "accounts:account_assign"),
        Gap.NO_DEPUTY: (_("No deputy"), _("Name a deputy"), "accounts:account_team"),
        Gap.NO_SPONSOR: (_("No executive sponsor"), _("Name a sponsor"), "accounts:account_team"),
    }
    for gap, (text, step, route) in words.items():
        if getattr(account, f"gap_{gap}"):
            allowed = route if scope.viewer.leads else "accounts:account_team"
            found.append(Reason(text, step, link(allowed, account.pk)))
    return found
