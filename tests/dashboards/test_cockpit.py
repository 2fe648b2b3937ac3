"""The cockpit: every number is that of the rows that it opens, on the page and in the API, for everybody."""

import datetime as dt
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Account
from dashboards.models import Scorecard, ScorecardTarget
from dashboards.services.company import count_company
from orders.models import MonthlyRevenue
from orders.revenue import months_until
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.cockpit import make_company
from tests.factories.interactions import make_visit
from tests.factories.orders import ProductLineFactory
from tests.factories.users import TeamFactory, UserFactory
from users.models import Role

pytestmark = pytest.mark.django_db
NOON = dt.datetime.combine(TODAY, dt.time(12), tzinfo=ZoneInfo("Asia/Shanghai"))
PARTS = ("dashboards:cockpit_now", "dashboards:cockpit_more")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def left(alice, mallory):
    """The account of somebody who is deactivated, in a company where every number counts something."""
    return make_company(alice, mallory)


@pytest.fixture
def eve(company):
    """Supervises a team without members."""
    return UserFactory(username="eve", team=TeamFactory(name="Empty", parent=company), role=Role.SUPERVISOR)


def tiles_of(client, **query):
    """Code -> tile, as the two parts of the page show them."""
    found = {}
    for part in PARTS:
        context = client.get(reverse(part), query).context
        tiles = context["tiles"] if "tiles" in context else [one for _l, group in context["groups"] for one in group]
        found |= {tile.code: tile for tile in tiles}
    return found


def rows_of(client, url):
    """Every row of a list, page by page."""
    rows, cursor, address = [], None, urlsplit(url)
    while True:
        query = parse_qs(address.query) | ({"cursor": cursor} if cursor else {})
        response = client.get(address.path, query)
        assert response.status_code == 200, url
        context = response.context
        if "filter" in context and context["filter"].form.is_bound:
            assert not context["filter"].form.errors, url
        assert "page" in context, (url, response.templates[0].name)
        page = context["page"]
        rows += list(page)
        cursor = page.next_cursor
        if not cursor:
            return rows


def api_rows(api, endpoint, query):
    """Every row of an endpoint, page by page."""
    rows, url = [], f"{reverse(endpoint)}?{query}"
    while url:
        answer = api.get(url)
        assert answer.status_code == 200, (url, answer.json())
        rows += answer.json()["results"]
        url = answer.json()["next"]
    return rows


def check(client, api, tiles):
    """Follow every number; returns how many there were, and how many were not zero."""
    counted = [number for tile in tiles.values() for number in tile.numbers if number.count is not None]
    for number in counted:
        assert len(rows_of(client, number.url)) == number.count, (number.code, number.url)
        if number.rows.endpoint:
            rows = api_rows(api, number.rows.endpoint, number.endpoint_query)
            assert len(rows) == number.count, (number.code, number.endpoint_query)
    return len(counted), sum(bool(number.count) for number in counted)


class TestEveryNumberOpensItsRows:
    @pytest.mark.parametrize("name", ["dora", "lee", "alice", "ann", "eve"])
    def test_for_each_role(self, client_for, api_for, account, left, request, name):
        user = request.getfixturevalue(name)
        numbers, filled = check(client_for(user), api_for(user), tiles_of(client_for(user)))

        if name in ("ann", "eve"):
            assert filled == 0
        else:
            assert numbers > 40
            assert filled > 32


