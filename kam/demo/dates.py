"""Dates of the demo."""

import datetime as dt


def months_before(day: dt.date, months: int) -> dt.date:
    """The first of the month that lies `months` before that of `day`."""
    count = day.year * 12 + day.month - 1 - months
    return dt.date(count // 12, count % 12 + 1, 1)
