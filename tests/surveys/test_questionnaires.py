"""What may be done with questionnaires: made, drafted, published, renamed, archived; and that a published version is
what it was, whoever tries."""

import copy
import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from audit.models import AuditEntry
from surveys import shipped
from surveys.checking import problems
from surveys.definition import read
from surveys.errors import (
    DraftChanged,
    DraftExists,
    DraftInUse,
    MayNotOwnSurveys,
    OnlyVersion,
    QuestionnaireArchived,
    QuestionnaireIncomplete,
    QuestionnaireMalformed,
    TemplateUnknown,
    VersionPublished,
)
from surveys.models import Questionnaire, QuestionnaireVersion
from surveys.services import questionnaires as services
from surveys.tidying import tidied
from tests.factories.surveys import (
    ANSWERS,
    DEFINITION,
    NOW,
    CampaignFactory,
    InvitationFactory,
    QuestionnaireFactory,
    VersionFactory,
    answer,
    definition,
    page,
    question,
    texts,
)

pytestmark = pytest.mark.django_db


def entries(row):
    return list(AuditEntry.objects.filter(object_id=row.pk, object_type=row._meta.label_lower).order_by("pk"))


def draft(**fields):
    return VersionFactory(status="draft", **fields)


class TestShipped:
    @pytest.mark.parametrize("key", shipped.TEMPLATES)
    def test_each_can_be_published_at_once(self, key, dora):
        template = shipped.TEMPLATES[key]
        row = Questionnaire(name=template.name, name_en=template.name_en)
        version = services.create_questionnaire(row, template=key, actor=dora)
        published = services.publish(version, actor=dora, now=NOW)
        assert published.status == "published"
        assert row.template == key

    @pytest.mark.parametrize("key", shipped.TEMPLATES)
    def test_each_measures_something_and_asks_unhappy_people_why(self, key):
        asked = read(shipped.TEMPLATES[key].definition())
        assert any(asked.of_kind("nps", "csat", "ces"))
        assert any(one.kind in ("text", "multiple") and one.show_if for one in asked.questions)
        assert len(asked.questions) == shipped.TEMPLATES[key].question_count

    def test_no_text_is_the_same_in_chinese_and_english(self):
        for template in shipped.TEMPLATES.values():
            for one in read(template.definition()).questions:
                assert one.text.into("en").isascii(), one.key
                assert not one.text.into("zh-hans").isascii(), one.key

    def test_what_is_made_from_one_is_ones_own(self, dora):
        version = services.create_questionnaire(Questionnaire(name="甲"), template="visit", actor=dora)
        version.definition["pages"].clear()
        assert shipped.TEMPLATES["visit"].definition()["pages"]


class TestCreate:
    def test_blank(self, dora):
        row = Questionnaire(name="年度调查", name_en="Yearly")
        version = services.create_questionnaire(row, actor=dora)
        assert (version.number, version.status, version.author) == (1, "draft", dora)
        assert version.definition["title"] == {"zh-hans": "年度调查", "en": "Yearly"}
        assert [entry.action for entry in entries(row)] == ["questionnaire.created"]

    def test_refuses(self, dora, alice):
        with pytest.raises(MayNotOwnSurveys):
            services.create_questionnaire(Questionnaire(name="x"), actor=alice)
        with pytest.raises(TemplateUnknown):
            services.create_questionnaire(Questionnaire(name="x"), template="smileys", actor=dora)
        QuestionnaireFactory(name="已有")
        with pytest.raises(ValidationError):
            services.create_questionnaire(Questionnaire(name="已有"), actor=dora)
        assert Questionnaire.objects.count() == 1


