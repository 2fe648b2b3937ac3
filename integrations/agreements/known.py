"""What the database has that a batch of contracts is about, and how a signed contract differs from the file."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from accounts.models import Account
from audit.services import diff, snapshot
from contracts.choices import Phase
from contracts.models import Contract, ContractLine, ContractPolicy, ContractVersion, Instalment, Receipt
from contracts.services.entering import Entry, Fault, Posting, posting_faults, refuses_mismatch
from integrations.agreements.deeds import Deed
from integrations.agreements.sheets import SheetRow
from integrations.tables.problems import RowBad
from orders.intake.columns import normalise
from orders.models import ProductLine
from users.models import User

SIGNED = (Phase.SIGNED, Phase.TERMINATED)
FIXED = ("kind", "currency", "our_party", "customer_party")
FIXED_TERMS = ("start_date", "end_date", "notice_days", "auto_renewal_months", "tax_rate", "payment_terms")
LINE = ("product_line_id", "description", "quantity", "unit", "unit_price", "discount")
INSTALMENT = ("title", "amount", "due_date", "event", "days_after")
RECEIPT = ("date", "amount", "kind", "currency")


def _differs(name: str, signed: Any) -> RowBad:
    return RowBad("signed_differs", name, value=str(signed))


@dataclass
class Stored:
    """A contract that is known, with the version that was signed first and the current one, and what was paid."""

    contract: Contract
    versions: list[ContractVersion] = field(default_factory=list)
    lines: dict[int, list[ContractLine]] = field(default_factory=lambda: defaultdict(list))
    plans: dict[int, dict[int, Instalment]] = field(default_factory=lambda: defaultdict(dict))
    receipts: dict[str, list[Receipt]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_signed(self) -> bool:
        return self.contract.phase in SIGNED

    @property
    def plan(self) -> dict[int, Instalment]:
        """The current one."""
        return self.plans[self.contract.version_id or 0]

    def compare(self, deed: Deed, entry: Entry | None, instalments: Sequence[Instalment]) -> None:
        """What the file says must be what was signed, first or last; else the rows get the differences. What the file
        leaves empty says nothing."""
        found: list[tuple[SheetRow, RowBad]] = []
        for version in self.versions:
            found = [*self._terms(deed, entry, version), *self._rows(deed, entry, instalments, version)]
            if not found:
                return
        for row, problem in found:
            row.problems.append(problem)

    def new_details(self, title: str | None, owner: User | None) -> dict[str, list[Any]]:
        """Sets title and owner where the file has others; returns the changes."""
        contract, changes = self.contract, {}
        if title and title != contract.title:
            changes["title"] = [contract.title, title]
            contract.title = title
        if owner is not None and owner.pk != contract.owner_id:
            changes["owner"] = [str(contract.owner), str(owner)]
            contract.owner = owner
        return changes

    def new_facts(self, values: dict[str, Any]) -> tuple[Instalment, dict[str, list[Any]]] | None:
        """The instalment of the current plan with the event and the invoice that the file has, if that is news."""
        row = self.plan.get(values["number"])
        if row is None:
            return None
        before, happened = snapshot(row), row.event_date
        for name in ("invoice_number", "invoice_date"):
            if name in values:
                setattr(row, name, values[name])
        changes = diff(before, row)
        event_date = values.get("event_date")
        if event_date is not None and row.event and event_date != happened:
            row.event_date, was = event_date, row.due_date
            row.due_date = event_date + dt.timedelta(days=row.days_after)
            changes |= {"event_date": [happened, event_date], "due_date": [was, row.due_date]}
        row.contract = self.contract
        return (row, changes) if changes else None

    def is_new(self, row: SheetRow) -> bool:
        """Whether the receipt is not posted yet; one posted otherwise gets a problem. A voided one stays voided."""
        values = {"kind": "receipt", "currency": self.contract.currency, **row.values}
        posted = self.receipts.get(values["reference"], [])
        if any(all(getattr(one, name) == values[name] for name in RECEIPT) for one in posted):
            return False
        standing = next((one for one in posted if one.voided_at is None), None)
        if standing is not None:
            row.problems.append(RowBad("receipt_differs", "reference", value=str(standing)))
        return standing is None

    def faults(self, postings: Sequence[Posting], today: dt.date) -> list[Fault]:
        """What speaks against posting these."""
        plan = list(self.plan.values())
        return posting_faults(postings, self.contract, plan, self.contract.received_amount, today=today)

    def _terms(self, deed: Deed, entry: Entry | None, version: ContractVersion) -> Iterable[tuple[SheetRow, RowBad]]:
        if deed.contract is None or entry is None:
            return
        given = deed.contract.values
        for row, fixed, names in ((self.contract, entry.contract, FIXED), (version, entry.version, FIXED_TERMS)):
            for name in names:
                if name in given and getattr(row, name) != getattr(fixed, name):
                    yield deed.contract, _differs(name, getattr(row, name))
        if self.contract.signed_on != entry.signed_on:
            yield deed.contract, _differs("signed_on", self.contract.signed_on)

    def _rows(
        self, deed: Deed, entry: Entry | None, instalments: Sequence[Instalment], version: ContractVersion
    ) -> Iterable[tuple[SheetRow, RowBad]]:
        if deed.contract is not None and entry is not None and (deed.lines or "net_amount" in deed.contract.values):
            yield from self._lines(deed, entry.parts.lines, version)
        plan = self.plans[version.pk]
        for row, given in zip(deed.instalments, instalments, strict=True):
            stored = plan.get(row.values["number"])
            if stored is None:
                yield row, RowBad("not_signed_so", "number")
                continue
            for name in INSTALMENT:
                if name in row.values and getattr(stored, name) != getattr(given, name):
                    yield row, _differs(name, getattr(stored, name))
        if deed.instalments and len(plan) > len(deed.instalments):
            yield deed.rows[0], RowBad("not_signed_so", "instalments")

    def _lines(
        self, deed: Deed, given: Sequence[ContractLine], version: ContractVersion
    ) -> Iterable[tuple[SheetRow, RowBad]]:
        stored = self.lines[version.pk]
        if not deed.lines:
            if version.net_amount != given[0].unit_price:
                yield deed.rows[0], _differs("net_amount", version.net_amount)
            if len(stored) == 1 and given[0].product_line_id not in (0, stored[0].product_line_id):
                yield deed.rows[0], _differs("product_line", stored[0].product_line)
            return
        if len(stored) != len(given):
            yield deed.rows[0], RowBad("not_signed_so", "lines")
            return
        for row, line, new in zip(deed.lines, stored, given, strict=True):
            for name in LINE:
                if name.removesuffix("_id") in row.values and getattr(line, name) != getattr(new, name):
                    shown = line.product_line if name == "product_line_id" else getattr(line, name)
                    yield row, _differs(name.removesuffix("_id"), shown)


@dataclass
class Known:
    """Accounts that the importer may change by code, people by login and address, product lines by code and name, and
    the contracts of these accounts with the numbers of the file."""

    actor: User
    accounts: dict[str, Account]
    owners: dict[str, User]
    contracts: dict[tuple[int, str], list[Stored]]
    our_party: str
    refuses_mismatch: bool
    _lines: dict[str, int]

    def product_line(self, text: str) -> int | None:
        """The key of a product line, by code or name."""
        return self._lines.get(normalise(text))


def look_up(deeds: Sequence[Deed], accounts: dict[str, Account], *, actor: User, lock: bool) -> Known:
    """A dozen statements at most. With `lock` the known contracts are locked to the end of the transaction."""
    rows = [row for deed in deeds for row in deed.rows]
    logins = {row.values["owner"] for row in rows if "owner" in row.values}
    owners: dict[str, User] = {}
    users = User.objects.visible_to(actor).active().filter(Q(username__in=logins) | Q(email__in=logins))
    for user in users if logins else ():
        owners.setdefault(user.email, user)
        owners[user.username] = user
    return Known(
        actor,
        accounts,
        owners,
        _contracts(deeds, accounts, lock=lock),
        ContractPolicy.objects.values_list("our_party", flat=True).first() or "",
        refuses_mismatch(),
        _product_lines(),
    )


def accounts_of(deeds: Sequence[Deed], actor: User, *, lock: bool) -> dict[str, Account]:
    """The accounts that the rows name and the importer may change; with `lock`, so that no two imports enter the same
    contract at once, locked in the order of their keys."""
    codes = {deed.key[0] for deed in deeds if deed.key[0]}
    rows = Account.objects.filter(pk__in=Account.objects.editable_by(actor).filter(code__in=codes).order_by())
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return {row.code: row for row in rows.select_related("manager").order_by("pk")}


def _product_lines() -> dict[str, int]:
    found: dict[str, int] = {}
    rows = list(ProductLine.objects.order_by("pk"))
    for names in (("code",), ("name", "name_en")):
        for row in rows:
            for name in names:
                if text := normalise(getattr(row, name)):
                    found.setdefault(text, row.pk)
    return found


def _contracts(
    deeds: Sequence[Deed], accounts: dict[str, Account], *, lock: bool
) -> dict[tuple[int, str], list[Stored]]:
    numbers = {deed.key[1] for deed in deeds if deed.key[1]}
    rows = Contract.objects.filter(account__in=accounts.values(), external_number__in=numbers)
    rows = rows.exclude(phase=Phase.DISCARDED).select_related("account", "owner", "version").order_by("pk")
    if lock:
        rows = rows.select_for_update(of=("self",))
    stored = {row.pk: Stored(row) for row in rows}
    if stored:
        _fill(stored)
    found: dict[tuple[int, str], list[Stored]] = defaultdict(list)
    for one in stored.values():
        found[one.contract.account_id, one.contract.external_number].append(one)
    return found


def _fill(stored: dict[int, Stored]) -> None:
    """Versions, rows and receipts of these contracts."""
    current = [one.contract.version_id for one in stored.values()]
    versions = ContractVersion.objects.filter(Q(number=1) | Q(pk__in=current), contract__in=stored, status="signed")
    of: dict[int, Stored] = {}
    for version in versions.order_by("contract", "number"):
        stored[version.contract_id].versions.append(version)
        of[version.pk] = stored[version.contract_id]
    for line in ContractLine.objects.filter(version__in=of).select_related("product_line").order_by("position"):
        of[line.version_id].lines[line.version_id].append(line)
    for row in Instalment.objects.filter(version__in=of):
        of[row.version_id].plans[row.version_id][row.position] = row
    for receipt in Receipt.objects.filter(contract__in=stored):
        stored[receipt.contract_id].receipts[receipt.reference].append(receipt)
