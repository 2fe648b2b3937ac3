"""Reminders of overdue instalments: tasks by the rules of the account's tier, once for each instalment and level."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.choices import Status
from audit.services import entry, record_many
from contracts.models import Contract, DunningReminder, DunningRule, Instalment
from contracts.services.audience import Audience
from contracts.services.renewal_terms import BATCH, batches, locked
from core import numbers
from interactions.choices import StepStatus
from interactions.models import NextStep
from interactions.services import add_steps, close_steps

SETTLED = Q(instalment__settled_amount__gte=F("instalment__amount"))


def remind(today: dt.date, audience: Audience, *, now: dt.datetime) -> int:
    """Give a task for every overdue instalment that has reached a level of which nobody was reminded; returns how many.

    After a standstill only the highest level that was reached; a task of a lower level that is still open is dropped.
    """
    close_settled(now=now)
    due, reminded = _due(today), 0
    if due is None:
        return 0
    for keys in batches(due):
        with transaction.atomic():
            # The contracts first, as whoever posts a receipt does: what was paid meanwhile is then seen.
            wanted = Instalment.objects.filter(pk__in=keys).order_by().values("contract")
            contracts = {row.pk: row for row in locked(Contract.objects.filter(pk__in=wanted))}
            rows = list(due.filter(pk__in=keys).order_by("pk"))
            reminded += _remind_batch(rows, contracts, today, audience, now)
    return reminded


@transaction.atomic
def close_settled(*, now: dt.datetime, contract: Contract | None = None) -> int:
    """Close the tasks of instalments that are paid, and of those that an amendment replaced; returns how many.

    Those of one contract, or of all.
    """
    reminders = DunningReminder.objects.filter(step__status=StepStatus.OPEN).order_by()
    if contract is not None:
        reminders = reminders.filter(instalment__contract=contract)
    # A replaced plan is looked at first: its instalments are unsettled, but nobody owes them any more.
    replaced = list(reminders.filter(instalment__is_current=False).values_list("step", flat=True))
    paid = list(reminders.filter(SETTLED, instalment__is_current=True).values_list("step", flat=True))
    closed = 0
    if replaced:
        closed += close_steps(replaced, StepStatus.DROPPED, now=now, note=_("An amendment replaced the instalments."))
    if paid:
        closed += close_steps(paid, StepStatus.DONE, now=now, note=_("The instalment is settled."))
    return closed


def _due(today: dt.date) -> Any:
    """The overdue instalments whose `reached` level is above that of which somebody was reminded; None: no rules."""
    by_tier: dict[str, list[DunningRule]] = defaultdict(list)
    for rule in DunningRule.objects.order_by("-level"):
        by_tier[rule.tier].append(rule)
    if not by_tier:
        return None
    of_others = by_tier.pop("", [])
    cases = [_reached(rule, Q(contract__account__tier=tier), today) for tier in by_tier for rule in by_tier[tier]]
    cases += [_reached(rule, ~Q(contract__account__tier__in=list(by_tier)), today) for rule in of_others]
    first = min(rule.days_overdue for rules in (*by_tier.values(), of_others) for rule in rules)
    given = DunningReminder.objects.filter(instalment=OuterRef("pk")).order_by().values("instalment")
    rows = Instalment.objects.overdue(today - dt.timedelta(days=first - 1))
    return (
        rows.annotate(reached=Case(*cases, default=Value(0)))
        .annotate(given=Coalesce(Subquery(given.annotate(top=Max("level")).values("top")), Value(0)))
        .filter(reached__gt=F("given"))
        .exclude(contract__account__status=Status.TERMINATED)
    )


def _reached(rule: DunningRule, tier: Q, today: dt.date) -> When:
    return When(tier & Q(due_date__lte=today - dt.timedelta(days=rule.days_overdue)), then=Value(rule.level))


def _remind_batch(
    rows: Sequence[Any], contracts: dict[int, Contract], today: dt.date, audience: Audience, now: dt.datetime
) -> int:
    given: list[tuple[Any, NextStep]] = []
    for row in rows:
        contract = row.contract = contracts[row.contract_id]
        owner = audience.responsible(contract)
        if owner is not None:
            step = NextStep(account=contract.account, text=_text(row, contract, owner), owner=owner, due_date=today)
            given.append((row, step))
    lower = DunningReminder.objects.filter(
        instalment__in=[row.pk for row, _step in given], step__status=StepStatus.OPEN
    )
    if ids := list(lower.order_by().values_list("step", flat=True)):
        close_steps(ids, StepStatus.DROPPED, now=now, note=_("The next reminder followed."))
    add_steps([step for _row, step in given])
    DunningReminder.objects.bulk_create(
        [DunningReminder(instalment=row, level=row.reached, step=step, created_on=today) for row, step in given],
        batch_size=BATCH,
    )
    record_many(
        entry("instalment.reminded", row, actor=None, changes={"level": (row.given or None, row.reached)})
        for row, _step in given
    )
    return len(given)


def _text(row: Any, contract: Contract, owner: Any) -> str:
    """What the task says, in its owner's language."""
    with translation.override(owner.language):
        words = {
            "level": row.reached,
            "number": row.position,
            "contract": contract,
            "amount": numbers.full_money(row.open_amount, contract.currency),
            "date": date_format(row.due_date, "DATE_FORMAT"),
        }
        text = _("Payment reminder %(level)s: %(amount)s due since %(date)s, instalment %(number)s of %(contract)s")
        return (text % words)[:300]
