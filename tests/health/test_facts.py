"""Facts as they were known at the beginning of a day: in sets, and blind for what came later."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.choices import Stage
from accounts.models import ManagerAssignment, TierHistory
from audit.models import AuditEntry
from contracts.models import Renewal
from health.facts import contact, contracts, gatherers, lines, people, surveys
from health.facts.segments import segments
from interactions.models import AccountRhythm, ContactPolicy
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.contracts import make_contract, make_instalment, make_receipt, make_renewal
from tests.factories.interactions import make_contact_policy, make_interaction, make_visit
from tests.factories.orders import ProductFactory, make_order
from tests.factories.surveys import CampaignFactory, InvitationFactory, ResponseFactory, answer

DAY = dt.timedelta(days=1)
BEFORE = timezone.make_aware(dt.datetime.combine(TODAY - 100 * DAY, dt.time(9)))


def ago(days):
    return TODAY - days * DAY


@pytest.fixture
def policy(db):
    return make_contact_policy(in_force_from=BEFORE)


def stage_changed(account, old, new, at):
    """The audit entry of a change of stage."""
    entry = AuditEntry(
        action="account.updated", object_type="accounts.account", object_id=account.pk, changes={"stage": [old, new]}
    )
    AuditEntry.objects.bulk_create([entry])
    with connection.cursor() as cursor:  # append-only for everybody else
        cursor.execute("UPDATE audit_auditentry SET at = %s WHERE id = %s", [at, entry.pk])


class TestSegments:
    def test_the_tier_is_that_of_the_day(self, account):
        for tier, since in (("C", ago(100)), ("A", ago(1)), ("B", TODAY)):
            TierHistory.objects.create(account=account, tier=tier, since=since, source="policy")

        assert [segments([account.pk], day)[account.pk].tier for day in (ago(200), ago(50), TODAY, TODAY + DAY)] == [
            "", "C", "A", "B",
        ]  # fmt: skip

    def test_a_tier_that_was_never_decided_is_the_one_it_has(self, db):
        account = AccountFactory(tier="B")

        assert segments([account.pk], TODAY)[account.pk].tier == "B"

    def test_the_stage_is_that_of_the_day(self, account):
        account.stage = Stage.MID
        account.save()
        stage_changed(account, Stage.EARLY, Stage.INTERRUPTED, BEFORE)
        stage_changed(account, Stage.INTERRUPTED, Stage.MID, BEFORE + 60 * DAY)

        found = [segments([account.pk], day)[account.pk].stage for day in (ago(150), ago(50), TODAY)]

        assert found == [Stage.EARLY, Stage.INTERRUPTED, Stage.MID]
        assert segments([account.pk], ago(50))[account.pk].stage_since == ago(100)


class TestContact:
    def test_the_last_contact_that_counts_before_the_day(self, account, policy):
        account.tier = "B"
        account.save()
        for days in (40, 20, 0):
            make_interaction(account, days)
        make_interaction(account, 5, kind="email")

        assert contact.gather([account.pk], TODAY)[account.pk].last == ago(20)
        assert contact.gather([account.pk], ago(30))[account.pk].last == ago(40)
        assert contact.gather([account.pk], TODAY)[account.pk].cadence == 30

    def test_a_visit_that_was_done_counts(self, account, policy):
        make_visit(account, -10, status="done", closed_at=timezone.make_aware(dt.datetime.combine(ago(10), dt.time(9))))
        account.tier = "A"
        account.save()

        assert contact.gather([account.pk], TODAY)[account.pk].last == ago(10)
        assert contact.gather([account.pk], ago(10))[account.pk].last is None

    def test_before_the_policy_there_was_no_cadence(self, account, policy):
        account.tier = "A"
        account.save()

        assert contact.gather([account.pk], ago(200)) == {}
        assert ContactPolicy.objects.get().in_force_from == BEFORE

    def test_nothing_is_late_while_paused(self, account, policy):
        AccountRhythm.objects.create(account=account, cadence_days=7, paused_until=TODAY)

        assert contact.gather([account.pk], TODAY)[account.pk].cadence is None
        assert contact.gather([account.pk], TODAY + 2 * DAY)[account.pk].cadence == 7


class TestLines:
    @pytest.fixture
    def bags(self, account):
        """Bags were bought every month until half a year ago, tools until now."""
        for code in ("BAG", "TOOL"):
            ProductFactory(code=code, line__code=code)
        for month in range(1, 15):
            make_order(account, 100, date=ago(30 * month), product="TOOL")
            if month > 6:
                make_order(account, 100, date=ago(30 * month), product="BAG")
        return account

    def test_finds_what_is_not_bought_any_more(self, bags):
        facts = lines.gather([bags.pk], TODAY)[bags.pk]

        assert [(line.code, line.last) for line in facts.dropped] == [("BAG", ago(210))]
        assert facts.share == pytest.approx(8 / 22, abs=0.03)

    def test_a_line_bought_again_this_month_is_not_dropped(self, bags):
        make_order(bags, 10, date=ago(1), product="BAG")

        assert lines.gather([bags.pk], TODAY)[bags.pk].dropped == []

    def test_does_not_look_ahead(self, bags):
        make_order(bags, 10, date=TODAY, product="BAG")

        assert lines.gather([bags.pk], TODAY)[bags.pk].dropped != []
        assert lines.gather([bags.pk], ago(200))[bags.pk].dropped == []

    def test_who_stopped_altogether_has_not_dropped_lines(self, account):
        for code in ("BAG", "TOOL"):
            ProductFactory(code=code, line__code=code)
            for month in range(8, 15):
                make_order(account, 100, date=ago(30 * month), product=code)

        assert lines.gather([account.pk], TODAY)[account.pk].dropped == []

    def test_without_a_habit_there_is_nothing_to_drop(self, account):
        make_order(account, 100, date=ago(300))
        make_order(account, 100, date=ago(10))

        assert lines.gather([account.pk], TODAY) == {}

    def test_without_a_rate_the_share_is_not_known(self, bags):
        make_order(bags, 10, date=ago(100), product="BAG", currency="USD")

        assert lines.gather([bags.pk], TODAY)[bags.pk].share is None


class TestPeople:
    def test_who_decides_and_who_left(self, account):
        make_contact(account, decision_role="decision_maker", until=ago(30))
        make_contact(account, decision_role="champion", until=TODAY)
        make_contact(account, decision_role="user", until=ago(3))

        facts = people.gather([account.pk], TODAY)[account.pk]

        assert (facts.deciders, facts.left) == (2, [(ago(30), "decision_maker")])
        assert facts.present == 1
        assert people.gather([account.pk], ago(30))[account.pk].left == []

    def test_who_was_met(self, account):
        known = [make_contact(account, f"人{number}") for number in range(3)]
        make_interaction(account, 10, contacts=known[:1])
        make_interaction(account, 300, contacts=known[1:2])
        make_interaction(account, 0, contacts=known)

        facts = people.gather([account.pk], TODAY)[account.pk]

        assert (facts.present, facts.alive, facts.last_noted) == (3, 1, ago(10))
        assert not people.gather([account.pk], ago(400))[account.pk].ever_noted

    def test_managers_by_their_days(self, account, ann):
        ManagerAssignment.objects.filter(account=account).update(from_date=ago(300), until_date=ago(5))
        for since, until in ((ago(5), TODAY), (TODAY, None)):
            ManagerAssignment.objects.create(
                account=account, manager=ann, from_date=since, until_date=until, reason="x"
            )

        assert people.gather([account.pk], TODAY)[account.pk].managers == [ago(300), ago(5)]


class TestSurveys:
    def test_answers_by_person_the_oldest_first(self, account):
        person = make_contact(account)
        for days, value in ((0, "1"), (10, "3"), (200, "9")):
            moment = timezone.make_aware(dt.datetime.combine(ago(days), dt.time(12)))
            invitation = InvitationFactory(account=account, contact=person)
            answer(invitation, answers={"recommend": value}, completed_at=moment)

        found = surveys.gather([account.pk], TODAY)[account.pk]

        assert [(row.date, row.value) for row in found.nps[person.pk]] == [(ago(200), 9), (ago(10), 3)]

    def test_anonymous_answers_belong_to_nobody(self, account):
        ResponseFactory(campaign=CampaignFactory(anonymous=True), account=account)

        assert surveys.gather([account.pk], TODAY + DAY) == {}

    def test_what_ran_out_without_an_answer(self, account):
        rows = [(300, 272, None), (200, 172, ago(190)), (100, 72, None), (50, 22, None), (10, -18, None)]
        for asked, expires, answered in rows:
            InvitationFactory(account=account, asked_on=ago(asked), expires_on=ago(expires), answered_on=answered)
        InvitationFactory(account=account, asked_on=ago(60), expires_on=ago(32), status="bounced")

        found = surveys.gather([account.pk], TODAY)[account.pk]

        assert (found.asked, found.unanswered) == (ago(50), 2)
        assert surveys.gather([account.pk], ago(60))[account.pk].unanswered == 1


class TestContracts:
    def test_a_notice_date_that_nobody_cares_for(self, account):
        contract = make_contract(account)
        renewal = make_renewal(contract, notice_date=TODAY + 20 * DAY, opened_on=ago(10))

        assert contracts.gather([account.pk], TODAY)[account.pk].idle_notice == TODAY + 20 * DAY
        assert contracts.gather([account.pk], ago(10))[account.pk].idle_notice is None
        Renewal.objects.filter(pk=renewal.pk).update(acted_at=BEFORE)
        assert contracts.gather([account.pk], TODAY)[account.pk].idle_notice is None

    def test_what_is_overdue_by_when_it_was_paid(self, account):
        contract = make_contract(
            account, instalments=[make_instalment(amount="600", days=-30), make_instalment(amount="530", days=-5)]
        )

        facts = contracts.gather([account.pk], TODAY)[account.pk]
        assert (facts.overdue_since, facts.overdue_count, facts.overdue_amount) == (ago(30), 2, 1130)

        make_receipt(contract, "600.00", date=ago(2))
        assert contracts.gather([account.pk], TODAY)[account.pk].overdue_since == ago(5)
        then = contracts.gather([account.pk], ago(2))[account.pk]
        assert (then.overdue_since, then.overdue_amount) == (ago(30), 1130)
        assert contracts.gather([account.pk], ago(30))[account.pk].overdue_since is None

    def test_without_a_rate_the_amount_is_not_known(self, account):
        make_contract(account, currency="USD", instalments=[make_instalment(amount="1130", days=-30)])

        facts = contracts.gather([account.pk], TODAY)[account.pk]
        assert (facts.overdue_since, facts.overdue_amount) == (ago(30), None)

    def test_drafts_and_ended_contracts_are_none(self, account):
        make_contract(account, "draft")
        make_contract(account, "terminated")

        assert contracts.gather([account.pk], TODAY) == {}


class TestInSets:
    @pytest.fixture
    def full(self, policy, alice):
        """Makes accounts with something of everything."""

        def make():
            account = AccountFactory(manager=alice)
            person = make_contact(account, decision_role="champion")
            make_interaction(account, 10, contacts=[person])
            make_contract(account, instalments=[make_instalment(amount="1130", days=-30)])
            ResponseFactory(account=account, contact=person)
            make_order(account)
            return account.pk

        return make

    @pytest.mark.parametrize("name", sorted(gatherers()))
    def test_as_many_statements_for_many_accounts(self, name, full):
        counts = []
        for more in (1, 5):
            ids = [full() for _number in range(more)]
            with CaptureQueriesContext(
                connection,
            ) as queries:
                gatherers()[name](ids, TODAY + DAY)
            counts.append(len(queries))

        assert counts[0] == counts[1] > 0
