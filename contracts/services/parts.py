"""What a version consists of: checked, written in sets, copied; and the columns of the contract that follow from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts.models import Employment
from contracts import terms
from contracts.choices import ContractKind, DueBy, Side
from contracts.errors import (
    AmountTooLarge,
    DateOutside,
    EndBeforeStart,
    NoticeTooLong,
    NotWhole,
    PlanMismatch,
    PositionTwice,
    RowInvalid,
    SignatoryElsewhere,
    TooManyDecimals,
    TooManyRows,
)
from contracts.models import Contract, ContractLine, ContractVersion, Instalment, RenewalRule, Signatory
from contracts.rates import dated_rates
from contracts.totals import LIMIT, fits_minor_unit, line_amount, list_amount, totals
from core.money import minor_digits
from core.numbers import full_money
from orders.models import ProductLine
from users.models import User

MAX_LINES, MAX_SIGNATORIES, MAX_INSTALMENTS = 20_000, 50, 1000
BATCH = 2000
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2199, 12, 31)


@dataclass
class Parts:
    """Unsaved rows of a version, in their order. Lines and signatories are numbered anew.

    An instalment with a position keeps it, since receipts name instalments by it over all versions.
    """

    lines: list[ContractLine] = field(default_factory=list)
    signatories: list[Signatory] = field(default_factory=list)
    instalments: list[Instalment] = field(default_factory=list)


def parts_of(version: ContractVersion) -> Parts:
    """Unsaved copies of a version's rows."""
    return Parts(
        [_copy(row) for row in version.lines.all()],
        [_copy(row) for row in version.signatories.all()],
        [_copy(row, settled_amount=Decimal(0), is_current=False) for row in version.instalments.all()],
    )


def check_version(version: ContractVersion) -> None:
    """Raises ValidationError, EndBeforeStart, NoticeTooLong, DateOutside."""
    version.clean_fields(exclude=["contract", "author", "number"])
    if version.end_date < version.start_date:
        raise EndBeforeStart(field="end_date")
    if version.start_date < FIRST_DAY or version.end_date > LAST_DAY:
        name = "start_date" if version.start_date < FIRST_DAY else "end_date"
        raise DateOutside(field=name, first=f"{FIRST_DAY:%Y-%m-%d}", last=f"{LAST_DAY:%Y-%m-%d}")
    days = version.days
    if version.auto_renewal_months:
        following = terms.term_end(version.end_date, version.auto_renewal_months, 1) - version.end_date
        days = min(days, following.days)
    if version.notice_days > days:
        raise NoticeTooLong(field="notice_days", days=version.notice_days, term=days)


def check_parts(parts: Parts, contract: Contract) -> None:
    """Sets positions and amounts of the rows. Raises RowInvalid and what else is wrong with a row, naming it by a
    `field` such as `lines.0.quantity`; TooManyRows."""
    limits = (("lines", MAX_LINES), ("signatories", MAX_SIGNATORIES), ("instalments", MAX_INSTALMENTS))
    for name, most in limits:
        if len(getattr(parts, name)) > most:
            raise TooManyRows(field=name, most=most)
    _check_lines(parts.lines, contract.currency)
    _check_signatories(parts.signatories, contract)
    _check_instalments(parts.instalments, contract.currency)


def set_totals(version: ContractVersion, lines: Iterable[ContractLine], currency: str) -> None:
    """The version's amounts, from its lines. Raises AmountTooLarge."""
    found = totals(lines, version.tax_rate, currency)
    if max(found.list_amount, found.gross_amount) >= LIMIT:
        raise AmountTooLarge(field="lines", row=_("Total"))
    version.list_amount, version.net_amount = found.list_amount, found.net_amount
    version.tax_amount, version.gross_amount = found.tax_amount, found.gross_amount


def write_parts(version: ContractVersion, parts: Parts) -> None:
    """Insert the rows of a version that has none, in sets."""
    write_all([(version, parts)])


