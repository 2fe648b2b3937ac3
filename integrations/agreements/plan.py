"""A batch of contracts of a file against what is known: which are new, which have news, which cannot be taken.

The number of statements is the same for a batch of one contract and of hundreds. Nothing here writes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from contracts.choices import DueBy
from contracts.models import Contract, ContractLine, ContractVersion, Instalment, Receipt
from contracts.services.catching_up import News
from contracts.services.entering import Entry, Fault, Posting, check_entry
from contracts.services.parts import Parts
from contracts.totals import totals
from core.numbers import full_money
from integrations.agreements.deeds import Deed
from integrations.agreements.known import Known, Stored
from integrations.agreements.problems import is_odd, said_by
from integrations.agreements.sheets import SheetRow
from integrations.tables.problems import RowBad

CREATED, UPDATED, UNCHANGED, BAD = "created", "updated", "unchanged", "bad"
VERSION = ("start_date", "end_date", "notice_days", "auto_renewal_months", "tax_rate", "payment_terms")
CONTRACT = ("external_number", "kind", "title", "currency", "our_party", "customer_party")
RECEIPT = ("date", "amount", "kind", "method", "reference", "invoice_number", "note")


@dataclass
class DeedPlan:
    """What is to be done with one contract: enter it, bring it up to date, or nothing as a row of it is bad."""

    deed: Deed
    entry: Entry | None = None
    news: News | None = None
    results: dict[int, str] = field(default_factory=dict)
    is_bad: bool = False

    def result(self, row: SheetRow) -> str:
        """`created`, `updated`, `unchanged` or `bad`."""
        if self.is_bad:
            return BAD
        return CREATED if self.entry else self.results.get(id(row), UNCHANGED)


def plan_batch(deeds: Sequence[Deed], known: Known, *, today: dt.date) -> list[DeedPlan]:
    """A plan for every contract; in a bad one, every row says so."""
    plans = []
    for deed in deeds:
        plan = DeedPlan(deed)
        _plan(plan, known, today)
        rows = deed.rows
        plan.is_bad = any(not is_odd(problem.code) for row in rows for problem in row.problems)
        if plan.is_bad:
            plan.entry = plan.news = None
            for row in rows:
                if not row.problems:
                    row.problems.append(RowBad("contract_incomplete"))
        plans.append(plan)
    return plans


def _plan(plan: DeedPlan, known: Known, today: dt.date) -> None:
    deed = plan.deed
    _names(deed, known)
    account = known.accounts.get(deed.key[0])
    if account is None:
        return
    stored = known.contracts.get((account.pk, deed.key[1]), [])
    if len(stored) > 1:
        _all(deed, RowBad("several_contracts", "external_number", value=deed.key[1]))
    elif stored and not stored[0].is_signed:
        _all(deed, RowBad("contract_unsigned", "external_number", value=str(stored[0].contract)))
    elif not stored and deed.contract is None:
        _all(deed, RowBad("unknown_contract", "external_number", value=deed.key[1]))
    elif not stored:
        _plan_new(plan, known, today)
    else:
        _plan_known(plan, stored[0], known, today)


def _names(deed: Deed, known: Known) -> None:
    """What the rows call by name and nobody knows; and what an instalment needs."""
    for row in deed.rows:
        code, owner, line = (row.values.get(name) for name in ("account", "owner", "product_line"))
        if code and code not in known.accounts:
            row.problems.append(RowBad("unknown_account", "account", value=code[:80]))
        if owner and owner not in known.owners:
            row.problems.append(RowBad("unknown_owner", "owner", value=owner[:80]))
        if line and known.product_line(line) is None:
            row.problems.append(RowBad("unknown_product_line", "product_line", value=line[:80]))
    for row in deed.instalments:
        if not any(problem.field in ("due_date", "event") for problem in row.problems):
            row.problems += _due_problems(row.values)


def _due_problems(values: dict[str, Any]) -> Iterable[RowBad]:
    by_date, event = "due_date" in values, "event" in values
    if by_date == event:
        yield RowBad("due_twice" if by_date else "due_missing", "due_date")
    for name in ("days_after", "event_date"):
        if values.get(name) and not event:
            yield RowBad("event_missing", name)
    if "invoice_date" in values and "invoice_number" not in values:
        yield RowBad("missing_value", "invoice_number")


def _plan_new(plan: DeedPlan, known: Known, today: dt.date) -> None:
    deed = plan.deed
    if deed.contract is None or deed.is_bad:
        return
    _check_lines(deed, known)
    if "product_line" not in deed.contract.values and not deed.lines:
        deed.contract.problems.append(RowBad("missing_value", "product_line"))
    if "our_party" not in deed.contract.values and not known.our_party:
        deed.contract.problems.append(RowBad("missing_value", "our_party"))
    if deed.is_bad:
        return
    entry = plan.entry = _entry(deed, known)
    for fault in check_entry(entry, today=today, refuses_mismatch=known.refuses_mismatch):
        _tell(deed, fault)
    if entry.warning and not deed.is_bad:
        deed.contract.problems.append(said_by(entry.warning, "instalments", code="plan_differs"))


def _check_lines(deed: Deed, known: Known) -> None:
    """The net total, where it is given beside lines, is theirs; without lines it is needed."""
    head = deed.contract
    if head is None or deed.is_bad:
        return
    given = head.values.get("net_amount")
    if given is None and not deed.lines:
        head.problems.append(RowBad("missing_value", "net_amount"))
    if given is None or not deed.lines:
        return
    currency = head.values["currency"]
    net = totals(_lines(deed, known), Decimal(0), currency).net_amount
    if net != given:
        shown = {"value": full_money(net, currency), "given": full_money(given, currency)}
        head.problems.append(RowBad("lines_differ", "net_amount", **shown))


def _entry(deed: Deed, known: Known) -> Entry:
    """The rows as an unsaved contract."""
    values = deed.contract.values if deed.contract else {}
    account = known.accounts[deed.key[0]]
    contract = Contract(account=account, **{name: values[name] for name in CONTRACT if name in values})
    contract.owner = known.owners[values["owner"]] if "owner" in values else account.manager or known.actor
    contract.our_party = contract.our_party or known.our_party
    contract.customer_party = contract.customer_party or account.name
    version = ContractVersion(**{name: values[name] for name in VERSION if name in values})
    parts = Parts(lines=_lines(deed, known), instalments=[_instalment(row.values) for row in deed.instalments])
    postings = [_posting(row.values, contract.currency) for row in deed.receipts]
    return Entry(contract, version, parts, values.get("signed_on", version.start_date), postings)


def _lines(deed: Deed, known: Known) -> list[ContractLine]:
    """Those of the sheet of lines; without them one over the net total."""
    found = []
    for row in deed.lines:
        names = ("description", "quantity", "unit", "unit_price", "discount")
        line = ContractLine(**{name: row.values[name] for name in names if name in row.values})
        line.product_line_id = known.product_line(row.values["product_line"]) or 0
        found.append(line)
    values = deed.contract.values if deed.contract else {}
    if not found and "net_amount" in values:
        line = ContractLine(unit_price=values["net_amount"], description=values.get("title", ""))
        line.product_line_id = known.product_line(values.get("product_line", "")) or 0
        found.append(line)
    return found


def _instalment(values: dict[str, Any]) -> Instalment:
    names = ("title", "amount", "due_date", "event", "days_after", "event_date", "invoice_number", "invoice_date")
    row = Instalment(position=values["number"], **{name: values[name] for name in names if name in values})
    row.due_by = DueBy.EVENT if "event" in values else DueBy.DATE
    if row.event_date is not None:
        row.due_date = row.event_date + dt.timedelta(days=row.days_after)
    return row


def _posting(values: dict[str, Any], currency: str) -> Posting:
    receipt = Receipt(**{name: values[name] for name in RECEIPT if name in values})
    receipt.currency = values.get("currency") or currency
    shares = [(values["number"], values["amount"])] if "number" in values else []
    return Posting(receipt, shares)


def _plan_known(plan: DeedPlan, stored: Stored, known: Known, today: dt.date) -> None:
    """A contract that is signed already: what was signed must be the same, the rest may be news."""
    deed = plan.deed
    if deed.is_bad:
        return
    entry = _entry(deed, known) if deed.contract else None
    stored.compare(deed, entry, [_instalment(row.values) for row in deed.instalments])
    if deed.is_bad:
        return
    news = plan.news = News(stored.contract)
    if deed.contract is not None:
        owner = known.owners.get(deed.contract.values.get("owner", ""))
        news.details = stored.new_details(deed.contract.values.get("title"), owner)
        plan.results[id(deed.contract)] = UPDATED if news.details else UNCHANGED
    for row in deed.instalments:
        if changed := stored.new_facts(row.values):
            news.instalments.append(changed)
            plan.results[id(row)] = UPDATED
    _plan_receipts(plan, news, stored, today)


def _plan_receipts(plan: DeedPlan, news: News, stored: Stored, today: dt.date) -> None:
    """Those that are not posted yet."""
    fresh = [row for row in plan.deed.receipts if stored.is_new(row)]
    news.postings = [_posting(row.values, stored.contract.currency) for row in fresh]
    for row in fresh:
        plan.results[id(row)] = CREATED
    for fault in stored.faults(news.postings, today):
        fresh[fault.index].problems.append(said_by(fault.error, _field_of(fault)))


def _tell(deed: Deed, fault: Fault) -> None:
    """A fault of the entry, at the row that it is about."""
    rows = {"lines": deed.lines, "instalments": deed.instalments, "receipts": deed.receipts}.get(fault.part) or []
    row = rows[fault.index] if rows else deed.contract
    if row is not None:
        row.problems.append(said_by(fault.error, _field_of(fault)))


def _field_of(fault: Fault) -> str:
    name = (fault.error.field or "").rpartition(".")[2]
    return {"position": "number", "shares": "number", "0": "number"}.get(name, name)


def _all(deed: Deed, problem: RowBad) -> None:
    """A problem of the whole, told once, at its first row."""
    deed.rows[0].problems.append(problem)
