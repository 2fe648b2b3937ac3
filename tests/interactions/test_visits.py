import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import AccountReadOnly
from accounts.models import Account, AccountSummary
from audit.models import AuditEntry
from core.models import CalendarDay
from interactions import services
from interactions.choices import VisitSource, VisitStatus
from interactions.errors import (
    ReasonNeeded,
    VisitClosed,
    VisitElsewhere,
    VisitInPast,
    VisitorInactive,
    VisitTwice,
)
from interactions.models import AccountRhythm, Capacity, Visit
from notifications.models import Notification
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.interactions import make_contact_policy, make_interaction, make_visit
from tests.factories.users import UserFactory
from users.models import Leave

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 16, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _old_accounts(account):
    """Known for a year."""
    Account.objects.update(created_at=NOW - 365 * DAY, tier="A")
    account.refresh_from_db()


def summary(account):
    return AccountSummary.objects.get(account=account)


class TestPlan:
    def plan(self, account, alice, days=1, **fields):
        visit = Visit(account=account, owner=fields.pop("owner", alice), planned_date=TODAY + days * DAY, **fields)
        return services.plan_visit(visit, actor=alice, today=TODAY)

    def test_is_pinned_recorded_and_shown_on_the_account(self, account, alice):
        visit = self.plan(account, alice, 3)
        assert (visit.source, visit.pinned, visit.status) == (VisitSource.MANUAL, True, VisitStatus.PLANNED)
        assert AuditEntry.objects.of(visit).get().action == "visit.planned"
        assert summary(account).next_visit_date == TODAY + 3 * DAY

    def test_yesterday_is_refused(self, account, alice):
        with pytest.raises(VisitInPast):
            self.plan(account, alice, -1)
        assert not Visit.objects.exists()

    def test_a_terminated_account_is_refused(self, account, alice):
        account.status = "terminated"
        with pytest.raises(AccountReadOnly):
            self.plan(account, alice)

    def test_nobody_who_has_left_goes(self, account, alice):
        with pytest.raises(VisitorInactive):
            self.plan(account, alice, owner=UserFactory(is_active=False))

    def test_a_length_of_nothing_is_refused(self, account, alice):
        with pytest.raises(ValidationError):
            self.plan(account, alice, duration_minutes=0)

    def test_a_colleague_is_told(self, account, alice, ann):
        self.plan(account, alice, owner=ann)
        assert Notification.objects.get().user == ann


class TestMove:
    def test_pins_and_counts_the_revision(self, account, alice):
        visit = make_visit(account, 1, source=VisitSource.POLICY, start_time=dt.time(9))
        services.move_visit(visit, TODAY + 5 * DAY, actor=alice, today=TODAY)
        visit.refresh_from_db()
        assert (visit.planned_date, visit.start_time) == (TODAY + 5 * DAY, dt.time(9))
        assert (visit.pinned, visit.sequence, visit.source) == (True, 1, VisitSource.POLICY)
        assert summary(account).next_visit_date == visit.planned_date
        entry = AuditEntry.objects.of(visit).get()
        assert entry.changes == {"planned_date": ["2026-03-17", "2026-03-21"]}

    def test_nowhere_else_is_no_revision(self, account, alice):
        visit = make_visit(account, 1)
        services.move_visit(visit, visit.planned_date, actor=alice, today=TODAY)
        assert Visit.objects.get().sequence == 0
        assert not AuditEntry.objects.of(visit).exists()

    def test_the_time_can_be_taken_away(self, account, alice):
        visit = make_visit(account, 1, start_time=dt.time(9))
        services.move_visit(visit, visit.planned_date, None, actor=alice, today=TODAY)
        assert Visit.objects.get().start_time is None

    def test_to_a_colleague_tells_both(self, account, alice, ann, lee):
        visit = make_visit(account, 1)
        services.move_visit(visit, visit.planned_date, owner=ann, actor=lee, today=TODAY)
        assert set(Notification.objects.values_list("user__username", "kind")) == {
            ("ann", "visit_assigned"),
            ("alice", "visit_moved"),
        }

    def test_not_into_the_past_nor_after_it_is_closed(self, account, alice):
        visit = make_visit(account, 1)
        with pytest.raises(VisitInPast):
            services.move_visit(visit, TODAY - DAY, actor=alice, today=TODAY)
        services.cancel_visit(visit, "ill", actor=alice, now=NOW)
        with pytest.raises(VisitClosed):
            services.move_visit(visit, TODAY + DAY, actor=alice, today=TODAY)

    def test_not_onto_another_visit_of_the_plan(self, account, alice):
        visit, other = (make_visit(account, days, source=VisitSource.POLICY) for days in (1, 8))
        with pytest.raises(VisitTwice):
            services.move_visit(visit, other.planned_date, actor=alice, today=TODAY)


