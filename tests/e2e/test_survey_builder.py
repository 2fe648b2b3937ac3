"""The builder of questionnaires in a browser: edited, moved by keyboard and drag, tried, saved, kept when refused."""

import copy

import pytest
from playwright.sync_api import expect

from surveys.models import QuestionnaireVersion
from surveys.services import questionnaires as services
from tests.e2e.conftest import PHONE
from tests.factories.surveys import DEFINITION, VersionFactory, definition, page, question

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def build(visit, dora):
    """`build(version)`: Dora at the builder of that draft."""

    def make(version, **kwargs):
        visitor = visit(**kwargs)
        visitor.log_in("dora")
        page = visitor.open(f"/surveys/questionnaires/versions/{version.pk}/edit/")
        expect(page.locator(".sp-paper")).to_be_attached()
        return visitor, page

    return make


def draft(data=None):
    return VersionFactory(status="draft", definition=copy.deepcopy(data or DEFINITION))


def kept(version):
    return QuestionnaireVersion.objects.get(pk=version.pk).definition


def keys(version):
    return [[row["key"] for row in one["questions"]] for one in kept(version)["pages"]]


def save(page):
    page.keyboard.press("Control+s")
    expect(page.locator("[data-sb-state]")).to_have_text("Saved")


def head(page, number):
    return page.locator(f".sb-item[data-sort=question] >> nth={number - 1} >> .sb-head")


class TestEditing:
    def test_a_question_is_written_in_three_languages(self, build):
        version = draft(definition(page("one")))
        visitor, tab = build(version)
        tab.click(".sb-add summary")
        tab.click(".sb-kinds button >> nth=4")
        expect(tab.locator("[data-focus='pages.0.questions.0.text']")).to_be_focused()
        tab.keyboard.type("How did you hear of us?")
        expect(tab.locator(".sp-paper")).to_contain_text("How did you hear of us?")
        choice = tab.locator("[data-focus='pages.0.questions.0.choices.0.text']")
        choice.fill("Fair")
        choice.press("Enter")
        expect(tab.locator("[data-focus='pages.0.questions.0.choices.1.text']")).to_be_focused()
        tab.keyboard.type("Colleague")
        tab.click("text=takes words >> nth=2")
        expect(tab.locator(".sb-problems")).to_contain_text("problems")
        tab.locator(".sb-languages label", has_text="简体中文").click()
        tab.fill("[data-focus='pages.0.questions.0.text']", "您是怎么知道我们的？")
        save(tab)
        (saved,) = kept(version)["pages"][0]["questions"]
        assert saved["text"] == {"en": "How did you hear of us?", "zh-hans": "您是怎么知道我们的？"}
        assert [(row.get("text", {}).get("en"), row.get("other")) for row in saved["choices"]] == [
            ("Fair", None),
            ("Colleague", None),
            (None, True),
        ]
        assert not visitor.faults + visitor.violations()

    def test_moved_by_keyboard_across_pages_and_announced(self, build):
        version = draft()
        visitor, tab = build(version)
        tab.locator("[data-focus='pages.0.questions.2:handle']").focus()
        tab.keyboard.press("Alt+ArrowDown")
        expect(tab.locator("[data-focus='pages.1.questions.0:handle']")).to_be_focused()
        expect(tab.locator("[data-sb-said]")).to_have_text("Question satisfied is now number 1 of 5 on page 2.")
        tab.keyboard.press("Alt+ArrowUp")
        tab.keyboard.press("Alt+ArrowUp")
        save(tab)
        assert keys(version)[0] == ["recommend", "satisfied", "reasons"]
        assert not visitor.faults

    def test_moved_by_drag(self, build):
        version = draft()
        visitor, tab = build(version)
        handle, target = tab.locator("[data-focus='pages.0.questions.2:handle']"), head(tab, 1)
        handle.hover()
        tab.mouse.down()
        box = target.bounding_box()
        tab.mouse.move(box["x"] + 20, box["y"] + 20, steps=5)
        tab.mouse.move(box["x"] + 20, box["y"] + 2, steps=5)
        tab.mouse.up()
        save(tab)
        assert keys(version)[0] == ["satisfied", "recommend", "reasons"]
        tab.click("[data-sb-undo]")
        save(tab)
        assert keys(version)[0] == ["recommend", "reasons", "satisfied"]
        assert not visitor.faults

    def test_choices_and_pages_move_by_keyboard_too(self, build):
        version = draft()
        visitor, tab = build(version)
        head(tab, 2).click()
        tab.locator("[data-focus='pages.0.questions.1.choices.0.text']").press("Alt+ArrowDown")
        expect(tab.locator("[data-focus='pages.0.questions.1.choices.1.text']")).to_be_focused()
        tab.locator("[data-focus='pages.2:handle']").press("Alt+ArrowUp")
        expect(tab.locator("[data-focus='pages.1:handle']")).to_be_focused()
        expect(tab.locator("[data-sb-said]")).to_have_text("The page is now number 2 of 3.")
        save(tab)
        assert [one["key"] for one in kept(version)["pages"]] == ["one", "three", "two"]
        choices = kept(version)["pages"][0]["questions"][1]["choices"]
        assert [row["key"] for row in choices] == ["delivery", "quality", "price", "other"]
        assert not visitor.faults

    def test_conditions_follow_a_key_that_is_changed(self, build):
        version = draft()
        visitor, tab = build(version)
        head(tab, 1).click()
        tab.click(".sb-keys summary")
        tab.locator("[data-focus='pages.0.questions.0.key']").fill("loyalty")
        tab.keyboard.press("Tab")
        save(tab)
        (first, second, _third) = kept(version)["pages"][0]["questions"]
        assert (first["key"], second["show_if"]["question"]) == ("loyalty", "loyalty")
        assert not visitor.faults

    def test_a_condition_is_put_together_and_tried(self, build):
        version = draft(definition(page("one", question("score", "nps"), question("why", "text"))))
        visitor, tab = build(version)
        head(tab, 2).click()
        tab.select_option("[data-focus='pages.0.questions.1:mode']", "all")
        tab.select_option("[data-focus='pages.0.questions.1.show_if.all.0:op']", "ge")
        tab.select_option("[data-focus='pages.0.questions.1.show_if.all.0:v']", "9")
        expect(tab.locator(".sp-paper .sq-when")).to_have_text("if “Question score” is at least 9")
        tab.locator("[data-sb-try]").check()
        expect(tab.locator(".sp-paper")).not_to_contain_text("Question why")
        tab.locator(".sp-paper input[name=q-score][value='10']").check(force=True)
        expect(tab.locator(".sp-paper")).to_contain_text("Question why")
        save(tab)
        condition = {"question": "score", "op": "ge", "value": 9}
        assert kept(version)["pages"][0]["questions"][1]["show_if"] == condition
        assert not visitor.faults

    def test_what_contradicts_is_said_at_the_question(self, build):
        low, high = ({"question": "score", "op": op, "value": value} for op, value in (("le", 3), ("ge", 7)))
        version = draft(
            definition(
                page("one", question("score", "nps"), question("why", "text", show_if={"all": [low, high]})),
                page("two", question("own", "nps", show_if={"question": "own", "op": "le", "value": 6})),
            )
        )
        visitor, tab = build(version)
        expect(tab.locator("[data-own='pages.0.questions.1']")).to_have_text("No answer fulfils this condition.")
        expect(tab.locator("[data-own='pages.1.questions.0']")).to_have_text(
            "A question cannot depend on its own answer."
        )
        tab.click(".sb-problems")
        expect(tab.locator(".sb-condition .sb-problem")).to_have_text("No answer fulfils this condition.")
        assert not visitor.faults


