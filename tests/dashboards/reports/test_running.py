"""Numbers of reports, recounted by hand; rows behind them; bounds; zones; who sees what."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from core.models import ExchangeRate
from dashboards.reports import budget
from dashboards.reports.errors import InvalidReport, ReportTooLarge, ReportTooSlow
from dashboards.reports.running import ONLINE, Bounds
from dashboards.reports.shipped import SHIPPED
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_instalment
from tests.factories.interactions import make_interaction, make_step, make_visit
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
VISITS = SHIPPED["visits-per-person"].definition


def cells(table):
    """Words of the keys -> the numbers of the whole row."""
    return {tuple(key.text for key in row.keys): row.cells[-1] for row in table.rows}


class TestTable:
    def test_counts_by_person_and_kind(self, ask, dora, account, foreign_account, ann):
        make_interaction(account, 1, kind="visit")
        make_interaction(account, 2, kind="visit", author=ann)
        make_interaction(account, 29, kind="meeting")
        make_interaction(account, 30, kind="visit")  # the 31st day
        make_interaction(account, 1, kind="call")  # not in person
        make_interaction(foreign_account, 3, kind="training")
        table = ask(dora, VISITS)
        assert [key.text for key in table.crosses] == ["Visit", "Meeting", "Training"]
        found = {row.keys[0].text: [cell[0] for cell in row.cells] for row in table.rows}
        assert found == {"Alice": [1, 1, 0, 2], "Ann": [1, 0, 0, 1], "Mallory": [0, 0, 1, 1]}
        assert table.total.cells == [[2], [1], [1], [4]]

    def test_each_reader_counts_their_own_rows(self, ask, dora, lee, alice, mallory, account, foreign_account):
        make_interaction(account, 1)
        make_interaction(foreign_account, 1)
        numbers = {user: ask(user, VISITS).total.cells[-1][0] for user in (dora, lee, alice, mallory)}
        assert numbers == {dora: 2, lee: 1, alice: 1, mallory: 1}

    def test_every_number_opens_its_rows(self, ask, dora, account, foreign_account):
        for days in (0, 1, 2, 40):
            make_interaction(account, days)
            make_interaction(foreign_account, days, kind="call")
        raw = {
            "object": "interactions",
            "groups": [{"column": "author"}, {"column": "date", "grain": "month"}],
            "cross": {"column": "outcome"},
        }
        table = ask(dora, raw)
        opened = 0
        for row in [*table.rows, table.total]:
            own = {number: key.param for number, key in enumerate(row.keys)}
            for place, numbers in enumerate(row.cells):
                cross = {2: table.crosses[place].param} if place < len(table.crosses) else {}
                assert ask(dora, raw, cell={**own, **cross}).count == numbers[0]
                opened += 1
        assert opened > 6

    def test_subtotals_of_what_cannot_be_added(self, ask, dora, account, foreign_account):
        make_interaction(account, 0)
        make_interaction(account, 40)
        make_interaction(foreign_account, 40)
        raw = {
            "object": "interactions",
            "groups": [{"column": "kind"}, {"column": "date", "grain": "month"}],
            "sums": [{"function": "distinct", "column": "account"}, {"function": "avg", "column": "duration"}],
        }
        table = ask(dora, raw)
        assert [row.cells[-1][0] for row in table.rows] == [2, 2, 1]
        assert table.total.cells[-1] == [2, None]

    def test_divides_by_nothing(self, ask, dora, account):
        raw = SHIPPED["revenue-by-manager"].definition
        table = ask(dora, raw)
        assert table.total.cells[-1] == [1, Decimal(0), Decimal(0), Decimal(0), None]
        shares = ask(dora, SHIPPED["concentration"].definition)
        assert shares.total.cells[-1][1] is None

    def test_shares_add_up(self, ask, dora, account, foreign_account):
        for one, amount in ((account, 300), (foreign_account, 100)):
            Account.objects.get(pk=one.pk).summary.__class__.objects.filter(account=one).update(
                revenue_12m_amount=amount
            )
        table = ask(dora, SHIPPED["concentration"].definition)
        assert [row.cells[-1] for row in table.rows] == [
            [Decimal(300), Decimal("0.75"), Decimal("0.75")],
            [Decimal(100), Decimal("0.25"), Decimal(1)],
        ]

    def test_first_groups_and_the_total_of_all(self, ask, dora, account, foreign_account):
        make_order(account, 100)
        make_order(foreign_account, 30)
        raw = {
            "object": "orders",
            "groups": [{"column": "account"}],
            "sums": [{"function": "sum", "column": "amount"}],
            "sort": "-sum:0",
            "limit": 1,
        }
        table = ask(dora, raw)
        assert cells(table) == {("Dawn Machinery",): [Decimal(100)]}
        assert table.more_groups
        assert table.total.cells == [[Decimal(130)]]

    def test_a_deactivated_manager_keeps_the_name(self, ask, dora, account, alice):
        make_interaction(account, 1)
        type(alice).objects.filter(pk=alice.pk).update(is_active=False)
        assert ("Alice",) in cells(ask(dora, VISITS))
        assert ask(type(alice).objects.get(pk=alice.pk), VISITS).total.cells[-1][0] == 0


class TestMoney:
    def test_is_converted_by_the_rate_of_the_day(self, ask, dora, account):
        ExchangeRate.objects.create(currency="EUR", valid_from=TODAY - dt.timedelta(days=60), rate=7)
        ExchangeRate.objects.create(currency="EUR", valid_from=TODAY - dt.timedelta(days=10), rate=8)
        make_order(account, 100, date=TODAY - dt.timedelta(days=30), currency="EUR")
        make_order(account, 100, date=TODAY - dt.timedelta(days=5), currency="EUR")
        make_order(account, 1, date=TODAY - dt.timedelta(days=5), currency="CNY")
        make_order(account, 1000, date=TODAY - dt.timedelta(days=5), currency="USD")
        raw = {"object": "orders", "sums": [{"function": "sum", "column": "amount"}, {"function": "count"}]}
        table = ask(dora, raw)
        assert [Decimal(value) for value in table.total.cells[-1]] == [Decimal(1501), Decimal(4)]
        assert table.unpriced == 1  # the dollars have no rate
        listing = ask(dora, {"object": "orders"})
        assert (listing.count, listing.sums["amount"], listing.unpriced) == (4, Decimal(1501), 1)

    def test_ageing_counts_what_is_open(self, ask, dora, account):
        late, later = make_instalment(amount=100, days=-40), make_instalment(amount=50, days=4)
        contract = make_contract(account, instalments=[late, later])
        contract.instalments.filter(amount=100).update(settled_amount=30)
        contract.instalments.update(is_current=True)
        table = ask(dora, SHIPPED["ageing"].definition)
        assert [key.text for key in table.crosses] == ["Not yet due", "31–60 days"]
        assert [cell[0] for cell in table.total.cells] == [Decimal(50), Decimal(70), Decimal(120)]
        overdue = ask(dora, SHIPPED["overdue-receivables"].definition)
        assert overdue.total.cells[-1] == [1, Decimal(70), 40]


class TestFilters:
    def test_overdue_steps_and_missed_visits(self, ask, dora, account):
        make_step(account, -3)
        make_step(account, 0)
        make_visit(account, -2)
        make_visit(account, -2, status="missed", closed_at=timezone.now())
        make_visit(account, 1)
        assert ask(dora, SHIPPED["overdue-steps"].definition).total.cells[-1] == [1, 3]
        visits = ask(dora, SHIPPED["missed-visits"].definition)
        assert {key.text: visits.total.cells[n][0] for n, key in enumerate(visits.crosses)} == {
            "Overdue": 1,
            "Missed": 1,
        }

    def test_silence_has_steps(self, ask, dora, account, foreign_account):
        summaries = type(account.summary).objects
        for days, expected in (
            (29, "Under 30 days"),
            (30, "30 to 59 days"),
            (89, "60 to 89 days"),
            (90, "90 days and more"),
        ):
            summaries.filter(account=account).update(last_contact_date=TODAY - dt.timedelta(days=days))
            raw = {"object": "accounts", "groups": [{"column": "silence"}]}
            assert cells(ask(dora, raw)) == {(expected,): [1], ("Never contacted",): [1]}, days

    def test_not_since_includes_never(self, ask, dora, account, foreign_account):
        type(account.summary).objects.filter(account=account).update(last_contact_date=TODAY - dt.timedelta(days=30))
        for days, expected in ((29, 2), (30, 1)):
            raw = {"object": "accounts", "filters": [{"column": "last_contact", "op": "not_since", "value": days}]}
            assert ask(dora, raw).count == expected

    def test_me_is_whoever_reads(self, ask, alice, mallory, dora, account, foreign_account):
        raw = {"object": "accounts", "filters": [{"column": "manager", "op": "in", "value": ["me"]}]}
        assert [ask(user, raw).count for user in (alice, mallory, dora)] == [1, 1, 0]

    def test_a_day_begins_in_the_readers_zone(self, ask, dora, account):
        moment = dt.datetime.combine(TODAY, dt.time(20), dt.UTC)  # in Shanghai the next day begins at 16:00 UTC
        Account.objects.update(created_at=moment)
        raw = {"object": "accounts", "groups": [{"column": "created", "grain": "day"}]}
        for zone, day in (("UTC", TODAY), ("Asia/Shanghai", TODAY + dt.timedelta(days=1))):
            table = ask(dora, raw, zone=zone)
            assert [row.keys[0].value for row in table.rows] == [day]
            assert ask(dora, raw, zone=zone, cell={0: day.isoformat()}).count == 1

    @pytest.mark.parametrize("value", ["x", "99999999999999999999", "-1", "2026-13-01", "\x00"])
    def test_a_group_by_hand_is_refused(self, ask, dora, account, value):
        for group in ({"column": "manager"}, {"column": "created", "grain": "month"}):
            with pytest.raises(InvalidReport):
                ask(dora, {"object": "accounts", "groups": [group]}, cell={0: value})

    def test_empty_and_not_in(self, ask, dora, account):
        AccountFactory(city="上海")

        def count(**one):
            return ask(dora, {"object": "accounts", "filters": [one]}).count

        assert count(column="city", op="is", value="上海") == 1
        assert count(column="city", op="contains", value="上") == 1
        assert count(column="tier", op="empty") + count(column="tier", op="not_empty") == 2
        assert count(column="tier", op="not_in", value=["A"]) == count(column="tier", op="in", value=["B", "C", ""])
        assert count(column="manager", op="empty") + count(column="manager", op="not_empty") == 2


class TestBounds:
    def test_too_many_cells_are_refused(self, ask, dora, account, foreign_account):
        raw = {"object": "accounts", "groups": [{"column": "manager"}, {"column": "account"}]}
        with pytest.raises(ReportTooLarge):
            ask(dora, raw, bounds=Bounds(cells=1, lines=50, rows=50, seconds=2))

    def test_pages_of_rows(self, ask, dora, account):
        for _number in range(103):
            make_interaction(account, 1)
        first, last = (ask(dora, {"object": "interactions"}, page=page) for page in (1, 99))
        assert (len(first.rows), first.pages, first.count) == (100, 2, 103)
        assert (len(last.rows), last.page) == (3, 2)
        assert ask(dora, {"object": "interactions", "columns": ["date"], "limit": 5}).pages == 1

    def test_a_slow_statement_is_broken_off(self):
        slow = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 50000000) SELECT max(x) FROM n"
        with pytest.raises(ReportTooSlow), budget.seconds(0.2), connection.cursor() as cursor:
            cursor.execute(slow)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # the connection goes on, and nothing limits it
            if connection.vendor == "postgresql":
                cursor.execute("SHOW statement_timeout")
                assert cursor.fetchone() == ("0",)


@pytest.mark.parametrize("code", SHIPPED)
def test_shipped_reports_run_for_every_role(ask, code, dora, lee, alice, mallory, admin_user, account, foreign_account):
    for user in (dora, lee, alice, mallory, admin_user):
        ask(user, SHIPPED[code].definition, bounds=ONLINE)
