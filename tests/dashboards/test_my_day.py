"""My day: what is on it, whose it is, and that every number is that of the rows that it opens."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import services as account_services
from accounts.choices import Tier
from accounts.models import Account
from audit.services import record
from core import agenda
from interactions.models import PlanningGap, Visit
from orders.models import MonthlyRevenue
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.health_alerts import make_alert
from tests.factories.interactions import make_greeting, make_step, make_visit
from tests.factories.orders import make_order
from tests.factories.tiers import make_policy, make_run
from tests.factories.users import UserFactory
from tests.routes import MISSING

pytestmark = pytest.mark.django_db
NOON = dt.datetime.combine(TODAY, dt.time(12), tzinfo=ZoneInfo("Asia/Shanghai"))
LIST = "dashboards:agenda_list"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def grow(account, number):
    """`number` rows of every kind, at accounts of the same manager."""
    for n in range(number):
        owner = AccountFactory(manager=account.manager)
        make_visit(account, 0, start_time=dt.time(8 + n % 10, n % 60))
        make_visit(owner, -1 - n % 3)
        for days in (-1 - n, 0, 1 + n % 7):
            make_step(account, days, kind="promise" if n % 2 else "next_step")
        make_greeting(make_contact(owner, f"王{n}"), n % 5)
        PlanningGap.objects.create(
            account=owner, user=owner.manager, duty="manager", due_date=TODAY, reason="over_capacity", as_of=TODAY
        )


def listings(response):
    """Kind -> listing, as the page shows them."""
    context = response.context
    return {
        one.kind.code: one for one in [*context["timetable"], *(one for _p, found in context["parts"] for one in found)]
    }


def all_rows(client, kind, **query):
    """Every row of a list, page by page, and the number that its last line says."""
    rows, cursor = [], None
    while True:
        page = client.get(reverse(LIST), {"kind": kind, **query, **({"cursor": cursor} if cursor else {})})
        rows += page.context["items"]
        cursor = page.context["page"].next_cursor
        if not cursor:
            return rows, page.context["count"][0]


def new_account(name, manager, *, actor):
    """An account that `actor` has made, as the audit will say."""
    row = Account(code=f"N{Account.objects.count()}", name=name, name_en=name)
    return account_services.create_account(row, actor=actor, manager=manager, today=TODAY)


class TestNumbers:
    """The number in a header is that of the rows behind it, for few, many, and more than are shown."""

    @pytest.mark.parametrize("number", [0, 3, 30, 60])
    def test_every_header_counts_what_its_link_opens(self, client_for, account, number):
        grow(account, number)
        client = client_for(account.manager)
        page = client.get("/")

        found = listings(page)
        expected = {"visits", "visits_overdue", "steps_overdue", "steps", "steps_soon", "greetings", "gaps"}
        assert set(found) == (expected if number else {"visits"})
        for kind in expected:
            count = found[kind].count if kind in found else 0
            rows, said = all_rows(client, kind)
            assert count == len(rows) == said == number, kind
            if kind in found:
                shown = [item.url + item.title for item in found[kind].items]
                assert shown == [item.url + item.title for item in rows[: len(shown)]], f"{kind}: another order"
                assert len(shown) == min(number, 40 if kind == "visits" else 8)

    @pytest.mark.parametrize("leader", ["lee", "dora"])
    def test_a_leaders_headers_count_what_their_links_open(self, client_for, account, foreign_account, request, leader):
        grow(account, 12)
        grow(foreign_account, 3)
        viewer = request.getfixturevalue(leader)
        client = client_for(viewer)
        found = listings(client.get("/", {"view": "team"}))

        of_nobody = {"gaps": 0} if leader == "dora" else {}  # directors leave to the teams what has its visitor
        for kind in ("visits", "visits_overdue", "steps_overdue", "steps", "steps_soon", "greetings", "gaps"):
            rows, said = all_rows(client, kind, view="team")
            count = found[kind].count if kind in found else 0
            assert count == len(rows) == said == of_nobody.get(kind, 15 if leader == "dora" else 12), kind

    def test_the_page_writes_the_number_and_links_its_rows(self, client_for, account):
        grow(account, 12)
        html = client_for(account.manager).get("/").content.decode()

        heads = re.findall(r'class="agenda-count" href="([^"]+)">(\d+)<', html)
        assert len(heads) == 7
        for url, number in heads:
            client = client_for(account.manager)
            assert str(client.get(url.replace("&amp;", "&")).context["count"][0]) == number == "12"
        assert html.count("Show all 12") == 6

    def test_approvals_are_those_that_a_leader_may_decide(self, client_for, account, foreign_account, lee, alice):
        for _ in range(10):
            make_order(AccountFactory(manager=alice), 100)
        make_order(foreign_account, 100)
        make_run(make_policy())
        client = client_for(lee)

        found = listings(client.get("/dashboards/"))["tier_approvals"]
        rows, said = all_rows(client, "tier_approvals")
        assert found.count == len(rows) == said == 10
        assert [item.title for item in found.items] == [item.title for item in rows[:8]]
        assert "tier_approvals" not in listings(client_for(alice).get("/"))
        assert all_rows(client_for(alice), "tier_approvals") == ([], 0)

    @pytest.mark.parametrize("number", [0, 3, 30])
    def test_the_portfolio_opens_exactly_its_accounts(self, client_for, account, alice, number):
        for n in range(number):
            other = AccountFactory(manager=alice, tier="ABC"[n % 3])
            last = TODAY - dt.timedelta(days=n) if n % 2 else None
            other.summary.last_contact_date = last
            other.summary.contact_due_date = (last or TODAY) + dt.timedelta(days=10 - n % 20)
            other.summary.revenue_12m_amount = 1000 * n
            other.summary.save()
        AccountFactory(manager=UserFactory())
        client = client_for(alice)
        page = client.get(reverse("dashboards:portfolio_panel"))
        html, found = page.content.decode(), page.context["portfolio"]

        assert found.accounts == number + 1 == sum(count for _tier, count in found.tiers)
        assert found.revenue == sum(1000 * n for n in range(number))
        opened = {}
        for url in re.findall(r'href="(/accounts/\?[^"]+)"', html):
            opened[url] = client.get(url.replace("&amp;", "&")).context["count"][0]
        numbers = dict(zip([tier or "none" for tier in (*Tier.values, "")], [n for _t, n in found.tiers], strict=True))
        for url, count in opened.items():
            if "tier=" in url:
                assert count == numbers[url.rpartition("tier=")[2]]
            elif "covered" in url:
                assert count == found.covered
            elif "overdue" in url:
                assert count == found.overdue
            else:
                assert count == found.accounts
        assert found.with_cadence == number

    def test_revenue_by_month_adds_up_to_the_full_months(self, client_for, account, alice):
        for days in (10, 40, 200, 370, 500):
            make_order(account, 100 + days, date=TODAY - dt.timedelta(days=days))
        found = client_for(alice).get(reverse("dashboards:portfolio_panel")).context["portfolio"]

        months = [month for month, _amount in found.months]
        assert months == sorted(months)
        assert (len(months), months[0], months[-1]) == (12, dt.date(2025, 3, 1), dt.date(2026, 2, 1))
        facts = MonthlyRevenue.objects.filter(month__gte=months[0], month__lte=months[-1])
        assert sum(found.amounts) == sum(fact.net_amount for fact in facts) == found.revenue

    @pytest.mark.parametrize(("view", "own", "late"), [("", 1, 0), ("team", 4, 2), ("alice", 2, 1)])
    def test_open_alerts_open_exactly_the_alerts_that_they_count(self, client_for, alice, lee, dora, view, own, late):
        for owner, status, hours in (
            (alice, "open", 5), (alice, "acknowledged", -5), (alice, "snoozed", 5), (lee, "open", -5), (dora, "open", 5)
        ):  # fmt: skip
            due = timezone.now() + dt.timedelta(hours=hours)
            make_alert(AccountFactory(manager=alice), status=status, owner=owner, due_at=due)
        query = {"view": "team"} if view else {}
        client = client_for(dora)
        page = client.get(
            reverse("dashboards:portfolio_panel"), query | ({"person": alice.pk} if view == "alice" else {})
        )

        assert (page.context["alerts"], page.context["late_alerts"]) == (own, late)
        links = re.findall(r'href="([^"]*alerts/\?[^"]+)"', page.content.decode())
        found = [len(list(client.get(url.replace("&amp;", "&")).context["page"])) for url in links]
        assert found == [own, late][: 1 + bool(late)]


class TestContent:
    def test_visits_stand_in_the_order_of_the_day_those_without_a_time_last(self, client_for, account, alice):
        for time in (None, dt.time(14), dt.time(9, 30)):
            make_visit(account, 0, start_time=time)
        make_visit(account, 0, status="cancelled", closed_at=timezone.now())
        make_visit(account, 1)

        [listing] = client_for(alice).get("/").context["timetable"]
        assert [item.time for item in listing.items] == [dt.time(9, 30), dt.time(14), None]

    def test_a_visit_says_why_it_is_there(self, client_for, account, alice):
        summary = account.summary
        summary.last_contact_date = TODAY - dt.timedelta(days=19)
        summary.save()
        make_visit(account, 0, cadence_days=14, due_date=TODAY - dt.timedelta(days=5), pinned=True)
        [item] = listings(client_for(alice).get("/"))["visits"].items

        assert [chip.text for chip in item.chips] == ["cadence 14 d", "5 days overdue", "fixed by hand"]
        summary.last_contact_date = None
        summary.save()
        [item] = listings(client_for(alice).get("/"))["visits"].items
        assert [chip.text for chip in item.chips] == ["cadence 14 d", "never contacted", "fixed by hand"]

    def test_a_visit_at_an_account_with_an_open_alert_says_so_first(self, client_for, account, alice):
        account.summary.open_alerts, account.summary.alert_severity = 1, 3
        account.summary.alert_reason = "order_gap"
        account.summary.save()
        make_visit(account, 0, cadence_days=14)
        [item] = listings(client_for(alice).get("/"))["visits"].items

        assert (item.chips[0].text, item.chips[0].level) == ("alert: Orders stopped", "danger")

    def test_what_is_done_stays_on_the_day_and_offers_nothing_to_press(self, client_for, account, alice):
        make_visit(account, 0, status="done", closed_at=timezone.now())
        [item] = listings(client_for(alice).get("/"))["visits"].items

        assert (item.state, list(item.actions)) == ("done", [])

    def test_another_day_shows_its_own(self, client_for, account, alice):
        make_visit(account, 1, purpose="tomorrow's")
        make_step(account, 1)
        make_step(account, -1)
        tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
        page = client_for(alice).get("/", {"day": tomorrow})

        assert {kind: one.count for kind, one in listings(page).items()} == {"visits": 1, "steps": 1}
        assert page.context["day"].before.url == "/"
        for nonsense in ("x", "2026-02-30", "9999-12-31", "0001-01-01"):
            assert client_for(alice).get("/", {"day": nonsense}).context["day"].is_today

    def test_an_empty_day_says_what_next(self, client_for, alice):
        html = client_for(alice).get("/").content.decode()

        assert "No visit is planned for today." in html
        assert "Nothing is overdue, and nothing else is due today." in html
        assert reverse("interactions:visit_create") in html

    def test_today_is_the_users(self, client_for, alice, account):
        """The same moment is two dates: on Kiritimati it is the 16th already while Pago Pago has the 15th."""
        make_visit(account, 0, purpose="of the sixteenth")
        make_visit(account, -1, purpose="of the fifteenth")
        for zone, date, purpose, overdue in (
            ("Pacific/Kiritimati", TODAY, "of the sixteenth", 1),
            ("Pacific/Pago_Pago", TODAY - dt.timedelta(days=1), "of the fifteenth", 0),
        ):
            alice.time_zone = zone
            alice.save()
            with time_machine.travel(dt.datetime(2026, 3, 15, 20, tzinfo=dt.UTC), tick=False):
                page = client_for(alice).get("/")
            found = listings(page)
            assert page.context["day"].date == date
            assert [item.detail for item in found["visits"].items] == [purpose]
            assert (found["visits_overdue"].count if "visits_overdue" in found else 0) == overdue


class TestAccess:
    def test_of_others_nothing_is_there(self, client_for, account, mallory, ann):
        grow(account, 3)
        for person in (mallory, ann):
            assert listings(client_for(person).get("/"))["visits"].count == 0

    def test_who_may_only_read_is_offered_nothing_to_press(self, client_for, account, ann, alice):
        make_visit(account, 0, owner=ann)
        make_visit(account, 0, owner=alice)
        [read_only] = listings(client_for(ann).get("/"))["visits"].items
        [own] = listings(client_for(alice).get("/"))["visits"].items

        assert list(read_only.actions) == []
        assert [action.name for action in own.actions] == ["done", "move", "cancel"]
        assert (
            own.actions[0].url == f"{reverse('interactions:interaction_log')}?visit={Visit.objects.get(owner=alice).pk}"
        )

    def test_a_leader_sees_the_teams_day_and_one_persons(self, client_for, account, lee, alice, ann, foreign_account):
        grow(account, 3)
        make_visit(foreign_account, 0)
        client = client_for(lee)

        assert listings(client.get("/dashboards/"))["visits"].count == 0
        team = client.get("/", {"view": "team"})
        assert {kind: one.count for kind, one in listings(team).items()} == dict.fromkeys(
            ["visits", "visits_overdue", "steps_overdue", "steps", "steps_soon", "greetings", "gaps"], 3
        )
        assert {item.person for item in listings(team)["visits"].items} == {"Alice"}
        assert {person.username for person in team.context["day"].people} == {"lee", "alice", "ann"}
        assert listings(client.get("/", {"view": "team", "person": alice.pk}))["visits"].count == 3
        assert listings(client.get("/", {"view": "team", "person": ann.pk}))["visits"].count == 0
        rows, said = all_rows(client, "steps_overdue", view="team", person=alice.pk)
        assert len(rows) == said == 3

    def test_people_whom_one_does_not_lead_are_not_found(self, client_for, account, lee, mallory):
        for person in (mallory.pk, MISSING, "x", 2**70):
            for name in (
                "home",
                LIST,
                "dashboards:portfolio_panel",
                "dashboards:changes_panel",
                "dashboards:change_list",
            ):
                assert client_for(lee).get(reverse(name), {"view": "team", "person": person}).status_code == 404

    def test_who_leads_nobody_has_no_team(self, client_for, account, alice, ann):
        make_visit(account, 0)
        page = client_for(ann).get("/", {"view": "team", "person": alice.pk})

        assert (page.status_code, page.context["day"].team) == (200, False)
        assert listings(page)["visits"].count == 0

    def test_gaps_of_nobody_are_seen_by_who_leads(self, client_for, account, lee, alice):
        PlanningGap.objects.create(account=account, duty="sponsor", due_date=TODAY, reason="nobody", as_of=TODAY)

        assert "gaps" not in listings(client_for(alice).get("/"))
        assert listings(client_for(lee).get("/", {"view": "team"}))["gaps"].count == 1

    def test_a_step_of_ones_own_is_seen_wherever_it_lies(self, client_for, foreign_account, alice):
        make_step(foreign_account, 0, owner=alice, text="帮忙")

        assert [item.title for item in listings(client_for(alice).get("/"))["steps"].items] == ["帮忙"]


class TestChanges:
    def test_tells_what_others_did_since_yesterday(self, client_for, account, alice, lee):
        account_services.change_tiers(
            [account_services.TierMove(account.pk, "A", "x")], source="import", actor=lee, today=TODAY
        )
        html = client_for(alice).get(reverse("dashboards:changes_panel")).content.decode()

        assert "Tier changed" in html
        assert "Dawn Machinery" in html
        assert "Lee" in html

    def test_leaves_out_ones_own_doing_older_ones_and_others_accounts(self, client_for, alice, account, lee, mallory):
        with time_machine.travel(NOON - dt.timedelta(days=3), tick=False):
            new_account("Long Ago Ltd", alice, actor=lee)
        new_account("My Own Ltd", alice, actor=alice)
        new_account("Secret Ltd", mallory, actor=lee)
        new_account("Fresh Ltd", alice, actor=lee)
        for name in ("dashboards:changes_panel", "dashboards:change_list"):
            html = client_for(alice).get(reverse(name)).content.decode()
            assert "Fresh Ltd" in html
            assert not any(text in html for text in ("Long Ago Ltd", "My Own Ltd", "Secret Ltd"))

    def test_leaves_out_the_routine_of_the_planner(self, client_for, alice, account, lee):
        record("visit.planned", make_visit(account, 3, purpose="by the planner"), actor=None)
        record("visit.planned", make_visit(account, 4, purpose="by Lee"), actor=lee)
        entries = client_for(alice).get(reverse("dashboards:changes_panel")).context["entries"]

        assert [entry.actor for entry in entries if entry.action == "visit.planned"] == [lee]

    def test_all_of_them_page_by_page(self, client_for, alice, lee):
        for _ in range(60):
            new_account("One Of Many", alice, actor=lee)
        client, rows, cursor = client_for(alice), [], None
        while True:
            page = client.get(reverse("dashboards:change_list"), {"cursor": cursor} if cursor else {})
            rows += page.context["entries"]
            cursor = page.context["page"].next_cursor
            if not cursor:
                break

        assert len(rows) == len({row.pk for row in rows}) >= 60


class TestRegistry:
    def test_kinds_have_one_source_each(self):
        codes = [kind.code for kind in agenda.kinds()]
        assert len(codes) == len(set(codes))
        for kind in agenda.kinds():
            source, found = agenda.source_of(kind.code, agenda.kinds()[0])
            assert found == kind in source.kinds

    def test_an_unknown_kind_opens_the_visits(self, client_for, alice):
        assert client_for(alice).get(reverse(LIST), {"kind": "nonsense"}).context["kind"].code == "visits"

    def test_its_other_address_is_the_same_page(self, client_for, alice):
        response = client_for(alice).get(reverse("dashboards:my_day"), {"day": "2026-03-17"})
        assert response.context["day"].date == dt.date(2026, 3, 17)
