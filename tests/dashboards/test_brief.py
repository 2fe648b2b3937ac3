"""The brief: what is on it, for whom, and that it is always one page with its fonts inside."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import Account
from dashboards import brief, pdf, wording
from interactions.models import Visit
from tests.dashboards.pdf_text import embedded_fonts, page_count, text_of
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction, make_step, make_visit
from tests.factories.orders import make_order
from tests.routes import MISSING

pytestmark = pytest.mark.django_db
NOON = dt.datetime.combine(TODAY, dt.time(12), tzinfo=ZoneInfo("Asia/Shanghai"))
PAGES = ("dashboards:account_brief", "dashboards:account_brief_pdf")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def known(account, alice):
    """Alice's account with a person, a conversation, a promise, an order and a visit today."""
    account.country, account.city, account.address, account.phone = "中国", "苏州", "东环路 8 号", "0512-66668888"
    account.tier = "A"
    account.save()
    wang = make_contact(
        account,
        "王建国",
        decision_role="champion",
        attitude="supporter",
        influence=3,
        owner=alice,
        mobile="+8613800138000",
    )
    wang.birthday_month, wang.birthday_day = 3, 20
    wang.save()
    minutes = "## 结论\n\n- **同意** 二期 [方案](https://example.com)\n- 价格下周确认"
    make_interaction(account, 40, contacts=[wang], title="二期方案", minutes=minutes, outcome="good")
    make_step(account, -2, text="寄出样品", kind="promise")
    make_step(account, 5, text="安排验厂")
    make_order(account, 120_000, date=dt.date(2026, 1, 5))
    visit = make_visit(account, 0, start_time=dt.time(9, 30), purpose="谈二期合同", cadence_days=14)
    visit.contacts.add(wang)
    return visit


def words_of(visit):
    visit = Visit.objects.select_related("account__summary").get(pk=visit.pk)
    with translation.override("en"):
        return wording.lines(brief.of_visits([visit], TODAY)[0])


class TestContent:
    def test_says_what_to_know_before_the_visit(self, known):
        words = words_of(known)

        assert (words.title, words.tier, words.visitor) == ("Dawn Machinery", "A", "Alice")
        assert words.when == "16 Mar 2026 09:30"
        assert words.where == "中国 苏州 东环路 8 号 · 0512-66668888"
        assert words.purpose == ["Purpose: 谈二期合同", "To meet: 王建国"]
        assert [vital.value for vital in words.vitals][:3] == ["never contacted", "14 days", "–"]
        [person] = words.people
        assert person.last == "last 4 Feb 2026"
        assert person.birthday == "birthday 20 Mar"
        assert person.about == "Champion · Supporter · influence: High · +8613800138000 · our contact: Alice"
        [talk] = words.talks
        assert talk.head == "4 Feb 2026 · Visit · Good"
        assert talk.story == "二期方案: 结论 同意 二期 方案 价格下周确认"
        assert [(step.text, step.overdue, step.promise) for step in words.steps] == [
            ("寄出样品", True, True),
            ("安排验厂", False, False),
        ]
        assert words.revenue == "¥120K"

    def test_says_what_is_missing(self, known):
        gaps = words_of(known).gaps

        assert any("Champion 王建国 has been silent for 40 days" in gap for gap in gaps)
        assert any("No decision maker is known" in gap for gap in gaps)

    def test_cuts_what_does_not_fit_and_says_how_much(self, known, account):
        for n in range(49):
            make_contact(account, f"李{n}")
        for n in range(20):
            make_step(account, n)
            make_interaction(account, 100 + n)
        words = words_of(known)

        assert (len(words.people), words.people_more) == (6, "… and 44 more")
        assert (len(words.steps), words.steps_more) == (6, "… and 16 more")
        assert len(words.talks) == 3
        assert "50 people" in " ".join(words.gaps)

    def test_the_ones_who_decide_come_first(self, known, account):
        make_contact(account, "张总", decision_role="decision_maker")
        make_contact(account, "赵工", seniority=4)
        assert [person.name for person in words_of(known).people] == ["张总", "王建国", "赵工"]

    def test_who_left_is_not_among_the_people(self, known, account):
        left = TODAY - dt.timedelta(days=10)
        make_contact(account, "离职者", position="总经理", until=left, decision_role="decision_maker")
        words = words_of(known)

        assert [person.name for person in words.people] == ["王建国"]
        assert any("离职者" in gap for gap in words.gaps)

    def test_of_very_many_people_all_are_counted(self, known, account):
        for n in range(230):
            make_contact(account, f"人{n}")
        assert words_of(known).people_more == "… and 225 more"

    def test_an_account_that_nothing_is_known_about(self, account):
        found = brief.of_account(Account.objects.with_list_columns().get(pk=account.pk), TODAY)
        words = wording.lines(found)

        assert not words.people
        assert not words.talks
        assert not words.steps
        assert words.when == ""
        assert page_count(pdf.render([found], language="en", reader="x")) == 1

    @pytest.mark.parametrize(
        ("minutes", "plain"),
        [
            ("# Title\n\nText *with* **marks** and `code`", "Title Text with marks and code"),
            ("1. one\n2) two\n> said", "one two said"),
            ("![photo](a.png) and [link](b)", "photo and link"),
            ("", ""),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ],
    )
    def test_minutes_as_plain_text(self, minutes, plain):
        assert brief.plain(minutes) == plain

    def test_long_minutes_are_cut_before_they_are_searched(self):
        assert len(brief.plain("长" * 50_000)) == brief.SUMMARY_LENGTH


