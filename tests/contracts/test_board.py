"""Contracts by state: counts, sums that never mix currencies, at most 20 cards in a column."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from tests.factories.contracts import make_contract, make_line

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)
BOARD = reverse("contracts:contract_board")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def columns(response):
    return {str(column.state): column for column in response.context["columns"]}


class TestBoard:
    def test_each_contract_in_the_column_of_its_state(self, client_for, alice, account, foreign_account):
        states = ["draft", "in_approval", "approved", "signed", "in_force", "expiring", "expired", "terminated"]
        made = {state: make_contract(account, state) for state in states}
        make_contract(foreign_account, "draft")
        make_contract(account, "discarded")
        found = columns(client_for(alice).get(BOARD))
        for state, contract in made.items():
            assert [card.pk for card in found[state].cards] == [contract.pk], state
            assert found[state].count == 1
        assert "discarded" not in found

    def test_a_renewed_one_and_its_successor(self, client_for, alice, account):
        contract = make_contract(account, "renewed")
        found = columns(client_for(alice).get(BOARD))
        assert [card.pk for card in found["renewed"].cards] == [contract.pk]
        assert [card.pk for card in found["in_force"].cards] == [contract.successor.pk]

    def test_sums_by_currency(self, client_for, alice, account):
        for currency, price in (("CNY", 1000), ("CNY", 500), ("USD", 70)):
            make_contract(account, "draft", lines=[make_line(unit_price=price)], currency=currency)
        sums = columns(client_for(alice).get(BOARD))["draft"].sums
        assert [(row["currency"], row["net"]) for row in sums] == [("CNY", Decimal(1500)), ("USD", Decimal(70))]

    def test_twenty_cards_and_a_way_to_the_rest(self, client_for, alice, account):
        made = [make_contract(account, "in_force", end_date=dt.date(2026, 12, 1) + dt.timedelta(n)) for n in range(22)]
        response = client_for(alice).get(BOARD, {"kind": "supply"})
        column = columns(response)["in_force"]
        assert [card.pk for card in column.cards] == [row.pk for row in made[:20]]  # what ends first comes first
        assert (column.count, column.more) == (22, 2)
        page = response.content.decode()
        assert "2 more in the list" in page
        rows = client_for(alice).get(reverse("contracts:contract_list") + column.url).context["page"].rows
        assert {row.pk for row in rows} == {row.pk for row in made}

    def test_filters_and_fragment(self, client_for, alice, lee, account):
        mine = make_contract(account, "draft")
        other = make_contract(account, "draft", owner=lee)
        answer = client_for(alice).get(BOARD, {"owner": lee.pk}, headers={"HX-Request": "true"})
        page = answer.content.decode()
        assert "<html" not in page
        assert other.number in page
        assert mine.number not in page

    def test_empty(self, client_for, alice, account):
        assert "There are no contracts yet." in client_for(alice).get(BOARD).content.decode()
        assert "No contract fits these filters." in client_for(alice).get(BOARD, {"q": "zz"}).content.decode()
