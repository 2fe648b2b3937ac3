"""The file of rows that were not imported: the original columns, the reason, and no formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from orders.intake.problems import BAD, FIELD_NAMES, MESSAGES
from orders.intake.profile import Rules
from orders.intake.readers import open_table
from orders.intake.stage import Finding
from orders.intake.values import text_of

_NUMBER = re.compile(r"[+-]?[\d.,\s]*\d%?")
_STARTERS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_safe(cell: Any) -> str:
    """The cell as text that no spreadsheet takes for a formula: what looks like one gets an apostrophe in front."""
    text = text_of(cell)
    if text.startswith(_STARTERS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


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
    with path.open("w", encoding="utf-8-sig", newline="") as target, open_table(source, rules) as table:
        writer = csv.writer(target)
        writer.writerow(
            [pgettext("of a file", "Row"), _("Result"), _("Reason code"), _("Reason"), *map(csv_safe, table.header)]
        )
        finding = next(findings, None)
        for number, cells in table.rows():
            if finding is None:
                break
            if number == finding.row:
                result = _("bad") if finding.code in BAD else _("left out")
                writer.writerow([number, result, finding.code, message_of(finding), *map(csv_safe, cells)])
                count += 1
                finding = next(findings, None)
    return count
