"""Playbooks written, changed, copied, switched, deleted, recommended; those that come with the product."""

import pytest

from audit.models import AuditEntry
from health.choices import Reason
from health.models import Playbook, PlaybookStep
from health.playbook_errors import (
    MayNotOwnPlaybooks,
    PlaybookChanged,
    PlaybookEmpty,
    PlaybookNameless,
    PlaybookShipped,
    PlaybookUsed,
    StageNeeded,
)
from health.playbook_steps import LANGUAGES, Step, checked
from health.services import playbooks as services
from health.services.shipped_playbooks import ensure_playbooks
from health.shipped import CODES, playbook
from tests.factories.health_alerts import make_alert, make_alert_rule
from tests.factories.health_playbooks import CALL, TALK, make_playbook, make_run


def actions(row):
    return list(AuditEntry.objects.of(row).order_by("pk").values_list("action", flat=True))


@pytest.mark.django_db
class TestSavePlaybook:
    def test_stores_texts_and_steps_in_order(self, dora):
        row = Playbook(names={"en": " Stop ", "zh-hans": "停单"}, reasons=["other", "order_gap"], stages=["mid"])
        saved = services.save_playbook(row, [TALK, CALL], actor=dora)
        saved.refresh_from_db()
        assert saved.names == {"zh-hans": "停单", "en": "Stop"}
        assert saved.reasons == ["order_gap", "other"]
        assert [str(step) for step in saved.steps.order_by("position")] == ["Agree inside", "Call purchasing"]
        assert actions(saved) == ["playbook.created"]

    def test_the_same_twice_changes_nothing(self, dora):
        row = make_playbook()
        mark = services.mark_of(row)
        services.save_playbook(Playbook.objects.get(pk=row.pk), [CALL, TALK], actor=dora)
        row.refresh_from_db()
        assert services.mark_of(row) == mark
        assert actions(row) == ["playbook.created"]

    def test_moved_steps_are_a_change(self, dora):
        row = make_playbook()
        services.save_playbook(row, [TALK, CALL], actor=dora)
        entry = AuditEntry.objects.of(row).first()
        assert entry.action == "playbook.updated"
        assert entry.changes["steps"] == ["致电采购 · 内部会商", "内部会商 · 致电采购"]

    def test_refuses_to_write_over_what_somebody_else_has_changed(self, dora):
        row = make_playbook()
        mark = services.mark_of(row)
        services.save_playbook(Playbook.objects.get(pk=row.pk), [CALL], actor=dora)
        with pytest.raises(PlaybookChanged):
            services.save_playbook(row, [TALK], actor=dora, seen=mark)
        assert PlaybookStep.objects.get(playbook=row).titles["en"] == "Call purchasing"

    def test_refuses_what_is_not_whole(self, dora):
        with pytest.raises(PlaybookNameless):
            services.save_playbook(Playbook(names={"en": " "}), [CALL], actor=dora)
        with pytest.raises(PlaybookEmpty):
            services.save_playbook(Playbook(names={"en": "x"}), [], actor=dora)
        with pytest.raises(StageNeeded):
            services.save_playbook(Playbook(names={"en": "x"}, starts_at_stage=True), [CALL], actor=dora)
        assert not Playbook.objects.exists()

    @pytest.mark.parametrize("who", ["alice", "lee", "mallory"])
    def test_is_for_who_owns_policies(self, request, who):
        actor, row = request.getfixturevalue(who), make_playbook()
        for act in (
            lambda: services.save_playbook(row, [CALL], actor=actor),
            lambda: services.copy_playbook(row, actor=actor),
            lambda: services.switch_playbook(row, active=False, actor=actor),
            lambda: services.delete_playbook(row, actor=actor),
        ):
            with pytest.raises(MayNotOwnPlaybooks):
                act()


@pytest.mark.django_db
class TestOtherVerbs:
    def test_a_copy_is_off_and_named_in_each_language(self, dora):
        copy = services.copy_playbook(make_playbook(reasons=["unhappy"]), actor=dora)
        assert set(copy.names) == {"zh-hans", "en"}
        assert copy.names["en"] == "停单 (en) (copy)"
        assert (copy.is_active, copy.reasons, copy.code) == (False, ["unhappy"], None)
        assert services.steps_of(copy) == checked([CALL, TALK])

    def test_switched_off_and_on_once_each(self, dora):
        row = make_playbook()
        for active in (False, False, True):
            services.switch_playbook(row, active=active, actor=dora)
        assert actions(row) == ["playbook.created", "playbook.switched_off", "playbook.switched_on"]

    def test_one_that_was_at_work_or_came_with_the_product_stays(self, dora, account):
        run = make_run(account)
        with pytest.raises(PlaybookUsed):
            services.delete_playbook(run.playbook, actor=dora)
        ensure_playbooks()
        with pytest.raises(PlaybookShipped):
            services.delete_playbook(Playbook.objects.get(code="unhappy"), actor=dora)
        unused = make_playbook("x")
        services.delete_playbook(unused, actor=dora)
        assert not Playbook.objects.filter(names__en="x (en)").exists()
        assert AuditEntry.objects.filter(action="playbook.deleted").count() == 1


@pytest.mark.django_db
class TestRecommended:
    def test_the_rules_own_comes_first_then_the_stages_then_the_rest(self, account):
        general = make_playbook("general", reasons=["order_gap"])
        staged = make_playbook("staged", reasons=["order_gap"], stages=[account.stage])
        own = make_playbook("own")
        make_playbook("other stage", reasons=["order_gap"], stages=["interrupted"])
        make_playbook("other reason", reasons=["unhappy"])
        make_playbook("off", reasons=["order_gap"], is_active=False)
        alert = make_alert(account, rule=make_alert_rule("order_gap", playbook=own))
        assert services.recommended(alert) == [own, staged, general]


class TestShippedFiles:
    @pytest.mark.parametrize("code", CODES)
    def test_every_text_is_there_in_every_language(self, code):
        given = playbook(code)
        assert given["code"] == code
        steps = checked([Step(**step) for step in given["steps"]])
        texts = [given["names"], given["descriptions"]]
        for step in steps:
            texts += [step.titles, *step.checklist, *([step.template] if step.template else [])]
        assert [text for text in texts if set(text) != set(LANGUAGES)] == []
        assert not [text for text in texts for words in text.values() if "!" in words or "！" in words]
        assert [step.due_days for step in steps] == sorted(step.due_days for step in steps)
        assert len(steps) >= 5

    def test_every_reason_but_other_has_one(self):
        covered = {reason for code in CODES for reason in playbook(code)["reasons"]}
        assert set(Reason.values) - covered == {"other"}


@pytest.mark.django_db
class TestEnsurePlaybooks:
    def test_stores_each_once_and_leaves_what_was_changed(self, dora):
        assert ensure_playbooks() == len(CODES)
        row = Playbook.objects.get(code="order-gap")
        row.names = {"en": "Ours"}
        services.save_playbook(row, [CALL], actor=dora)
        services.switch_playbook(row, active=False, actor=dora)
        assert ensure_playbooks() == 0
        row.refresh_from_db()
        assert (str(row), row.is_active, row.steps.count()) == ("Ours", False, 1)
