"""Contracts in any state, as rows: how they get there is what the tests of the services are about."""

import datetime as dt
import hashlib
from decimal import Decimal

from django.core.files.base import ContentFile

from approvals.models import ApprovalRule, ApprovalRuleStep
from contracts import services
from contracts.choices import Phase, VersionStatus
from contracts.documents.standard import standard_template
from contracts.models import (
    Contract,
    ContractDocument,
    ContractLine,
    ContractVersion,
    DocumentTemplate,
    Instalment,
    Receipt,
    Renewal,
    Signatory,
)
from contracts.services.parts import check_parts, set_columns, set_totals, write_parts
from orders.models import ProductLine
from tests.factories import TODAY

# Days from TODAY to start and end, and the days of notice, for each state. Renewals open 60 days before notice.
_TERMS = {
    "signed": (10, 374, 30),
    "in_force": (-100, 264, 30),
    "expiring": (-300, 64, 30),
    "expired": (-400, -35, 30),
    "renewed": (-400, -35, 30),
    "terminated": (-100, 264, 30),
}
_PHASES = {"expiring": "signed", "in_force": "signed", "expired": "signed", "renewed": "signed"}


def make_product_line(code="LINE"):
    """The product line of this code."""
    return ProductLine.objects.get_or_create(code=code, defaults={"name": "产品线", "name_en": "Line"})[0]


def make_line(version=None, unit_price="1000.00", *, quantity="1", **fields):
    """An unsaved line of 1,000.00; saved where `version` (a draft) is given."""
    fields = {"product_line": fields.pop("product_line", None) or make_product_line(), **fields}
    line = ContractLine(quantity=Decimal(str(quantity)), unit_price=Decimal(str(unit_price)), **fields)
    if version is not None:
        _add(version, line, version.lines)
    return line


def make_instalment(version=None, amount="1130.00", days=30, **fields):
    """An unsaved instalment due `days` after TODAY, or by `event="…"`; saved where `version` (a draft) is given."""
    if fields.get("event"):
        fields = {"due_by": "event", **fields}
    else:
        fields = {"due_date": TODAY + dt.timedelta(days=days), **fields}
    row = Instalment(amount=Decimal(str(amount)), **fields)
    if version is not None:
        row.contract_id = version.contract_id
        _add(version, row, version.instalments)
    return row


def make_signatory(side="customer", name="王芳", **fields):
    """An unsaved signatory."""
    return Signatory(side=side, name=name, **fields)


def make_parts(lines=None, signatories=(), instalments=None):
    """One line of 1,000.00 and one instalment of 1,130.00 (13% tax) unless given."""
    return services.Parts(
        [make_line()] if lines is None else list(lines),
        list(signatories),
        [make_instalment()] if instalments is None else list(instalments),
    )


def new_contract(account, **fields):
    """An unsaved contract of the account's manager, in CNY."""
    fields = {
        "title": "年度供货",
        "our_party": "我方有限公司",
        "customer_party": account.name,
        "currency": "CNY",
        "owner": account.manager,
        **fields,
    }
    return Contract(account=account, **fields)


def new_version(**fields):
    """An unsaved version over the calendar year after TODAY's month."""
    fields = {"start_date": dt.date(2026, 4, 1), "end_date": dt.date(2027, 3, 31), **fields}
    return ContractVersion(**fields)


def draft(account, actor, parts=None, *, terms=None, **fields):
    """A draft made by the service, `terms` the fields of its version."""
    return services.draft_contract(
        new_contract(account, **fields), new_version(**(terms or {})), parts or make_parts(), actor=actor, today=TODAY
    )


def make_approval_rule(subject="contract", **fields):
    """A rule that asks the superior."""
    rule = ApprovalRule.objects.create(name="上级", subject=subject, **fields)
    ApprovalRuleStep.objects.create(rule=rule, position=1, approver="superior")
    return rule