def write_all(versions: Sequence[tuple[ContractVersion, Parts]]) -> None:
    """Insert the rows of many versions that have none, in sets."""
    for version, parts in versions:
        rows: list[Any] = [*parts.lines, *parts.signatories, *parts.instalments]
        for row in rows:
            row.version = version
        for instalment in parts.instalments:
            instalment.contract_id = version.contract_id
    for model, name in ((ContractLine, "lines"), (Signatory, "signatories"), (Instalment, "instalments")):
        found: list[Any] = [row for _version, parts in versions for row in getattr(parts, name)]
        model._default_manager.bulk_create(found, batch_size=BATCH)


def replace_parts(version: ContractVersion, parts: Parts) -> None:
    """Put these rows in place of those that a draft has."""
    for model in (ContractLine, Signatory, Instalment):
        model.objects.filter(version=version).delete()
    write_parts(version, parts)


def plan_mismatch(version: ContractVersion, planned: Decimal, *, has_plan: bool, contract: Contract) -> str:
    """What is wrong with the sum of the instalments, in words; empty where nothing is."""
    return str(plan_error(version, planned, has_plan=has_plan, contract=contract) or "")


def plan_error(
    version: ContractVersion, planned: Decimal, *, has_plan: bool, contract: Contract
) -> PlanMismatch | None:
    """The same as what may be raised.

    A framework agreement needs no plan: orders under it are billed one by one.
    """
    if planned == version.gross_amount or (contract.kind == ContractKind.FRAMEWORK and not has_plan):
        return None
    code, total = contract.currency, version.gross_amount
    return PlanMismatch(field="instalments", planned=full_money(planned, code), total=full_money(total, code))


def set_columns(contract: Contract, version: ContractVersion, *, today: dt.date | None) -> None:
    """The contract's copies of a version. With `today`, for a signed one: the end of the term that runs then.

    After notice was given, it ends with the first term whose notice date was not over.
    """
    notice_by = set_term(contract, version, today=today)
    value = reporting_amount(version.net_amount, contract.currency, today or version.start_date)
    rules = RenewalRule.objects.filter(tier__in=[contract.account.tier, ""])
    opens = terms.open_days(rules, contract.account.tier, value)
    contract.renewal_date = terms.renewal_date(notice_by, opens)


def set_term(contract: Contract, version: ContractVersion, *, today: dt.date | None) -> dt.date:
    """The copies that need no rule: dates and amounts; returns the day by which notice must be given."""
    months, end = version.auto_renewal_months, version.end_date
    if today is not None and contract.notice_given_on is not None:
        end = terms.end_after_notice(end, months, version.notice_days, contract.notice_given_on)
    elif today is not None:
        end = terms.running_term_end(end, months, today)
    contract.start_date, contract.end_date = version.start_date, end
    notice_by = terms.notice_date(end, version.notice_days)
    contract.notice_date, contract.renews_itself = notice_by, months > 0
    contract.net_amount, contract.gross_amount = version.net_amount, version.gross_amount
    return notice_by


def too_many_decimals(field: str, row: str, currency: str) -> TooManyDecimals | NotWhole:
    """The refusal of an amount that is finer than the currency's minor unit."""
    if digits := minor_digits(currency):
        return TooManyDecimals(field=field, row=row, currency=currency, digits=digits)
    return NotWhole(field=field, row=row, currency=currency)


def reporting_amount(amount: Decimal, currency: str, day: dt.date) -> Decimal | None:
    """The amount in the reporting currency by the rate of `day`; None where there is no rate."""
    return dated_rates([currency]).convert(amount, currency, day)


def _check_lines(lines: Sequence[ContractLine], currency: str) -> None:
    for number, line in enumerate(lines):
        check_line(line, number, currency)
    known = set(ProductLine.objects.values_list("pk", flat=True)) if lines else set()
    for number, line in enumerate(lines):
        if line.product_line_id not in known:
            row, error = _("Line %(number)d") % {"number": number + 1}, _("There is no such product line.")
            raise RowInvalid(field=f"lines.{number}.product_line", row=row, error=error)