class TestSaveDraft:
    def test_keeps_what_is_not_ready_yet(self, dora):
        version = draft()
        unfinished = definition(page("one", question("why", "single", show_if={"question": "", "op": "answered"})))
        saved = services.save_draft(version, unfinished, actor=dora)
        assert problems(saved.definition)
        (entry,) = entries(version)
        assert entry.action == "questionnaire.draft_saved"
        assert entry.changes["added"] == [None, "why"]
        assert entry.changes["removed"][1].startswith("recommend, reasons")

    def test_says_what_changed_and_what_moved(self, dora):
        version = draft()
        changed = copy.deepcopy(DEFINITION)
        changed["pages"][0]["questions"][2]["text"]["en"] = "Satisfied"
        services.save_draft(version, changed, actor=dora)
        changed["pages"].reverse()
        services.save_draft(version, changed, actor=dora)
        first, second = entries(version)
        assert first.changes == {"changed": [None, "satisfied"]}
        assert list(second.changes) == ["order"]

    def test_the_same_twice_changes_nothing(self, dora):
        version = draft()
        services.save_draft(version, DEFINITION, actor=dora)
        mark = services.mark_of(QuestionnaireVersion.objects.get(pk=version.pk))
        services.save_draft(version, DEFINITION, actor=dora)
        assert services.mark_of(QuestionnaireVersion.objects.get(pk=version.pk)) == mark
        assert len(entries(version)) <= 1

    def test_refuses_over_what_somebody_else_did(self, dora, admin_user):
        version = draft()
        seen = services.mark_of(version)
        services.save_draft(version, definition(page("one", question("a", "nps"))), actor=admin_user, seen=seen)
        with pytest.raises(DraftChanged):
            services.save_draft(version, definition(page("one", question("b", "nps"))), actor=dora, seen=seen)
        assert QuestionnaireVersion.objects.get(pk=version.pk).definition["pages"][0]["questions"][0]["key"] == "a"

    def test_refuses_what_is_no_questionnaire(self, dora, alice):
        version = draft()
        with pytest.raises(QuestionnaireMalformed) as refused:
            services.save_draft(version, {"pages": [{"questions": []}]}, actor=dora)
        assert [problem.code for problem in refused.value.problems] == ["field_missing"]
        with pytest.raises(QuestionnaireMalformed):
            services.save_draft(version, ["pages"], actor=dora)
        with pytest.raises(QuestionnaireMalformed):
            services.save_draft(version, {**DEFINITION, "title": {"en": "\ud800"}}, actor=dora)
        with pytest.raises(MayNotOwnSurveys):
            services.save_draft(version, DEFINITION, actor=alice)

    def test_texts_are_kept_clean(self, dora):
        data = definition(page("one", question("a", "text", text=texts(" 问\x00题\x07 ", "<b>Why?</b> \U0001f600"))))
        saved = services.save_draft(draft(), data, actor=dora)
        text = QuestionnaireVersion.objects.get(pk=saved.pk).definition["pages"][0]["questions"][0]["text"]
        assert text == {"zh-hans": "问题", "zh-hant": "问题", "en": "<b>Why?</b> \U0001f600"}

    def test_what_says_nothing_is_left_out(self):
        data = definition(page("one", question("a", "number", help={}, minimum=0, required=False, choices=[])))
        assert tidied(data)["pages"][0]["questions"] == [question("a", "number", minimum=0)]
        assert tidied(DEFINITION) == DEFINITION


