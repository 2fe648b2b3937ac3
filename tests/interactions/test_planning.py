import datetime as dt
import re
from collections import Counter
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.choices import MemberRole
from accounts.models import Account, AccountSummary
from accounts.services import assign_manager
from audit.models import AuditEntry
from core.models import CalendarDay
from interactions import services, tasks
from interactions.choices import GapReason, VisitSource, VisitStatus
from interactions.errors import MayNotPlan
from interactions.models import AccountRhythm, Capacity, PlanningGap, PlanningRun, PolicyRule, Visit
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.interactions import make_contact_policy, make_interaction, make_visit
from tests.factories.users import UserFactory
from users.models import Leave

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 16, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def account_of(manager, tier="A", days_ago=14, **fields):
    """An account that has been known for a year, with a visit so many days ago."""
    account = AccountFactory(manager=manager, tier=tier, **fields)
    Account.objects.filter(pk=account.pk).update(created_at=NOW - 365 * DAY)
    if days_ago is not None:
        make_interaction(account, days_ago)
    return account


def plan(as_of=TODAY, **options):
    return services.plan_visits(as_of, now=options.pop("now", NOW), **options)


def content():
    return list(Visit.objects.order_by("pk").values_list("pk", "planned_date", "owner", "status", "sequence", "pinned"))


def dates(account, **filters):
    found = Visit.objects.planned().filter(account=account, **filters).order_by("planned_date")
    return [(date - TODAY).days for date in found.values_list("planned_date", flat=True)]


def short(sql):
    """What the statement does to which table, without its values."""
    return re.sub(r"s\d+_x\d+|\(.*|'.*|\d+", "", sql)[:110]


@pytest.fixture
def policy(db):
    return make_contact_policy(visits_per_day=2)


