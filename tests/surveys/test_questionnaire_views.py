"""The pages of questionnaires: list, one, begin, build, try out, publish; what is refused and what is kept then."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys.condition_words import OPERATORS, in_words
from surveys.conditions import OPERATORS as KNOWN
from surveys.conditions import WITHOUT_VALUE
from surveys.definition import read
from surveys.models import Questionnaire, QuestionnaireVersion
from surveys.services import questionnaires as services
from tests.factories.surveys import (
    DEFINITION,
    CampaignFactory,
    QuestionnaireFactory,
    VersionFactory,
    definition,
    page,
    question,
)

pytestmark = pytest.mark.django_db

JSON = {"HTTP_ACCEPT": "application/json"}


def url(name, row=None):
    return reverse(f"surveys:questionnaire_{name}", args=[row.pk] if row else [])


def draft(data=None, **fields):
    return VersionFactory(status="draft", definition=data or DEFINITION, **fields)


@pytest.fixture
def browser(client_for, dora):
    return client_for(dora)


class TestReading:
    def test_list(self, browser):
        version = VersionFactory(questionnaire__name_en="Loyalty", questionnaire__template="relationship")
        draft(questionnaire=version.questionnaire, number=2)
        CampaignFactory(questionnaire_version=version)
        QuestionnaireFactory(name_en="Put away", archived=True)
        text = browser.get(url("list")).content.decode()
        for words in ("Loyalty", "Version 1", "Draft, version 2", "Relationship NPS"):
            assert words in text
        assert "Put away" not in text
        assert "Put away" in browser.get(url("list"), {"archived": "true"}).content.decode()
        assert "Loyalty" not in browser.get(url("list"), {"q": "nobody"}).content.decode()
        fragment = browser.get(url("list"), HTTP_HX_REQUEST="true").content.decode()
        assert fragment.strip().startswith('<div id="rows">')

    def test_empty_list_says_what_next(self, browser, client_for, alice):
        assert url("create") in browser.get(url("list")).content.decode()
        text = client_for(alice).get(url("list")).content.decode()
        assert "A director or an administrator makes one." in text
        assert url("create") not in text

    def test_one_with_its_questions_and_conditions(self, client_for, alice):
        version = VersionFactory()
        text = client_for(alice).get(url("detail", version.questionnaire)).content.decode()
        assert "Question comment" in text
        assert "if “Question recommend” is at most 6" in text
        assert "Choice quality · Choice delivery" in text
        assert url("rename", version.questionnaire) not in text

    def test_another_version_is_shown_where_asked_for(self, browser):
        version = VersionFactory()
        draft(definition(page("one", question("only", "nps"))), questionnaire=version.questionnaire, number=2)
        detail = url("detail", version.questionnaire)
        assert "Question only" not in browser.get(detail).content.decode()
        assert "Question only" in browser.get(detail, {"version": "2"}).content.decode()
        assert browser.get(detail, {"version": "x\x00"}).status_code == 200

    def test_the_newest_comes_first_and_is_shown(self, browser):
        version = VersionFactory()
        newest = definition(page("one", question("newest", "nps")))
        VersionFactory(questionnaire=version.questionnaire, number=2, definition=newest)
        answer = browser.get(url("detail", version.questionnaire))
        assert "Question newest" in answer.content.decode()
        assert [row.number for row in answer.context["versions"]] == [2, 1]
        assert answer.context["published"].number == 2

    def test_every_operator_has_words(self):
        asked = read(DEFINITION)
        assert set(OPERATORS) == {*KNOWN, *WITHOUT_VALUE}
        for op in OPERATORS:
            condition = {"question": "recommend", "op": op, "value": [6] if op == "in" else 6}
            assert in_words(condition, asked, "en").startswith("“Question recommend” ")

    def test_groups_in_words(self):
        asked = read(DEFINITION)
        low = {"question": "recommend", "op": "le", "value": 0}
        part = {"question": "aspects", "part": "people", "op": "in", "value": [1, 2]}
        choice = {"question": "contact", "op": "eq", "value": "visit"}
        assert in_words({"all": [low, {"any": [part, choice]}]}, asked, "en") == (
            "“Question recommend” is at most 0 and "
            "(“Choice people” is one of 1, 2 or “Question contact” is “Choice visit”)"
        )
        assert in_words({"question": "gone", "op": "answered"}, asked, "en") == "“gone” was answered"


class TestCost:
    """The same number of statements with 3 and with 30 rows."""

    def grown(self, rows):
        """A questionnaire of so many versions, each with a campaign, and as many other questionnaires."""
        first = VersionFactory()
        for number in range(2, rows + 1):
            CampaignFactory(questionnaire_version=VersionFactory(questionnaire=first.questionnaire, number=number))
            VersionFactory()
        return first.questionnaire

    @pytest.mark.parametrize("name", ["list", "detail"])
    def test_of_a_page(self, name, browser):
        counts = []
        for rows in (3, 20):
            row = self.grown(rows)
            browser.get(url(name, row if name == "detail" else None))
            with CaptureQueriesContext(connection) as queries:
                browser.get(url(name, row if name == "detail" else None))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 12


class TestBeginning:
    def test_with_a_template_and_no_name(self, browser):
        answer = browser.post(url("create"), {"template": "yearly", "name": "", "name_en": ""})
        version = QuestionnaireVersion.objects.get()
        assert answer["Location"] == url("edit", version)
        assert version.questionnaire.name_en == "Yearly review"
        again = browser.post(url("create"), {"template": "yearly"})
        assert again.status_code == 200
        assert Questionnaire.objects.count() == 1

    def test_empty_needs_a_name(self, browser):
        assert "Give it a name." in browser.post(url("create"), {"template": ""}).content.decode()
        browser.post(url("create"), {"template": "", "name": "我的问卷"})
        assert QuestionnaireVersion.objects.get().definition["title"] == {"zh-hans": "我的问卷"}

    def test_refuses_an_unknown_template(self, browser):
        assert browser.post(url("create"), {"template": "x", "name": "y"}).status_code == 200
        assert not Questionnaire.objects.exists()


class TestBuilding:
    def save(self, browser, version, data, seen=None, **headers):
        text = data if isinstance(data, str) else json.dumps(data)
        fields = {"definition": text, "seen": services.mark_of(version) if seen is None else seen}
        return browser.post(url("edit", version), fields, **headers)

    def test_save_as_json_and_as_a_form(self, browser):
        version = draft()
        data = definition(page("one", question("a", "nps")))
        answer = self.save(browser, version, data, **JSON)
        version.refresh_from_db()
        assert answer.json() == {"seen": services.mark_of(version), "problems": []}
        assert version.definition == data
        assert self.save(browser, version, DEFINITION)["Location"] == url("edit", version)
        fields = {"definition": json.dumps(DEFINITION), "publish": "1"}
        assert browser.post(url("edit", version), fields)["Location"] == url("publish", version)

    def test_what_was_typed_stays_when_it_is_refused(self, browser, admin_user):
        version = draft()
        seen = services.mark_of(version)
        services.save_draft(version, definition(page("one", question("theirs", "nps"))), actor=admin_user)
        mine = definition(page("one", question("mine", "nps")))
        answer = self.save(browser, version, mine, seen)
        assert answer.status_code == 409
        assert "Question mine" in answer.context["definition"]["pages"][0]["questions"][0]["text"]["en"]
        answer = self.save(browser, version, mine, seen, **JSON)
        assert (answer.status_code, answer.json()["code"]) == (409, "draft_changed")
        assert self.save(browser, version, mine, answer.json()["seen"], **JSON).status_code == 200

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", '{"pages": [NaN]}', "[" * 20_000, '{"title": {"en": "\\ud800"}}', '{"x": 1' + "0" * 5000 + "}"],
    )
    def test_what_is_no_questionnaire_is_refused_in_words(self, browser, text):
        version = draft()
        assert self.save(browser, version, text).status_code == 400
        answer = self.save(browser, version, text, **JSON)
        assert answer.status_code == 400
        assert answer.json()["detail"]
        version.refresh_from_db()
        assert version.definition == DEFINITION

    def test_published_ones_are_not_edited(self, browser):
        version = VersionFactory()
        assert browser.get(url("edit", version))["Location"] == version.questionnaire.get_absolute_url()
        answer = self.save(browser, version, {"pages": []}, **JSON)
        assert (answer.status_code, answer.json()["code"]) == (409, "version_published")

    def test_the_page_carries_the_draft_safely(self, browser):
        evil = definition(page("one", question("a", "text", text={"en": "</script><script>alert(1)</script>"})))
        text = browser.get(url("edit", draft(evil))).content.decode()
        assert "<script>alert" not in text


class TestPreview:
    def ask(self, browser, version, data, **fields):
        return browser.post(url("preview", version), {"definition": json.dumps(data), "language": "en", **fields})

    def test_draws_every_question_with_its_condition_and_saves_nothing(self, browser):
        version = draft()
        data = definition(page("one", question("score", "nps"), question("why", "text", show_if={
            "question": "score", "op": "le", "value": 6})))  # fmt: skip
        answer = self.ask(browser, version, data).json()
        assert "Question why" in answer["html"]
        assert answer["problems"] == []
        assert answer["words"] == {"pages.0.questions.1": "“Question score” is at most 6"}
        version.refresh_from_db()
        assert version.definition == DEFINITION

    def test_tried_out_it_shows_what_the_answers_show(self, browser):
        version = draft()
        for value, seen in (("6", True), ("7", False), ("77", False)):
            answer = self.ask(browser, version, DEFINITION, **{"q-recommend": value, "try": "1"}).json()
            assert ("Question reasons" in answer["html"]) is seen, value

    def test_in_the_language_asked_for(self, browser):
        answer = self.ask(browser, draft(), DEFINITION, language="zh-hans").json()
        assert "问题 comment" in answer["html"]
        assert "Question comment" not in answer["html"]

    def test_takes_drafts_that_are_far_from_ready(self, browser):
        data = {
            "pages": [
                {"key": "", "show_if": {"all": []}},
                {
                    "key": "",
                    "questions": [
                        {"key": "N N", "kind": "number", "minimum": "many", "maximum": "2026"},
                        {"key": "d", "kind": "date", "minimum": "soon"},
                        {"key": "d", "kind": "multiple", "minimum": "x"},
                        {"key": "m", "kind": "matrix", "show_if": {"question": "d", "op": "in", "value": []}},
                        {"key": "s", "kind": "single", "show_if": {"question": "m", "op": "lt", "value": "x"}},
                    ],
                },
            ]
        }
        given = {"q-N N": "1", "q-d": "2026-01-01", "q-m-row-x": "1", "q-unknown": "x", "try": "1"}
        answer = self.ask(browser, draft(), data, **given)
        assert answer.status_code == 200, answer.content
        assert len(answer.json()["problems"]) > 10
        assert self.ask(browser, draft(), {"pages": 1}).status_code == 400

    def test_anybody_tries_a_version_out_on_a_page(self, client_for, alice):
        version = VersionFactory()
        answer = client_for(alice).get(url("preview", version), {"language": "zh-hant", "q-recommend": "3", "try": "1"})
        assert "问题 reasons" in answer.content.decode()
        assert 'lang="zh-hant"' in answer.content.decode()


class TestPublishing:
    def test_says_what_stands_in_its_way(self, browser):
        version = draft(definition(page("one", question("a", "single"))))
        text = browser.get(url("publish", version)).content.decode()
        assert "Give at least two choices." in text
        assert f"{url('edit', version)}#pages.0.questions.0.choices" in text
        assert browser.post(url("publish", version)).status_code == 400
        version.refresh_from_db()
        assert version.status == "draft"

    def test_publishes(self, browser):
        version = draft()
        assert browser.post(url("publish", version))["Location"] == version.questionnaire.get_absolute_url()
        version.refresh_from_db()
        assert version.status == "published"
        again = browser.post(url("publish", version))
        assert again.status_code == 409
        assert "A published version never changes." in again.content.decode()

    def test_the_next_version_and_away_with_it(self, browser):
        version = VersionFactory()
        answer = browser.post(url("draft", version.questionnaire))
        new = QuestionnaireVersion.objects.get(number=2)
        assert answer["Location"] == url("edit", new)
        answer = browser.post(url("draft", version.questionnaire), follow=True)
        assert "Version 2 is at work already." in answer.content.decode()
        browser.post(url("discard", new))
        assert list(QuestionnaireVersion.objects.values_list("number", flat=True)) == [1]

    def test_rename_archive_and_back(self, browser):
        row = VersionFactory().questionnaire
        QuestionnaireFactory(name="别人")
        assert browser.post(url("rename", row), {"name": "别人"}).status_code == 200
        browser.post(url("rename", row), {"name": "新名", "name_en": "New"})
        browser.post(url("archive", row))
        row.refresh_from_db()
        assert (row.name, row.archived) == ("新名", True)
        assert "This questionnaire is archived" in browser.get(url("detail", row)).content.decode()
        browser.post(url("archive", row), {"restore": "1"})
        row.refresh_from_db()
        assert not row.archived
