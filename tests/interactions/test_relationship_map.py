"""The page of the relationship map, and what is changed on it."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from audit.models import AuditEntry
from contacts.models import Contact, ContactLink, Employment
from interactions.map_layout import Spot
from interactions.relationship_map import MAX_PEOPLE, load_map, reports_path, straight_path, zigzag_path
from tests.factories import TODAY
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction

JSON = {"Accept": "application/json"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_today():
    with time_machine.travel(dt.datetime.combine(TODAY, dt.time(9), dt.UTC), tick=False):
        yield


@pytest.fixture
def boss(account, alice):
    contact = make_contact(
        account, "王建国", decision_role="decision_maker", attitude="supporter", influence=3, owner=alice
    )
    make_interaction(account, 5, contacts=[contact])
    return contact.employments.get()


@pytest.fixture
def clerk(account, boss):
    return make_contact(account, "李娜", position="采购员", reports_to=boss, attitude="opponent").employments.get()


def url(name, account):
    return reverse(f"interactions:{name}", args=[account.pk])


class TestPage:
    def test_shows_people_their_facts_and_lines(self, client_for, alice, account, boss, clerk):
        ContactLink.objects.create(account=account, source=clerk, target=boss, kind="conflict", note="质量索赔")
        page = client_for(alice).get(url("account_map", account)).content.decode()
        for text in (
            "王建国",
            "李娜",
            "Decision maker",
            "Opponent",
            "Brief",
            "in conflict with 王建国",
            "质量索赔",
            str(alice),
        ):
            assert text in page
        assert f'data-from="{boss.pk}" data-to="{clerk.pk}"' in page
        assert "Single-threaded: of 2 people known here only 王建国" in page
        assert reverse("contacts:contact_detail", args=[boss.contact_id]) in page

    def test_who_may_only_read_changes_nothing(self, client_for, ann, account, boss):
        page = client_for(ann).get(url("account_map", account)).content.decode()
        assert "data-place-url" not in page
        assert "Draw the line" not in page
        for name in ("map_place", "map_superior", "map_line_add", "map_line_remove", "map_reset"):
            assert client_for(ann).post(url(name, account), {"person": boss.pk}).status_code == 403

    def test_an_empty_one_says_what_next(self, client_for, alice, account):
        page = client_for(alice).get(url("account_map", account)).content.decode()
        assert "Nobody is known here yet." in page
        assert f"{reverse('contacts:contact_create')}?account={account.pk}" in page

    def test_who_left_lately_is_shown_as_gone(self, account, boss):
        for days, name in ((89, "赵六"), (91, "钱七")):
            make_contact(account, name, until=TODAY - dt.timedelta(days=days))
        found = load_map(account, today=TODAY)
        assert [node.name for node in found.gone] == ["赵六"]
        assert [node.name for node in found.nodes] == ["王建国"]

    def test_who_came_back_is_there_once(self, account, boss):
        Employment.objects.create(contact=boss.contact, account=account, until_date=TODAY - dt.timedelta(days=9))
        assert load_map(account, today=TODAY).gone == []

    def test_a_cycle_in_the_rows_breaks_nothing(self, account, boss, clerk):
        Employment.objects.filter(pk=boss.pk).update(reports_to=clerk)
        found = load_map(account, today=TODAY)
        assert len(found.nodes) == 2
        assert found.width >= 900

    def test_thousands_are_cut_with_words(self, client_for, alice, account, boss, django_assert_max_num_queries):
        people = Contact.objects.bulk_create([Contact(name=f"人{n}") for n in range(3000)])
        Employment.objects.bulk_create([Employment(contact=row, account=account, reports_to=boss) for row in people])
        make_interaction(account, 1, contacts=people[-2:])
        client = client_for(alice)
        with django_assert_max_num_queries(12):
            page = client.get(url("account_map", account)).content.decode()
        assert f"Here are the {MAX_PEOPLE} most important of 3001 people" in page
        found = load_map(account, today=TODAY)
        assert found.nodes[0].name == "王建国"
        assert (found.known, found.hidden) == (3001, 3001 - MAX_PEOPLE)
        assert "single_thread" not in {gap.code for gap in found.gaps}


class TestPlaces:
    def test_a_script_is_answered_in_short(self, client_for, alice, account, boss):
        answer = client_for(alice).post(url("map_place", account), {"person": boss.pk, "x": 40, "y": 7}, headers=JSON)
        assert answer.status_code == 204
        boss.refresh_from_db()
        assert (boss.map_x, boss.map_y) == (40, 7)
        assert load_map(account, today=TODAY).nodes[0].spot == Spot(40, 7)

    @pytest.mark.parametrize("place", [{"x": -1, "y": 0}, {"x": 10001, "y": 0}, {"x": "a", "y": 0}])
    def test_places_outside_are_refused(self, client_for, alice, account, boss, place):
        answer = client_for(alice).post(url("map_place", account), {"person": boss.pk, **place}, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["detail"]

    def test_somebody_elses_person_is_no_choice(self, client_for, alice, account, foreign_account, boss):
        theirs = make_contact(foreign_account).employments.get()
        for pk in (theirs.pk, 999_999):
            answer = client_for(alice).post(url("map_place", account), {"person": pk, "x": 1, "y": 1}, headers=JSON)
            assert answer.status_code == 400
        theirs.refresh_from_db()
        assert theirs.map_x is None

    def test_back_to_the_chart(self, client_for, alice, account, boss, clerk):
        Employment.objects.update(map_x=1, map_y=1)
        client_for(alice).post(url("map_place", account), {"person": boss.pk}, headers=JSON)
        boss.refresh_from_db()
        assert boss.map_x is None
        client_for(alice).post(url("map_reset", account))
        clerk.refresh_from_db()
        assert clerk.map_x is None
        assert AuditEntry.objects.of(account).filter(action="account.map_reset").get().changes == {"places": [1, 0]}


class TestChanges:
    def test_reports_to(self, client_for, alice, account, boss, clerk):
        client = client_for(alice)
        client.post(url("map_superior", account), {"person": clerk.pk, "superior": ""})
        clerk.refresh_from_db()
        assert clerk.reports_to is None
        answer = client.post(url("map_superior", account), {"person": clerk.pk, "superior": boss.pk}, follow=True)
        assert "Saved." in answer.content.decode()
        refused = client.post(url("map_superior", account), {"person": boss.pk, "superior": clerk.pk}, headers=JSON)
        assert "nobody is their own superior" in refused.json()["detail"]
        boss.refresh_from_db()
        assert boss.reports_to is None

    def test_lines(self, client_for, alice, account, boss, clerk):
        client = client_for(alice)
        line = {"source": clerk.pk, "target": boss.pk, "kind": "influence", "note": "x"}
        client.post(url("map_line_add", account), line)
        link = ContactLink.objects.get()
        assert (link.source, link.target, link.kind) == (clerk, boss, "influence")
        again = client.post(url("map_line_add", account), line, headers=JSON)
        assert again.json()["detail"] == "This line is on the map already."
        own = client.post(url("map_line_add", account), {**line, "target": clerk.pk}, headers=JSON)
        assert own.status_code == 400
        client.post(url("map_line_remove", account), {"line": link.pk})
        assert not ContactLink.objects.exists()


class TestPaths:
    def test_down_along_and_into_the_card(self):
        assert reports_path(Spot(100, 0), Spot(0, 160)) == "M206 108V134H106V160"
        assert reports_path(Spot(0, 0), Spot(26, 160, stacked=True)) == "M106 108V134H13V214H26"
        assert reports_path(Spot(0, 0), Spot(300, 0)) == "M106 54L406 54"

    def test_from_border_to_border(self):
        assert straight_path((106, 54), (506, 54)) == "M212 54L400 54"
        assert zigzag_path((106, 54), (506, 54)).startswith("M212 54L")
        assert straight_path((5, 5), (5, 5)) == "M5 5L5 5"
        assert zigzag_path((5, 5), (5, 5)) == "M5 5"