class TestPlanVisits:
    def test_plans_what_the_policy_asks_for_and_says_why(self, policy, alice):
        account = account_of(alice)
        report = plan()
        assert dates(account) == [0, 14, 28]
        assert (report.planned, report.kept, report.moved, report.cancelled, sum(report.gaps.values())) == (
            3,
            0,
            0,
            0,
            0,
        )
        visit = Visit.objects.earliest("planned_date")
        assert (visit.owner, visit.source, visit.due_date, visit.cadence_days) == (alice, VisitSource.POLICY, TODAY, 14)
        entry = AuditEntry.objects.of(visit).get()
        assert (entry.action, entry.account_id, entry.actor) == ("visit.planned", account.pk, None)
        assert AccountSummary.objects.get(account=account).next_visit_date == TODAY
        run = PlanningRun.objects.get()
        assert (run.planned, run.finished_at) == (3, NOW)

    def test_accounts_with_an_open_alert_come_first(self, policy, alice):
        calm = [account_of(alice, "A", 40) for _ in range(6)]
        alerted = account_of(alice, "C", 91)
        plan()
        assert dates(alerted)[0] > dates(calm[0])[0]
        AccountSummary.objects.filter(account=alerted).update(open_alerts=1)
        Visit.objects.all().delete()
        plan()
        assert dates(alerted)[0] == 0

    def test_twice_makes_nothing_twice(self, policy, alice):
        for number in range(12):
            account_of(alice, "ABC"[number % 3], 10 * number)
        plan()
        before, entries = content(), AuditEntry.objects.count()
        report = plan()
        assert content() == before
        assert AuditEntry.objects.count() == entries
        assert (report.planned, report.moved, report.cancelled, report.kept) == (0, 0, 0, len(before))

    def test_a_dry_run_writes_nothing_and_says_the_same(self, policy, alice):
        account_of(alice)
        account_of(None)
        make_visit(account_of(alice), -9)
        before = content()
        dry = plan(dry_run=True)
        assert content() == before
        assert not PlanningRun.objects.exists()
        assert not PlanningGap.objects.exists()
        assert dry == plan()
        assert (dry.missed, dry.by_reason()) == (1, {"nobody": 1})

    def test_a_manual_move_stays(self, policy, alice):
        account = account_of(alice)
        plan()
        first = Visit.objects.earliest("planned_date")
        services.move_visit(first, TODAY + 3 * DAY, actor=alice, today=TODAY)
        report = plan()
        assert dates(account)[0] == 3
        assert report.planned == 0
        before = content()
        plan()
        assert content() == before

    def test_a_visit_by_hand_counts(self, policy, alice):
        account = account_of(alice)
        make_visit(account, 2, pinned=True, source=VisitSource.MANUAL)
        plan()
        assert dates(account, source=VisitSource.POLICY) == [16, 30]

    def test_a_completed_visit_is_followed_by_the_next(self, policy, alice):
        account = account_of(alice)
        plan()
        services.complete_visit(Visit.objects.earliest("planned_date"), actor=alice, now=NOW)
        report = plan()
        assert dates(account) == [14, 28]
        assert (report.planned, report.cancelled, report.moved) == (0, 0, 0)

    def test_a_contact_meanwhile_moves_the_rows_and_keeps_them(self, policy, alice):
        account = account_of(alice, days_ago=10)
        plan()
        rows = list(Visit.objects.order_by("planned_date"))
        make_interaction(account, -3)
        report = plan(TODAY + 3 * DAY, now=NOW + 3 * DAY)
        assert (report.planned, report.moved, report.cancelled) == (0, 2, 1)
        assert list(Visit.objects.planned().order_by("planned_date").values_list("uid", "sequence")) == [
            (rows[1].uid, 1),
            (rows[2].uid, 1),
        ]
        assert dates(account)[0] in range(14, 18)
        assert "contact meanwhile" in Visit.objects.get(pk=rows[0].pk).closing_note

    def test_a_cancelled_day_is_not_proposed_again(self, policy, alice):
        account = account_of(alice)
        plan()
        services.cancel_visit(Visit.objects.earliest("planned_date"), "away", actor=alice, now=NOW)
        plan()
        assert 0 not in dates(account)

    def test_paused_and_terminated_accounts_are_left_alone(self, policy, alice):
        paused, ended = account_of(alice), account_of(alice)
        plan()
        AccountRhythm.objects.create(account=paused, paused_until=TODAY + 90 * DAY, pause_reason="x")
        Account.objects.filter(pk=ended.pk).update(status="terminated")
        report = plan()
        assert (dates(paused), dates(ended), report.cancelled) == ([], [], Visit.objects.count())
        assert set(Visit.objects.values_list("status", "sequence")) == {(VisitStatus.CANCELLED, 1)}
        assert set(Visit.objects.values_list("closing_note", flat=True)) == {
            "Planning is paused.",
            "The relationship has ended.",
        }
        assert not PlanningGap.objects.exists()

    def test_never_on_leave_nor_on_a_holiday(self, policy, alice):
        account = account_of(alice)
        Leave.objects.create(user=alice, from_date=TODAY, until_date=TODAY + 2 * DAY)
        CalendarDay.objects.create(country="CN", date=TODAY + 3 * DAY, working=False, name="厂庆")
        plan()
        assert dates(account)[0] == 4

    def test_zero_capacity_is_reported(self, policy, alice):
        Capacity.objects.create(user=alice, visits_per_day=0)
        account = account_of(alice)
        report = plan()
        assert report.gaps == {(alice.pk, "no_capacity"): 1}
        gap = PlanningGap.objects.get()
        assert (gap.account, gap.user, gap.due_date, gap.reason) == (account, alice, TODAY, GapReason.NO_CAPACITY)
        Capacity.objects.update(visits_per_day=1)
        plan()
        assert not PlanningGap.objects.exists()

    def test_over_capacity_is_reported_by_person(self, alice):
        make_contact_policy({"tier": "A", "cadence_days": 60}, visits_per_day=1)
        for _number in range(40):
            account_of(alice, days_ago=70)
        report = plan()
        working = report.planned
        assert report.gaps == {(alice.pk, "over_capacity"): 40 - working}
        assert Visit.objects.values("planned_date").distinct().count() == working

    def test_nobody_and_deactivated(self, policy, alice):
        account_of(None)
        inactive = UserFactory()
        account_of(inactive)
        inactive.is_active = False
        inactive.save()
        assert plan().by_reason() == {"nobody": 1, "inactive": 1}

    def test_the_sponsor_goes_too(self, policy, alice, dora):
        PolicyRule.objects.create(policy=policy, duty="sponsor", tier="A", cadence_days=30)
        account = account_of(alice)
        assert plan().gaps == {(None, "nobody"): 1}
        AccountMemberFactory(account=account, user=dora, role=MemberRole.EXECUTIVE_SPONSOR)
        report = plan()
        assert not report.gaps
        visits = Visit.objects.filter(duty="sponsor")
        assert {visit.owner for visit in visits} == {dora}
        make_interaction(account, 0, author=dora)
        plan()
        assert min(dates(account, duty="sponsor")) >= 23

    def test_a_new_manager_inherits(self, policy, alice, mallory):
        account = account_of(alice)
        plan()
        pinned = Visit.objects.earliest("planned_date")
        services.move_visit(pinned, TODAY + DAY, actor=alice, today=TODAY)
        before = set(Visit.objects.values_list("uid", "planned_date"))
        assign_manager(account, mallory, actor=None, reason="x", today=TODAY)
        report = plan()
        assert set(Visit.objects.values_list("uid", "planned_date")) == before
        assert {visit.owner for visit in Visit.objects.all()} == {mallory}
        assert (report.moved, report.planned) == (3, 0)
        assert AuditEntry.objects.filter(action="visit.inherited").count() == 3
        assert plan().moved == 0

    def test_missed_visits_are_closed_and_planned_anew(self, policy, alice):
        account = account_of(alice, days_ago=30)
        old = make_visit(account, -4, source=VisitSource.POLICY)
        report = plan()
        old.refresh_from_db()
        assert (old.status, report.missed) == (VisitStatus.MISSED, 1)
        assert dates(account)[0] == 0

    def test_yesterdays_visit_waits_to_be_closed(self, policy, alice):
        account = account_of(alice, days_ago=15)
        make_visit(account, -1, source=VisitSource.POLICY)
        plan()
        assert dates(account) == [-1, 13, 27, 41] or dates(account)[1] in range(10, 14)

    def test_only_for_some(self, policy, alice, mallory):
        account_of(alice)
        account_of(mallory)
        plan(user_ids=[alice.pk])
        assert {visit.owner for visit in Visit.objects.all()} == {alice}

    def test_without_a_policy_nothing_happens(self, alice):
        account_of(alice)
        assert plan().planned == 0

    def test_a_constant_number_of_statements(self, policy, alice):
        counts = []
        for number in (3, 27):
            for n in range(number):
                account_of(alice, "ABC"[n % 3], 5 * n)
                account_of(UserFactory(), "ABC"[n % 3], 5 * n)
            users = list(Account.objects.values_list("manager", flat=True).distinct())[:25]
            with CaptureQueriesContext(connection) as captured:
                plan(user_ids=users)
            counts.append([query["sql"] for query in captured.captured_queries])
        assert len(counts[0]) == len(counts[1]), Counter(map(short, counts[1])) - Counter(map(short, counts[0]))
        assert len(counts[0]) <= 42