class TestComplete:
    def test_proposes_the_next_one_and_sets_the_dates(self, account, alice):
        make_contact_policy()
        visit = make_visit(account, 0)
        interaction = make_interaction(account)
        following = services.complete_visit(visit, actor=alice, now=NOW, interaction=interaction)
        visit.refresh_from_db()
        assert (visit.status, visit.closed_by, visit.interaction) == (VisitStatus.DONE, alice, interaction)
        assert (following.source, following.owner, following.due_date) == (VisitSource.POLICY, alice, TODAY + 14 * DAY)
        assert TODAY + 11 * DAY <= following.planned_date <= TODAY + 14 * DAY
        found = summary(account)
        assert (found.last_contact_date, found.contact_due_date, found.next_visit_date) == (
            TODAY,
            TODAY + 14 * DAY,
            following.planned_date,
        )

    def test_counts_as_a_contact_without_a_word_about_it(self, account, alice):
        make_contact_policy()
        services.complete_visit(make_visit(account, 0), actor=alice, now=NOW)
        assert summary(account).last_contact_date == TODAY

    def test_keeps_what_is_planned(self, account, alice):
        make_contact_policy()
        later = make_visit(account, 20)
        assert services.complete_visit(make_visit(account, 0), actor=alice, now=NOW) == later
        assert Visit.objects.count() == 2

    def test_without_a_policy_nothing_follows(self, account, alice):
        assert services.complete_visit(make_visit(account, 0), actor=alice, now=NOW) is None

    def test_without_room_the_due_date_is_told(self, account, alice):
        make_contact_policy()
        Capacity.objects.create(user=alice, visits_per_day=0)
        assert services.complete_visit(make_visit(account, 0), actor=alice, now=NOW) == TODAY + 14 * DAY

    def test_the_second_one_is_told_so(self, account, alice, lee):
        visit = make_visit(account, 0)
        stale = Visit.objects.get()
        services.complete_visit(visit, actor=alice, now=NOW)
        with pytest.raises(VisitClosed) as refused:
            services.complete_visit(stale, actor=lee, now=NOW)
        assert (refused.value.code, refused.value.status) == ("visit_closed", 409)
        assert Visit.objects.get().closed_by == alice

    def test_a_missed_one_can_be_completed_late(self, account, alice):
        visit = make_visit(account, -5)
        services.miss_overdue(today=TODAY, now=NOW)
        services.complete_visit(visit, actor=alice, now=NOW)
        assert Visit.objects.get().status == VisitStatus.DONE
        assert summary(account).last_contact_date == TODAY - 5 * DAY

    def test_only_with_an_interaction_of_the_account(self, account, alice, foreign_account):
        with pytest.raises(VisitElsewhere):
            services.complete_visit(
                make_visit(account, 0), actor=alice, now=NOW, interaction=make_interaction(foreign_account)
            )


class TestCancel:
    def test_needs_a_reason_and_keeps_the_row(self, account, alice):
        visit = make_visit(account, 1)
        with pytest.raises(ReasonNeeded):
            services.cancel_visit(visit, " ", actor=alice, now=NOW)
        services.cancel_visit(visit, "customer is ill", actor=alice, now=NOW)
        visit.refresh_from_db()
        assert (visit.status, visit.sequence, visit.closing_note) == (VisitStatus.CANCELLED, 1, "customer is ill")
        assert summary(account).next_visit_date is None
        with pytest.raises(VisitClosed):
            services.cancel_visit(visit, "again", actor=alice, now=NOW)