class TestPublish:
    def test_from_then_on_it_never_changes(self, dora):
        version = services.publish(draft(), actor=dora, now=NOW)
        assert (version.status, version.published_at) == ("published", NOW)
        assert entries(version)[-1].changes == {"version": [None, 1], "questions": [None, 10]}
        with pytest.raises(VersionPublished):
            services.save_draft(version, DEFINITION, actor=dora)
        with pytest.raises(VersionPublished):
            services.publish(version, actor=dora, now=NOW)
        with pytest.raises(VersionPublished):
            services.discard_draft(version, actor=dora)

    def test_the_database_refuses_it_as_well(self):
        rows = QuestionnaireVersion.objects.filter(pk=VersionFactory().pk)
        for change in (
            lambda: rows.update(definition={}),
            lambda: rows.update(status="draft"),
            lambda: rows.update(number=7),
            rows.delete,
            lambda: Questionnaire.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
                change()
        rows.update(updated_at=NOW)
        assert rows.get().definition == DEFINITION

    def test_refuses_what_is_not_ready_and_says_everything(self, dora, alice):
        version = draft(definition=definition(page("one", question("a", "single"), question("A", "nps"))))
        with pytest.raises(QuestionnaireIncomplete) as refused:
            services.publish(version, actor=dora, now=NOW)
        assert {problem.code for problem in refused.value.problems} == {"choices_missing", "key_malformed"}
        assert QuestionnaireVersion.objects.get(pk=version.pk).status == "draft"
        with pytest.raises(MayNotOwnSurveys):
            services.publish(draft(), actor=alice, now=NOW)

    def test_refuses_a_condition_that_points_to_itself(self, dora):
        circle = question("a", "nps", show_if={"question": "a", "op": "le", "value": 6})
        version = draft(definition=definition(page("one", circle)))
        with pytest.raises(QuestionnaireIncomplete) as refused:
            services.publish(version, actor=dora, now=NOW)
        assert [problem.code for problem in refused.value.problems] == ["condition_asks_itself"]


class TestVersions:
    def test_a_new_draft_begins_as_a_copy(self, dora):
        version = VersionFactory()
        new = services.new_draft(version.questionnaire, actor=dora)
        assert (new.number, new.status, new.definition) == (2, "draft", version.definition)
        with pytest.raises(DraftExists):
            services.new_draft(version.questionnaire, actor=dora)

    def test_discarded_drafts_leave_the_published_one(self, dora):
        version = VersionFactory()
        new = services.new_draft(version.questionnaire, actor=dora)
        questionnaire = services.discard_draft(new, actor=dora)
        assert [row.number for row in questionnaire.versions.all()] == [1]
        assert entries(questionnaire)[-1].action == "questionnaire.draft_discarded"

    def test_refuses_to_discard_the_only_one_or_one_in_use(self, dora):
        with pytest.raises(OnlyVersion):
            services.discard_draft(draft(), actor=dora)
        new = services.new_draft(VersionFactory().questionnaire, actor=dora)
        CampaignFactory(status="draft", questionnaire_version=new)
        with pytest.raises(DraftInUse):
            services.discard_draft(new, actor=dora)
        assert QuestionnaireVersion.objects.filter(pk=new.pk).exists()

    def test_changing_it_while_answers_come_in_changes_no_answer(self, account, dora):
        """The campaign asks its own copy: a new version, even with other keys, is for later campaigns."""
        campaign = CampaignFactory()
        before = answer(InvitationFactory(account=account, campaign=campaign))
        other = definition(page("one", question("recommend", "text"), question("new", "csat")))
        new = services.new_draft(campaign.questionnaire_version.questionnaire, actor=dora)
        services.publish(services.save_draft(new, other, actor=dora), actor=dora, now=NOW + dt.timedelta(hours=1))
        campaign.refresh_from_db()
        after = answer(InvitationFactory(account=account, campaign=campaign), answers={"recommend": 2})
        before.refresh_from_db()
        assert campaign.definition == DEFINITION
        assert before.answers == ANSWERS
        assert after.answer_rows.get(question="recommend").value == 2


class TestNames:
    def test_rename(self, dora, alice):
        row = QuestionnaireFactory(name="旧", name_en="")
        services.rename(row, name="新", name_en="New", actor=dora)
        (entry,) = entries(row)
        assert entry.changes == {"name": ["旧", "新"], "name_en": ["", "New"]}
        services.rename(row, name="新", name_en="New", actor=dora)
        assert len(entries(row)) == 1
        QuestionnaireFactory(name="别人")
        for name in ("别人", ""):
            with pytest.raises(ValidationError):
                services.rename(row, name=name, actor=dora)
        with pytest.raises(MayNotOwnSurveys):
            services.rename(row, name="x", actor=alice)

    def test_archive_and_back(self, dora, alice):
        version = VersionFactory()
        row = version.questionnaire
        services.archive(row, actor=dora)
        services.archive(row, actor=dora)
        with pytest.raises(QuestionnaireArchived):
            services.save_draft(draft(questionnaire=row, number=2), DEFINITION, actor=dora)
        with pytest.raises(MayNotOwnSurveys):
            services.archive(row, archived=False, actor=alice)
        services.archive(row, archived=False, actor=dora)
        assert [entry.action for entry in entries(row)] == ["questionnaire.archived", "questionnaire.restored"]
