"""By which channels, and when, a notification goes out."""

import datetime as dt

import pytest

from core.models import CalendarDay
from notifications.choices import DeliveryMode
from notifications.events import GROUPS, group_of
from notifications.models import Delivery, DeliveryRule, Notification, NotificationPreference
from notifications.sentences import SENTENCES
from notifications.services import notify, notify_many, routing
from notifications.services.inbox import Note
from notifications.services.routing import route_new
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.notifications import make_robot
from tests.factories.users import UserFactory
from tests.notifications.conftest import MORNING
from users.models import Leave

NIGHT = MORNING + dt.timedelta(hours=13)
"""23:00 in Shanghai."""
SATURDAY = MORNING + dt.timedelta(days=5)
NEXT_MORNING = dt.datetime(2026, 3, 17, 0, tzinfo=dt.UTC)


def routed(now=MORNING):
    route_new(lambda: now)
    return list(Delivery.objects.order_by("pk"))


class TestGroups:
    def test_every_kind_is_in_one_group(self):
        kinds = [kind for group in GROUPS.values() for kind in group.kinds]
        assert sorted(kinds) == sorted(SENTENCES)
        assert len(kinds) == len(set(kinds))

    def test_a_kind_without_a_group_is_of_the_system(self):
        assert group_of("unheard_of") is GROUPS["system"]


class TestEmail:
    def test_at_once_or_in_the_digest_as_the_group_has_it(self, alice, tell):
        tell([alice], "mentioned", "1")
        tell([alice], "visit_moved", "2")
        at_once, digest = routed()

        assert (at_once.mode, at_once.due_at, at_once.target) == (DeliveryMode.NOW, MORNING, alice.email)
        assert (digest.mode, digest.due_at) == (DeliveryMode.DIGEST, NEXT_MORNING)

    def test_only_the_bell_where_the_group_is_quiet(self, alice, tell):
        tell([alice], "policy_activated", "1")
        assert routed() == []
        assert not Notification.objects.filter(routed_at=None).exists()

    def test_the_role_decides_until_the_user_does(self, alice, lee, tell):
        DeliveryRule.objects.create(role="account_manager", group="mentions", email="never")
        NotificationPreference.objects.create(user=lee, choices={"mentions": {"email": "digest", "robots": []}})
        tell([alice, lee])
        (only,) = routed()

        assert (only.user, only.mode) == (lee, DeliveryMode.DIGEST)

    def test_routing_again_makes_nothing_again(self, alice, tell):
        tell([alice])
        first = routed()
        Notification.objects.update(routed_at=None)

        assert routed() == first

    def test_what_was_read_in_the_meantime_is_told_enough(self, alice, tell):
        tell([alice]).update(read_at=MORNING)
        assert routed() == []

    def test_who_was_deactivated_gets_nothing(self, alice, tell):
        tell([alice])
        alice.is_active = False
        alice.save()
        assert routed() == []


class TestQuiet:
    def test_waits_for_the_end_of_quiet_hours(self, alice, tell):
        tell([alice])
        assert [row.due_at for row in routed(NIGHT)] == [NEXT_MORNING]

    def test_waits_for_monday(self, alice, tell):
        tell([alice])
        assert [row.due_at for row in routed(SATURDAY)] == [NEXT_MORNING + dt.timedelta(days=6)]

    def test_a_holiday_of_the_country_and_a_make_up_day(self, alice, tell):
        CalendarDay.objects.create(country="CN", date=dt.date(2026, 3, 17), name="假")
        CalendarDay.objects.create(country="CN", date=dt.date(2026, 3, 22), name="班", working=True)
        tell([alice], key="1")
        tell([alice], "visit_moved", key="2")
        assert {row.due_at for row in routed(NIGHT)} == {NEXT_MORNING + dt.timedelta(days=1)}
        tell([alice], key="3", account="x")
        (sunday,) = [row for row in routed(SATURDAY) if row.notification.key == "3"]
        assert sunday.due_at == NEXT_MORNING + dt.timedelta(days=5)

    def test_holidays_are_those_of_the_users_time_zone(self, alice, tell):
        CalendarDay.objects.create(country="CN", date=dt.date(2026, 3, 16), name="假")
        alice.time_zone = "Europe/Berlin"
        alice.save()
        tell([alice])
        monday = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)
        assert [row.due_at for row in routed(monday)] == [monday]

    def test_nothing_on_leave(self, alice, tell):
        Leave.objects.create(user=alice, from_date=dt.date(2026, 3, 16), until_date=dt.date(2026, 3, 18))
        tell([alice])
        assert [row.due_at for row in routed()] == [NEXT_MORNING + dt.timedelta(days=2)]

    def test_escalations_come_at_night_to_those_who_allow_it(self, alice, lee, tell):
        NotificationPreference.objects.create(user=lee, urgent_always=True)
        tell([alice, lee], "alert_escalated", "1")
        tell([lee], "mentioned", "2")
        due = {(row.user, row.notification.kind): row.due_at for row in routed(NIGHT)}

        assert due[lee, "alert_escalated"] == NIGHT
        assert due[alice, "alert_escalated"] == due[lee, "mentioned"] == NEXT_MORNING


