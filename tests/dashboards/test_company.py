"""The company's pages: every number opens exactly its rows, for whoever looks; kept sums equal a recount."""

import datetime as dt
import re
from html import unescape

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import services as account_services
from accounts.choices import TierSource
from contracts.terms import add_months
from dashboards.director import cohorts, lines, months
from dashboards.models import AccountPurchases, LineCell, MonthCell
from dashboards.services.company import KEPT_MONTHS, count_company
from health.models import HealthPoint
from interactions.models import CoverageMonth
from orders.revenue import months_until
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import make_alert
from tests.factories.health_playbooks import make_run
from tests.factories.orders import make_order

PANELS = ["months", "cohorts", "tiers", "regions", "lines", "churn", "actions"]
NUMBER = re.compile(r'<a href="([^"]+)"(?: title="[^"]*")?>([\d,]+)</a>')
DAY = dt.timedelta(days=1)


def today():
    return timezone.localdate()


def month(back):
    return add_months(today().replace(day=1), -back)


def count():
    return count_company(today=today(), now=timezone.now())


@pytest.fixture
def customers(alice, mallory):
    """Six: of two managers, in all tiers, with orders over two years, returns, scores, alerts, moves and playbooks."""
    made = [
        AccountFactory(manager=alice, tier="A", region="east"),
        AccountFactory(manager=alice, tier="B", region="east"),
        AccountFactory(manager=alice, tier="", region="", status="interrupted", stage="interrupted",
                       interruption_reason="quality"),
        AccountFactory(manager=mallory, tier="B", region="south"),
        AccountFactory(manager=mallory, tier="C", region="south"),
        AccountFactory(manager=None, tier="", region="north"),
    ]  # fmt: skip
    for number, account in enumerate(made[:5]):
        for back in (14, 11 - number, 8, 5, 2):
            make_order(account, 1000 + number, date=month(back) + DAY, today=today(), product=f"P{number % 2}")
        CoverageMonth.objects.create(
            month=month(1), account=account, manager=account.manager, tier=account.tier, covered=number % 2 == 0,
            due_date=today(),
        )  # fmt: skip
        HealthPoint.objects.create(
            account=account, date=months.scored_on(month(1), today()), score=50 + number, band="watch", tier="B"
        )
    make_order(made[0], -50, date=month(3) + DAY, today=today(), product="P0")
    moves = [account_services.TierMove(made[0].pk, "B", "x"), account_services.TierMove(made[4].pk, "A", "x")]
    account_services.change_tiers(moves, source=TierSource.IMPORT, actor=None, today=today() - 40 * DAY)
    account_services.change_tiers(
        [account_services.TierMove(made[0].pk, "A", "x")], source=TierSource.IMPORT, actor=None, today=today() - DAY
    )
    lost = {"status": "resolved", "outcome": "lost", "lost_cause": "price", "opened_on": today() - 20 * DAY}
    make_alert(made[0], **lost)
    make_alert(made[3], **lost)
    make_alert(made[1], status="resolved", opened_on=today() - 20 * DAY)
    make_run(made[1])
    return made


def links(client, panel, query):
    """(address, number) of every whole number of a panel that leads somewhere."""
    page = client.get(reverse(f"dashboards:company_{panel}"), query, headers={"HX-Request": "true"})
    assert page.status_code == 200
    return [(unescape(url), int(number.replace(",", ""))) for url, number in NUMBER.findall(page.content.decode())]


class TestEveryNumberOpensItsRows:
    @pytest.mark.parametrize(
        ("person", "query"),
        [
            ("dora", {}),
            ("dora", {"tier": "B"}),
            ("dora", {"tier": "none", "region": "none"}),
            ("lee", {}),
            ("lee", {"region": "south"}),
            ("alice", {"tier": "B"}),
            ("mallory", {}),
        ],
    )
    def test_counted_now(self, request, client_for, customers, person, query):
        self.walk(client_for(request.getfixturevalue(person)), query)

    @pytest.mark.parametrize("query", [{}, {"tier": "A"}, {"region": "east", "months": "36"}])
    def test_counted_at_night(self, client_for, customers, dora, query):
        count()
        self.walk(client_for(dora), query)

    def walk(self, client, query):
        for panel in PANELS:
            for url, number in links(client, panel, query):
                assert len(client.get(url).context["page"].rows) == number, f"{panel}: {url}"

    def test_each_panel_has_numbers(self, client_for, customers, dora):
        count()
        client = client_for(dora)
        assert [panel for panel in PANELS if not links(client, panel, {})] == []

    def test_by_month_and_by_team(self, client_for, customers, dora, lee):
        count()
        client = client_for(dora)
        team = {"team": str(lee.team_id)}
        assert links(client, "cohorts", {"by": "month"})
        for panel, query in (("cohorts", {"by": "month"}), *((panel, team) for panel in PANELS)):
            for url, number in links(client, panel, query):
                assert len(client.get(url).context["page"].rows) == number, f"{panel}: {url}"