def check_line(line: ContractLine, number: int, currency: str) -> None:
    """Sets position and amount of the line at `number`. Raises RowInvalid, AmountTooLarge."""
    name = _("Line %(number)d") % {"number": number + 1}
    line.position = number + 1
    _clean(line, f"lines.{number}", name, exclude=["version", "product_line", "amount"])
    line.amount = line_amount(line, currency)
    if max(line.amount, list_amount(line, currency)) >= LIMIT:
        raise AmountTooLarge(field=f"lines.{number}.quantity", row=name)


def _check_signatories(signatories: Sequence[Signatory], contract: Contract) -> None:
    for number, row in enumerate(signatories):
        if not row.name and row.side == Side.OURS and row.user is not None:
            row.name = str(row.user)
        if not row.name and row.side == Side.CUSTOMER and row.contact is not None:
            row.name = str(row.contact)
        text = _("Signatory %(number)d") % {"number": number + 1}
        _clean(row, f"signatories.{number}", text, exclude=["version", "user", "contact"])
    contacts = {row.contact_id for row in signatories if row.contact_id is not None}
    jobs = Employment.objects.filter(account=contract.account_id, contact__in=contacts) if contacts else ()
    here = {job.contact_id for job in jobs}
    if strangers := [row.name for row in signatories if row.contact_id not in {None, *here}]:
        raise SignatoryElsewhere(field="signatories", names=", ".join(strangers))
    users = {row.user_id for row in signatories if row.user_id is not None}
    known = set(User.objects.filter(pk__in=users).values_list("pk", flat=True)) if users else set()
    for number, row in enumerate(signatories):
        if row.user_id not in {None, *known}:
            text = _("Signatory %(number)d") % {"number": number + 1}
            raise RowInvalid(field=f"signatories.{number}.user", row=text, error=_("There is no such user."))


def _check_instalments(instalments: Sequence[Instalment], currency: str) -> None:
    taken = {row.position for row in instalments if row.position is not None}
    seen: set[int] = set()
    following = max(taken, default=0)
    for number, row in enumerate(instalments):
        name = _("Instalment %(number)d") % {"number": number + 1}
        if row.position is None:
            following += 1
            row.position = following
        if row.position in seen:
            raise PositionTwice(field=f"instalments.{number}.position", row=name)
        seen.add(row.position)
        check_instalment(row, f"instalments.{number}", name, currency)


def check_instalment(row: Instalment, path: str, name: str, currency: str) -> None:
    """Raises RowInvalid, TooManyDecimals, AmountTooLarge."""
    _clean(row, path, name, exclude=["version", "contract", "settled_amount"])
    if not fits_minor_unit(row.amount, currency):
        raise too_many_decimals(f"{path}.amount", name, currency)
    if row.amount >= LIMIT:
        raise AmountTooLarge(field=f"{path}.amount", row=name)
    if row.due_by == DueBy.DATE:
        row.event, row.event_date, row.days_after = "", None, 0
        if row.due_date is None:
            raise RowInvalid(field=f"{path}.due_date", row=name, error=_("A due date is needed."))
    else:
        if not row.event:
            raise RowInvalid(field=f"{path}.event", row=name, error=_("Say which event."))
        row.due_date = row.event_date + dt.timedelta(days=row.days_after) if row.event_date else None


def _clean(row: Any, path: str, name: str, *, exclude: list[str]) -> None:
    """Raises RowInvalid with the first error, and the path of its field."""
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        at, messages = next(iter(error.message_dict.items()))
        label = capfirst(str(row._meta.get_field(at).verbose_name))
        raise RowInvalid(field=f"{path}.{at}", row=name, error=f"{label}: {messages[0]}") from error


def _copy(row: Any, **values: Any) -> Any:
    """An unsaved row with the same values."""
    columns = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    return type(row)(**{**columns, "version_id": None, **values})