class TestRobots:
    def test_ones_own_hear_what_one_chose(self, alice, lee, tell, chat):
        robot = make_robot(alice, channel="chat")
        make_robot(lee, channel="chat")
        tell([alice], "mentioned", "1")
        tell([alice], "visit_moved", "2")

        assert [(row.channel, row.robot) for row in routed() if row.robot] == [("chat", robot)]

    def test_a_team_hears_once_what_several_members_are_told(self, alice, ann, mallory, north, tell, chat):
        robot = make_robot(team=north, channel="chat", groups=["visits"])
        tell([alice, ann, mallory], "visit_moved", "1")
        tell([alice], "mentioned", "2")

        assert [row.notification.kind for row in routed() if row.robot == robot] == ["visit_moved"]


class TestCopies:
    def test_those_who_lead_are_told_where_their_role_says_so(self, alice, account, lee, dora, mallory, tell):
        DeliveryRule.objects.create(role="supervisor", group="visits", email="never", copied=True)
        tell([alice], "visit_moved", "1", url=account.get_absolute_url())
        routed()
        routed()

        copy = lee.notifications.get()
        assert (copy.copy_for, copy.kind) == (alice.name, "visit_moved")
        assert alice.name in copy.sentence
        assert not dora.notifications.exists()
        assert not mallory.notifications.exists()

    def test_nothing_of_accounts_that_they_do_not_see(self, alice, ann, foreign_account, lee, sid, tell):
        """Alice is told of an account of another team, in whose team she is; her own leader does not see it."""
        for group in ("visits", "steps", "alerts", "scorecards"):
            DeliveryRule.objects.create(role="supervisor", group=group, email="never", copied=True)
        member = AccountMemberFactory(account=foreign_account, user=alice)
        theirs = foreign_account.get_absolute_url()
        tell([alice], "visit_moved", "1", url=theirs)
        tell([alice], "step_assigned", "2", about=theirs)
        tell([alice], "alerts_opened", "3")  # names an account, and opens a list
        notify([alice], "scorecard_set", params={"whose": "x"}, url="/dashboards/scorecards/", key="4")
        routed()
        assert [note.kind for note in lee.notifications.all()] == ["scorecard_set"]

        member.delete()
        foreign_account.manager = alice
        foreign_account.save()
        tell([alice], "step_assigned", "5", about=theirs)
        routed()
        assert lee.notifications.filter(key="5").exists()

    def test_a_copy_is_not_copied_again(self, alice, account, lee, dora, tell):
        for role in ("supervisor", "director"):
            DeliveryRule.objects.create(role=role, group="visits", email="never", copied=True)
        tell([alice], "visit_moved", "1", url=account.get_absolute_url())
        for _round in range(3):
            routed()

        assert lee.notifications.count() == dora.notifications.count() == 1


class TestRepeats:
    def test_the_first_goes_out_the_rest_waits(self, alice, tell):
        tell([alice], key="1")
        routed()
        tell([alice], key="2")
        tell([alice], key="3", account="另一家")
        later = MORNING + dt.timedelta(minutes=4)
        _first, second, other = routed(later)

        assert second.due_at == MORNING + dt.timedelta(minutes=10)
        assert other.due_at == later


@pytest.mark.parametrize("number", [3, 25])
def test_costs_the_same_for_few_and_for_many(number, north, lee, chat, django_assert_num_queries):
    DeliveryRule.objects.create(role="supervisor", group="mentions", email="never", copied=True)
    people = [UserFactory(team=north) for _ in range(number)]
    make_robot(people[0], channel="chat")
    make_robot(team=north, channel="chat", groups=["mentions"])
    params = {"actor": "Lee", "account": "客户", "title": "x"}
    paths = {person: AccountFactory(manager=person).get_absolute_url() for person in people}
    notify_many(Note([person], "mentioned", params, paths[person], f"k{person.pk}") for person in people)
    with django_assert_num_queries(16):
        routing._route_some(MORNING)
    assert Delivery.objects.count() == number + 1 + number
