import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import TierHistory
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.tiers import make_fact, make_policy, make_run
from tiers import services
from tiers.choices import State
from tiers.models import TierOverride, TierPolicy, TierRun

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FORM = {
    "code": "half", "name": "半年", "name_en": "Half-year", "schedule": "half_yearly", "schedule_month": "1",
    "schedule_day": "5", "method": "pareto", "months": "6", "currency": "", "note": "", "as_of": "2026-03-16",
    "cut_a": "70", "cut_b": "90", "down_runs": "1", "up_runs": "1", "margin": "0", "combine": "any",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(dt.datetime(2026, 3, 16, 3, tzinfo=dt.UTC))


@pytest.fixture
def run(account, foreign_account):
    make_fact(account, 100)
    make_fact(foreign_account, 50)
    return make_run()


@pytest.fixture
def proposal(run, account):
    return run.proposals.get(account=account)


def text(response):
    return response.content.decode()


class TestPolicyPages:
    def test_list_and_page(self, client_for, alice):
        policy = make_policy("plain", enabled=True)
        make_run(policy)
        page = client_for(alice).get(reverse("tiers:policy_list"))
        assert "plain" in text(page)
        assert "New policy" not in text(page)
        page = client_for(alice).get(policy.get_absolute_url())
        assert "A below 70% of cumulative revenue, B below 90%, then C" in text(page)
        assert "Run now" not in text(page)

    def test_the_empty_list_says_what_to_do(self, client_for, dora, alice):
        assert "New policy" in text(client_for(dora).get(reverse("tiers:policy_list")))
        assert "makes one" in text(client_for(alice).get(reverse("tiers:policy_list")))

    @pytest.mark.parametrize("name", ["alice", "lee"])
    def test_only_directors_change_policies(self, client_for, name, request):
        client, policy = client_for(request.getfixturevalue(name)), make_policy()
        assert client.get(reverse("tiers:policy_create")).status_code == 403
        assert client.post(reverse("tiers:policy_update", args=[policy.pk]), FORM).status_code == 403
        assert client.post(reverse("tiers:policy_run", args=[policy.pk]), {"as_of": "2026-03-16"}).status_code == 403
        assert not TierRun.objects.exists()

    def test_create(self, client_for, dora):
        response = client_for(dora).post(reverse("tiers:policy_create"), FORM, follow=True)
        policy = TierPolicy.objects.get()
        assert response.redirect_chain[-1][0] == policy.get_absolute_url()
        assert "Half-year was saved." in text(response)
        assert policy.current_version.parameters["cut_a"] == "70"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"cut_a": "0"}, "A cut lies above 0 and not above 100."),
            ({"cut_b": "101"}, "A cut lies above 0 and not above 100."),
            ({"cut_a": "90", "cut_b": "70"}, "B must end after A"),
            ({"cut_a": "lots"}, "Enter a number."),
            ({"months": "0"}, "greater than or equal to 1"),
            ({"currency": "XYZ"}, "Select a valid choice"),
            ({"code": "a b"}, "Letters, digits"),
            ({"method": "dice"}, "Select a valid choice"),
        ],
    )
    def test_an_invalid_form_keeps_the_input(self, client_for, dora, change, message):
        page = client_for(dora).post(reverse("tiers:policy_create"), {**FORM, **change})
        assert page.status_code == 200
        assert message in text(page)
        assert "Half-year" in text(page)
        assert not TierPolicy.objects.exists()

    def test_a_second_policy_in_force(self, client_for, dora):
        make_policy("one", enabled=True)
        page = client_for(dora).post(reverse("tiers:policy_create"), {**FORM, "enabled": "on"})
        assert "in force already" in text(page)

    @pytest.mark.parametrize(
        ("method", "field"),
        [("pareto", "cut_a"), ("threshold", "bound_a"), ("scorecard", "weight_wallet_share")],
    )
    def test_the_fields_follow_the_method(self, client_for, dora, method, field):
        typed = {"code": "half", "method": method, "refresh": "1"}
        page = text(client_for(dora).post(reverse("tiers:policy_create"), typed, headers=HTMX))
        assert f'name="{field}"' in page
        assert 'value="half"' in page
        assert "Please check" not in page

    def test_a_scorecard_with_points(self, client_for, dora):
        page = text(client_for(dora).post(reverse("tiers:policy_create"), {"method": "scorecard", "refresh": "1"}))
        assert "0:0, 1000000:100" in page
        values = {
            "band_a": "70", "band_b": "40",
            **{f"weight_{name}": "1" for name in ("revenue", "growth", "margin", "potential")},
            **{f"weight_{name}": "0" for name in ("wallet_share", "payment_behaviour", "tenure", "strategic_fit")},
            **{f"points_{name}": "0:0, 100:100" for name in (
                "revenue", "growth", "margin", "potential", "wallet_share", "payment_behaviour", "tenure",
                "strategic_fit")},
        }  # fmt: skip
        form = {**{k: v for k, v in FORM.items() if not k.startswith("cut")}, "method": "scorecard", **values}
        bad = client_for(dora).post(reverse("tiers:policy_create"), {**form, "points_growth": "0"})
        assert "at least two points" in text(bad)
        bad = client_for(dora).post(reverse("tiers:policy_create"), {**form, "band_b": "70"})
        assert "The bands overlap" in text(bad)
        assert client_for(dora).post(reverse("tiers:policy_create"), form).status_code == 302
        policy = TierPolicy.objects.get()
        assert "weight 1" in text(client_for(dora).get(policy.get_absolute_url()))
        assert "0:0, 100:100" in text(client_for(dora).get(reverse("tiers:policy_update", args=[policy.pk])))

    def test_what_if_shows_who_moves_and_saves_nothing(self, client_for, dora, account, foreign_account):
        make_fact(account, 900)
        make_fact(foreign_account, 100)
        page = text(client_for(dora).post(reverse("tiers:policy_create"), {**FORM, "preview": "1"}))
        assert "2 of 2 accounts would move" in page
        assert "Dawn Machinery" in page
        assert "90.0%" in page
        assert "(C from 90%)" in page
        assert not TierPolicy.objects.exists()

    def test_update_makes_a_version(self, client_for, dora):
        policy = make_policy()
        url = reverse("tiers:policy_update", args=[policy.pk])
        assert 'value="70"' in text(client_for(dora).get(url))
        assert client_for(dora).post(url, {**FORM, "cut_a": "60"}).status_code == 302
        assert policy.versions.count() == 2
        page = client_for(dora).post(url, {**FORM, "cut_a": "60", "preview": "1"})
        assert "What if: nothing is saved yet" in text(page)

    @pytest.mark.parametrize("as_of", ["0001-01-01", "2027-01-01"])
    def test_what_if_of_an_impossible_day_is_explained(self, client_for, dora, account, as_of):
        make_fact(account, 100)
        page = client_for(dora).post(reverse("tiers:policy_create"), {**FORM, "as_of": as_of, "preview": "1"})
        assert list(page.context["form"].errors) == ["as_of"]
        assert "What if: nothing is saved yet" not in text(page)

    def test_run_now(self, client_for, dora, account):
        make_fact(account, 100)
        url = reverse("tiers:policy_run", args=[make_policy().pk])
        wrong = (("2026-02-31", "as a date"), ("2027-01-01", "future"), ("0001-01-01", "nothing to sort by"))
        for as_of, message in wrong:
            assert message in text(client_for(dora).post(url, {"as_of": as_of}, follow=True))
        page = client_for(dora).post(url, {"as_of": "2026-03-16"}, follow=True)
        assert page.redirect_chain[-1][0] == TierRun.objects.get().get_absolute_url()


