"""How good the alerts were, by month."""

import datetime as dt

import pytest

from health.alert_measures import Raised, Silence, measured
from health.services.alert_measures import alert_measures, silences
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import NOW, make_alert
from tests.factories.orders import make_order

DAY = dt.timedelta(days=1)
MARCH, FEBRUARY, SEPTEMBER = dt.date(2026, 3, 1), dt.date(2026, 2, 1), dt.date(2025, 9, 1)


def raised(account=1, opened=TODAY, outcome="", status="open", *, acknowledged=None, resolved=None):
    at = dt.datetime.combine(opened, dt.time(2), tzinfo=dt.UTC)
    return Raised(
        account, opened, "resolved" if outcome else status, outcome, at, acknowledged and at + acknowledged,
        at + (resolved or DAY) if outcome else None,
    )  # fmt: skip


class TestPrecision:
    def test_is_saved_and_lost_over_what_people_said(self):
        outcomes = ["saved", "saved", "lost", "false_alarm", "withdrawn", ""]
        row = measured([raised(outcome=outcome) for outcome in outcomes], [], [MARCH], TODAY)[0]
        assert (row.precision.part, row.precision.all, row.precision.value) == (3, 4, 0.75)
        low, high = row.precision.interval
        assert 0.3 < low < 0.75 < high < 0.96
        assert (row.raised, row.shown, row.unresolved) == (6, 5, 1)
        assert row.outcomes == {"saved": 2, "lost": 1, "false_alarm": 1, "withdrawn": 1}

    def test_of_nothing_there_is_none(self):
        row = measured([], [], [MARCH], TODAY)[0]
        assert (row.precision.value, row.precision.interval, row.acknowledge_hours) == (None, None, None)

    def test_what_was_held_back_was_shown_to_nobody(self):
        assert measured([raised(status="held")], [], [MARCH], TODAY)[0].shown == 0


class TestTimes:
    def test_are_medians_of_what_was_done(self):
        hours = [dt.timedelta(hours=number) for number in (1, 2, 9)]
        rows = [raised(acknowledged=each, outcome="saved", resolved=each * 24) for each in hours]
        row = measured([*rows, raised()], [], [MARCH], TODAY)[0]
        assert (row.acknowledge_hours, row.resolve_days) == (2, 2)


class TestMonths:
    def test_one_row_each_and_one_for_all(self):
        rows = measured([raised(), raised(opened=FEBRUARY), raised(opened=SEPTEMBER)], [], [FEBRUARY, MARCH], TODAY)
        assert [(row.month, row.raised) for row in rows] == [(FEBRUARY, 1), (MARCH, 1), (None, 2)]


class TestWarned:
    LAST = dt.date(2025, 9, 10)

    def row(self, *alerts):
        return measured(alerts, [Silence(1, self.LAST)], [SEPTEMBER], TODAY)[0]

    @pytest.mark.parametrize(
        ("days", "by", "lead"),
        [
            (-20, {0: 1, 30: 1, 60: 1, 90: 1}, 90),
            (31, {0: 0, 30: 0, 60: 1, 90: 1}, 59),
            (90, {0: 0, 30: 0, 60: 0, 90: 1}, 0),
            (91, {0: 0, 30: 0, 60: 0, 90: 0}, None),
        ],
    )
    def test_by_how_many_days_after_the_last_order(self, days, by, lead):
        row = self.row(raised(opened=self.LAST + days * DAY))
        assert {at: share.part for at, share in row.warned_by.items()} == by
        assert row.lead_days == lead

    def test_the_earliest_of_several_counts(self):
        row = self.row(raised(opened=self.LAST + 80 * DAY), raised(opened=self.LAST + 20 * DAY))
        assert row.lead_days == 70

    def test_what_was_over_before_is_no_warning(self):
        assert self.row(raised(opened=self.LAST - 40 * DAY, outcome="saved")).warned.part == 0

    def test_nor_is_what_nobody_saw_or_what_is_another_s(self):
        assert self.row(raised(opened=self.LAST, status="held"), raised(2, opened=self.LAST)).warned.part == 0

    def test_of_a_month_whose_90_days_are_not_over_nothing_is_known(self):
        rows = measured([], [], [dt.date(2025, 11, 1), dt.date(2025, 12, 1)], dt.date(2026, 3, 1))
        assert [row.silent for row in rows] == [0, None, 0]
        assert measured([], [], [dt.date(2025, 11, 1)], dt.date(2026, 2, 28))[0].silent is None


@pytest.mark.django_db
class TestSilences:
    def buy(self, account, *days_ago):
        for days in days_ago:
            make_order(account, 100 + days, date=TODAY - days * DAY)

    def test_three_order_days_within_a_year_then_nothing_for_90_days(self, account):
        self.buy(account, 300, 250, 200)
        first = TODAY - 365 * DAY
        assert silences(first, TODAY) == [Silence(account.pk, TODAY - 200 * DAY)]

    @pytest.mark.parametrize(
        "days",
        [(200, 150), (300, 250, 250), (600, 590, 200), (300, 250, 89), (300, 250, 90), (), (320, 240, 160, 80)],
    )
    def test_not_who_was_not_active_or_still_orders(self, account, days):
        for number, days_ago in enumerate(days):
            make_order(account, 1000 + number, date=TODAY - days_ago * DAY)
        assert silences(TODAY - 365 * DAY, TODAY) == []

    def test_who_came_back_was_silent_all_the_same(self, account):
        self.buy(account, 340, 330, 320, 200, 10)
        assert [silence.last for silence in silences(TODAY - 365 * DAY, TODAY)] == [
            TODAY - 320 * DAY, TODAY - 200 * DAY,
        ]  # fmt: skip

    def test_everybody_reads_those_of_their_own_accounts(self, account, alice, mallory, dora):
        self.buy(account, 300, 250, 200)
        make_alert(account, opened_on=TODAY - 180 * DAY, opened_at=NOW - 180 * DAY)
        for viewer, silent, warned in [(alice, 1, 1), (mallory, 0, 0), (dora, 1, 1)]:
            total = alert_measures(viewer, TODAY)[-1]
            assert (total.silent, total.warned.part, total.raised) == (silent, warned, warned)

    def test_returns_and_orders_of_today_and_later_do_not_count(self):
        account = AccountFactory()
        self.buy(account, 300, 250, 200, -5, 0)
        assert len(silences(TODAY - 365 * DAY, TODAY)) == 1


@pytest.mark.django_db
class TestApi:
    URL = "/api/v1/health-alerts/measures/"

    def test_tells_them_by_month(self, api_for, alice, account):
        make_alert(account)
        body = api_for(alice).get(self.URL, {"months": 3}).json()
        assert len(body) == 4
        assert body[-1]["month"] is None
        assert set(body[0]["precision"]) == {"part", "all", "value", "interval"}

    @pytest.mark.parametrize("months", ["0", "61", "-1", "x", "", "9" * 50])
    def test_refuses_a_number_that_is_none(self, api_for, alice, months):
        assert api_for(alice).get(self.URL, {"months": months}).status_code == 400
