"""Distribution and migration: each number is that of its rows."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Account
from health.distribution import bins_of, groups_of, moves_of, with_bands
from health.models import AccountHealth, HealthPoint
from health.services.storing import refresh_health_summaries
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import make_health, make_health_run
from tests.factories.users import TeamFactory, UserFactory

DISTRIBUTION, ROWS = reverse("health:distribution"), reverse("health:distribution_list")
MIGRATION, MOVED = reverse("health:migration"), reverse("health:migration_list")
MONTH_AGO = TODAY - dt.timedelta(days=28)
DIMENSIONS = ["", "stage", "category", "region", "manager", "team", "profile"]


def point(account, date, score, band):
    HealthPoint.objects.create(account=account, date=date, score=score, band=band, tier=account.tier)


@pytest.fixture
def customers(alice, north):
    """Five: one without a score, one without tier, category and region, one that nobody manages."""
    nobody = UserFactory(team=None)
    made = [
        AccountFactory(manager=alice, tier="A", region="east", category="core", stage="mid"),
        AccountFactory(manager=alice, tier="A", region="south", category="", stage="early"),
        AccountFactory(manager=nobody, tier="", region="", category="", stage="mid"),
        AccountFactory(manager=None, tier="C", region="east", category="", stage="gestation"),
        AccountFactory(manager=alice, tier="B", region="east", category="", stage="mid"),
    ]
    for account, score in zip(made, (100, 39, 70, 0, None), strict=True):
        make_health(account, score=score)
    return made


class TestDistribution:
    @pytest.mark.parametrize("by", DIMENSIONS)
    def test_each_number_opens_exactly_its_rows(self, client_for, dora, customers, by):
        client = client_for(dora)
        page = client.get(DISTRIBUTION, {"by": by} if by else {})
        assert page.context["total"].count == 5
        for group in (*page.context["groups"], page.context["total"]):
            assert len(client.get(group.url).context["page"].rows) == group.count
            for cell in group.cells:
                rows = client.get(cell.url).context["page"].rows
                assert len(rows) == cell.count
                assert all(row.band == cell.band for row in rows)

    def test_the_bins_too(self, client_for, dora, customers):
        client = client_for(dora)
        bins = client.get(DISTRIBUTION).context["bins"]
        assert [one.count for one in bins] == [1, 0, 0, 1, 0, 0, 0, 1, 0, 1]
        for one in bins:
            assert len(client.get(one.url).context["page"].rows) == one.count

    def test_a_filter_goes_along(self, client_for, dora, customers):
        client = client_for(dora)
        page = client.get(DISTRIBUTION, {"by": "region", "tier": ["A", "B"]})
        assert page.context["total"].count == 3
        east = next(group for group in page.context["groups"] if group.key == "east")
        assert {row.account.tier for row in client.get(east.url).context["page"].rows} == {"A", "B"}

    def test_a_manager_counts_their_own(self, client_for, alice, customers):
        assert client_for(alice).get(DISTRIBUTION).context["total"].count == 3

    def test_nobody_is_scored(self, client_for, alice):
        assert "No account has a health score yet" in client_for(alice).get(DISTRIBUTION).content.decode()

    def test_no_statement_per_group(self, customers, django_assert_num_queries):
        with django_assert_num_queries(2):
            groups_of(AccountHealth.objects.all(), "manager")
        with django_assert_num_queries(1):
            bins_of(AccountHealth.objects.all())


class TestMigration:
    @pytest.fixture
    def moved(self, customers):
        """Worse, better, the same, gone, new; one point is too old to count."""
        make_health_run(TODAY)
        then = [(80, "healthy"), (30, "at_risk"), (72, "healthy"), (50, "watch"), None]
        now = [(30, "at_risk"), (75, "healthy"), (71, "healthy"), None, (60, "watch")]
        for account, before, after in zip(customers, then, now, strict=True):
            if before:
                point(account, MONTH_AGO - dt.timedelta(days=3), *before)
            if after:
                point(account, TODAY, *after)
            AccountHealth.objects.filter(pk=account.pk).delete()
            if after:
                make_health(account, score=after[0], band=after[1])
        point(customers[4], MONTH_AGO - dt.timedelta(days=20), 90, "healthy")
        refresh_health_summaries(today=TODAY)
        return customers

    def test_each_number_opens_exactly_its_rows(self, client_for, dora, moved):
        client = client_for(dora)
        page = client.get(MIGRATION)
        assert (page.context["since"], page.context["until"]) == (MONTH_AGO, TODAY)
        assert page.context["totals"] == {"worse": 1, "better": 1, "same": 1, "new": 1, "gone": 1}
        total = 0
        for then, cells in page.context["table"]:
            for cell in cells:
                if then or cell["count"]:
                    rows = client.get(cell["url"]).context["page"].rows
                    assert len(rows) == cell["count"]
                    total += len(rows)
        assert total == 5

    def test_the_newest_night_says_what_its_days_say(self, client_for, dora, moved):
        asked = {"since": MONTH_AGO.isoformat(), "until": TODAY.isoformat()}
        pages = [client_for(dora).get(MIGRATION, query).context for query in ({}, asked)]
        assert pages[0]["totals"] == pages[1]["totals"]
        assert refresh_health_summaries(today=TODAY) == 0

    def test_rows_show_both_scores(self, client_for, dora, moved):
        rows = client_for(dora).get(MOVED, {"was": "healthy", "now": "at_risk"}).context["page"].rows
        assert [(row.then_score, row.now_score) for row in rows] == [(80, 30)]

    def test_days_of_ones_own_in_any_order(self, client_for, dora, moved):
        asked = {"since": TODAY.isoformat(), "until": MONTH_AGO.isoformat()}
        page = client_for(dora).get(MIGRATION, asked)
        assert page.context["totals"]["worse"] == 1
        same = client_for(dora).get(MIGRATION, {"since": TODAY.isoformat(), "until": TODAY.isoformat()})
        assert same.context["totals"] == {"worse": 0, "better": 0, "same": 4, "new": 0, "gone": 0}

    def test_a_date_that_is_none(self, client_for, dora, moved):
        assert client_for(dora).get(MIGRATION, {"since": "2026-02-30"}).status_code == 200

    def test_only_what_one_sees(self, client_for, mallory, moved):
        assert client_for(mallory).get(MIGRATION).context["table"] == []

    def test_one_statement(self, moved, django_assert_num_queries):
        with django_assert_num_queries(1):
            found = moves_of(with_bands(Account.objects.all(), MONTH_AGO, TODAY))
        assert sum(found.values()) == 5


class TestAccountList:
    def test_sorts_and_filters(self, client_for, dora, customers):
        for account, (score, band) in zip(customers, [(90, "healthy"), (20, "at_risk"), (50, "watch")], strict=False):
            account.summary.health_score, account.summary.health_band = score, band
            account.summary.health_trend, account.summary.open_alerts = [score, None, score], score < 30
            account.summary.save()
        client, accounts = client_for(dora), reverse("accounts:account_list")
        page = client.get(accounts, {"sort": "health"})
        assert [row.summary.health_score for row in page.context["page"].rows] == [20, 50, 90, None, None]
        assert b'class="spark"' in page.content
        assert b"style=" not in page.content
        bad = client.get(accounts, {"health": ["at_risk", "none"]}).context["page"].rows
        assert {row.summary.health_score for row in bad} == {20, None}
        assert len(client.get(accounts, {"alerted": "true"}).context["page"].rows) == 1
        assert len(client.get(accounts, {"alerted": "false"}).context["page"].rows) == 4

    def test_the_teams_own_row(self, client_for, dora, customers, north):
        TeamFactory(parent=north)
        assert len(client_for(dora).get(ROWS, {"own_team": north.pk}).context["page"].rows) == 3