class TestRunPages:
    def test_list(self, client_for, alice, run):
        client = client_for(alice)
        assert run.get_absolute_url() in text(client.get(reverse("tiers:run_list")))
        fragment = text(client.get(reverse("tiers:run_list"), headers=HTMX))
        assert fragment.strip().startswith('<div id="rows"')

    def test_shows_the_proposals_of_the_users_accounts_only(self, client_for, alice, dora, run):
        page = text(client_for(alice).get(run.get_absolute_url()))
        assert "Dawn Machinery" in page
        assert "Southern Trading" not in page
        assert "rank 1 of 2; 0.00% of all revenue lies before it (A below 70%)" in page
        assert "/approve/" not in page
        assert "¥150" not in page
        page = text(client_for(dora).get(run.get_absolute_url()))
        assert "Southern Trading" in page
        assert "/approve/" in page
        assert "¥150" in page
        assert 'data-chart="run-curve"' in page
        assert 'data-chart="run-flow"' in page

    def test_filters_by_move_state_and_team(self, client_for, dora, run, north, south):
        url, client = run.get_absolute_url(), client_for(dora)
        assert "Dawn" not in text(client.get(url, {"move": "none-A", "team": south.pk}))
        assert "Dawn" in text(client.get(url, {"move": "none-A", "team": north.pk}))
        assert "Dawn" not in text(client.get(url, {"move": "none-A", "state": "rejected"}))
        assert "Dawn" in text(client.get(url, {"move": "nonsense"}))
        fragment = text(client.get(url, {"move": "none-A"}, headers=HTMX))
        assert fragment.strip().startswith('<div id="rows"')
        assert "run-curve" not in fragment

    def test_unchanged_accounts_have_their_own_tab(self, client_for, dora, account):
        make_fact(account, 100)
        first = make_run()
        services.approve_proposals(first.proposals.all(), actor=dora, now=dt.datetime(2026, 3, 16, tzinfo=dt.UTC))
        run = make_run(first.version.policy, TODAY - dt.timedelta(days=1))
        page = text(client_for(dora).get(run.get_absolute_url(), {"move": "unchanged"}))
        assert "Dawn Machinery" in page
        assert "stay where they are" in page

    def test_a_run_without_any_of_the_users_accounts(self, client_for, mallory, account):
        make_fact(account, 100)
        assert "None of your accounts" in text(client_for(mallory).get(make_run().get_absolute_url()))

    def test_pages_cost_the_same_at_3_and_30_rows(self, client_for, dora, django_assert_max_num_queries):
        for amount in range(1, 31):
            make_fact(AccountFactory(manager=dora), amount)
        run, client = make_run(), client_for(dora)
        client.get(run.get_absolute_url())
        with django_assert_max_num_queries(12):
            client.get(run.get_absolute_url())


