"""A night's alerts: what the rules say about the scores, opened, updated, cleared; once, however often it runs.

In batches of accounts, each in a transaction that first locks their scores: two nights at once follow one another, and
one that is killed is done again without doing anything twice. What a rule raises is held back at first; then each
person's load is shared out (`alert_load`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from accounts.models import Account
from audit.services import entry, record_many
from health.choices import AlertOutcome, AlertStatus
from health.conditions import Facts, Fired, Rule, worst
from health.evidence import evidence_of, facts_of
from health.models import AccountHealth, Alert, HealthPolicy, HealthRun
from health.ranking import SHARES, rank, severity
from health.services.alert_load import share_load
from health.services.alert_owners import Responsible
from health.services.alert_rules import ensure_defaults, rules_in_force
from health.services.alert_summary import refresh_alert_summaries
from health.services.alert_withdrawing import withdraw_alerts, withdraw_ended
from health.services.policy import policy_now
from interactions.services.sets import update_rows
from users.leaders import Leaders

BATCH = 2000
SCORED = (
    "pk", "account__tier", "score", "probability", "drop_probability", "value_at_risk_amount", "currency", "parts",
)  # fmt: skip
LIVE = (
    "id", "severity", "rank", "probability", "value_at_risk_amount", "currency", "evidence_now", "seen_on",
    "cleared_on", "updated_at",
)  # fmt: skip
Key = tuple[int, str]
"""Account and reason: of each there is one unresolved alert at most."""


class Counts(NamedTuple):
    """What a night did: alerts opened for their owners, updated, held back at its end, withheld because the company's
    own orders are missing; cleared, withdrawn, kept quiet after a false alarm or an outcome."""

    opened: int = 0
    updated: int = 0
    held: int = 0
    withheld: int = 0
    cleared: int = 0
    withdrawn: int = 0
    quiet: int = 0


class Seen(NamedTuple):
    """A reason that holds for an account, with all that its alert says."""

    fired: Fired
    facts: Facts
    value_at_risk: Decimal | None
    currency: str
    parts: list[dict[str, Any]]


@dataclass
class Night:
    """What all batches of a night share."""

    run: HealthRun
    now: dt.datetime
    policy: HealthPolicy
    rules: list[Rule]
    bounds: list[float]
    leaders: Leaders
    done: Counter[str] = field(default_factory=Counter)

    @property
    def as_of(self) -> dt.date:
        return self.run.as_of

    @property
    def silent(self) -> set[str]:
        """Reasons about which nothing can be said, because the company's own orders are missing: by none of their
        rules that looks at anything else."""
        if self.run.gap_from is None:
            return set()
        return {rule.reason for rule in self.rules if rule.builds_on_orders}


def raise_alerts(run: HealthRun, now: dt.datetime) -> Counts:
    """Bring alerts up to the scores of the night `run`, and write down there what was done."""
    ensure_defaults()
    withdrawn = withdraw_ended(now)
    night = Night(run, now, policy_now(), rules_in_force(), _bounds(), Leaders())
    scored = AccountHealth.objects.filter(as_of=run.as_of).order_by("pk")
    last = 0
    while keys := list(scored.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            _look_at(keys, night)
        last = keys[-1]
    share_load(now, anew=True)
    refresh_alert_summaries()
    raised = Alert.objects.filter(opened_on=run.as_of)
    counts = Counts(
        opened=raised.exclude(status=AlertStatus.HELD).exclude(outcome=AlertOutcome.WITHDRAWN).count(),
        updated=Alert.objects.unresolved().filter(seen_on=run.as_of, opened_on__lt=run.as_of).count(),
        held=Alert.objects.held().count(),
        withheld=night.done["withheld"],
        cleared=night.done["cleared"],
        withdrawn=withdrawn + night.done["withdrawn"],
        quiet=night.done["quiet"],
    )
    for name in ("opened", "updated", "held", "withheld"):
        setattr(run, name, getattr(counts, name))
    run.save(update_fields=["opened", "updated", "held", "withheld", "updated_at"])
    return counts


def _bounds() -> list[float]:
    """From how much at risk on something is medium, high, critical in this company, by the scores as they are."""
    rows = AccountHealth.objects.filter(value_at_risk_amount__gt=0).order_by("-value_at_risk_amount", "-pk")
    count = rows.count()
    amounts = rows.values_list("value_at_risk_amount", flat=True)
    return [float(amounts[int(count * share)] or 0) for share in SHARES] if count else []


def _look_at(keys: list[int], night: Night) -> None:
    """One batch of accounts."""
    seen, withheld = _seen(keys, night)
    known = {
        (alert.account_id, alert.reason): alert
        for alert in Alert.objects.unresolved().filter(account__in=keys).order_by("pk").select_for_update()
    }
    over = [alert for key, alert in known.items() if key not in seen and not _unknowable(key, night, withheld)]
    _update([(known[key], seen[key]) for key in seen if key in known], night)
    _clear(over, night)
    fresh = {key: found for key, found in seen.items() if key not in known}
    quiet = _quiet(keys, seen, night, withheld) & set(fresh)
    night.done["quiet"] += len(quiet)
    night.done["withheld"] += len([key for key in withheld if key not in known])
    _raise({key: found for key, found in fresh.items() if key not in quiet}, night)


def _seen(keys: list[int], night: Night) -> tuple[dict[Key, Seen], set[Key]]:
    """Which reasons hold for the accounts by the scores; and those that would, did they not build on missing orders."""
    seen: dict[Key, Seen] = {}
    withheld: set[Key] = set()
    rows = AccountHealth.objects.filter(pk__in=keys, as_of=night.as_of).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    in_gap = night.run.gap_from is not None
    for pk, tier, score, probability, drop, at_risk, currency, parts in rows.values_list(*SCORED).iterator(BATCH):
        facts = facts_of(tier, score, probability, drop, at_risk, parts)
        sound = [rule for rule in night.rules if not (in_gap and rule.builds_on_orders)]
        for reason, fired in worst(sound, facts).items():
            seen[pk, reason] = Seen(fired, facts, at_risk, currency, parts)
        if in_gap:
            withheld |= {(pk, reason) for reason in worst(night.rules, facts) if (pk, reason) not in seen}
    return seen, withheld


def _unknowable(key: Key, night: Night, withheld: set[Key]) -> bool:
    """Nothing can be said tonight: neither that the reason holds, nor that it is gone."""
    return key in withheld or key[1] in night.silent


def _update(pairs: list[tuple[Alert, Seen]], night: Night) -> None:
    """Alerts whose reason still holds: what is seen now. What they opened with stays."""
    pairs = [(alert, found) for alert, found in pairs if alert.seen_on <= night.as_of]  # not a clock set back
    again = [alert for alert, _found in pairs if alert.cleared_on is not None]
    record_many(
        entry("alert.fired_again", alert, actor=None, changes={"cleared_on": (alert.cleared_on, None)})
        for alert in _with_accounts(again)
    )
    rows = []
    for alert, found in pairs:
        strength, at_risk = found.fired.strength, found.facts.value_at_risk
        evidence = evidence_of(found.facts, found.value_at_risk, found.parts, found.fired)
        if (alert.seen_on, alert.cleared_on, alert.evidence_now) == (night.as_of, None, evidence):
            continue
        level = severity(at_risk, found.facts.probability, strength, night.bounds)
        rows.append(
            (alert.pk, level.value, rank(at_risk, strength), found.facts.probability, found.value_at_risk,
             found.currency, evidence, night.as_of, None, night.now)
        )  # fmt: skip
    update_rows(Alert, LIVE, rows)


def _clear(alerts: list[Alert], night: Night) -> None:
    """Their reason is gone: said of those that somebody has; what nobody ever saw is withdrawn."""
    unseen = [alert for alert in alerts if alert.status == AlertStatus.HELD]
    gone = [alert for alert in alerts if alert.status != AlertStatus.HELD and alert.cleared_on is None]
    night.done["withdrawn"] += withdraw_alerts([alert.pk for alert in unseen], night.now)
    night.done["cleared"] += len(gone)
    Alert.objects.filter(pk__in=[alert.pk for alert in gone]).update(cleared_on=night.as_of, updated_at=night.now)
    record_many(
        entry("alert.cleared", alert, actor=None, changes={"cleared_on": (None, night.as_of)})
        for alert in _with_accounts(gone)
    )


def _quiet(keys: list[int], seen: dict[Key, Seen], night: Night, withheld: set[Key]) -> set[Key]:
    """Reasons that are settled already: a false alarm for the policy's days, what was lost until the reason was gone
    once, what was saved until then or for as many days. Notes on the way which reasons are gone."""
    since = night.now - dt.timedelta(days=night.policy.quiet_days)
    telling = Q(cleared_on__isnull=True) | Q(outcome=AlertOutcome.FALSE_ALARM, resolved_at__gt=since)
    rows = Alert.objects.filter(telling, account__in=keys, status=AlertStatus.RESOLVED).order_by("pk")
    settled: set[Key] = set()
    gone: list[int] = []
    names = ("pk", "account", "reason", "outcome", "resolved_at", "cleared_on")
    for pk, account_id, reason, outcome, resolved_at, cleared_on in rows.values_list(*names):
        key = (account_id, reason)
        if key not in seen:
            if cleared_on is None and not _unknowable(key, night, withheld):
                gone.append(pk)
            continue
        recent = resolved_at > since
        if outcome == AlertOutcome.FALSE_ALARM and recent:
            settled.add(key)
        if cleared_on is None and (outcome == AlertOutcome.LOST or (outcome == AlertOutcome.SAVED and recent)):
            settled.add(key)
    Alert.objects.filter(pk__in=gone).update(cleared_on=night.as_of)
    return settled


def _raise(fresh: dict[Key, Seen], night: Night) -> None:
    """New alerts, held back until the load is shared out."""
    if not fresh:
        return
    wanted = {account_id for account_id, _reason in fresh}
    accounts = Account.objects.select_related("manager__team").in_bulk(wanted)
    owners = Responsible(accounts.values(), night.leaders)
    alerts = []
    for (account_id, reason), found in fresh.items():
        account, strength, at_risk = accounts[account_id], found.fired.strength, found.facts.value_at_risk
        evidence = evidence_of(found.facts, found.value_at_risk, found.parts, found.fired)
        alerts.append(
            Alert(
                account=account, rule_id=found.fired.rule, reason=reason, status=AlertStatus.HELD,
                severity=severity(at_risk, found.facts.probability, strength, night.bounds),
                rank=rank(at_risk, strength), owner=owners.of(account), assigned_at=night.now,
                opened_on=night.as_of, opened_at=night.now, probability=found.facts.probability,
                value_at_risk_amount=found.value_at_risk, currency=found.currency, evidence=evidence,
                evidence_now=evidence, seen_on=night.as_of,
            )
        )  # fmt: skip
    Alert.objects.bulk_create(alerts, batch_size=1000)
    record_many(
        entry("alert.raised", alert, actor=None, changes={"severity": (None, int(alert.severity))}) for alert in alerts
    )


def _with_accounts(alerts: list[Alert]) -> list[Alert]:
    """The same alerts with their accounts, which the history names."""
    accounts = Account.objects.in_bulk({alert.account_id for alert in alerts}) if alerts else {}
    for alert in alerts:
        alert.account = accounts[alert.account_id]
    return alerts
