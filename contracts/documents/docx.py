"""Templates in Word: which fields they have, and filling them in.

Word splits a text over runs as it likes, so a field is looked for in the text of the whole paragraph; its value takes
the looks of the run that the field begins in. A table row with fields of lines or instalments is repeated for each.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from copy import deepcopy
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from contracts.documents.fields import Filling, Values, is_known, kind_of
from contracts.errors import FieldMixed, FieldOutsideTable, FieldUnclosed, TemplateUnreadable, UnknownField

FIELD = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
Job = tuple[Any, MutableMapping[str, str]]
"""A paragraph, and the values that its fields take."""
MAX_UNPACKED = 50 * 1024 * 1024  # bytes of a template once it is unpacked
PARAGRAPH, ROW, TEXT = qn("w:p"), qn("w:tr"), qn("w:t")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# What zipfile, lxml and python-docx raise for files that are broken or something else.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, AttributeError, TypeError),
    *(OSError, EOFError, RuntimeError),
)


def check(content: bytes) -> list[str]:
    """The fields of a template, each once. Raises what `fill` raises, but changes nothing."""
    found: dict[str, None] = {}
    for root in _roots(_open(content)):
        for paragraph in root.iter(PARAGRAPH):
            found |= dict.fromkeys(_names(_text(paragraph)))
        for row in root.iter(ROW):
            _kind(row)
        for paragraph in root.iter(PARAGRAPH):
            _require_row(paragraph)
    return list(found)


def fill(content: bytes, filling: Filling) -> bytes:
    """The template with the values in place of its fields.

    Raises TemplateUnreadable, UnknownField and FieldOutsideTable, FieldMixed, FieldUnclosed, each naming the field.
    """
    check(content)
    document = _open(content)
    for root in _roots(document):
        # All is found before anything is filled in: a value that looks like a field stays what it is.
        done: list[Job] = []
        for row in list(root.iter(ROW)):
            if row.getparent() is not None and (kind := _kind(row)):
                done += _repeat(row, filling.rows.get(kind, ()), filling.values)
        repeated = {paragraph for paragraph, _values in done}
        done += [(found, filling.values) for found in root.iter(PARAGRAPH) if found not in repeated]
        for paragraph, values in done:
            _fill(paragraph, values)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _open(content: bytes) -> Any:
    """Raises TemplateUnreadable for what is no Word document or unpacks to more than a document has."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED:
                raise TemplateUnreadable(field="file")
        return Document(io.BytesIO(content))
    except _BROKEN as error:
        raise TemplateUnreadable(field="file") from error


def _roots(document: Any) -> Iterator[Any]:
    """The body, and the headers and footers that are not those of the section before."""
    yield document.element.body
    for section in document.sections:
        edges = (
            *(section.header, section.first_page_header, section.even_page_header),
            *(section.footer, section.first_page_footer, section.even_page_footer),
        )
        yield from (edge._element for edge in edges if not edge.is_linked_to_previous)


def _texts(paragraph: Any) -> list[Any]:
    """The pieces of text of a paragraph, without those of a text box within it, which has paragraphs of its own."""
    return [text for text in paragraph.iter(TEXT) if next(text.iterancestors(PARAGRAPH)) is paragraph]


def _text(paragraph: Any) -> str:
    return "".join(text.text or "" for text in _texts(paragraph))


def _names(text: str) -> list[str]:
    """The fields in a text. Raises UnknownField, FieldUnclosed."""
    names = [" ".join(name.split()) for name in FIELD.findall(text)]
    for name in names:
        if not is_known(name):
            raise UnknownField(field="file", name=name[:80])
    rest = FIELD.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise FieldUnclosed(field="file", text=rest.strip()[:80])
    return names


def _kind(row: Any) -> str:
    """What a table row is repeated for, "" for a row that stands once. Raises FieldMixed."""
    own: dict[str, str] = {}
    inner: dict[str, str] = {}
    for paragraph in row.iter(PARAGRAPH):
        found = own if next(paragraph.iterancestors(ROW)) is row else inner
        found |= {kind: name for name in _names(_text(paragraph)) if (kind := kind_of(name))}
    kind, first = next(iter(own.items()), ("", ""))
    for other, second in (own | inner).items():
        if kind and other != kind:
            raise FieldMixed(field="file", first=first, second=second)
    return kind


def _require_row(paragraph: Any) -> None:
    """Raises FieldOutsideTable where a field of lines or instalments stands in no table row."""
    if next(paragraph.iterancestors(ROW), None) is None:
        for name in _names(_text(paragraph)):
            if kind_of(name):
                raise FieldOutsideTable(field="file", name=name)


def _repeat(row: Any, rows: Sequence[Values], values: Values) -> list[Job]:
    """Copies of the row, one for each set of values, in its place; what is to be filled in where."""
    jobs: list[Job] = []
    last = row
    for own in rows:
        copy = deepcopy(row)
        last.addnext(copy)
        last = copy
        # One for all cells of the row, and no copy: ten thousand rows of eight cells would hold 200 MB of copies.
        both = ChainMap(own, values)
        jobs += [(paragraph, both) for paragraph in copy.iter(PARAGRAPH)]
    table = row.getparent()
    table.remove(row)
    if not table.findall(ROW):  # Word refuses tables without rows
        table.getparent().remove(table)
    return jobs


def _fill(paragraph: Any, values: Mapping[str, str]) -> None:
    texts = _texts(paragraph)
    whole = "".join(text.text or "" for text in texts)
    matches = list(FIELD.finditer(whole))
    for match in reversed(matches):
        value = _NOT_XML.sub("", values[" ".join(match[1].split())])
        _put(texts, match.start(), match.end(), value)
    if matches:
        for text in texts:
            _break_lines(text)


def _put(texts: Sequence[Any], start: int, end: int, value: str) -> None:
    """Replace the characters from `start` to `end` of the joined texts."""
    offset = 0
    for text in texts:
        own = text.text or ""
        first, last = max(start - offset, 0), min(end - offset, len(own))
        offset += len(own)
        if first < last:
            text.text = own[:first] + value + own[last:]
            text.set(qn("xml:space"), "preserve")
            value = ""


def _break_lines(text: Any) -> None:
    """Line breaks of a value become those of Word."""
    first, *rest = (text.text or "").splitlines() or [""]
    text.text, last = first, text
    for line in rest:
        pause, more = OxmlElement("w:br"), OxmlElement("w:t")
        more.text = line
        more.set(qn("xml:space"), "preserve")
        last.addnext(pause)
        pause.addnext(more)
        last = more
