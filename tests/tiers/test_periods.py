import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiers import periods

days = st.dates(dt.date(2001, 1, 1), dt.date(2090, 1, 1))
schedules = st.sampled_from(list(periods.STEPS))


def test_the_half_year_before():
    assert periods.trailing(dt.date(2010, 6, 1), 6) == (dt.date(2009, 12, 1), dt.date(2010, 5, 31))
    assert periods.trailing(dt.date(2010, 6, 30), 6) == (dt.date(2009, 12, 1), dt.date(2010, 5, 31))


@pytest.mark.parametrize(
    ("schedule", "today", "last", "following"),
    [
        ("monthly", (2026, 3, 16), (2026, 3, 5), (2026, 4, 5)),
        ("monthly", (2026, 3, 4), (2026, 2, 5), (2026, 3, 5)),
        ("quarterly", (2026, 3, 16), (2026, 1, 5), (2026, 4, 5)),
        ("half_yearly", (2026, 1, 4), (2025, 7, 5), (2026, 1, 5)),
        ("half_yearly", (2026, 12, 31), (2026, 7, 5), (2027, 1, 5)),
    ],
)
def test_due_days(schedule, today, last, following):
    assert periods.last_due(schedule, 1, 5, dt.date(*today)) == dt.date(*last)
    assert periods.next_due(schedule, 1, 5, dt.date(*today)) == dt.date(*following)


def test_by_hand_is_never_due():
    assert periods.last_due("manual", 1, 1, dt.date(2026, 3, 16)) is None
    assert periods.next_due("manual", 1, 1, dt.date(2026, 3, 16)) is None


@given(schedules, st.integers(1, 12), st.integers(1, 28), days)
def test_today_lies_between_the_last_and_the_next(schedule, month, day, today):
    last, following = (f(schedule, month, day, today) for f in (periods.last_due, periods.next_due))
    assert last <= today < following
    assert periods.last_due(schedule, month, day, following) == following