class TestDecide:
    def post(self, client, name, proposal, **data):
        return client.post(reverse(f"tiers:proposal_{name}", args=[proposal.pk]), data, follow=True)

    def test_approve_goes_back_to_the_run(self, client_for, lee, proposal):
        page = self.post(client_for(lee), "approve", proposal)
        assert page.redirect_chain[-1][0] == proposal.get_absolute_url()
        assert "Dawn Machinery: Approved." in text(page)
        proposal.refresh_from_db()
        assert proposal.state == State.APPROVED

    def test_a_second_approval_is_told_so(self, client_for, lee, dora, proposal):
        self.post(client_for(lee), "approve", proposal)
        assert "has been decided already" in text(self.post(client_for(dora), "approve", proposal))
        assert TierHistory.objects.count() == 1

    def test_htmx_gets_the_row_and_a_toast(self, client_for, lee, proposal):
        url = reverse("tiers:proposal_approve", args=[proposal.pk])
        row = text(client_for(lee).post(url, headers=HTMX))
        assert row.strip().startswith(f'<tr id="proposal-{proposal.pk}"')
        assert "Approved" in row
        assert row.count("Dawn Machinery: Approved.") == 1
        assert 'id="toasts" hx-swap-oob="beforeend"' in row

    def test_adjust_and_reject_need_a_reason(self, client_for, lee, proposal):
        for name, data in (("adjust", {"tier": "B"}), ("reject", {})):
            page = self.post(client_for(lee), name, proposal, **data)
            assert "This field is required" in text(page)
        proposal.refresh_from_db()
        assert proposal.is_pending
        self.post(client_for(lee), "adjust", proposal, tier="B", reason="new plant", next="/tiers/")
        proposal.refresh_from_db()
        assert (proposal.state, proposal.final_tier) == (State.ADJUSTED, "B")

    def test_reject(self, client_for, lee, proposal):
        self.post(client_for(lee), "reject", proposal, reason="one-off", next="https://evil.example/")
        proposal.refresh_from_db()
        assert proposal.state == State.REJECTED

    def test_is_not_for_managers_nor_for_strangers(self, client_for, alice, ann, mallory, proposal):
        for user in (alice, ann, mallory):
            for name in ("approve", "adjust", "reject"):
                assert self.post(client_for(user), name, proposal, tier="B", reason="x").status_code == 403
        mallory.role = "supervisor"
        mallory.save()
        assert self.post(client_for(mallory), "approve", proposal).status_code == 404
        proposal.refresh_from_db()
        assert proposal.is_pending

    def test_a_supervisor_with_the_right_to_read_only(self, client_for, lee, proposal, account):
        account.status = "terminated"
        account.save()
        assert self.post(client_for(lee), "approve", proposal).status_code == 403

    def test_the_page_of_a_proposal(self, client_for, alice, lee, proposal):
        page = text(client_for(alice).get(proposal.get_absolute_url()))
        assert "rank 1 of 2" in page
        assert "Adjust" not in page
        page = text(client_for(lee).get(proposal.get_absolute_url()))
        assert "Adjust" in page
        assert "executive sponsor" in page
        self.post(client_for(lee), "approve", proposal)
        assert "Lee" in text(client_for(alice).get(proposal.get_absolute_url()))

    def decide(self, client, run, **data):
        return client.post(reverse("tiers:run_decide", args=[run.pk]), data, follow=True)

    def test_all(self, client_for, lee, dora, run):
        assert "1 proposal was decided." in text(self.decide(client_for(lee), run, scope="all", action="approve"))
        assert "1 proposal was decided." in text(self.decide(client_for(dora), run, scope="all", action="approve"))

    def test_a_move(self, client_for, dora, run):
        page = self.decide(client_for(dora), run, scope="move", move="none-A", action="approve")
        assert "decided." in text(page)
        assert run.proposals.filter(state=State.APPROVED).count() == run.proposals.filter(proposed_tier="A").count()

    def test_ticked_ones(self, client_for, dora, run, proposal):
        client = client_for(dora)
        data = {"scope": "ids", "ids": [proposal.pk, "x", ""], "action": "reject"}
        assert "Give a reason." in text(self.decide(client, run, **data))
        assert "1 proposal was decided." in text(self.decide(client, run, **data, reason="no"))
        assert "somebody else has decided already" in text(self.decide(client, run, **data, reason="no"))

    def test_some_of_the_ticked_ones(self, client_for, dora, run):
        client, ids = client_for(dora), list(run.proposals.pending().values_list("pk", flat=True))
        self.decide(client, run, scope="ids", ids=ids[:1], action="approve")
        page = text(self.decide(client, run, scope="ids", ids=ids, action="approve"))
        assert "decided." in page
        assert "1 was decided already." in page

    def test_nothing_without_a_scope(self, client_for, dora, run):
        page = text(self.decide(client_for(dora), run, action="approve"))
        assert "nothing left to decide" in page
        assert "0 proposals" not in page

    def test_managers_may_not(self, client_for, alice, run):
        assert self.decide(client_for(alice), run, scope="all").status_code == 403