class TestWhoSeesWhat:
    def test_a_manager_sees_the_own_accounts_only(self, client_for, customers, mallory):
        count()
        found = client_for(mallory).get(reverse("dashboards:company_regions")).context["places"]
        assert [(place.region, place.accounts) for place in found] == [("south", 2)]

    def test_a_round_trip_between_tiers_is_no_move(self, client_for, customers, alice):
        assert client_for(alice).get(reverse("dashboards:company_tiers")).context["rows"] == []

    def test_the_page_has_a_slot_for_each_panel(self, client_for, alice):
        page = client_for(alice).get(reverse("dashboards:company"), {"tier": "A"})
        assert page.content.decode().count('hx-trigger="load"') >= len(PANELS)
        assert "/dashboards/company/months/?tier=A" in page.content.decode()

    @pytest.mark.parametrize("query", ["cohort=x", "cohort=2026-Q9", "cohort=0000-Q1", "step=99&cohort=2026-Q1",
                                       "bought=2026-13", "was=A", "line=999", "booked=%20"])  # fmt: skip
    def test_nonsense_in_the_address_shows_nothing_or_says_so(self, client_for, customers, dora, query):
        assert client_for(dora).get(f"{reverse('dashboards:company_accounts')}?{query}").status_code == 200


class TestKeptSums:
    def test_equal_what_is_counted_now(self, customers, dora):
        count()
        span = months_until(today(), KEPT_MONTHS)
        live = months.counted(span, None, Q(), today=today(), by_part=False)
        kept = months.months_of(MonthCell.objects.visible_to(dora))
        assert kept == {key[0]: found for key, found in live.items()}
        now = lines.table(lines.counted(None, today(), by_part=False))
        assert lines.table(lines.of_cells(LineCell.objects.visible_to(dora))) == now

    def test_a_second_count_changes_nothing(self, customers):
        count()
        before = set(MonthCell.objects.values_list("month", "manager_id", "tier", "region", *months.SUMS))
        count()
        assert set(MonthCell.objects.values_list("month", "manager_id", "tier", "region", *months.SUMS)) == before

    def test_only_who_sees_everything_reads_them(self, customers, lee, alice):
        count()
        assert not MonthCell.objects.visible_to(lee).exists()
        assert not LineCell.objects.visible_to(alice).exists()

    def test_months_with_orders(self, customers):
        count()
        purchases = AccountPurchases.objects.get(pk=customers[0].pk)
        assert purchases.first_month == month(14)
        assert purchases.months == sum(1 << (14 - back) for back in (14, 11, 8, 5, 2))


class TestCohorts:
    @given(st.sampled_from([1, 3]), st.integers(0, 19))
    def test_the_masks_of_the_steps_share_no_bit(self, length, step):
        if (step + 1) * length <= cohorts.KEPT_MONTHS:
            assert bin(cohorts.mask(step, length)).count("1") == length
            assert cohorts.mask(step, length) & cohorts.mask(step + 1, length) == 0

    @given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.sampled_from(["month", "quarter"]))
    def test_names_are_read_back_and_the_newest_is_of_today(self, day, by):
        newest = cohorts.last_cohorts(day, by)
        assert len(newest) == cohorts.SHOWN[by]
        assert newest[-1].first <= day < newest[-1].end
        for cohort in newest:
            assert cohorts.read(cohort.name) == cohort

    def test_a_step_is_over_when_it_is_for_the_last_account(self):
        cohort = cohorts.Cohort(dt.date(2025, 1, 1), 3)  # the last of it bought first in March: 3 months end with May
        assert cohort.steps_over(dt.date(2025, 5, 31)) == 0
        assert cohort.steps_over(dt.date(2025, 6, 1)) == 1


class TestScoredOn:
    @given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 60))
    def test_is_the_last_monday_that_has_been(self, first, later):
        first = first.replace(day=1)
        now = first + dt.timedelta(days=later)
        day = months.scored_on(first, now)
        assert day.weekday() == 0
        assert day <= now
        following = day + dt.timedelta(days=7)
        assert following > now or following.month != first.month


class TestApi:
    """The numbers of the page, each with its rows."""

    @pytest.mark.parametrize("panel", PANELS)
    def test_a_number_of_accounts_has_as_many_rows(self, api_for, customers, dora, panel):
        count()  # cohorts are counted at night alone
        client, seen = api_for(dora), 0
        answer = client.get(reverse("api:company-detail", kwargs={"panel": panel})).json()
        for row in answer["rows"]:
            for number in row["numbers"]:
                page, _mark, query = number["page"].partition("?")
                if number["kind"] == "count" and page == reverse("dashboards:company_accounts"):
                    rows = client.get(f"{reverse('api:company-account-list')}?{query}&page_size=200").json()["results"]
                    assert len(rows) == int(float(number["value"])), (row["key"], number["code"])
                    seen += 1
        assert seen or panel in ("churn", "actions")

    def test_a_manager_gets_the_own_accounts(self, api_for, customers, mallory):
        rows = api_for(mallory).get(reverse("api:company-account-list")).json()["results"]
        assert {row["manager"] for row in rows} <= {mallory.pk}

    @pytest.mark.parametrize("query", ["tier=X", "months=7", "nonsense=1", "team=0"])
    def test_nonsense_is_refused(self, api_for, customers, dora, query):
        url = reverse("api:company-detail", kwargs={"panel": "months"})
        assert api_for(dora).get(f"{url}?{query}").status_code == 400

    def test_an_unknown_panel_is_not_found(self, api_for, dora):
        assert api_for(dora).get(reverse("api:company-detail", kwargs={"panel": "moon"})).status_code == 404
