"""Renewals decided by people, on the services and over the API."""

import datetime as dt

import pytest

from accounts.errors import AccountReadOnly
from audit.models import AuditEntry
from contracts import services
from contracts.errors import (
    NoticeNeeded,
    NotTheContracts,
    ReasonMissing,
    RenewalDecided,
    RenewalOpen,
    RenewedAlready,
)
from contracts.models import Contract
from contracts.services import renewals
from contracts.services.renewal_signing import note_signed
from tests.factories import TODAY
from tests.factories.accounts import AccountMemberFactory
from tests.factories.contracts import make_contract, make_renewal
from tests.factories.interactions import make_step
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def renewal(account):
    contract = make_contract(account, "expiring")
    return make_renewal(contract, step=make_step(account, 30))


@pytest.fixture
def auto(account):
    return make_renewal(make_contract(account, "expiring", auto_renewal_months=12))


class TestRenew:
    def test_drafts_the_successor_and_finishes_the_task(self, renewal, alice):
        successor = renewals.renew(renewal, actor=alice, today=TODAY, now=NOW)
        assert (successor.predecessor, successor.phase) == (renewal.contract, "draft")
        assert successor.version.start_date == renewal.term_end + DAY
        renewal.refresh_from_db()
        assert (renewal.outcome, renewal.acted_at) == ("open", NOW)
        assert renewal.step.status == "done"
        entry = AuditEntry.objects.of(renewal).get(action="renewal.successor_drafted")
        assert (entry.actor, entry.changes["successor"]) == (alice, [None, successor.number])

    def test_is_decided_by_the_signature(self, renewal, alice):
        successor = renewals.renew(renewal, actor=alice, today=TODAY, now=NOW)
        assert note_signed(successor, actor=alice, today=TODAY, now=NOW) == 0
        version = services.submit_version(successor.version, actor=alice, now=NOW)
        services.sign_version(version, signed_on=TODAY, actor=alice, today=TODAY, now=NOW)
        renewal.refresh_from_db()
        assert (renewal.outcome, renewal.decided_by, renewal.decided_on) == ("renewed", alice, TODAY)

    def test_refuses_twice_and_readers(self, renewal, alice, ann):
        with pytest.raises(AccountReadOnly):
            renewals.renew(renewal, actor=ann, today=TODAY, now=NOW)
        renewals.renew(renewal, actor=alice, today=TODAY, now=NOW)
        with pytest.raises(RenewedAlready):
            renewals.renew(renewal, actor=alice, today=TODAY, now=NOW)

    def test_refuses_what_is_decided(self, renewal, alice):
        renewals.lose(renewal, reason="价格", actor=alice, today=TODAY, now=NOW)
        with pytest.raises(RenewalDecided):
            renewals.renew(renewal, actor=alice, today=TODAY, now=NOW)
        assert not Contract.objects.filter(predecessor=renewal.contract).exists()


class TestLose:
    def test_with_a_reason(self, renewal, alice):
        renewals.lose(renewal, reason=" 改用自有产线 ", actor=alice, today=TODAY, now=NOW)
        renewal.refresh_from_db()
        assert (renewal.outcome, renewal.outcome_note) == ("lost", "改用自有产线")
        assert (renewal.decided_by, renewal.decided_on, renewal.acted_at) == (alice, TODAY, NOW)
        assert renewal.step.status == "done"
        entry = AuditEntry.objects.of(renewal).get()
        assert (entry.action, entry.reason, entry.changes["outcome"]) == (
            "renewal.lost",
            "改用自有产线",
            ["open", "lost"],
        )

    def test_refuses(self, renewal, auto, alice, ann, account):
        with pytest.raises(ReasonMissing):
            renewals.lose(renewal, reason="  ", actor=alice, today=TODAY, now=NOW)
        with pytest.raises(AccountReadOnly):
            renewals.lose(renewal, reason="x", actor=ann, today=TODAY, now=NOW)
        with pytest.raises(NoticeNeeded):
            renewals.lose(auto, reason="x", actor=alice, today=TODAY, now=NOW)
        helper = UserFactory(team=alice.team)
        AccountMemberFactory(account=account, user=helper, right="edit")
        with pytest.raises(NotTheContracts):
            renewals.lose(renewal, reason="x", actor=helper, today=TODAY, now=NOW)
        make_contract(account, "draft", predecessor=renewal.contract)
        with pytest.raises(RenewedAlready):
            renewals.lose(renewal, reason="x", actor=alice, today=TODAY, now=NOW)
        assert not AuditEntry.objects.of(renewal).exists()

    def test_a_closed_task_is_left_alone(self, renewal, alice):
        renewal.step.status, renewal.step.closed_at = "dropped", NOW
        renewal.step.save()
        renewals.lose(renewal, reason="x", actor=alice, today=TODAY, now=NOW)
        renewal.step.refresh_from_db()
        assert renewal.step.status == "dropped"


