"""A file of order lines, from its bytes to orders, facts and a report."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import Source, Status
from accounts.models import Account
from accounts.services import insert_accounts
from core.money import CURRENCIES
from orders.errors import BadRows, CurrencyNeeded, EmptyFile, ImportForbidden, UnknownCurrency
from orders.intake.columns import DATES, NUMBERS, guess_columns, locate
from orders.intake.countries import region_of
from orders.intake.parser import Layout, RowParser
from orders.intake.problems import BAD, Bad, reason_name
from orders.intake.profile import Profile
from orders.intake.readers import Row, open_table, sample
from orders.intake.rejects import message_of, write_rejects
from orders.intake.stage import Finding, Stage, StagedAccount, StagedOrder, batches
from orders.intake.values import date_order, number_style, text_of
from orders.models import OrderKind
from orders.services.batch import OrderRow
from orders.services.catalogue import ensure_lines
from orders.services.lock import lock_orders, refresh_statistics
from orders.services.upsert import REJECTED, upsert_orders
from users.models import User

Progress = Callable[[str, float], None]

READING, CHECKING, WRITING = "reading", "checking", "writing"
SAMPLE = 5000
_ROWS = 5000  # rows staged at a time
_ACCOUNTS = 5000  # accounts looked up or made at a time
_ORDERS, _LINES = 2000, 20_000  # orders and lines written in one transaction
_ACCOUNT_CODE = re.compile(r"[\w.\-/]{1,40}")


@dataclass(frozen=True)
class ImportOptions:
    """What to import and how.

    `good_only`: import the good orders even if there are bad rows; otherwise bad rows stop everything. `rejects`: where
    to write the rows that were not imported. `manager` gets the accounts that are created.
    """

    path: Path
    profile: Profile
    currency: str = ""
    source: str = ""
    create_accounts: bool = False
    manager: User | None = None
    good_only: bool = False
    dry_run: bool = False
    rejects: Path | None = None
    orders_per_batch: int = _ORDERS
    folder: Path | None = None  # for temporary files
    label: str = ""  # the file's name for people


@dataclass
class ImportReport:
    """What became of a file: rows by reason, orders by outcome, accounts created."""

    rows: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    accounts_created: int = 0

    @property
    def bad_rows(self) -> int:
        """Rows that somebody should correct."""
        return sum(count for code, count in self.reasons.items() if code in BAD)


def make_layout(path: Path, profile: Profile, currency: str) -> Layout:
    """How this file is to be read: its columns found, number style and order of dates decided on its first rows.

    Raises UnreadableFile (and its kind), CurrencyNeeded, UnknownCurrency.
    """
    header, rows = sample(path, profile.rules, SAMPLE)
    if not rows:
        raise EmptyFile
    return layout_of(header, rows, profile, currency)


def layout_of(header: Sequence[str], rows: Sequence[Row], profile: Profile, currency: str) -> Layout:
    """As make_layout, of a sample that has been read already."""
    columns = profile.columns or guess_columns(header)
    positions = locate(columns, header)
    currency = currency or profile.rules.currency
    if currency and currency not in CURRENCIES:
        raise UnknownCurrency(field="currency", currency=currency)
    if not currency and "currency" not in positions:
        raise CurrencyNeeded(field="currency")
    rules: Any = profile.rules
    numbers, dates = rules.numbers, rules.dates
    if numbers == "auto":
        numbers = number_style((row, cell) for row, cell in _cells(rows, [positions.get(name) for name in NUMBERS]))
    if dates == "auto":
        dates = date_order(cell for _row, cell in _cells(rows, [positions.get(name) for name in DATES]))
    return Layout(positions, len(header), numbers, dates, currency)


def import_file(
    options: ImportOptions, *, actor: User | None, today: dt.date, progress: Progress | None = None
) -> ImportReport:
    """Import a file of order lines and tell what became of every row.

    Orders are written in batches, each in its own transaction with its facts: interrupted at any point and run again,
    the import ends as if it had run once. The same file again changes nothing. Raises UnreadableFile (and its kind),
    CurrencyNeeded, UnknownCurrency, ImportForbidden, and BadRows (with `report`) if rows are bad and `good_only` is
    not asked for; the rejects are written in that case, too.
    """
    if actor is not None and not actor.sees_everything:
        raise ImportForbidden
    tell = progress or _silent
    layout = make_layout(options.path, options.profile, options.currency)
    with Stage(options.folder) as stage:
        report = ImportReport()
        report.rows = _read(options, layout, stage, tell)
        orders = _check(options, stage, tell)
        report.reasons = stage.counts()
        refused = report.bad_rows and not options.good_only
        if options.dry_run:
            report.orders = {"found": orders}
        elif not refused:
            _write(options, stage, report, orders, actor=actor, today=today, tell=tell)
            report.reasons = stage.counts()
        if options.rejects is not None:
            write_rejects(options.rejects, options.path, options.profile.rules, stage.findings())
    if refused and not options.dry_run:
        raise bad_rows_error(report)
    return report


class PreviewRow(NamedTuple):
    """One row of a file as it would be read; `code` and `message` say why not, if not."""

    number: int
    cells: list[str]
    code: str
    message: str
    is_bad: bool


def preview_file(
    header: Sequence[str], rows: Sequence[Row], profile: Profile, currency: str, *, create_accounts: bool
) -> list[PreviewRow]:
    """Read a sample of rows really, each by itself; rules over several rows (duplicates, void pairs) are not applied.

    Raises MissingColumns and its kind, CurrencyNeeded, UnknownCurrency.
    """
    parser = RowParser(layout_of(header, rows, profile, currency), profile.rules)
    findings: dict[int, Finding] = {}
    accounts: dict[int, str] = {}
    for number, cells in rows:
        try:
            accounts[number] = parser.parse(cells)[1]
        except Bad as bad:
            findings[number] = Finding(number, bad.code, bad.params)
    known = set(Account.objects.filter(code__in=set(accounts.values())).order_by().values_list("code", flat=True))
    for number, account in accounts.items():
        if account in known:
            continue
        if not create_accounts:
            findings[number] = Finding(number, "unknown_account", {"account": account})
        elif not _ACCOUNT_CODE.fullmatch(account):
            findings[number] = Finding(number, "bad_account_code", {"account": account})
    return [_preview_row(number, cells, findings.get(number)) for number, cells in rows]


def _preview_row(number: int, cells: Sequence[Any], finding: Finding | None) -> PreviewRow:
    texts = [text_of(cell) for cell in cells]
    if finding is None:
        return PreviewRow(number, texts, "", "", is_bad=False)
    return PreviewRow(number, texts, finding.code, message_of(finding), is_bad=finding.code in BAD)


def bad_rows_error(report: ImportReport) -> BadRows:
    """The refusal, naming the reasons; it carries the report."""
    reasons = [f"{reason_name(code)}: {count}" for code, count in report.reasons.items() if code in BAD]
    error = BadRows(rows=report.bad_rows, reasons=", ".join(reasons))
    error.report = report  # type: ignore[attr-defined]  # for whoever shows the counts
    return error


def _read(options: ImportOptions, layout: Layout, stage: Stage, tell: Progress) -> int:
    """Stage every row of the file; returns how many there are."""
    rules = options.profile.rules
    parser, count = RowParser(layout, rules), 0
    with open_table(options.path, rules) as table:
        for rows in batches(table.rows(), _ROWS):
            lines, findings = [], []
            for number, cells in rows:
                try:
                    lines.append((number, parser.parse(cells), hash(tuple(cells)) if rules.duplicates else 0))
                except Bad as bad:
                    order = _order_of(parser, cells) if bad.code in BAD else ""
                    findings.append((number, bad.code, bad.params, order))
            stage.add(lines, findings)
            count += len(rows)
            tell(READING, table.progress)
    return count


def _order_of(parser: RowParser, cells: Sequence[Any]) -> str:
    """The order that a bad row takes with it, if the row can say."""
    try:
        return parser.external_id(cells)
    except (Bad, IndexError):
        return ""


def _check(options: ImportOptions, stage: Stage, tell: Progress) -> int:
    """Apply the rules that need more than one row or the database; returns the number of good orders.

    Tells after every step: millions of rows take a while, and whoever watches must not believe that this has died.
    """
    rules = options.profile.rules
    tell(CHECKING, 0.0)
    if rules.duplicates:
        stage.drop_duplicates()
        tell(CHECKING, 0.2)
    if rules.void_hours:
        stage.drop_void_pairs(rules.void_hours)
        tell(CHECKING, 0.5)
    for batch in list(stage.accounts(_ACCOUNTS)):
        known = dict(_accounts(batch).values_list("code", "status"))
        unknown = [account.code for account in batch if account.code not in known]
        if options.create_accounts:
            stage.reject_accounts("bad_account_code", (code for code in unknown if not _ACCOUNT_CODE.fullmatch(code)))
        else:
            stage.reject_accounts("unknown_account", unknown)
        closed = (code for code, status in known.items() if status == Status.TERMINATED)
        stage.reject_accounts("account_read_only", closed)
        tell(CHECKING, 0.7)
    return stage.assemble()


def _write(
    options: ImportOptions,
    stage: Stage,
    report: ImportReport,
    orders: int,
    *,
    actor: User | None,
    today: dt.date,
    tell: Progress,
) -> None:
    """Make what is missing and write the orders, batch by batch."""
    reason = _("import of %(file)s") % {"file": options.label or options.path.name}
    report.accounts_created = _create_accounts(options, stage, actor=actor, today=today, reason=reason, tell=tell)
    _create_lines(options.profile, stage, actor)
    source = options.source or options.profile.rules.source or options.profile.name[:40]
    done = 0
    for number, batch in enumerate(_order_batches(stage.orders(), options.orders_per_batch), 1):
        rows = [_order_row(order) for order in batch]
        outcomes = upsert_orders(rows, source=source, actor=actor, today=today, reason=reason, is_checked=True)
        for outcome in outcomes:
            report.orders[outcome.status] = report.orders.get(outcome.status, 0) + 1
            if outcome.status == REJECTED:
                stage.reject_order(outcome.external_id, outcome.code, outcome.params)
        done += len(batch)
        tell(WRITING, done / orders)
        if number.bit_count() == 1:  # after 1, 2, 4, 8 … batches: each time the tables have about doubled
            refresh_statistics()


def _create_accounts(
    options: ImportOptions, stage: Stage, *, actor: User | None, today: dt.date, reason: str, tell: Progress
) -> int:
    """The accounts that do not exist yet, in sets. Unknown ones have been rejected unless they are to be created."""
    created = 0
    for batch in list(stage.accounts(_ACCOUNTS)):
        with transaction.atomic():
            lock_orders()
            known = set(_accounts(batch).values_list("code", flat=True))
            new = [_account(staged, options.manager) for staged in batch if staged.code not in known]
            insert_accounts(new, actor=actor, reason=reason, today=today)
        created += len(new)
        tell(WRITING, 0.0)
    return created


@transaction.atomic
def _create_lines(profile: Profile, stage: Stage, actor: User | None) -> None:
    """The product lines that the file brings along, with the names that the profile gives them."""
    lock_orders()
    names = {rule.code: (rule.name, rule.name_en) for rule in profile.rules.product_lines}
    ensure_lines(stage.product_lines(), actor=actor, names=names)


def _accounts(batch: Iterable[StagedAccount]) -> Any:
    return Account.objects.filter(code__in=[account.code for account in batch]).order_by()


def _account(staged: StagedAccount, manager: User | None) -> Account:
    return Account(
        code=staged.code,
        name=staged.name or staged.code,
        country=staged.country,
        region=region_of(staged.country),
        source=Source.IMPORT,
        status=Status.ACTIVE,
        customer_since=staged.first_date,
        manager=manager,
    )


def _order_row(order: StagedOrder) -> OrderRow:
    kind = OrderKind.RETURN if order.is_credit else ""
    return OrderRow(order.external_id, order.account, order.date, order.currency, order.lines, kind, order.delivered_on)


def _order_batches(orders: Iterable[StagedOrder], size: int) -> Iterator[list[StagedOrder]]:
    """Batches of up to `size` orders and about _LINES lines."""
    batch: list[StagedOrder] = []
    lines = 0
    for order in orders:
        batch.append(order)
        lines += len(order.lines)
        if len(batch) >= size or lines >= _LINES:
            yield batch
            batch, lines = [], 0
    if batch:
        yield batch


def _cells(rows: Iterable[Row], positions: Iterable[int | None]) -> Iterator[tuple[int, Any]]:
    wanted = [position for position in positions if position is not None]
    for number, cells in rows:
        for position in wanted:
            if position < len(cells):
                yield number, cells[position]


def _silent(_phase: str, _share: float) -> None:
    """Nobody watches."""