class TestWhatIsAskedFor:
    def test_leaders_begin_with_the_cockpit_and_have_my_day_beside_it(self, client_for, lee, dora, alice):
        for leader in (lee, dora):
            assert client_for(leader).get("/").url == reverse("dashboards:cockpit")
            assert "day" in client_for(leader).get("/", {"view": "team"}).context
            assert "day" in client_for(leader).get(reverse("dashboards:my_day")).context
        assert "day" in client_for(alice).get("/").context

    def test_each_filter_narrows_and_the_numbers_still_open_their_rows(self, client_for, api_for, account, left, dora):
        client = client_for(dora)
        every = tiles_of(client)
        for query in ({"tier": "A"}, {"region": "east"}, {"team": str(left.manager.team_id)}, {"period": "last_year"}):
            tiles = tiles_of(client, **query)
            check(client, api_for(dora), {code: tiles[code] for code in ("revenue", "coverage", "alerts", "visits")})
            fewer = tiles["revenue"].main.count < every["revenue"].main.count
            assert fewer == ("period" not in query), query

    def test_a_product_line_means_the_accounts_that_buy_it(self, client_for, api_for, left, alice, dora):
        line = ProductLineFactory(code="PUMPS")
        for number, months in enumerate((1, 11, 14)):  # what is longer ago counts no more
            buyer = AccountFactory(manager=alice)
            MonthlyRevenue.objects.create(
                account=buyer, product_line=line, month=months_until(TODAY, months + 1)[0],
                currency="CNY", sales_amount=number + 1, returns_amount=0, net_amount=number + 1,
            )  # fmt: skip
        tiles = tiles_of(client_for(dora), product_line=str(line.pk))

        assert tiles["revenue"].main.count == 2
        check(client_for(dora), api_for(dora), tiles)

    def test_a_team_outside_the_tree_and_nonsense_are_said_and_left_out(self, client_for, api_for, left, lee, south):
        client = client_for(lee)
        for query in ({"team": str(south.pk)}, {"team": "x"}, {"tier": "Z"}, {"region": "moon"}, {"period": "1999"}):
            page = client.get(reverse("dashboards:cockpit"), query)
            assert page.context["filter"].form.errors
            assert 'role="alert"' in page.content.decode()
            assert page.context["scope"].team == lee.team
            assert api_for(lee).get(reverse("api:tile-list"), query).status_code == 400
        assert api_for(lee).get(reverse("api:tile-list"), {"moon": "1"}).status_code == 400

    def test_a_deactivated_managers_accounts_stay_in_the_team(self, client_for, left, lee):
        tiles = tiles_of(client_for(lee))
        [gone] = [number for number in tiles["gaps"].others if number.code == "gaps.manager_left"]

        assert [row.pk for row in rows_of(client_for(lee), gone.url)] == [left.pk]

    def test_who_moves_to_another_team_takes_the_accounts_along(
        self, client_for, left, alice, mallory, lee, dora, south
    ):
        def revenue():
            in_the_south = tiles_of(client_for(dora), team=str(south.pk))["revenue"].main
            return tiles_of(client_for(lee))["revenue"].main.count, in_the_south.count

        north_before, south_before = revenue()
        alice.team = south
        alice.save()
        north, in_the_south = revenue()

        moved = Account.objects.filter(manager=alice, summary__revenue_12m_amount__isnull=False).count()
        assert moved > 1
        assert (north, in_the_south) == (north_before - moved, south_before + moved)
        assert north == 1, "what was left by somebody who is deactivated stays"


class TestNothingToDivideBy:
    def test_says_why_and_a_team_without_members_too(self, client_for, api_for, left, eve, dora):
        html = client_for(eve).get(reverse("dashboards:cockpit")).content.decode()
        assert "Nobody in Empty manages an account yet" in html
        void = TeamFactory(name="Void", parent=eve.team)
        html = client_for(dora).get(reverse("dashboards:cockpit"), {"team": str(void.pk)}).content.decode()
        assert "Nobody is in Void or in a team below it" in html
        found = {tile["code"]: tile for tile in api_for(eve).get(reverse("api:tile-list")).json()["results"]}
        ratios = ("coverage", "nps", "concentration", "renewal_rate", "net_retention", "response_rate", "workload")
        assert {code: found[code]["numbers"][0]["value"] for code in ratios} == dict.fromkeys(ratios)

        more = client_for(eve).get(reverse("dashboards:cockpit_more"))
        tiles = [tile for _label, group in more.context["groups"] for tile in group]
        assert all(tile.main.why for tile in tiles if tile.code in ratios)


class TestExceptions:
    def test_the_most_value_at_risk_first_with_reason_and_step(self, client_for, left, lee):
        dangers = client_for(lee).get(reverse("dashboards:cockpit_now")).context["dangers"]

        values = [danger.value or Decimal(0) for danger in dangers]
        assert 0 < len(dangers) <= 10
        assert values == sorted(values, reverse=True)
        assert all(danger.step.text and danger.step.url for danger in dangers)
        assert {client_for(lee).get(danger.step.url).status_code for danger in dangers} == {200}

    def test_of_others_nothing_is_there(self, client_for, left, lee, mallory):
        dangers = client_for(lee).get(reverse("dashboards:cockpit_now")).context["dangers"]
        assert mallory.pk not in {danger.account.manager_id for danger in dangers}


