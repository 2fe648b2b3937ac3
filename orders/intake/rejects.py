"""The file of rows that were not imported: the original columns, the reason, and no formula."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.sheets import CsvTable
from orders.intake.problems import BAD, FIELD_NAMES, MESSAGES
from orders.intake.profile import Rules
from orders.intake.readers import open_table
from orders.intake.stage import Finding
from orders.intake.values import text_of


def message_of(finding: Finding) -> str:
    """The finding as a sentence in the active language."""
    params = dict(finding.params)
    if "name" in params:
        params["name"] = FIELD_NAMES.get(str(params["name"]), params["name"])
    text = str(MESSAGES[finding.code])
    return text % params if params else text


def write_rejects(path: Path, source: Path, rules: Rules, findings: Iterator[Finding]) -> int:
    """Write the rows of `source` that `findings` (by row) name, as UTF-8 CSV with a mark for Excel; returns how many.

    The source is read once more, so neither file has to fit into memory.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as target, open_table(source, rules) as table:
        head = [pgettext("of a file", "Row"), _("Result"), _("Reason code"), _("Reason")]
        written = CsvTable(target, [*head, *map(text_of, table.header)])
        finding = next(findings, None)
        for number, cells in table.rows():
            if finding is None:
                break
            if number == finding.row:
                result = _("bad") if finding.code in BAD else _("left out")
                written.row([number, result, finding.code, message_of(finding), *map(text_of, cells)])
                count += 1
                finding = next(findings, None)
    return count
