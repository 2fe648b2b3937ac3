"""The timeline of accounts and contacts, the list, and the page of one interaction."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from contacts.models import Employment
from interactions.models import Interaction, Topic
from interactions.timeline import by_day, excerpt, parts_of
from interactions.views.timeline import SIZE
from search.services import index_rows, matching_ids, reindex
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_file, make_interaction, make_step

pytestmark = pytest.mark.django_db
EARLIER = {"HX-Request": "true", "HX-Target": "earlier"}
ROWS = {"HX-Request": "true", "HX-Target": "rows"}


def timeline(client, account, headers=None, **params):
    return client.get(reverse("interactions:account_panel", args=[account.pk]), params, headers=headers or {})


def text(response):
    return response.content.decode()


def shown(response):
    """The ids of the interactions in the order of the page."""
    return [int(pk) for pk in re.findall(r'id="interaction-(\d+)"', text(response))]


class TestTimeline:
    def test_says_who_with_whom_and_what_came_of_it(self, client_for, account, alice, ann):
        contact = make_contact(account, "王芳", name_en="Fang Wang")
        row = make_interaction(
            account, title="季度回顾", minutes="## 结论\n\n- **交期** 10 天", contacts=[contact], colleagues=[ann],
            outcome="good", mood=5, place="苏州", duration_minutes=90,
        )  # fmt: skip
        row.topics.add(Topic.objects.create(name="交期"))
        make_file(row, "报价.txt")
        make_step(account, -3, interaction=row, kind="promise", text="样册")
        page = text(timeline(client_for(alice), account))
        for words in (
            "季度回顾",
            "Fang Wang",
            "Alice",
            "Ann",
            "Good",
            "Very good",
            "苏州",
            "90 min",
            "结论 交期 10 天",
        ):
            assert words in page, words
        for words in ("?topic=%E4%BA%A4%E6%9C%9F", "报价.txt", "样册", "Promise", "Overdue"):
            assert words in page, words
        assert reverse("interactions:step_complete", args=[row.next_steps.get().pk]) in page

    def test_a_reader_has_buttons_for_own_promises_only(self, client_for, account, alice, ann):
        row = make_interaction(account)
        theirs, own = make_step(account, interaction=row), make_step(account, interaction=row, owner=ann)
        page = text(timeline(client_for(ann), account))
        assert reverse("interactions:step_complete", args=[own.pk]) in page
        assert reverse("interactions:step_complete", args=[theirs.pk]) not in page

    def test_is_under_days_of_the_readers_calendar(self, client_for, account, alice):
        moment = dt.datetime(2026, 3, 15, 20, 0, tzinfo=dt.UTC)
        make_interaction(account)
        Interaction.objects.update(occurred_at=moment)
        assert 'datetime="2026-03-16"' in text(timeline(client_for(alice), account))
        alice.time_zone = "America/New_York"
        alice.save()
        page = text(timeline(client_for(alice), account))
        assert 'datetime="2026-03-15"' in page
        assert "16:00" in page

    def test_pages_by_cursor_without_gap_or_repetition(self, client_for, account, alice):
        rows = [make_interaction(account, number // 3) for number in range(2 * SIZE + 5)]
        client, found, cursor = client_for(alice), [], None
        while True:
            headers = EARLIER if cursor else {}
            page = timeline(client, account, headers, **({"cursor": cursor} if cursor else {}))
            found += shown(page)
            more = re.search(r'hx-get="[^"]*cursor=([\w-]+)', text(page))
            if not more:
                break
            cursor = more[1]
        assert sorted(found) == sorted(row.pk for row in rows)
        assert len(found) == len(set(found))
        assert "This is where the history begins." in text(page)
        assert "<html" not in text(page)

    def test_a_day_that_goes_on_is_not_named_twice(self, client_for, account, alice):
        for _ in range(SIZE + 1):
            make_interaction(account)
        client = client_for(alice)
        cursor = re.search(r"cursor=([\w-]+)", text(timeline(client, account)))[1]
        assert "goes-on" in text(timeline(client, account, EARLIER, cursor=cursor))

    def test_without_a_script_a_later_page_leads_back(self, client_for, account, alice):
        for number in range(SIZE + 1):
            make_interaction(account, number)
        client = client_for(alice)
        cursor = re.search(r"cursor=([\w-]+)", text(timeline(client, account)))[1]
        page = timeline(client, account, cursor=cursor)
        assert "Back to the newest" in text(page)
        assert "<html" in text(page)

    def test_a_bad_cursor_is_refused(self, client_for, account, alice):
        assert timeline(client_for(alice), account, cursor="x").status_code == 400

    def test_empty(self, client_for, account, alice, ann):
        page = text(timeline(client_for(alice), account))
        assert "Nothing has been logged with this account yet." in page
        assert f"{reverse('interactions:interaction_log')}?account={account.pk}" in page
        assert "Log the first interaction" not in text(timeline(client_for(ann), account))
        assert "No interaction fits these filters." in text(timeline(client_for(alice), account, kind="gift"))

    def test_is_not_found_by_others(self, client_for, account, mallory):
        assert timeline(client_for(mallory), account).status_code == 404


class TestFilters:
    @pytest.fixture
    def rows(self, account, alice, ann, lee):
        fang, lei = make_contact(account, "王芳"), make_contact(account, "李雷")
        talk = make_interaction(account, 1, kind="call", contacts=[fang], colleagues=[lee], outcome="bad", title="价格")
        visit = make_interaction(account, 20, contacts=[lei], author=ann, title="质量回访", minutes="外观问题")
        visit.topics.add(Topic.objects.create(name="质量"))
        index_rows("interaction", [talk.pk, visit.pk])
        return {"talk": talk, "visit": visit, "fang": fang, "lee": lee, "ann": ann}

    @pytest.mark.parametrize(
        ("params", "names"),
        [
            ({"kind": ["call", "gift"]}, ["talk"]),
            ({"kind": ["call", "visit"]}, ["talk", "visit"]),
            ({"contact": "fang"}, ["talk"]),
            ({"colleague": "lee"}, ["talk"]),
            ({"colleague": "ann"}, ["visit"]),
            ({"outcome": "bad"}, ["talk"]),
            ({"topic": "质量"}, ["visit"]),
            ({"date_after": "2026-03-01"}, ["talk"]),
            ({"date_before": "2026-03-01"}, ["visit"]),
            ({"q": "外观"}, ["visit"]),
            ({"q": "价格"}, ["talk"]),
            ({"q": "观问"}, ["visit"]),
            ({"q": "格外"}, []),
            ({"q": "质量 外观", "kind": "visit"}, ["visit"]),
        ],
    )
    def test_each(self, client_for, account, alice, rows, params, names):
        params = {
            key: getattr(rows.get(value) if type(value) is str else None, "pk", value) for key, value in params.items()
        }
        page = timeline(client_for(alice), account, ROWS, **params)
        assert shown(page) == [rows[name].pk for name in names]
        assert "filter-bar" not in text(page)

    def test_people_to_choose_from_are_the_accounts(self, client_for, account, alice, rows):
        make_contact(AccountFactory(manager=alice), "别家人")
        page = text(timeline(client_for(alice), account))
        assert "王芳" in page
        assert "别家人" not in page

    def test_somebody_elses_contact_is_no_choice(self, client_for, account, alice, foreign_account):
        foreign = make_contact(foreign_account)
        answers = [timeline(client_for(alice), account, contact=pk) for pk in (foreign.pk, 999_999)]
        pages = [re.sub(r"\d{6}|csrf\S+|value=\"[^\"]*\"", "", text(answer)) for answer in answers]
        assert "Select a valid choice" in pages[0]
        assert "Select a valid choice" in pages[1]


class TestSearch:
    def test_finds_two_characters_in_the_middle_inside_one_account_only(self, client_for, account, alice):
        other = AccountFactory(manager=alice)
        rows = [make_interaction(place, minutes="双方讨论了备件库存") for place in (account, other)]
        reindex("interaction")
        assert shown(timeline(client_for(alice), account, q="件库")) == [rows[0].pk]
        assert shown(timeline(client_for(alice), account, q="庫存")) == [rows[0].pk], "traditional characters as well"
        assert matching_ids("interaction", "件库").count() == 2

    def test_latin_words_in_any_case(self, client_for, account, alice):
        row = make_interaction(account, minutes="Discussed **KP-220** with Müller")
        index_rows("interaction", [row.pk])
        for words in ("kp-220", "muller", "discussed kp"):
            assert shown(timeline(client_for(alice), account, q=words)) == [row.pk], words

    def test_is_in_the_search_of_all_pages(self, client_for, account, alice, mallory):
        row = make_interaction(account, title="季度回顾", minutes="特别机密")
        index_rows("interaction", [row.pk])
        url = reverse("search:search")
        assert row.get_absolute_url() in text(client_for(alice).get(url, {"q": "特别机"}))
        assert "季度回顾" not in text(client_for(mallory).get(url, {"q": "特别机"}))

    def test_marks_are_of_the_account_itself(self, account, alice):
        """account1 is not account12."""
        rows = [make_interaction(AccountFactory(manager=alice), minutes="备件") for _ in range(12)]
        reindex("interaction")
        for row in rows:
            found = matching_ids("interaction", "备件", [f"account{row.account_id}"])
            assert list(found.values_list("object_id", flat=True)) == [row.pk]


class TestContact:
    def panel(self, client, contact, **params):
        return client.get(reverse("interactions:contact_panel", args=[contact.pk]), params)

    def test_shows_what_they_took_part_in_at_accounts_that_one_sees(
        self, client_for, account, foreign_account, alice, dora, mallory
    ):
        contact = make_contact(account, "王芳")
        Employment.objects.create(contact=contact, account=foreign_account)
        own = make_interaction(account, 1, contacts=[contact])
        foreign = make_interaction(foreign_account, 2, contacts=[contact])
        make_interaction(account, 3)
        assert shown(self.panel(client_for(alice), contact)) == [own.pk]
        assert shown(self.panel(client_for(mallory), contact)) == [foreign.pk]
        assert shown(self.panel(client_for(dora), contact)) == [own.pk, foreign.pk]
        assert account.name_en in text(self.panel(client_for(alice), contact))

    def test_is_not_found_by_others(self, client_for, account, mallory):
        assert self.panel(client_for(mallory), make_contact(account)).status_code == 404

    def test_empty(self, client_for, account, alice):
        contact = make_contact(account)
        page = text(self.panel(client_for(alice), contact))
        assert f"{reverse('interactions:interaction_log')}?contact={contact.pk}" in page


class TestList:
    def test_of_the_accounts_that_one_sees(self, client_for, account, foreign_account, alice):
        row, foreign = make_interaction(account, title="甲"), make_interaction(foreign_account, title="乙")
        page = text(client_for(alice).get(reverse("interactions:interaction_list")))
        assert row.get_absolute_url() in page
        assert foreign.get_absolute_url() not in page

    def test_search(self, client_for, account, alice):
        rows = [make_interaction(account, title=title) for title in ("价格沟通", "质量回访")]
        reindex("interaction")
        page = text(client_for(alice).get(reverse("interactions:interaction_list"), {"q": "格沟"}))
        assert rows[0].get_absolute_url() in page
        assert rows[1].get_absolute_url() not in page


class TestDetail:
    def test_shows_the_minutes_as_html_that_does_nothing(self, client_for, account, alice):
        row = make_interaction(account, minutes="## 结论\n\n<script>alert(1)</script> [x](javascript:alert(2))")
        page = text(client_for(alice).get(row.get_absolute_url()))
        assert "<h4>结论</h4>" in page
        assert "<script>alert" not in page
        assert 'href="javascript' not in page

    def test_deleting_asks_for_a_reason(self, client_for, account, alice):
        row = make_interaction(account)
        client, url = client_for(alice), reverse("interactions:interaction_delete", args=[row.pk])
        assert "Say why." in text(client.post(url, {"reason": " "}, follow=True))
        answer = client.post(url, {"reason": "doppelt"})
        assert answer["Location"] == reverse("interactions:account_panel", args=[account.pk])
        assert not Interaction.objects.exists()

    def test_offers_deleting_to_whom_it_is_allowed(self, client_for, account, alice, ann, lee):
        row = make_interaction(account)
        url = reverse("interactions:interaction_delete", args=[row.pk])
        assert url in text(client_for(alice).get(row.get_absolute_url()))
        Interaction.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
        for person, offered in ((alice, False), (ann, False), (lee, True)):
            assert (url in text(client_for(person).get(row.get_absolute_url()))) == offered, person
        assert client_for(ann).post(url, {"reason": "x"}).status_code == 403


class TestParts:
    def test_of_many_in_one_statement(self, account, ann, django_assert_num_queries):
        contact = make_contact(account, "王芳", name_en="Fang")
        rows = [make_interaction(account, contacts=[contact], colleagues=[ann]) for _ in range(3)]
        make_file(rows[1])
        rows[2].topics.add(Topic.objects.create(name="交期"))
        with django_assert_num_queries(1):
            parts = parts_of([row.pk for row in rows])
        assert [(part.pk, part.name, part.other) for part in parts[rows[0].pk].contacts] == [
            (contact.pk, "王芳", "Fang")
        ]
        assert [part.name for part in parts[rows[0].pk].colleagues] == ["Ann"]
        assert [len(parts[row.pk].files) for row in rows] == [0, 1, 0]
        assert [len(parts[row.pk].topics) for row in rows] == [0, 0, 1]
        assert parts_of([]) == {}

    def test_excerpts_are_words(self):
        assert excerpt("# 甲\n\n- **乙**") == "甲 乙"
        assert excerpt("长" * 300) == "长" * 220 + "…"

    def test_days_of_the_readers_zone(self, account):
        row = make_interaction(account)
        row.occurred_at = dt.datetime(2026, 3, 15, 20, tzinfo=dt.UTC)
        for zone, date in (("Asia/Shanghai", TODAY), ("Europe/London", TODAY - dt.timedelta(days=1))):
            with timezone.override(zone):
                (day,) = by_day([row], after=row.occurred_at + dt.timedelta(minutes=1))
            assert (day.date, day.goes_on) == (date, True)


def test_kinds_have_words_in_every_language(account):
    row = make_interaction(account, kind="call")
    with translation.override("en"):
        assert (row.get_kind_display(), row.get_direction_display()) == ("Call", "From us")
