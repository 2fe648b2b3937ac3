"""How dangerous an alert is, and how many one person has at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.choices import Severity
from health.ranking import STAYS, Claim, rank, severity, share_out

BOUNDS = [1_000.0, 10_000.0, 100_000.0]
CLAIMS = st.lists(
    st.builds(
        lambda rank, state, cleared: (rank, state, cleared),
        st.one_of(st.floats(0, 10**9), st.sampled_from([0.0, 100.0, 125.0])),
        st.sampled_from(["held", "open", "taken"]),
        st.booleans(),
    ),
    max_size=30,
)


def claims_of(rows):
    return [
        Claim(key, rank, state == "taken", state == "open", cleared) for key, (rank, state, cleared) in enumerate(rows)
    ]


class TestRank:
    def test_is_what_is_at_risk_then_how_bad_the_signal_is(self):
        assert rank(500.0, 0.9) > rank(500.0, 0.2) > rank(499.0, 0.1)

    @pytest.mark.parametrize("value", [None, 0.0, -30.0])
    def test_where_nothing_is_at_risk_the_signal_alone_counts(self, value):
        assert rank(value, 0.7) == 0.7

    @given(st.one_of(st.none(), st.floats(-(10**12), 10**12)), st.floats(-5, 5))
    def test_is_never_negative(self, value, strength):
        assert rank(value, strength) >= 0


class TestSeverity:
    @pytest.mark.parametrize(
        ("value", "probability", "level"),
        [
            (500, 0.9, Severity.LOW),
            (1_000, 0.9, Severity.MEDIUM),
            (10_000, 0.9, Severity.HIGH),
            (100_000, 0.9, Severity.CRITICAL),
            (100_000, 0.29, Severity.HIGH),
            (100_000, 0.05, Severity.MEDIUM),
            (100_000, None, Severity.MEDIUM),
        ],
    )
    def test_is_from_probability_times_value(self, value, probability, level):
        assert severity(value, probability, 0.6, BOUNDS) == level

    @pytest.mark.parametrize(("strength", "level"), [(0.5, Severity.LOW), (0.75, Severity.MEDIUM)])
    def test_without_a_value_is_from_the_signal(self, strength, level):
        assert severity(None, None, strength, BOUNDS) == level
        assert severity(500.0, 0.9, strength, []) == level


class TestShareOut:
    def test_the_most_dangerous_first(self):
        assert share_out([Claim(1, 10), Claim(2, 30), Claim(3, 20)], 2) == {2, 3}

    def test_what_is_taken_care_of_stays_and_takes_room(self):
        assert share_out([Claim(1, 1, taken=True), Claim(2, 30), Claim(3, 20)], 2) == {1, 2}

    def test_what_is_open_gives_way_only_to_what_is_clearly_worse(self):
        assert share_out([Claim(1, 100, open=True), Claim(2, 120)], 1) == {1}
        assert share_out([Claim(1, 100, open=True), Claim(2, 130)], 1) == {2}

    def test_what_is_cleared_gives_way_to_anything(self):
        assert share_out([Claim(1, 100, open=True, cleared=True), Claim(2, 1)], 1) == {2}

    @given(CLAIMS, st.integers(0, 12))
    def test_nobody_has_more_than_the_limit_but_what_they_took(self, rows, room):
        claims = claims_of(rows)
        given_out = share_out(claims, room)
        taken = {claim.key for claim in claims if claim.taken}
        assert taken <= given_out
        assert len(given_out) <= max(room, len(taken))
        assert len(given_out) == min(max(room, len(taken)), len(claims))

    @given(CLAIMS, st.integers(0, 12))
    def test_nothing_clearly_worse_is_held_back(self, rows, room):
        claims = claims_of(rows)
        given_out = share_out(claims, room)
        mine = [c for c in claims if c.key in given_out and not c.taken]
        waiting = [c for c in claims if c.key not in given_out]
        for held in waiting:
            for shown in mine:
                if not held.cleared:
                    assert not shown.cleared
                    assert held.rank <= shown.rank * STAYS

    @given(CLAIMS, st.integers(0, 12))
    def test_a_second_time_changes_nothing(self, rows, room):
        claims = claims_of(rows)
        given_out = share_out(claims, room)
        again = [claim._replace(open=claim.key in given_out and not claim.taken) for claim in claims]
        assert share_out(again, room) == given_out
