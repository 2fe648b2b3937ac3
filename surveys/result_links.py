"""Where the answers behind a number of the results are listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from surveys.reports import Where
from surveys.results import Months


@dataclass(frozen=True)
class Links:
    """Makes the addresses. `base` names the campaign or the questionnaire; an anonymous one leads nowhere: ""."""

    base: dict[str, Any]
    months: Months
    slice: str = ""
    anonymous: bool = False
    other: Months | None = None
    _url: str = field(default_factory=lambda: reverse("surveys:response_list"))

    def to(
        self, where: Where | None = None, *, slice_: str = "", months: Months | None = None, before: bool = False
    ) -> str:
        """The responses that a number counted: the coordinate, in a slice, in the period (`before`: the other one)."""
        if self.anonymous:
            return ""
        period = months or (self.other if before and self.other else self.months)
        found: dict[str, Any] = {**self.base}
        if where is not None:
            found |= {"question": where.question, "part": where.part, "choice": where.choice}
            found |= {"low": where.low, "high": where.high}
        found |= {"slice": slice_ or self.slice, "date_after": period.first_day, "date_before": period.last_day}
        return f"{self._url}?{urlencode({name: value for name, value in found.items() if value not in (None, '')})}"
