"""The sums of an anonymous campaign that may be shown (surveys/privacy.py says which and why)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from surveys.choices import Cut, QuestionKind
from surveys.definition import Definition
from surveys.privacy import blocks, hidden_keys
from surveys.results import AnswerSum, Months

CUTS = (Cut.TIER, Cut.TEAM, Cut.REGION, Cut.PRODUCT_LINE)
"""What an anonymous campaign is cut by. Not by account manager: a team less one of its managers would be the other, and
a manager's few customers are soon known."""

Unit = tuple[str, str]
"""What has a number of answers of its own: a question, or a row of a matrix."""
Blocks = list[tuple[dt.date, ...]]


class Shield:
    """Leaves out what may not be shown; asked once for all sums of a campaign."""

    def __init__(self, definition: Definition) -> None:
        self._matrices = {question.key for question in definition.of_kind(QuestionKind.MATRIX)}

    def unit(self, row: AnswerSum) -> Unit:
        return (row.question, row.part if row.question in self._matrices else "")

    def blocks(self, sums: Iterable[AnswerSum]) -> dict[Unit, Blocks]:
        """The blocks of months of each unit; none for one with fewer than five answers in all."""
        by_month: dict[Unit, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
        for row in sums:
            if row.month and self._is_base(row):
                by_month[self.unit(row)][row.month] += row.answers
        return {unit: blocks(counts) for unit, counts in by_month.items()}

    def in_months(self, sums: Iterable[AnswerSum], months: Months) -> list[AnswerSum]:
        """The sums of whole blocks within these months; `sums` are those of all months."""
        rows = list(sums)
        allowed = {
            unit: {month for block in found if all(month in months for month in block) for month in block}
            for unit, found in self.blocks(rows).items()
        }
        return [row for row in rows if row.month in allowed.get(self.unit(row), ())]

    def hidden(self, sums: Iterable[AnswerSum]) -> dict[Unit, set[str]]:
        """The hidden keys of a cut for each unit; `sums` are those of all keys."""
        counts: dict[Unit, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in sums:
            if self._is_base(row):
                counts[self.unit(row)][row.key] += row.answers
        return {unit: hidden_keys(found) for unit, found in counts.items()}

    def in_slice(self, sums: Iterable[AnswerSum], key: str) -> list[AnswerSum]:
        """The sums of one key of a cut, without the units whose row of that key is hidden; `sums` are those of all."""
        rows = list(sums)
        hidden = self.hidden(rows)
        return [row for row in rows if row.key == key and key not in hidden[self.unit(row)]]

    def _is_base(self, row: AnswerSum) -> bool:
        """Whether the row counts persons of its unit: parts of a choice or a ranking count one person several times."""
        return not row.part or row.question in self._matrices


def shown_keys(hidden: Mapping[Unit, set[str]], question: str) -> set[str]:
    """The hidden keys of a question."""
    return set(hidden.get((question, ""), ()))