class TestPages:
    def test_page_and_fragment(self, client_for, known, alice):
        url = reverse("dashboards:visit_brief", args=[known.pk])
        page = client_for(alice).get(url).content.decode()
        fragment = client_for(alice).get(url, headers={"HX-Request": "true"}).content.decode()

        assert "<html" in page
        assert "<html" not in fragment
        for html in (page, fragment):
            assert "谈二期合同" in html
            assert reverse("interactions:visit_move", args=[known.pk]) in html
            assert 'class="month-bars"' in html

    def test_readers_get_the_brief_without_buttons(self, client_for, known, ann):
        html = client_for(ann).get(reverse("dashboards:visit_brief", args=[known.pk])).content.decode()

        assert "谈二期合同" in html
        assert reverse("interactions:visit_move", args=[known.pk]) not in html

    def test_others_find_nothing(self, client_for, known, account, mallory):
        client = client_for(mallory)
        for name in PAGES:
            assert client.get(reverse(name, args=[account.pk])).status_code == 404
            assert client.get(reverse(name, args=[MISSING])).status_code == 404
        for name in ("dashboards:visit_brief", "dashboards:visit_brief_pdf"):
            assert client.get(reverse(name, args=[known.pk])).status_code == 404
        assert client.get(reverse("dashboards:day_briefs_pdf")).status_code == 302

    def test_text_from_the_customer_is_text(self, client_for, known, alice):
        known.purpose = "<script>alert(1)</script>"
        known.save()
        assert (
            "<script>alert"
            not in client_for(alice).get(reverse("dashboards:visit_brief", args=[known.pk])).content.decode()
        )


class TestPdf:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", ["Key people", "Goals and notes"]),
            ("zh-hans", ["王建国", "寄出样品"]),
            ("zh-hant", ["王建国", "寄出样品"]),
        ],
    )
    def test_in_the_readers_language_with_its_font(self, client_for, known, alice, language, words):
        alice.language = language
        alice.save()
        response = client_for(alice).get(reverse("dashboards:visit_brief_pdf", args=[known.pk]))

        assert response["Content-Type"] == "application/pdf"
        assert page_count(response.content) == 1
        assert embedded_fonts(response.content) >= 1
        font = b"NotoSansTC" if language == "zh-hant" else b"NotoSansSC"
        assert font in response.content
        text = text_of(response.content)
        for word in [*words, "谈二期合同", "0512-66668888"]:
            assert word in text, text

    def test_characters_of_the_other_script_come_from_the_other_font(self, known, account):
        """Simplified characters that the Traditional font does not have are written all the same."""
        account.name = account.name_en = "晨光铸锻压气动阀门龘𠮷"
        account.save()
        visit = Visit.objects.select_related("account__summary").get(pk=known.pk)
        data = pdf.render(brief.of_visits([visit], TODAY), language="zh-hant", reader="x")

        assert embedded_fonts(data) == 2
        assert "铸锻压气动阀门" in "".join(text_of(data).split("\n"))

    def test_one_page_whatever_is_in_it(self, known, account, alice):
        long = "超长名称有限责任公司（中国）" * 12
        account.name, account.name_en, account.address = long[:200], "Extremely Long Company Name " * 7, "路" * 250
        account.save()
        for n in range(50):
            contact = make_contact(account, f"{long[:70]}{n}", position="总" * 80, department="部" * 80, owner=alice)
            known.contacts.add(contact)
            contact.employments.update(decision_role="champion", attitude="opponent", influence=3)
            make_step(account, n - 30, text=f"{n}" + "W" * 298, kind="promise")
            make_interaction(account, n + 31, contacts=[contact], title="题" * 160, minutes="长" * 50_000)
        known.purpose = "事" * 160
        known.save()
        visit = Visit.objects.select_related("account__summary", "owner").get(pk=known.pk)
        for language in ("en", "zh-hans", "zh-hant"):
            with translation.override(language):
                [found] = brief.of_visits([visit], TODAY)
                data = pdf.render([found], language=language, reader="名" * 80)
                assert page_count(data) == 1
                assert lowest_line(found) < pdf.BOTTOM, "no room for notes is left"

    def test_the_briefs_of_a_day_are_one_file(self, client_for, alice, known, account):
        make_visit(AccountFactory(manager=alice, name_en="Second Ltd"), 0)
        make_visit(AccountFactory(manager=alice, name_en="Tomorrow Ltd"), 1)
        make_visit(account, 0, status="cancelled", closed_at=NOON)
        data = client_for(alice).get(reverse("dashboards:day_briefs_pdf")).content

        text = text_of(data)
        assert page_count(data) == 2
        assert "Dawn Machinery" in text
        assert "Second Ltd" in text
        assert "Tomorrow Ltd" not in text

    def test_many_briefs_cost_the_statements_of_one(self, client_for, alice, known):
        def cost():
            client = client_for(alice)
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("dashboards:day_briefs_pdf"))
            return len(captured.captured_queries)

        one = cost()
        for n in range(12):
            other = AccountFactory(manager=alice)
            make_visit(other, 0)
            make_interaction(other, 3, contacts=[make_contact(other, f"钱{n}")])
            make_step(other)
        assert cost() == one <= 12

    def test_a_file_name_in_any_script(self, client_for, alice, account):
        alice.language = "zh-hans"
        alice.save()
        response = client_for(alice).get(reverse("dashboards:account_brief_pdf", args=[account.pk]))
        assert response["Content-Disposition"].startswith("inline; filename*=utf-8''%E6%99%A8")


def lowest_line(found):
    """Where the notes begin: whatever is above has been drawn above this."""
    sheet = pdf.Sheet("sc")
    sheet.add_page()
    page = pdf.BriefPage(sheet, found, "x")
    page.draw()
    return page.notes_top + 40