class TestNoticeAndReopening:
    def test_notice_lets_it_be_lost(self, auto, alice):
        renewals.give_notice_of(auto, on=TODAY, reason="不再合作", actor=alice, today=TODAY, now=NOW)
        auto.refresh_from_db()
        assert auto.acted_at == NOW
        assert Contract.objects.get(pk=auto.contract_id).notice_given_on == TODAY
        renewals.lose(auto, reason="不再合作", actor=alice, today=TODAY, now=NOW)
        assert auto.outcome == "lost"

    def test_lost_can_be_opened_again(self, renewal, alice):
        with pytest.raises(RenewalOpen):
            renewals.reopen_renewal(renewal, actor=alice, now=NOW)
        renewals.lose(renewal, reason="x", actor=alice, today=TODAY, now=NOW)
        renewals.reopen_renewal(renewal, actor=alice, now=NOW)
        renewal.refresh_from_db()
        assert (renewal.outcome, renewal.outcome_note, renewal.decided_on) == ("open", "", None)
        assert renewal.step.status == "open"
        assert AuditEntry.objects.of(renewal).filter(action="renewal.reopened").count() == 1


class TestApi:
    URL = "/api/v1/renewals/"

    def test_list_retrieve_and_filters(self, api_for, renewal, alice, mallory):
        api = api_for(alice)
        [row] = api.get(self.URL, {"outcome": "open", "month": f"{renewal.term_end:%Y-%m}"}).json()["results"]
        assert row["contract"] == {"id": renewal.contract_id, "name": str(renewal.contract)}
        assert (row["value_amount"], row["currency"]) == ("1000.000", "CNY")
        assert (row["urgency"], row["task"], row["successor"]) == ("idle", renewal.step_id, None)
        assert api.get(f"{self.URL}{renewal.pk}/").json() == row
        assert api.get(self.URL, {"outcome": "lost"}).json()["results"] == []
        assert api.get(self.URL, {"month": "2026-13"}).json()["results"] == []
        assert api.get(self.URL, {"contract": renewal.contract_id}).json()["results"] == [row]
        assert api_for(mallory).get(self.URL).json()["results"] == []
        assert api_for(mallory).get(f"{self.URL}{renewal.pk}/").status_code == 404

    def test_decide(self, api_for, renewal, auto, alice):
        url, api = f"{self.URL}{renewal.pk}/decide/", api_for(alice)
        bad = api.post(url, {"decision": "lost"}, format="json")
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "reason")
        assert api.post(url, {"decision": "renew", "reason": "x"}, format="json").status_code == 400
        assert api.post(url, {"decision": "what"}, format="json").status_code == 400
        lost = api.post(url, {"decision": "lost", "reason": "价格"}, format="json").json()
        assert (lost["outcome"], lost["outcome_note"], lost["decided_by"]["name"]) == ("lost", "价格", "Alice")
        again = api.post(url, {"decision": "lost", "reason": "价格"}, format="json")
        assert (again.status_code, again.json()["code"]) == (409, "renewal_decided")
        assert api.post(url, {"decision": "reopen"}, format="json").json()["outcome"] == "open"
        renewed = api.post(url, {"decision": "renew"}, format="json").json()
        assert renewed["successor"]["id"] == Contract.objects.get(predecessor=renewal.contract).pk
        day = {"decision": "notice", "reason": "x", "on": str(dt.date.today())}  # noqa: DTZ011
        noted = api.post(f"{self.URL}{auto.pk}/decide/", day, format="json")
        assert noted.status_code == 200, noted.json()

    def test_readers_may_not(self, api_for, renewal, ann):
        answer = api_for(ann).post(f"{self.URL}{renewal.pk}/decide/", {"decision": "renew"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "account_read_only")