def make_contract(account, state="in_force", *, parts=None, lines=None, instalments=None, signatories=(), **fields):
    """A contract in `state` on TODAY: one line of 1,000.00 and, with 13% tax, one instalment of 1,130.00 unless given.

    `fields` are those of the contract or of its version: `make_contract(a, currency="JPY", notice_days=60)`.
    """
    names = {f.name for f in ContractVersion._meta.concrete_fields} - {"id", "status", "author", "contract", "number"}
    terms = {name: fields.pop(name) for name in list(fields) if name in names and name != "signed_on"}
    start, end, notice = _TERMS.get(state, _TERMS["signed"])
    terms = {
        "start_date": TODAY + dt.timedelta(days=start),
        "end_date": TODAY + dt.timedelta(days=end),
        "notice_days": notice,
        **terms,
    }
    phase = _PHASES.get(state, state)
    signed_on = fields.pop("signed_on", None) or min(terms["start_date"], TODAY) - dt.timedelta(days=5)
    signed = phase in (Phase.SIGNED, Phase.TERMINATED)
    if phase == Phase.TERMINATED:
        fields = {"terminated_on": TODAY - dt.timedelta(days=1), "termination_reason": "破产", **fields}
    fields = {"year": TODAY.year, **fields}
    sequence = services.take_numbers(fields["year"])[0]
    contract = new_contract(account, phase=phase, sequence=sequence, **fields)
    contract.number = services.number_text(contract.year, sequence)
    contract.signed_on = signed_on if signed else None
    contract.save()
    status = VersionStatus.SIGNED if signed else VersionStatus(phase)
    parts = parts or make_parts(lines, signatories, instalments)
    version = make_version(contract, status=status, number=1, signed_on=signed_on, parts=parts, **terms)
    contract.version = version
    set_columns(contract, version, today=TODAY if signed and contract.notice_given_on else None)
    contract.save()
    if state == "renewed":
        make_contract(account, "in_force", predecessor=contract, currency=contract.currency)
    return contract


def make_version(contract, status="draft", *, number=None, signed_on=None, parts=None, **fields):
    """Another version of `contract`, with the dates of its columns unless given; a signed one has the current plan."""
    if number is None:
        number = contract.versions.count() + 1
        fields = {"reason": "加量", "effective_date": contract.start_date, **fields}
    fields = {"start_date": contract.start_date, "end_date": contract.end_date, **fields}
    version = ContractVersion(contract=contract, number=number, author=contract.owner, **fields)
    parts = parts or make_parts()
    check_parts(parts, contract)
    set_totals(version, parts.lines, contract.currency)
    version.status = "draft" if status == "signed" else status
    version.save()
    write_parts(version, parts)
    if status == "signed":
        version.status, version.signed_on = "signed", signed_on or TODAY
        version.save()
        version.instalments.update(is_current=True)
    return version


def make_document(contract, content=b"%PDF-1.4 scan", name="scan.pdf", **fields):
    """The scan of what was signed, on the disk as well."""
    fields = {"kind": "signed_scan", "content_type": "application/pdf", "version": contract.version, **fields}
    row = ContractDocument(contract=contract, name=name, size=len(content), **fields)
    row.sha256 = hashlib.sha256(content).hexdigest()
    row.file.save(name, ContentFile(content), save=False)
    row.save()
    return row


def make_template(name="Frame", **fields):
    """The standard template as one of the company's own."""
    row = DocumentTemplate(name=name, **{"language": "en", **fields})
    row.file.save("frame.docx", ContentFile(standard_template("en")), save=False)
    row.save()
    return row


def make_renewal(contract, **fields):
    """The open renewal of the contract's term."""
    fields = {
        "term_end": contract.end_date,
        "notice_date": contract.notice_date,
        "opened_on": contract.renewal_date,
        "value_amount": contract.net_amount,
        "value_currency": contract.currency,
        **fields,
    }
    return Renewal.objects.create(contract=contract, **fields)


def make_receipt(contract, amount="10.00", *, shares=(), **fields):
    """A receipt of TODAY as it is stored; what it settles is settled."""
    fields = {"date": TODAY, "currency": contract.currency, "posted_by": contract.owner, **fields}
    receipt = Receipt.objects.create(contract=contract, amount=Decimal(str(amount)), **fields)
    for position, part in shares:
        receipt.shares.create(instalment_position=position, amount=Decimal(str(part)))
    services.resettle(contract)
    return receipt


def _add(version, row, rows):
    row.version, row.position = version, rows.count() + 1
    parts = services.Parts()
    (parts.lines if isinstance(row, ContractLine) else parts.instalments).append(row)
    check_parts(parts, version.contract)
    row.position = rows.count() + 1
    row.save()