class TestTrying:
    def test_a_manager_sees_what_the_answers_show(self, visit, alice):
        version = VersionFactory()
        visitor = visit()
        visitor.log_in("alice")
        tab = visitor.open(f"/surveys/questionnaires/versions/{version.pk}/preview/")
        tab.locator("[name=try]").check()
        expect(tab.locator(".sp-paper")).not_to_contain_text("Question reasons")
        tab.locator("input[name=q-recommend][value='2']").check(force=True)
        expect(tab.locator(".sp-paper")).to_contain_text("Question reasons")
        tab.locator(".sb-languages label", has_text="简体中文").click()
        expect(tab.locator(".sp-paper")).to_contain_text("问题 reasons")
        assert not visitor.faults + visitor.violations()


class TestKept:
    def test_what_somebody_else_saved_is_not_overwritten_unasked(self, build, admin_user):
        version = draft(definition(page("one", question("a", "nps"))))
        visitor, tab = build(version)
        services.save_draft(version, definition(page("one", question("theirs", "nps"))), actor=admin_user)
        head(tab, 1).click()
        tab.fill("[data-focus='pages.0.questions.0.text']", "Mine")
        tab.keyboard.press("Control+s")
        expect(tab.locator("[data-sb-alert]")).to_contain_text("Somebody else has changed this draft meanwhile.")
        assert keys(version) == [["theirs"]]
        expect(tab.locator("[data-focus='pages.0.questions.0.text']")).to_have_value("Mine")
        tab.click("text=Save mine over it")
        expect(tab.locator("[data-sb-state]")).to_have_text("Saved")
        assert keys(version) == [["a"]]
        assert all("409" in fault for fault in visitor.faults)

    def test_unsaved_changes_survive_a_reload(self, build):
        version = draft(definition(page("one", question("a", "nps"))))
        _visitor, tab = build(version)
        head(tab, 1).click()
        tab.fill("[data-focus='pages.0.questions.0.text']", "Half written")
        expect(tab.locator("[data-sb-state]")).to_have_text("Not saved yet")
        tab.on("dialog", lambda dialog: dialog.accept())
        tab.reload()
        expect(tab.locator("[data-sb-alert]")).to_contain_text("What you had not saved last time is here again.")
        expect(head(tab, 1)).to_contain_text("Half written")
        save(tab)
        assert kept(version)["pages"][0]["questions"][0]["text"]["en"] == "Half written"

    def test_on_a_phone_nothing_is_wider_than_the_page(self, build):
        version = draft()
        visitor, tab = build(version, viewport=PHONE)
        for number in range(1, 11):
            head(tab, number).click()
            assert tab.evaluate("document.documentElement.scrollWidth") <= 390, number
        tab.click("[data-sb-view=preview]")
        expect(tab.locator(".sp-paper")).to_be_visible()
        expect(tab.locator(".sb-edit")).to_be_hidden()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        assert not visitor.faults