class TestSums:
    def test_amounts_are_those_of_the_rows(self, client_for, left, dora):
        client, tiles = client_for(dora), tiles_of(client_for(dora))
        revenue, risk = tiles["revenue"].main, tiles["value_at_risk"].main

        assert revenue.value == sum(row.summary.revenue_12m_amount for row in rows_of(client, revenue.url)) > 0
        assert risk.value == sum(row.value_at_risk_amount for row in rows_of(client, risk.url)) > 0
        assert tiles["revenue"].main.value == sum(number.value for number in tiles["revenue"].others)

    def test_net_retention_is_that_of_its_accounts(self, client_for, left, dora):
        client, tile = client_for(dora), tiles_of(client_for(dora))["net_retention"]
        page = client.get(tile.main.url).context

        assert page["start"] == tile.others[0].value > 0
        assert page["net"].rate == tile.main.value

    def test_charts_count_what_they_open(self, client_for, left, dora):
        client = client_for(dora)
        context = client.get(reverse("dashboards:cockpit_charts")).context
        pairs = [(cell.count, cell.url) for _span, cells in context["matrix"].rows for cell in cells if cell.count]
        for one in context["managers"]:
            pairs += [(one.covered, one.covered_url), (one.total, one.total_url), (one.planned, one.visits_url)]
        for month in context["months"]:
            pairs += [(month.row.count, month.url), (month.row.waiting_count, month.waiting_url)]
        assert len(pairs) > 10
        for count, url in pairs:
            assert len(rows_of(client, url)) == count, url


class TestCourseAndTarget:
    @pytest.fixture
    def counted(self, left, alice, mallory):
        """Visits that were overdue for months at an account of each of the two."""
        for manager, days in ((alice, -70), (mallory, -130)):
            make_visit(Account.objects.filter(manager=manager).first(), days)
        count_company(today=TODAY, now=NOON)

    def test_the_months_of_ones_own_people_and_then_now(self, client_for, api_for, counted, dora, lee, alice):
        sparks = {}
        for user in (dora, lee, alice):
            tile = tiles_of(client_for(user))["visits"]
            sparks[user] = list(tile.spark)
            assert tile.spark[-1] == tile.main.count
            assert "sparkline" in client_for(user).get(reverse("dashboards:cockpit_more")).content.decode()
        assert sparks[alice][:-1] == sparks[lee][:-1] == [1, 1]
        assert sparks[dora][:-1] == [1, 1, 2, 2]
        sent = {tile["code"]: tile for tile in api_for(lee).get(reverse("api:tile-list")).json()["results"]}
        assert [float(value) for value in sent["visits"]["course"]] == sparks[lee]
        line = ProductLineFactory()
        assert tiles_of(client_for(dora), product_line=str(line.pk))["visits"].spark == ()

    def test_the_target_is_that_of_the_scorecard_of_the_period(self, client_for, counted, dora, lee, alice):
        quarter = dt.date(TODAY.year, (TODAY.month - 1) // 3 * 3 + 1, 1)
        for owner, target in (({"team": lee.team}, "0.9"), ({"person": alice, "team": alice.team}, "0.1")):
            card = Scorecard.objects.create(kind="quarter", first_day=quarter, set_by=dora, **owner)
            ScorecardTarget.objects.create(scorecard=card, measure="coverage", target=target, weight=100)
        [led, own] = [tiles_of(client_for(user))["coverage"] for user in (lee, alice)]

        assert (led.target, own.target) == (Decimal("0.9"), Decimal("0.1"))
        assert (led.missed, own.missed) == (led.main.value < led.target, own.main.value < own.target)
        for user, tile in ((lee, led), (alice, own)):
            assert client_for(user).get(tile.target_url).status_code == 200
        assert tiles_of(client_for(lee), tier="A")["coverage"].target is None
        assert tiles_of(client_for(lee), period="last_year")["coverage"].target is None
        assert tiles_of(client_for(dora))["coverage"].target is None