class TestMissed:
    def test_after_three_days_and_not_before(self, account):
        old, recent = make_visit(account, -4), make_visit(account, -3)
        assert services.miss_overdue(today=TODAY, now=NOW) == 1
        assert services.miss_overdue(today=TODAY, now=NOW) == 0
        old.refresh_from_db()
        recent.refresh_from_db()
        assert (old.status, old.sequence, recent.status) == (VisitStatus.MISSED, 1, VisitStatus.PLANNED)
        assert AuditEntry.objects.of(old).get().action == "visit.missed"


class TestWarnings:
    def test_says_everything_that_speaks_against_a_day(self, account, alice):
        spring = dt.date(2026, 3, 21)
        CalendarDay.objects.create(country="CN", date=spring, working=False, name="厂庆")
        Leave.objects.create(user=alice, from_date=spring, until_date=spring)
        Capacity.objects.create(user=alice, visits_per_day=1)
        make_visit(account, 5)
        found = services.warnings_for(alice, account, spring)
        assert len(found) == 3
        assert "holiday" in found[0]
        assert "on leave" in found[1]
        assert "1 visit" in found[2]

    def test_a_visit_does_not_stand_in_its_own_way(self, account, alice):
        Capacity.objects.create(user=alice, visits_per_day=1)
        visit = make_visit(account, 1)
        assert services.warnings_for(alice, account, visit.planned_date, visit=visit) == []

    def test_make_up_days_are_working_days(self, account, alice):
        sunday = dt.date(2026, 3, 22)
        assert len(services.warnings_for(alice, account, sunday)) == 1
        CalendarDay.objects.create(country="CN", date=sunday, working=True, name="调休上班")
        assert services.warnings_for(alice, account, sunday) == []


class TestRefresh:
    def test_counts_what_the_rule_counts(self, account):
        make_contact_policy({"tier": "A", "cadence_days": 10, "channels": ["visit"], "minimum_seniority": 0})
        make_interaction(account, 9, kind="visit")
        make_interaction(account, 8, kind="visit", outcome="not_reached")
        make_interaction(account, 7, kind="call")
        make_interaction(account, 6, kind="note")
        assert services.refresh_rhythms(today=TODAY) == 1
        assert services.refresh_rhythms(today=TODAY) == 0
        found = summary(account)
        assert found.last_contact_date == TODAY - 9 * DAY
        assert found.contact_due_date == TODAY + DAY

    def test_never_contacted_is_due_since_it_is_known(self, account):
        make_contact_policy()
        services.refresh_rhythms([account.pk], today=TODAY)
        assert summary(account).contact_due_date == timezone.localdate(account.created_at)

    @pytest.mark.parametrize(
        ("rhythm", "due"),
        [
            ({"cadence_days": 5, "override_reason": "x"}, -5),
            ({"cadence_days": 5, "override_until": TODAY - DAY}, 4),
            ({"paused_until": TODAY}, None),
            ({"paused_until": TODAY - DAY}, 4),
        ],
    )
    def test_the_account_may_want_it_otherwise(self, account, rhythm, due):
        make_contact_policy()
        make_interaction(account, 10)
        AccountRhythm.objects.create(account=account, **rhythm)
        services.refresh_rhythms([account.pk], today=TODAY)
        assert summary(account).contact_due_date == (None if due is None else TODAY + due * DAY)

    def test_nothing_is_due_at_a_terminated_account(self, account):
        make_contact_policy()
        make_interaction(account, 10)
        Account.objects.update(status="terminated")
        services.refresh_rhythms(today=TODAY)
        assert (summary(account).last_contact_date, summary(account).contact_due_date) == (TODAY - 10 * DAY, None)

    def test_one_statement_more_for_nobody(self, account, django_assert_max_num_queries):
        make_contact_policy()
        for _number in range(20):
            make_interaction(AccountFactory(tier="A"), 3)
        with django_assert_max_num_queries(13):
            assert services.refresh_rhythms(today=TODAY) == 21