class TestAccountPanel:
    def url(self, account):
        return reverse("tiers:account_panel", args=[account.pk])

    def test_shows_tier_reason_proposal_and_history(self, client_for, alice, lee, proposal, account):
        page = text(client_for(alice).get(self.url(account)))
        assert "rank 1 of 2" in page
        assert "A supervisor decides." in page
        assert "Set the tier by hand" not in page
        assert "Approve" in text(client_for(lee).get(self.url(account)))
        services.approve_proposal(proposal, actor=lee, now=dt.datetime(2026, 3, 16, tzinfo=dt.UTC))
        page = text(client_for(alice).get(self.url(account)))
        assert "Tier policy" in page
        assert "Lee" in page

    def test_fragment_and_empty(self, client_for, alice, account):
        page = text(client_for(alice).get(self.url(account), headers=HTMX))
        assert "<html" not in page
        assert "No tier yet" in page

    def test_is_as_visible_as_the_account(self, client_for, mallory, ann, account):
        assert client_for(mallory).get(self.url(account)).status_code == 404
        assert client_for(ann).get(self.url(account)).status_code == 200

    def test_override(self, client_for, lee, alice, mallory, account):
        url = reverse("tiers:override_set", args=[account.pk])
        data = {"tier": "B", "expires_on": "2026-06-30", "reason": "strategic"}
        assert client_for(alice).post(url, data).status_code == 403
        mallory.role = "supervisor"
        mallory.save()
        assert client_for(mallory).post(url, data).status_code == 404
        client = client_for(lee)
        assert "cannot lie in the past" in text(client.post(url, {**data, "expires_on": "2026-03-15"}))
        assert "Enter a valid date" in text(client.post(url, {**data, "expires_on": "2026-02-31"}))
        refused = client.post(url, {**data, "reason": " "})
        assert refused.context["form"].errors == {"reason": ["This field is required."]}
        assert not TierOverride.objects.exists()
        page = text(client.post(url, data, follow=True))
        assert "is now B" in page
        assert "strategic" in page
        override = TierOverride.objects.get()
        end = reverse("tiers:override_end", args=[override.pk])
        assert client_for(alice).post(end).status_code == 403
        assert "has ended" in text(client.post(end, follow=True))
        assert "has ended already" in text(client.post(end, follow=True))
