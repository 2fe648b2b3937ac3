"""The state of a day: in Python and in the database the same, and always exactly one."""

import datetime as dt
from itertools import pairwise

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.choices import Phase, State
from contracts.models import Contract
from contracts.querysets import state_conditions
from contracts.states import state_on
from tests.factories import TODAY
from tests.factories.contracts import make_contract

DAYS = st.integers(-40, 40)
DB = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def day(number):
    return TODAY + dt.timedelta(days=number)


@st.composite
def rows(draw):
    """Columns of a contract, in every mixture that the constraints of the table allow."""
    start, length = draw(DAYS), draw(st.integers(0, 60))
    phase = draw(st.sampled_from(Phase.values))
    terminated = draw(DAYS) if phase == Phase.TERMINATED else draw(st.none() | DAYS)
    renewal = draw(st.none() | DAYS)
    notice = draw(st.none() | DAYS)
    return {
        "phase": phase,
        "start_date": day(start),
        "end_date": day(start + length),
        "renewal_date": None if renewal is None else day(renewal),
        "renews_itself": draw(st.booleans()),
        "notice_given_on": None if notice is None else day(notice),
        "terminated_on": None if terminated is None else day(terminated),
    }


@pytest.fixture
def pair(account):
    """A contract and the one that renews it."""
    contract = make_contract(account)
    return contract, make_contract(account, "draft", predecessor=contract)


class TestStates:
    @DB
    @given(values=rows(), successor=st.sampled_from(Phase.values), days=st.lists(DAYS, min_size=1, max_size=8))
    def test_python_and_database_agree(self, pair, values, successor, days):
        contract, following = pair
        Contract.objects.filter(pk=contract.pk).update(**values)
        ends = {"terminated_on": day(0)} if successor == Phase.TERMINATED else {}
        Contract.objects.filter(pk=following.pk).update(phase=successor, **ends)
        row = Contract.objects.get(pk=contract.pk)
        is_renewed = successor in (Phase.SIGNED, Phase.TERMINATED)
        for number in days:
            today = day(number)
            found = [
                state
                for state, condition in state_conditions(today).items()
                if Contract.objects.filter(condition, pk=row.pk).exists()
            ]
            assert found == [state_on(row, today, is_renewed=is_renewed)]
            assert Contract.objects.with_state(today).get(pk=row.pk).state_now == found[0]

    @pytest.mark.parametrize("state", State.values)
    def test_of_a_contract_in_each(self, account, state):
        made = make_contract(account, state)
        assert list(Contract.objects.filter(pk=made.pk).in_state([state], TODAY)) == [made]
        others = [other for other in State.values if other != state]
        assert not Contract.objects.filter(pk=made.pk).in_state(others, TODAY).exists()

    def test_no_state_asked_for_is_no_contract(self, account):
        make_contract(account)
        assert not Contract.objects.in_state([], TODAY).exists()

    def test_every_state_has_its_condition(self):
        assert set(state_conditions(TODAY)) == set(State)
        assert all(isinstance(condition, Q) for condition in state_conditions(TODAY, "contract__").values())


class TestLife:
    """One contract, day by day."""

    def states(self, contract, first, last):
        contract.refresh_from_db()
        days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        return [(today, state_on(contract, today, is_renewed=False)) for today in days]

    def turns(self, contract, first, last):
        """The days on which the state changes."""
        found = self.states(contract, first, last)
        return [(b[0], b[1]) for a, b in pairwise(found) if a[1] != b[1]]

    def test_begins_expires_and_is_over(self, account):
        contract = make_contract(
            account, "signed", start_date=dt.date(2026, 4, 1), end_date=dt.date(2026, 12, 31), notice_days=30
        )
        assert self.turns(contract, dt.date(2026, 3, 1), dt.date(2027, 3, 1)) == [
            (dt.date(2026, 4, 1), State.IN_FORCE),
            (dt.date(2026, 10, 2), State.EXPIRING),
            (dt.date(2027, 1, 1), State.EXPIRED),
        ]

    def test_one_that_renews_itself_goes_on(self, account):
        contract = make_contract(
            account, "signed", start_date=dt.date(2026, 4, 1), end_date=dt.date(2026, 12, 31), auto_renewal_months=12
        )
        assert self.states(contract, dt.date(2027, 6, 1), dt.date(2027, 6, 1))[0][1] == State.IN_FORCE

    def test_one_that_is_terminated_as_of_a_day_runs_to_the_end_of_it(self, account):
        contract = make_contract(account, "terminated", terminated_on=TODAY)
        found = dict(self.states(contract, TODAY, TODAY + dt.timedelta(days=1)))
        assert list(found.values()) == [State.IN_FORCE, State.TERMINATED]
