"""Open renewals watched: settled by what happened, acted on, escalated, alerts; in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from audit.services import entry, record_many
from contracts.choices import Phase, RenewalOutcome
from contracts.models import Renewal
from contracts.renewal_rules import Watch
from contracts.services.audience import Audience
from contracts.services.renewal_opening import note_of
from contracts.services.renewal_terms import batches
from interactions.choices import StepStatus
from interactions.services import close_steps
from interactions.services.sets import update_rows
from notifications.services import notify_many
from users.models import User

SIGNED = [Phase.SIGNED, Phase.TERMINATED]
OPEN = RenewalOutcome.OPEN
RELATED = ("contract__account__manager__team", "contract__owner__team")
MOVED_ON = Q(contract__phase=Phase.SIGNED, contract__end_date__gt=F("term_end"))
"""The contract's term ends later now: it renewed itself, or an amendment prolonged it."""


def follow_amendments(*, now: dt.datetime) -> int:
    """An amendment moved the end or the notice date: the open renewal of a term that now ends earlier is that of the
    new end; returns how many changed."""
    other = ~Q(notice_date=F("contract__notice_date")) | Q(term_end__gt=F("contract__end_date"))
    there = Renewal.objects.filter(contract=OuterRef("contract"), term_end=OuterRef("contract__end_date"))
    moved = Renewal.objects.filter(other, outcome=OPEN, contract__phase=Phase.SIGNED)
    moved = moved.filter(term_end__gte=F("contract__end_date"))
    moved = moved.filter(Q(term_end=F("contract__end_date")) | ~Exists(there))
    followed = 0
    for keys in batches(moved):
        with transaction.atomic():
            rows = _locked(moved.filter(pk__in=keys))
            values, entries = [], []
            for row in rows:
                end, notice_by = row.contract.end_date, row.contract.notice_date
                changes = {"term_end": (row.term_end, end), "notice_date": (row.notice_date, notice_by)}
                changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
                entries.append(entry("renewal.moved", row, actor=None, changes=changes))
                values.append((row.pk, end, notice_by, now))
            update_rows(Renewal, ("id", "term_end", "notice_date", "updated_at"), values)
            record_many(entries)
            followed += len(rows)
    return followed


def settle(today: dt.date, *, now: dt.datetime) -> int:
    """Close open renewals that events have decided: a signed successor or a longer term renews, a termination loses;
    returns how many."""
    renewals = Renewal.objects.filter(outcome=OPEN)
    ends = Q(contract__successor__phase__in=SIGNED) | Q(contract__phase=Phase.TERMINATED) | MOVED_ON
    settled = 0
    for keys in batches(renewals.filter(ends)):
        with transaction.atomic():
            rows = _locked(renewals.filter(pk__in=keys), "contract__version", "contract__successor")
            decided = [(row, *_outcome(row)) for row in rows]
            update_rows(
                Renewal, ("id", "outcome", "outcome_note", "decided_on", "updated_at"),
                [(row.pk, outcome, note, today, now) for row, outcome, note in decided],
            )  # fmt: skip
            close_steps(
                [row.step_id for row, _outcome_, _note in decided if row.step_id],
                StepStatus.DONE, now=now, note=_("The renewal is decided."),
            )  # fmt: skip
            record_many(
                entry(f"renewal.{outcome}", row, actor=None, changes={"outcome": (OPEN, outcome)}, reason=note)
                for row, outcome, note in decided
            )
            settled += len(decided)
    return settled


def _outcome(renewal: Renewal) -> tuple[str, str]:
    """What became of it, and why."""
    contract: Any = renewal.contract
    if getattr(contract, "successor", None) is not None and contract.successor.phase in SIGNED:
        return RenewalOutcome.RENEWED.value, ""
    if contract.phase == Phase.TERMINATED:
        return RenewalOutcome.LOST.value, contract.termination_reason
    if contract.version.auto_renewal_months:
        return RenewalOutcome.AUTO_RENEWED.value, ""
    return RenewalOutcome.RENEWED.value, _("An amendment prolonged the contract.")


def note_acts(*, now: dt.datetime) -> int:
    """Somebody acted: the task is done, a successor is drafted, notice was given. One statement; returns how many."""
    drafted = Q(contract__successor__isnull=False) & ~Q(contract__successor__phase=Phase.DISCARDED)
    acted = Q(step__status=StepStatus.DONE) | drafted | Q(contract__notice_given_on__isnull=False)
    rows = Renewal.objects.filter(acted, outcome=OPEN, acted_at__isnull=True).order_by()
    return Renewal.objects.filter(pk__in=rows.values("pk"), acted_at__isnull=True).update(acted_at=now)


def alert(today: dt.date, watch: Watch, audience: Audience, *, now: dt.datetime) -> int:
    """Notice is near and nobody acted: tell the manager, the supervisors and the directors; returns how many."""
    near = today + dt.timedelta(days=watch.alert_before)
    due = _idle().filter(alerted_on__isnull=True, notice_date__lte=near)
    return _raise(due, "alerted", ["alerted_on", "escalated_on"], today, now, audience.everybody)


def escalate(today: dt.date, watch: Watch, audience: Audience, *, now: dt.datetime) -> int:
    """Nobody acted for days: tell the supervisors; returns how many."""
    since = today - dt.timedelta(days=watch.escalate_after)
    due = _idle().filter(escalated_on__isnull=True, opened_on__lte=since)
    return _raise(due, "escalated", ["escalated_on"], today, now, audience.supervisors)


def _idle() -> Any:
    return Renewal.objects.filter(outcome=OPEN, acted_at__isnull=True)


def _raise(
    due: Any, verb: str, columns: Sequence[str], today: dt.date, now: dt.datetime, whom: Callable[..., list[User]]
) -> int:
    """Set the dates and tell people, once: a row that another job has dated meanwhile is out."""
    raised = 0
    for keys in batches(due):
        with transaction.atomic():
            rows = _locked(due.filter(pk__in=keys))
            entries = []
            for row in rows:
                changes = {}
                for name in columns:
                    if getattr(row, name) is None:
                        setattr(row, name, today)
                        changes[name] = (None, today)
                entries.append(entry(f"renewal.{verb}", row, actor=None, changes=changes))
            values = [(row.pk, *(getattr(row, name) for name in columns), now) for row in rows]
            update_rows(Renewal, ("id", *columns, "updated_at"), values)
            record_many(entries)
            notify_many(note_of(row, f"renewal_{verb}", whom(row.contract)) for row in rows)
            raised += len(rows)
    return raised


def _locked(renewals: Any, *related: str) -> list[Renewal]:
    rows = renewals.select_related(*RELATED, *related).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))
