"""The REST API of tier policies, runs and proposals."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Account
from audit.models import AuditEntry
from tests.factories.accounts import AccountFactory
from tests.factories.orders import make_order
from tiers.models import TierPolicy, TierProposal, TierRun

pytestmark = pytest.mark.django_db

POLICIES = "/api/v1/tier-policies/"
WHAT_IF = f"{POLICIES}what-if/"
RUNS = "/api/v1/tier-runs/"
PROPOSALS = "/api/v1/tier-proposals/"
PARETO = {"method": "pareto", "parameters": {"cut_a": "80", "cut_b": "95"}, "months": 12}


@pytest.fixture
def policy(api_for, dora):
    """A Pareto policy without hysteresis."""
    body = {"code": "plain", "name": "帕累托", "name_en": "Pareto", **PARETO}
    return TierPolicy.objects.get(pk=api_for(dora).post(POLICIES, body).json()["id"])


@pytest.fixture
def revenue(account, foreign_account, alice):
    """Alice's account and two more of hers, and Mallory's, with revenue of last month."""
    last_month = timezone.localdate().replace(day=1) - dt.timedelta(days=1)
    others = [AccountFactory(code=f"N{n}", name=f"北方{n}", manager=alice) for n in (1, 2)]
    for row, amount in zip([account, foreign_account, *others], (700, 200, 80, 20), strict=True):
        make_order(row, amount, date=last_month, today=timezone.localdate())


@pytest.fixture
def run(api_for, dora, policy, revenue):
    response = api_for(dora).post(RUNS, {"policy": policy.pk})
    assert response.status_code == 201
    return TierRun.objects.get(pk=response.json()["id"])


def proposal_of(run, code):
    return run.proposals.get(account__code=code)


def url_of(proposal, verb=""):
    return f"{PROPOSALS}{proposal.pk}/{verb and verb + '/'}"


class TestPolicies:
    def test_directors_make_them(self, api_for, dora, policy):
        row = api_for(dora).get(f"{POLICIES}{policy.pk}/").json()
        assert (row["version"], row["method"], row["months"]) == (1, "pareto", 12)
        assert row["parameters"]["cut_a"] == "80"
        assert AuditEntry.objects.of(policy).get().action == "tier_policy.created"

    def test_other_rules_are_the_next_version(self, api_for, dora, policy):
        client, url = api_for(dora), f"{POLICIES}{policy.pk}/"
        changed = client.patch(url, {"parameters": {"cut_a": "70", "cut_b": "90"}, "note": "Fewer A accounts"}).json()
        assert (changed["version"], changed["parameters"]["cut_a"], changed["months"]) == (2, "70", 12)
        assert client.patch(url, {"name": "新名"}).json()["version"] == 2
        assert client.put(url, client.get(url).json()).json()["version"] == 2
        other = client.patch(url, {"method": "threshold"}).json()
        assert (other["version"], other["parameters"]["measure"]) == (3, "total")

    def test_everybody_reads_them(self, api_for, mallory, policy):
        assert [row["code"] for row in api_for(mallory).get(POLICIES).json()["results"]] == ["plain"]

    @pytest.mark.parametrize("user", ["alice", "lee"])
    def test_others_do_not_change_them(self, api_for, request, user, policy):
        client = api_for(request.getfixturevalue(user))
        responses = [
            client.post(POLICIES, {"code": "x", "name": "x"}),
            client.patch(f"{POLICIES}{policy.pk}/", {"name": "x"}),
            client.post(WHAT_IF, {"policy": policy.pk}),
            client.post(RUNS, {"policy": policy.pk}),
        ]
        assert {(r.status_code, r.json()["code"]) for r in responses} == {(403, "may_not_own_policies")}

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"parameters": {"cut_a": "0"}}, "parameters.cut_a"),
            ({"parameters": {"cut_a": "101"}}, "parameters.cut_a"),
            ({"parameters": {"cut_a": "90", "cut_b": "80"}}, "parameters.cut_b"),
            ({"parameters": {"cut_z": "90"}}, "parameters.cut_z"),
            ({"parameters": {"margin": [1]}}, "parameters.margin"),
            ({"parameters": 5}, "parameters"),
            ({"method": "threshold", "parameters": {"bound_a": "5", "bound_b": "9"}}, "parameters.bound_b"),
            ({"method": "magic"}, "method"),
            ({"months": 0}, "months"),
            ({"currency": "XXX"}, "currency"),
            ({"schedule_day": 31}, "schedule_day"),
            ({"code": "plain"}, "code"),
        ],
    )
    def test_are_checked(self, api_for, dora, policy, changes, field):
        for response in (
            api_for(dora).post(POLICIES, {"code": "x", "name": "x", **changes}),
            api_for(dora).patch(f"{POLICIES}{policy.pk}/", changes) if field != "code" else None,
        ):
            if response is not None:
                assert response.status_code == 400
                assert [error["field"] for error in response.json()["errors"]] == [field]
        assert TierPolicy.objects.count() == 1

    def test_only_one_is_in_force(self, api_for, dora, policy):
        client = api_for(dora)
        assert client.patch(f"{POLICIES}{policy.pk}/", {"enabled": True}).json()["enabled"] is True
        response = client.post(POLICIES, {"code": "x", "name": "x", "enabled": True})
        assert response.status_code == 400


class TestWhatIf:
    def test_says_who_would_move_and_saves_nothing(self, api_for, dora, policy, revenue):
        response = api_for(dora).post(WHAT_IF, {"policy": policy.pk, "parameters": {"cut_a": "60", "cut_b": "90"}})
        assert response.status_code == 200
        body = response.json()
        assert (body["moves_count"], body["totals"]["accounts"]) == (4, 4)
        first = body["moves"][0]
        assert (first["account_code"], first["tier_before"], first["proposed_tier"]) == ("ALICE-1", "", "A")
        assert "rank 1 of 4" in first["explanation"]
        assert not TierRun.objects.exists()
        assert policy.versions.count() == 1

    def test_needs_no_policy(self, api_for, dora, revenue):
        body = {"method": "threshold", "parameters": {"bound_a": "500", "bound_b": "100"}}
        moves = api_for(dora).post(WHAT_IF, body).json()["moves"]
        assert [move["proposed_tier"] for move in moves] == ["A", "B", "C", "C"]

    def test_answers_in_a_currency_without_rates(self, api_for, dora, revenue):
        body = api_for(dora).post(WHAT_IF, {"currency": "AED"}).json()
        assert (body["currency"], body["totals"]["incomplete"]) == ("AED", 4)

    @pytest.mark.parametrize("as_of", ["0001-01-01", "9999-12-31", "2026-02-31", 5])
    def test_refuses_impossible_days(self, api_for, dora, as_of):
        response = api_for(dora).post(WHAT_IF, {"as_of": as_of})
        assert [error["field"] for error in response.json()["errors"]] == ["as_of"]

    def test_refuses_cuts_that_make_no_sense(self, api_for, dora):
        response = api_for(dora).post(WHAT_IF, {"parameters": {"cut_a": "0"}})
        assert [error["field"] for error in response.json()["errors"]] == ["parameters.cut_a"]


class TestRuns:
    def test_show_company_totals_to_directors_only(self, api_for, dora, alice, run):
        row = api_for(dora).get(f"{RUNS}{run.pk}/").json()
        assert (row["status"], row["policy"]["name"], row["version"]) == ("open", "Pareto", 1)
        assert row["totals"]["accounts"] == 4
        assert api_for(alice).get(f"{RUNS}{run.pk}/").json()["totals"] is None
        assert len(api_for(alice).get(RUNS, {"policy": run.version.policy_id}).json()["results"]) == 1

    def test_need_a_policy(self, api_for, dora):
        response = api_for(dora).post(RUNS, {"policy": 99})
        assert response.json()["errors"][0]["code"] == "does_not_exist"


class TestProposals:
    def test_show_their_arithmetic(self, api_for, alice, run):
        row = api_for(alice).get(url_of(proposal_of(run, "ALICE-1"))).json()
        assert (row["tier_before"], row["proposed_tier"], row["state"]) == ("", "A", "pending")
        assert (row["revenue_amount"], row["currency"], row["rank"]) == ("700.000", "CNY", 1)
        assert "rank 1 of 4" in row["explanation"]

    def test_are_as_visible_as_their_account(self, api_for, alice, mallory, run):
        rows = api_for(alice).get(PROPOSALS, {"run": run.pk}).json()["results"]
        assert [row["account_code"] for row in rows] == ["ALICE-1", "N1", "N2"]
        foreign = proposal_of(run, "MALLORY-1")
        assert api_for(alice).get(url_of(foreign)).status_code == 404
        assert api_for(mallory).post(url_of(proposal_of(run, "N1"), "approve")).status_code == 404

    def test_are_filtered_and_ordered(self, api_for, dora, run):
        def found(**query):
            rows = api_for(dora).get(PROPOSALS, query).json()["results"]
            return [row["account_code"] for row in rows]

        assert found(ordering="revenue") == ["N2", "N1", "MALLORY-1", "ALICE-1"]
        assert found(proposed_tier="A", state="pending") == ["ALICE-1", "MALLORY-1"]
        assert found(tier_before="none", run=run.pk, page_size=1) == ["ALICE-1"]

    def test_a_supervisor_approves_once(self, api_for, lee, dora, run):
        proposal = proposal_of(run, "ALICE-1")
        response = api_for(lee).post(url_of(proposal, "approve"))
        assert (response.status_code, response.json()["state"]) == (200, "approved")
        assert response.json()["decided_by"]["name"] == "Lee"
        assert Account.objects.get(code="ALICE-1").tier == "A"
        for verb, body in (("approve", {}), ("reject", {"reason": "x"}), ("adjust", {"reason": "x", "tier": "B"})):
            second = api_for(dora).post(url_of(proposal, verb), body)
            assert (second.status_code, second.json()["code"]) == (409, "proposal_already_decided")

    def test_a_supervisor_adjusts_and_rejects_with_a_reason(self, api_for, lee, run):
        client = api_for(lee)
        assert client.post(url_of(proposal_of(run, "N1"), "adjust"), {"tier": "A"}).status_code == 400
        adjusted = client.post(url_of(proposal_of(run, "N1"), "adjust"), {"tier": "A", "reason": "Strategic"})
        assert (adjusted.json()["state"], adjusted.json()["final_tier"]) == ("adjusted", "A")
        rejected = client.post(url_of(proposal_of(run, "N2"), "reject"), {"reason": "Too new"})
        assert (rejected.json()["state"], rejected.json()["reason"]) == ("rejected", "Too new")
        tiers = dict(Account.objects.values_list("code", "tier"))
        assert (tiers["N1"], tiers["N2"]) == ("A", "")

    def test_others_do_not_decide(self, api_for, alice, ann, run):
        for user in (alice, ann):
            response = api_for(user).post(url_of(proposal_of(run, "ALICE-1"), "approve"))
            assert (response.status_code, response.json()["code"]) == (403, "may_not_decide_tiers")

    def test_are_decided_in_sets_within_the_team(self, api_for, lee, run):
        ids = list(TierProposal.objects.values_list("pk", flat=True))
        response = api_for(lee).post(f"{PROPOSALS}approve/", {"ids": ids})
        assert (response.status_code, response.json()) == (200, {"decided": 3})
        assert proposal_of(run, "MALLORY-1").state == "pending"
        assert api_for(lee).post(f"{PROPOSALS}approve/", {"ids": ids}).json() == {"decided": 0}

    def test_are_decided_by_move(self, api_for, dora, run):
        body = {"run": run.pk, "tier_before": "", "proposed_tier": "A", "reason": "Wait for the audit"}
        assert api_for(dora).post(f"{PROPOSALS}reject/", body).json() == {"decided": 2}
        assert proposal_of(run, "N2").state == "pending"

    @pytest.mark.parametrize(
        "body",
        [{}, {"ids": []}, {"ids": [1], "run": 1}, {"ids": ["x"]}, {"ids": [1] * 1001}, {"ids": [10**30], "x": 1}],
    )
    def test_sets_are_named_clearly(self, api_for, dora, run, body):
        assert api_for(dora).post(f"{PROPOSALS}approve/", body).status_code == 400
        assert not TierProposal.objects.exclude(state="pending").exists()
