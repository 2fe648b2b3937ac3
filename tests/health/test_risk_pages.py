"""The risk matrix: each number is that of its rows."""

import pytest
from django.urls import reverse

from accounts.models import AccountSummary
from health.models import AccountHealth
from health.risk import risk_matrix
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import make_health, make_health_run
from tests.factories.users import TeamFactory, UserFactory

MATRIX, ROWS = reverse("health:matrix"), reverse("health:risk_list")


def customer(manager, probability, revenue, at_risk="100.00", **fields):
    account = AccountFactory(manager=manager, **fields)
    AccountSummary.objects.filter(account=account).update(revenue_12m_amount=revenue)
    make_health(account, probability=probability, value_at_risk_amount=at_risk)
    return account


@pytest.fixture
def customers(alice):
    """Six of Alice's, from harmless to grave; one has no probability."""
    return [
        customer(alice, 0.05, 500, tier="C"),
        customer(alice, 0.2, 1_000),
        customer(alice, 0.59999, 20_000, tier="B"),
        customer(alice, 0.6, 250_000, "150000.00", tier="A"),
        customer(alice, 1.0, 99_999_999, "90000000.00", tier="A"),
        customer(alice, None, 0, None),
    ]


class TestMatrix:
    def test_every_account_is_in_one_cell(self, customers):
        found = risk_matrix(AccountHealth.objects.all())
        assert found.count == 5
        assert found.unknown == 1
        assert [span.low for span, _cells in found.rows] == [80, 60, 40, 20, None]
        assert len(found.columns) == 5
        top = found.rows[0][1][-1]
        assert (top.count, top.at_risk, top.level) == (1, 90_000_000, 4)

    def test_the_lowest_column_takes_all_below_it(self, customers):
        found = risk_matrix(AccountHealth.objects.all())
        assert [(span.low, span.high) for span in found.columns] == [
            (None, 10_000), (10_000, 100_000), (100_000, 1_000_000), (1_000_000, 10_000_000), (10_000_000, None)
        ]  # fmt: skip
        lowest = [cells[0].count for _span, cells in found.rows]
        assert lowest == [0, 0, 0, 1, 1]

    def test_nobody(self, db):
        found = risk_matrix(AccountHealth.objects.all())
        assert (found.rows, found.count, found.unknown) == ([], 0, 0)

    def test_one_small_account_alone(self, alice):
        customer(alice, 0.5, -20)
        found = risk_matrix(AccountHealth.objects.all())
        assert [(span.low, span.high) for span in found.columns] == [(None, None)]
        assert found.count == 1


class TestMatrixPage:
    def test_each_number_opens_its_rows(self, client_for, alice, customers):
        client = client_for(alice)
        page = client.get(MATRIX)
        seen = 0
        for _span, cells in page.context["matrix"].rows:
            for cell in cells:
                rows = client.get(cell.url).context["page"].rows
                assert len(rows) == cell.count
                assert sum(row.value_at_risk_amount or 0 for row in rows) == cell.at_risk
                seen += len(rows)
        assert seen == 5
        assert len(client.get(page.context["unknown_url"]).context["page"].rows) == 1
        assert [row.account for row in page.context["top"]][:2] == [customers[4], customers[3]]

    def test_a_filter_goes_along_to_the_rows(self, client_for, alice, customers):
        client = client_for(alice)
        page = client.get(MATRIX, {"tier": "A"})
        assert page.context["matrix"].count == 2
        cells = [cell for _span, cells in page.context["matrix"].rows for cell in cells if cell.count]
        assert all("tier=A" in cell.url for cell in cells)
        assert [len(client.get(cell.url).context["page"].rows) for cell in cells] == [1, 1]

    def test_others_accounts_are_not_counted(self, client_for, mallory, customers):
        page = client_for(mallory).get(MATRIX)
        assert page.context["matrix"].count == 0
        assert "No account has been looked at yet." in page.content.decode()

    def test_the_fragment_alone(self, client_for, alice, customers):
        html = client_for(alice).get(MATRIX, headers={"HX-Request": "true"}).content.decode()
        assert html.lstrip().startswith('<div id="rows">')

    def test_says_that_orders_are_missing(self, client_for, alice, customers, today):
        make_health_run(gap_from=today, gap_until=today, withheld=7)
        html = client_for(alice).get(MATRIX).content.decode()
        assert "Orders are missing in the data of the whole company" in html
        assert "7 are withheld." in html


class TestRows:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"probability_from": "60"}, {3, 4}),
            ({"probability_from": "20", "probability_below": "60"}, {1, 2}),
            ({"value_below": "1000"}, {0, 5}),
            ({"value_from": "1000", "value_below": "250000"}, {1, 2}),
            ({"tier": "none"}, {1, 5}),
            ({"predicted": "false"}, {5}),
            ({"band": "healthy"}, set()),
            ({"alerted": "true"}, {3}),
        ],
    )
    def test_filters(self, client_for, alice, customers, query, found):
        alerted = AccountSummary.objects.filter(account=customers[3])
        alerted.update(open_alerts=1, alert_severity=4, alert_reason="unhappy")
        rows = client_for(alice).get(ROWS, query).context["page"].rows
        assert {customers.index(row.account) for row in rows} == found

    @pytest.mark.parametrize(
        ("sort", "order"),
        [("", [4, 3, 2, 1, 0, 5]), ("-probability", [4, 3, 2, 1, 0, 5]), ("revenue", [5, 0, 1, 2, 3, 4])],
    )
    def test_sorts(self, client_for, alice, customers, sort, order):
        rows = client_for(alice).get(ROWS, {"sort": sort}).context["page"].rows
        assert [customers.index(row.account) for row in rows] == order

    def test_by_team(self, client_for, dora, customers, alice):
        other = UserFactory(team=TeamFactory(name="Elsewhere"))
        customer(other, 0.9, 5_000)
        rows = client_for(dora).get(ROWS, {"team": alice.team_id}).context["page"].rows
        assert len(rows) == 6
        assert len(client_for(dora).get(ROWS, {"manager": other.pk}).context["page"].rows) == 1

    def test_nonsense_is_said_and_not_obeyed(self, client_for, alice, customers):
        page = client_for(alice).get(ROWS, {"probability_from": "many", "tier": "Z"})
        assert page.status_code == 200
        assert len(page.context["page"].rows) == 6
