"""The calendar of a contract's dates: which day has what, whose, and how much is still to be paid."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from contracts import dates
from contracts.dates import DateKind
from tests.factories import TODAY
from tests.factories.contracts import make_contract, make_instalment

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)
CALENDAR = reverse("contracts:contract_calendar")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def entries(response):
    month = response.context["month"]
    return [(day.date, entry.kind, entry.contract.pk) for week in month.weeks for day in week for entry in day.entries]


class TestMonth:
    def test_whole_weeks_from_monday(self):
        month = dates.month_of(dt.date(2026, 2, 11))
        assert (month.start, month.end) == (dt.date(2026, 1, 26), dt.date(2026, 3, 1))
        assert (month.previous, month.following) == (dt.date(2026, 1, 1), dt.date(2026, 3, 1))
        assert all(len(week) == 7 for week in month.weeks)
        assert sum(day.in_month for week in month.weeks for day in week) == 28

    def test_a_full_day_shows_two_and_says_how_many_more(self):
        day = dates.Day(TODAY, in_month=True, entries=list("abcde"))
        assert (day.first, day.more) == (["a", "b"], ["c", "d", "e"])
        day.entries = list("abc")
        assert (day.first, day.more) == (["a", "b", "c"], [])


class TestPage:
    def test_every_kind_of_date(self, client_for, alice, account, foreign_account):
        contract = make_contract(
            account, "in_force", start_date=dt.date(2026, 3, 2), end_date=dt.date(2026, 8, 31), notice_days=93,
            instalments=[make_instalment(days=3)],
        )  # fmt: skip
        make_contract(foreign_account, "in_force", start_date=dt.date(2026, 3, 2), end_date=dt.date(2026, 12, 31))
        make_contract(account, "draft", start_date=dt.date(2026, 3, 2), end_date=dt.date(2026, 12, 31))
        client = client_for(alice)
        assert entries(client.get(CALENDAR)) == [
            (dt.date(2026, 3, 2), DateKind.START, contract.pk),
            (TODAY + dt.timedelta(3), DateKind.DUE, contract.pk),
            (contract.renewal_date, DateKind.RENEWAL, contract.pk),
        ]
        later = entries(client.get(CALENDAR, {"date": "2026-05-10"}))
        assert later == [(dt.date(2026, 5, 30), DateKind.NOTICE, contract.pk)]
        last = entries(client.get(CALENDAR, {"date": "2026-08-10"}))
        assert last == [(dt.date(2026, 8, 31), DateKind.END, contract.pk)]

    def test_instalments_say_what_is_open_and_late(self, client_for, alice, account):
        plan = [make_instalment(amount=100, days=-2), make_instalment(amount=50, days=4)]
        contract = make_contract(account, instalments=plan)
        paid = contract.version.instalments.get(position=2)
        contract.version.instalments.filter(pk=paid.pk).update(settled_amount=50)
        contract.version.instalments.filter(position=1).update(settled_amount=30)
        response = client_for(alice).get(CALENDAR, {"kind": "due"})
        found = [entry for day in response.context["month"].days for entry in day.entries]
        assert [(entry.amount, entry.is_late) for entry in found] == [(Decimal(70), True)]

    def test_kinds_and_owner(self, client_for, alice, lee, account):
        start = dt.date(2026, 3, 4)
        mine = make_contract(account, start_date=start, end_date=dt.date(2027, 3, 3))
        other = make_contract(account, start_date=start, end_date=dt.date(2027, 3, 3), owner=lee)
        client = client_for(alice)
        assert {row[2] for row in entries(client.get(CALENDAR, {"kind": "start"}))} == {mine.pk, other.pk}
        assert {row[2] for row in entries(client.get(CALENDAR, {"owner": lee.pk}))} == {other.pk}
        assert entries(client.get(CALENDAR, {"kind": "end"})) == []

    def test_fragment_and_empty(self, client_for, alice, account):
        answer = client_for(alice).get(CALENDAR, headers={"HX-Request": "true"})
        page = answer.content.decode()
        assert "<html" not in page
        assert "Nothing is due in this month." in page

    @pytest.mark.parametrize("query", ["date=0001-01-01", "date=9999-12-31", "date=x", "kind=zzz&owner=-1", "date=%00"])
    def test_nonsense(self, client_for, alice, account, query):
        assert client_for(alice).get(f"{CALENDAR}?{query}").status_code == 200
