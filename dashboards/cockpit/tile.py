"""Tiles and the numbers on them: what is shown, what it is compared with, and which rows it counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dashboards.cockpit.scope import RowList, Scope

COUNT, MONEY, SHARE, SCORE = "count", "money", "share", "score"


@dataclass
class Number:
    """`count` rows (None: not counted, they add up to the value) of a list, found by `query` beside the scope's own
    filters, and what is shown of them: their number, or (`value`) a sum, share or score over them. `value` None with
    another kind than count: there is nothing to divide by, and `why` says so."""

    code: str
    label: Any
    rows: RowList
    count: int | None
    query: Mapping[str, Any] = field(default_factory=dict)
    kind: str = COUNT
    value: Any = None
    why: Any = ""
    tone: str = ""
    api_query: Mapping[str, Any] | None = None
    url: str = ""
    endpoint_query: str = ""

    @property
    def shown(self) -> Any:
        return self.count if self.kind == COUNT else self.value

    def address(self, scope: Scope) -> None:
        """Where its rows are: on a page, and in the API."""
        self.url = self.rows.url(scope, self.query)
        if self.rows.endpoint:
            self.endpoint_query = self.rows.api_query(scope, self.query if self.api_query is None else self.api_query)


@dataclass
class Tile:
    """One main number with others beside it. `before` is what the main one was at the end of the period before (or in
    it); `target` what it should be; `spark` its course, the oldest first."""

    code: str
    group: str
    title: Any
    main: Number
    others: Sequence[Number] = ()
    before: Any = None
    target: Any = None
    target_label: Any = ""
    target_url: str = ""
    spark: Sequence[Any] = ()
    spark_label: Any = ""
    note: Any = ""
    is_good_up: bool | None = None

    @property
    def numbers(self) -> list[Number]:
        return [self.main, *self.others]

    @property
    def change(self) -> Any:
        """The main number less what it was; of amounts, the change as a share."""
        now = self.main.shown
        if now is None or self.before is None:
            return None
        if self.main.kind == MONEY:
            return share(now - self.before, abs(self.before))
        return now - self.before

    @property
    def tone(self) -> str:
        """Whether the change is for the better."""
        change = self.change
        if not change or self.is_good_up is None:
            return "flat"
        return "good" if (change > 0) == self.is_good_up else "bad"

    @property
    def missed(self) -> bool:
        """The target is not met."""
        now = self.main.shown
        if self.target is None or now is None or self.is_good_up is None:
            return False
        return bool(now < self.target if self.is_good_up else now > self.target)


def share(part: Any, whole: Any) -> Decimal | None:
    """`part` ÷ `whole`; None where there is nothing to divide by."""
    return Decimal(part) / Decimal(whole) if whole else None
