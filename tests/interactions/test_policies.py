"""The contact policy: drafts, activation, what never changes; pages and REST."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountSummary
from audit.models import AuditEntry
from interactions import services
from interactions.errors import MayNotOwnContactPolicy, NoRules, PolicyNotDraft, RulesEqual
from interactions.models import ContactPolicy, PolicyRule
from notifications.models import Notification
from tests.factories.accounts import AccountFactory
from tests.factories.interactions import make_contact_policy, make_interaction

A14 = {"tier": "A", "cadence_days": 14}
B30 = {"tier": "B", "cadence_days": 30}


def rules(*values):
    return [PolicyRule(**value) for value in values]


def draft(*values, actor=None, **fields):
    return services.create_contact_policy(ContactPolicy(**fields), rules(*(values or (A14, B30))), actor=actor)


class TestDrafts:
    def test_gets_the_next_number_and_an_entry(self, dora):
        make_contact_policy()
        policy = draft(actor=dora, note="更勤")
        assert (policy.number, policy.status, policy.created_by) == (2, "draft", dora)
        assert policy.rules.count() == 2
        entry = AuditEntry.objects.of(policy).get()
        assert (entry.action, entry.reason) == ("contact_policy.created", "更勤")
        assert entry.changes == {"version": [None, 2], "rules": [None, 2]}

    def test_rules_are_replaced_and_recorded_in_words(self, dora):
        policy = draft(A14)
        services.update_contact_policy(policy, rules({**A14, "cadence_days": 7}), actor=dora)
        assert policy.rules.get().cadence_days == 7
        entry = AuditEntry.objects.of(policy).get(action="contact_policy.updated")
        assert entry.changes["rules"] == [
            ["manager A * *: 14 visit,meeting,call 0"],
            ["manager A * *: 7 visit,meeting,call 0"],
        ]

    def test_the_same_again_changes_nothing(self, dora):
        policy = draft(A14)
        before = policy.rules.get().pk
        services.update_contact_policy(policy, rules(A14), actor=dora)
        assert policy.rules.get().pk == before
        assert not AuditEntry.objects.of(policy).filter(action="contact_policy.updated").exists()

    def test_only_owners_of_policies(self, alice, lee):
        policy = draft()
        for actor in (alice, lee):
            for call in (
                lambda actor=actor: services.create_contact_policy(ContactPolicy(), rules(A14), actor=actor),
                lambda actor=actor: services.update_contact_policy(policy, rules(A14), actor=actor),
                lambda actor=actor: services.delete_contact_policy(policy, actor=actor),
                lambda actor=actor: services.activate_contact_policy(policy, actor=actor, now=timezone.now()),
            ):
                with pytest.raises(MayNotOwnContactPolicy):
                    call()

    def test_refuses_no_rules_and_equal_rules(self, dora):
        with pytest.raises(NoRules):
            services.create_contact_policy(ContactPolicy(), [], actor=dora)
        with pytest.raises(RulesEqual, match="Rules 1 and 3"):
            draft(A14, B30, {**A14, "cadence_days": 7}, actor=dora)
        assert not ContactPolicy.objects.exists()

    @pytest.mark.parametrize(
        ("rule", "field"),
        [
            ({"cadence_days": 0}, "rules.0.cadence_days"),
            ({"cadence_days": 731}, "rules.0.cadence_days"),
            ({"cadence_days": 7, "channels": []}, "rules.0.channels"),
            ({"cadence_days": 7, "channels": ["pigeon"]}, "rules.0.channels"),
            ({"cadence_days": 7, "channels": ["note"]}, "rules.0.channels"),
            ({"cadence_days": 7, "tier": "Z"}, "rules.0.tier"),
            ({"cadence_days": 7, "duty": "nobody"}, "rules.0.duty"),
        ],
    )
    def test_refuses_nonsense_by_rule_and_field(self, dora, rule, field):
        with pytest.raises(ValidationError) as error:
            draft(rule, actor=dora)
        assert list(error.value.error_dict) == [field]

    def test_a_cadence_of_zero_is_refused_by_the_database_too(self, db):
        policy = draft()
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyRule.objects.filter(policy=policy).update(cadence_days=0)

    def test_deletion(self, dora):
        policy = draft()
        services.delete_contact_policy(policy, actor=dora)
        assert not PolicyRule.objects.exists()
        assert AuditEntry.objects.get(action="contact_policy.deleted").changes == {"version": [1, None]}


class TestActivation:
    def test_one_is_in_force_and_the_one_before_superseded(self, dora):
        first, second = draft(), draft()
        now = timezone.now()
        services.activate_contact_policy(first, actor=dora, now=now)
        services.activate_contact_policy(second, actor=dora, now=now)
        first.refresh_from_db()
        assert (first.status, second.status, second.in_force_from) == ("superseded", "in_force", now)
        entry = AuditEntry.objects.of(second).get(action="contact_policy.activated")
        assert entry.changes == {"version": [1, 2]}

    def test_dates_of_the_accounts_follow(self, account, dora):
        account.tier = "A"
        account.save()
        make_interaction(account, 5)
        services.activate_contact_policy(draft(A14), actor=dora, now=timezone.now())
        summary = AccountSummary.objects.get(account=account)
        assert (summary.contact_due_date - summary.last_contact_date).days == 14

    def test_people_hear_of_it_once(self, alice, dora):
        services.activate_contact_policy(draft(), actor=dora, now=timezone.now())
        assert Notification.objects.filter(user=alice, kind="policy_activated").count() == 1
        assert not Notification.objects.filter(user=dora).exists()

    def test_what_is_in_force_or_superseded_never_changes(self, dora):
        first, second = draft(), draft()
        for policy in (first, second):
            services.activate_contact_policy(policy, actor=dora, now=timezone.now())
        for policy in (first, second):
            for call in (
                lambda policy=policy: services.update_contact_policy(policy, rules(B30), actor=dora),
                lambda policy=policy: services.delete_contact_policy(policy, actor=dora),
                lambda policy=policy: services.activate_contact_policy(policy, actor=dora, now=timezone.now()),
            ):
                with pytest.raises(PolicyNotDraft):
                    call()
        assert ContactPolicy.objects.in_force().get() == second
        assert first.rules.count() == 2

    def test_refuses_a_draft_without_rules(self, dora):
        policy = draft()
        policy.rules.all().delete()
        with pytest.raises(NoRules):
            services.activate_contact_policy(policy, actor=dora, now=timezone.now())

    def test_default_is_made_once(self, db):
        now = timezone.now()
        policy = services.ensure_default_contact_policy(now=now)
        assert services.ensure_default_contact_policy(now=now) == policy
        assert policy.status == "in_force"
        found = {(rule.duty, rule.tier): rule.cadence_days for rule in policy.rules.all()}
        assert found == {("manager", "A"): 14, ("manager", "B"): 30, ("manager", "C"): 90, ("sponsor", "A"): 90}
        assert policy.greeting_tiers == ["A", "B"]


def posted(*values, **fields):
    """What the form sends for these rules."""
    data = {"note": "", "visits_per_day": "4", "birthday_days_ahead": "7", "holiday_days_ahead": "10"}
    data |= {"form-TOTAL_FORMS": str(len(values)), "form-INITIAL_FORMS": "0"}
    for number, value in enumerate(values):
        row = {"duty": "manager", "channels": ["visit"], "minimum_seniority": "0", **value}
        data |= {f"form-{number}-{name}": text for name, text in row.items()}
    return {**data, **fields}


class TestPages:
    def test_everybody_reads(self, client_for, alice):
        policy = make_contact_policy(A14, {"duty": "sponsor", "tier": "A", "cadence_days": 90, "minimum_seniority": 3})
        assert "every 14 days" in client_for(alice).get(reverse("interactions:policy_list")).text
        page = client_for(alice).get(policy.get_absolute_url()).text
        assert "at least Director" in page
        assert "New draft" not in page

    def test_a_new_draft_begins_as_a_copy(self, client_for, dora):
        make_contact_policy(A14, B30, visits_per_day=6)
        page = client_for(dora).get(reverse("interactions:policy_create"))
        assert page.context["form"].initial["visits_per_day"] == 6
        assert [form.initial["cadence_days"] for form in page.context["formset"]] == [14, 30]

    def test_saves_a_draft(self, client_for, dora):
        answer = client_for(dora).post(reverse("interactions:policy_create"), posted(A14, B30, greeting_tiers=["A"]))
        policy = ContactPolicy.objects.get()
        assert answer.url == policy.get_absolute_url()
        assert policy.greeting_tiers == ["A"]
        assert sorted(policy.rules.values_list("tier", "cadence_days")) == [("A", 14), ("B", 30)]

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (posted({"cadence_days": "0"}), "greater than or equal to 1"),
            (posted(A14, A14), "Rule 1 is for the same accounts"),
            (posted(), "at least one rule"),
            (posted({"cadence_days": "7", "channels": []}), "at least one channel"),
            (posted({"cadence_days": "7", "channels": ["pigeon"]}), "pigeon is not one of the available choices"),
            (posted({"cadence_days": "x"}), "Enter a whole number"),
            (posted(A14, visits_per_day="99"), "less than or equal to 20"),
            (posted(A14, **{"form-TOTAL_FORMS": "nonsense"}), "ManagementForm"),
            (posted(A14, **{"form-TOTAL_FORMS": "100000"}), "100"),
        ],
    )
    def test_errors_keep_what_was_typed(self, client_for, dora, data, problem):
        page = client_for(dora).post(reverse("interactions:policy_create"), {**data, "note": "我的说明"})
        assert page.status_code == 200
        assert problem in page.text
        assert "我的说明" in page.text
        assert not ContactPolicy.objects.exists()

    def test_rows_are_added_and_removed_without_saving(self, client_for, dora):
        url = reverse("interactions:policy_create")
        page = client_for(dora).post(url, posted(A14, B30, add="1", note="x"))
        assert [form.initial["cadence_days"] for form in page.context["formset"]] == ["14", "30", 30]
        page = client_for(dora).post(url, posted(A14, {"cadence_days": "abc"}, remove="0", note="x"))
        assert [form.initial["cadence_days"] for form in page.context["formset"]] == ["abc"]
        assert 'value="x"' in page.text
        assert not ContactPolicy.objects.exists()

    def test_what_if_of_an_unsaved_draft(self, client_for, dora, alice):
        for _n in range(3):
            AccountFactory(manager=alice, tier="A")
        page = client_for(dora).post(reverse("interactions:policy_create"), posted(A14, what_if="1"))
        assert page.context["result"].then.per_week == pytest.approx(1.5)
        assert f"?manager={alice.pk}" in page.text
        assert not ContactPolicy.objects.exists()

    def test_what_if_of_a_saved_draft(self, client_for, dora, alice, account):
        make_contact_policy({"cadence_days": 28})
        policy = draft({"cadence_days": 7})
        page = client_for(dora).get(reverse("interactions:policy_what_if", args=[policy.pk]))
        assert (page.context["result"].now.per_week, page.context["result"].then.per_week) == (0.25, 1.0)

    def test_activation_and_deletion(self, client_for, dora):
        policy, other = draft(), draft()
        client = client_for(dora)
        client.post(reverse("interactions:policy_activate", args=[policy.pk]))
        assert ContactPolicy.objects.in_force().get() == policy
        page = client.post(reverse("interactions:policy_activate", args=[policy.pk]), follow=True)
        assert "no draft any more" in page.text
        assert client.get(reverse("interactions:policy_update", args=[policy.pk])).status_code == 302
        client.post(reverse("interactions:policy_delete", args=[other.pk]))
        assert not ContactPolicy.objects.filter(pk=other.pk).exists()


class TestApi:
    body = {"note": "new", "rules": [{"tier": "A", "cadence_days": 14, "channels": ["visit"]}]}

    def test_draft_change_activate(self, api_for, dora):
        api, url = api_for(dora), reverse("api:contact-policy-list")
        made = api.post(url, self.body)
        assert made.status_code == 201
        assert made.json()["rules"][0]["words"] == "Tier A: every 14 days; what counts: Visit"
        detail = reverse("api:contact-policy-detail", args=[made.json()["id"]])
        changed = api.patch(detail, {"rules": [{"cadence_days": 30}]}).json()
        assert [(rule["tier"], rule["channels"]) for rule in changed["rules"]] == [("", ["visit", "meeting", "call"])]
        assert api.patch(detail, {"note": "y"}).json()["rules"] == changed["rules"]
        assert api.post(reverse("api:contact-policy-activate", args=[changed["id"]])).json()["status"] == "in_force"
        refused = api.patch(detail, {"note": "z"})
        assert (refused.status_code, refused.json()["code"]) == (409, "policy_not_draft")

    @pytest.mark.parametrize(
        ("rules", "field"),
        [
            ([{"cadence_days": 0}], "rules.0.cadence_days"),
            ([{"cadence_days": 7, "channels": ["pigeon"]}], "rules.0.channels.0"),
            ([{"cadence_days": 7}, {"cadence_days": 8}], "rules"),
            ([], "rules"),
        ],
    )
    def test_refusals_name_the_field(self, api_for, dora, rules, field):
        for url in (reverse("api:contact-policy-list"), reverse("api:contact-policy-what-if")):
            answer = api_for(dora).post(url, {"rules": rules})
            assert answer.status_code == 400
            assert [error["field"] for error in answer.json()["errors"]] == [field]

    def test_what_if_saves_nothing(self, api_for, dora, account, alice):
        answer = api_for(dora).post(reverse("api:contact-policy-what-if"), {"rules": [{"cadence_days": 7}]})
        found = answer.json()
        assert (found["then"]["visits_per_week"], found["people"][0]["user"]["id"]) == (1.0, alice.pk)
        assert not ContactPolicy.objects.exists()

    def test_reading_is_for_all_and_writing_for_owners(self, api_for, alice):
        make_contact_policy()
        url = reverse("api:contact-policy-list")
        assert len(api_for(alice).get(url).json()["results"]) == 1
        refused = api_for(alice).post(url, json.dumps(self.body), content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (403, "may_not_own_contact_policies")
