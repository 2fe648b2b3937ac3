"""Who buys what: known to a higher app, asked by the filters of accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True)
class Buyers:
    """What a higher app says of buying: the product lines there are, and the ids of the accounts that buy one."""

    lines: Callable[[], models.QuerySet[Any]]
    of_line: Callable[[Any, dt.date], models.QuerySet[Any]]


_buyers: list[Buyers] = []


def register(buyers: Buyers) -> None:
    """Once, by the app that knows what is bought."""
    _buyers[:] = [buyers]


def lines(_request: Any = None) -> models.QuerySet[Any]:
    """The product lines there are."""
    return _buyers[0].lines()


def buyers_of(line: Any, today: dt.date) -> models.QuerySet[Any]:
    """The ids of the accounts that bought the product line within twelve months."""
    return _buyers[0].of_line(line, today)
