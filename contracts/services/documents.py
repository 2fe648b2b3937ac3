"""Documents of contracts and the templates that they are made from: kept with their hash, given out with an entry."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import translation

from audit.services import diff, record, snapshot
from contracts.choices import DocumentKind
from contracts.documents import docx, pdf
from contracts.documents.fields import Data, filling
from contracts.documents.standard import standard_template
from contracts.errors import (
    DocumentChanged,
    DocumentTooLong,
    MayNotOwnTemplates,
    TemplateNotInUse,
    TemplateUnreadable,
    TooManyRows,
)
from contracts.models import Contract, ContractDocument, ContractVersion, DocumentTemplate
from contracts.services.guards import lock_contract, require_editable
from core.errors import DomainError
from interactions.services.files import TYPES, CheckedFile, check_file, clean_name
from users.models import User

MAX_DOCUMENTS = 200
MAX_LINES = 10_000
"""Of a version that a document is made of: so many take 8 s of a processor as PDF, 2 s as DOCX, and up to 450 MB."""
SCANS = ("pdf", "jpg", "jpeg", "png")
FORMATS = ("docx", "pdf")


def generate_document(
    version: ContractVersion,
    *,
    language: str,
    file_format: str,
    template: DocumentTemplate | None = None,
    actor: User | None,
    today: dt.date,
) -> ContractDocument:
    """Make a DOCX or PDF of a version from a template, in the template's language; without one from the standard
    template in `language`.

    Raises AccountReadOnly, TemplateNotInUse, DocumentTooLong, TooManyRows and, naming the field `template`, what
    `docx.fill` raises.
    """
    contract = version.contract
    require_editable(contract, actor)
    if template is not None and not (template.is_active and template.kind in ("", contract.kind)):
        raise TemplateNotInUse(field="template")
    language = template.language if template is not None else language
    if (number := version.lines.count()) > MAX_LINES:
        raise DocumentTooLong(field="version", number=f"{number:,}", most=f"{MAX_LINES:,}")
    data = _data(version, today)
    with translation.override(language), _of_template():
        content = docx.fill(_template_file(template, language), filling(data))
        if file_format == "pdf":
            content = pdf.render(content, language=language, title=str(version))
    name = clean_name(f"{contract.number}-v{version.number}-{contract.title}.{file_format}")
    found = CheckedFile(name, content, TYPES[file_format])
    return _keep(contract, version, found, DocumentKind.GENERATED, actor=actor, language=language)


def upload_document(
    contract: Contract, upload: Any, *, kind: DocumentKind | str, actor: User | None
) -> ContractDocument:
    """Keep the scan of what was signed (PDF or picture), or an attachment, with the newest version's number.

    Raises AccountReadOnly, TooManyRows and what `check_file` raises.
    """
    require_editable(contract, actor)
    is_scan = kind == DocumentKind.SIGNED_SCAN
    found = check_file(upload, "file", kinds=SCANS if is_scan else tuple(TYPES))
    version = contract.version if is_scan else None
    return _keep(contract, version, found, DocumentKind(kind), actor=actor)


def read_document(document: ContractDocument, *, actor: User | None) -> bytes:
    """The stored bytes, with an entry that they were given out.

    Raises DocumentChanged where they are not those that were stored, which leaves an entry as well.
    """
    try:
        content = _stored(document)
    except OSError:
        content = b""
    found = hashlib.sha256(content).hexdigest()
    if found != document.sha256:
        changes = {"sha256": (document.sha256, found)}
        record("contract_document.found_changed", document, actor=actor, changes=changes)
        raise DocumentChanged(name=document.name)
    record("contract_document.downloaded", document, actor=actor, changes={"file": (None, document.name)})
    return content


def save_template(template: DocumentTemplate, upload: Any = None, *, actor: User | None) -> DocumentTemplate:
    """Add a template, or change it; `upload` is its new file. Raises MayNotOwnTemplates, and for a file what
    `check_file` and `docx.check` raise."""
    _require_owner(actor)
    before = snapshot(DocumentTemplate.objects.get(pk=template.pk)) if template.pk else None
    old = template.file.name if upload and template.file else ""
    if upload is None:
        with transaction.atomic():
            return _save_template(template, before, actor)
    found = check_file(upload, "file", kinds=("docx",))
    docx.check(found.content)
    with _file_of(template):
        template.file.save(found.name, ContentFile(found.content), save=False)
        _save_template(template, before, actor)
        if old:
            transaction.on_commit(lambda: template.file.storage.delete(old))
    return template


def read_template(template: DocumentTemplate) -> bytes:
    """The file of a template."""
    return _stored(template)


def _save_template(template: DocumentTemplate, before: dict[str, Any] | None, actor: User | None) -> DocumentTemplate:
    template.full_clean()
    template.save()
    if before is None:
        changes: Any = {"name": (None, template.name), "language": (None, template.language)}
        record("document_template.created", template, actor=actor, changes=changes)
    elif changes := diff(before, template):
        record("document_template.updated", template, actor=actor, changes=changes)
    return template


def _require_owner(actor: User | None) -> None:
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnTemplates


def _template_file(template: DocumentTemplate | None, language: str) -> bytes:
    """What is to be filled in. Raises TemplateUnreadable where the template's file is gone."""
    if template is None:
        return standard_template(language)
    try:
        return _stored(template)
    except OSError as error:
        raise TemplateUnreadable from error


@contextmanager
def _of_template() -> Iterator[None]:
    """What is wrong with the file of a template is wrong with the template that was chosen."""
    try:
        yield
    except DomainError as error:
        error.field = "template"
        raise


def _stored(row: Any) -> bytes:
    """What lies on the disk for this row. Raises OSError."""
    with row.file.storage.open(row.file.name, "rb") as file:
        content: bytes = file.read()
    return content


def _data(version: ContractVersion, today: dt.date) -> Data:
    return Data(
        version,
        today,
        list(version.lines.select_related("product_line").order_by("position")),
        list(version.instalments.order_by("position")),
        list(version.signatories.order_by("side", "pk")),
    )


def _keep(
    contract: Contract,
    version: ContractVersion | None,
    found: CheckedFile,
    kind: DocumentKind,
    *,
    actor: User | None,
    language: str = "",
) -> ContractDocument:
    """The file and its row, or neither. Raises TooManyRows."""
    document = ContractDocument(
        contract=contract,
        version=version,
        kind=kind,
        name=found.name,
        size=len(found.content),
        content_type=found.content_type,
        sha256=hashlib.sha256(found.content).hexdigest(),
        language=language,
        uploaded_by=actor,
    )
    with _file_of(document):
        lock_contract(contract)
        if contract.documents.count() >= MAX_DOCUMENTS:
            raise TooManyRows(field="file", most=MAX_DOCUMENTS)
        document.file.save(found.name, ContentFile(found.content), save=False)
        document.save()
        changes = {"file": (None, document.name), "kind": (None, kind), "sha256": (None, document.sha256)}
        record("contract_document.added", document, actor=actor, changes=changes)
    return document


@contextmanager
def _file_of(row: Any) -> Iterator[None]:
    """A transaction; where it fails, even at its end, the file that was written for the row leaves the disk."""
    before = row.file.name
    try:
        with transaction.atomic():
            yield
    except BaseException:
        if row.file.name and row.file.name != before:
            row.file.storage.delete(row.file.name)
        raise