class TestTimeZones:
    def test_the_day_is_the_companys(self, policy, alice, settings):
        """Late in the evening in UTC it is the next day in Shanghai; clocks that change elsewhere change nothing."""
        alice.time_zone = "America/New_York"
        alice.save()
        account = account_of(alice)
        evening = dt.datetime(2026, 3, 15, 23, 30, tzinfo=dt.UTC)
        old = make_visit(account, -4)
        assert plan(TODAY, now=evening).missed == 1
        old.refresh_from_db()
        assert old.closed_at == evening

    def test_a_contact_logged_where_it_is_tomorrow_already_counts(self, policy, alice):
        account = account_of(alice, days_ago=14)
        make_interaction(account, -1)  # in Auckland it is the seventeenth
        plan()
        assert dates(account)[0] >= 12

    @pytest.mark.parametrize("day", [dt.date(2026, 3, 8), dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
    def test_days_on_which_clocks_change_have_one_visit_as_any_other(self, alice, settings, day):
        settings.TIME_ZONE = "Europe/Berlin"
        make_contact_policy({"cadence_days": 7, "tier": ""})
        account = account_of(alice, days_ago=None, country="Germany")
        plan(day, now=dt.datetime.combine(day, dt.time(1, 30), dt.UTC))
        found = list(
            Visit.objects.filter(account=account).order_by("planned_date").values_list("planned_date", flat=True)
        )
        assert len(found) == len(set(found))
        assert all(3 <= (later - earlier).days <= 10 for earlier, later in pairwise(found))

    def test_an_as_of_to_come_closes_nothing_that_is_not_over(self, policy, alice):
        visit = make_visit(account_of(alice), 2, pinned=True)
        assert plan(TODAY + 30 * DAY).missed == 0
        visit.refresh_from_db()
        assert visit.status == VisitStatus.PLANNED


class TestAsking:
    def test_leaders_only_and_one_at_a_time(self, alice, lee):
        with pytest.raises(MayNotPlan):
            services.ask_for_planning(actor=alice, now=NOW)
        run = services.ask_for_planning(actor=lee, now=NOW)
        assert services.ask_for_planning(actor=lee, now=NOW) == run
        assert AuditEntry.objects.of(run).get().action == "planning_run.asked"

    def test_carried_out_once(self, policy, alice, lee):
        account_of(alice)
        run = services.ask_for_planning(actor=lee, now=NOW)
        assert services.carry_out_planning(run.pk, now=NOW).planned == 3
        assert services.carry_out_planning(run.pk, now=NOW) is None

    def test_a_dead_run_is_taken_up(self, lee):
        run = services.ask_for_planning(actor=lee, now=NOW)
        assert services.dead_runs(NOW) == []
        later = NOW + dt.timedelta(minutes=16)
        assert services.dead_runs(later) == [run.pk]
        services.carry_out_planning(run.pk, now=later)
        assert services.dead_runs(later + DAY / 2) == []

    def test_the_nightly_job_and_its_sweeper(self, policy, alice, monkeypatch):
        rung = []
        monkeypatch.setattr(tasks.plan_visits, "delay", lambda: rung.append(1))
        monkeypatch.setattr(tasks, "NIGHT_IS_OVER", 0)
        assert tasks.sweep_planning() == 1
        tasks.plan_visits()
        assert tasks.sweep_planning() == 0
        assert rung == [1]

    def test_the_sweeper_hands_visits_over_to_a_new_manager(self, policy, alice, mallory, monkeypatch):
        account = account_of(alice)
        today = timezone.localdate()
        tasks.plan_visits()
        assert services.heirs(today) == []
        assign_manager(account, mallory, actor=None, reason="leaves", today=today)
        monkeypatch.setattr(tasks, "NIGHT_IS_OVER", 0)
        monkeypatch.setattr(tasks.plan_visits_of, "delay", tasks.plan_visits_of)

        assert services.heirs(today) == [mallory.pk]
        assert tasks.sweep_planning() == 1
        assert {visit.owner for visit in account.visits.filter(status="planned")} == {mallory}
        assert tasks.sweep_planning() == 0

    def test_a_colleague_who_took_a_visit_on_keeps_it(self, policy, alice, ann):
        account = account_of(alice)
        make_visit(account, (timezone.localdate() - TODAY).days + 3, owner=ann)
        assert services.heirs(timezone.localdate()) == []


class TestCommand:
    def run(self, **options):
        out = StringIO()
        call_command("plan_visits", stdout=out, **{"as_of": "2026-03-16", **options})
        return out.getvalue()

    def test_says_what_it_did(self, policy, alice):
        account_of(alice)
        account_of(None)
        text = self.run(dry_run=True)
        assert "Dry run" in text
        assert not Visit.objects.exists()
        text = self.run()
        assert "planned 3, kept 0, moved 0, cancelled 0, missed 0, could not be planned 1." in text
        assert "Nobody responsible: 1" in text
        assert "planned 0, kept 3" in self.run()

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"as_of": "2026-02-30"}, "is not a date"),
            ({"as_of": "1066-10-14"}, "years 2000 to 2100"),
            ({"weeks": "0"}, "no number of weeks"),
            ({"weeks": "many"}, "no number of weeks"),
            ({"weeks": "27"}, "no number of weeks"),
        ],
    )
    def test_refuses_in_one_sentence(self, options, message):
        with pytest.raises(CommandError, match=message) as refused:
            self.run(**options)
        assert "\n" not in str(refused.value)
