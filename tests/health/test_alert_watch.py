"""Alerts watched by day: woken, handed over, escalated, opened where there is room; each thing once."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AccountSummary
from accounts.services import assign_manager
from audit.models import AuditEntry
from health.models import Alert, HealthPolicy
from health.services.alert_watch import watch_alerts
from health.services.alerts import reassign_alert
from notifications.models import Notification
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import NOW, make_alert, make_alert_rule
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def rules(db):
    for reason in ("order_gap", "unhappy"):
        make_alert_rule(reason)


def notes(user):
    return [note.sentence.partition(":")[0] for note in Notification.objects.filter(user=user).order_by("pk")]


class TestWakes:
    def test_on_its_day_with_a_new_deadline(self, account, alice):
        alert = make_alert(account, status="snoozed", snoozed_until=TODAY, escalation=1)
        assert watch_alerts(NOW).woken == 1
        alert.refresh_from_db()
        assert (alert.status, alert.snoozed_until, alert.escalation) == ("open", None, 0)
        assert alert.due_at > NOW
        assert AccountSummary.objects.get(account=account).open_alerts == 1
        assert notes(alice) == ["The alert on 晨光机械有限公司 is open again"]
        assert watch_alerts(NOW).woken == 0

    def test_not_before(self, account):
        make_alert(account, status="snoozed", snoozed_until=TODAY + DAY)
        assert watch_alerts(NOW).woken == 0


class TestEscalates:
    def test_to_the_supervisor_when_it_is_due_then_to_a_director_each_once(self, account, lee, dora):
        alert = make_alert(account, due_at=NOW - HOUR)
        assert watch_alerts(NOW).escalated == 1
        alert.refresh_from_db()
        assert (alert.escalation, alert.escalated_at) == (1, NOW)
        assert watch_alerts(NOW + HOUR).escalated == 0
        later = NOW + 2 * DAY  # 18 working hours after
        assert watch_alerts(later - HOUR).escalated == 0
        assert watch_alerts(later).escalated == 1
        assert watch_alerts(later + 30 * DAY).escalated == 0
        assert [note.split(" the alert")[0] for note in notes(lee)] == ["Nobody has acted on"]
        assert [note.split(" the alert")[0] for note in notes(dora)] == ["Still nobody has acted on"]
        assert AuditEntry.objects.of(alert).filter(action="alert.escalated").count() == 2

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": "acknowledged"}, {"status": "snoozed"}, {"status": "held"}, {"status": "resolved"},
            {"cleared_on": TODAY}, {"due_at": NOW + HOUR}, {"due_at": None},
        ],
    )  # fmt: skip
    def test_not_what_is_no_emergency(self, account, lee, fields):
        make_alert(account, **{"due_at": NOW - HOUR, **fields})
        assert watch_alerts(NOW).escalated == 0
        assert notes(lee) == []

    def test_without_a_supervisor_the_directors_at_once_and_once(self, dora, company):
        account = AccountFactory(manager=UserFactory(team=None))
        alert = make_alert(account, due_at=NOW - HOUR)
        watch_alerts(NOW)
        watch_alerts(NOW + 30 * DAY)
        alert.refresh_from_db()
        assert alert.escalation == 2
        assert len(notes(dora)) == 1

    def test_where_nobody_is_there_to_be_told(self, db):
        make_alert(AccountFactory(), due_at=NOW - HOUR)
        assert watch_alerts(NOW).escalated == 1
        assert not Notification.objects.exists()


class TestHandsOver:
    def to(self, account, manager, at=None):
        with time_machine.travel(at or NOW + DAY, tick=False):
            assign_manager(account, manager, actor=None, reason="x", today=TODAY)

    def test_to_the_new_manager_with_the_deadline(self, account, alice, ann):
        alert = make_alert(account, assigned_at=NOW)
        due = alert.due_at
        self.to(account, ann)
        assert watch_alerts(NOW + DAY).handed_over == 1
        alert.refresh_from_db()
        assert (alert.owner, alert.status, alert.due_at) == (ann, "open", due)
        assert notes(ann)[0] == "You take over the alert on 晨光机械有限公司"
        assert watch_alerts(NOW + DAY).handed_over == 0

    def test_what_the_one_before_took_care_of_begins_anew(self, account, ann):
        alert = make_alert(account, status="acknowledged", assigned_at=NOW)
        self.to(account, ann)
        watch_alerts(NOW + DAY)
        alert.refresh_from_db()
        assert (alert.status, alert.owner) == ("open", ann)
        assert alert.due_at > NOW + DAY

    def test_what_was_given_to_somebody_by_hand_stays(self, account, alice, lee):
        alert = make_alert(account, assigned_at=NOW)
        reassign_alert(alert, lee, actor=alice, now=timezone.now() + DAY)
        assert watch_alerts(timezone.now() + 2 * DAY).handed_over == 0

    def test_until_the_account_changes_hands(self, account, alice, lee, ann):
        reassign_alert(make_alert(account), lee, actor=alice, now=NOW)
        self.to(account, ann, NOW + 2 * DAY)
        watch_alerts(NOW + 3 * DAY)
        assert Alert.objects.get().owner == ann

    def test_back_into_the_pool_to_the_supervisor_above(self, account, lee):
        alert = make_alert(account, assigned_at=NOW)
        account.assignments.update(until_date=TODAY)
        account.manager = None
        account.save()
        watch_alerts(NOW)
        watch_alerts(NOW)
        alert.refresh_from_db()
        assert alert.owner == lee

    def test_of_one_who_left_to_the_supervisor(self, account, alice, lee):
        alert = make_alert(account)
        alice.is_active = False
        alice.save()
        watch_alerts(NOW)
        alert.refresh_from_db()
        assert alert.owner == lee

    def test_of_nobody_to_the_director_that_came(self, dora):
        alert = make_alert(AccountFactory())
        watch_alerts(NOW)
        alert.refresh_from_db()
        assert alert.owner == dora

    def test_is_told_to_nobody_while_it_is_held_back_or_snoozed(self, account, ann):
        make_alert(account, status="snoozed", assigned_at=NOW)
        self.to(account, ann)
        assert watch_alerts(NOW + DAY).handed_over == 1
        assert notes(ann) == []


class TestRoom:
    def test_what_is_held_back_opens_where_there_is_room(self, alice):
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=2)
        make_alert(AccountFactory(manager=alice))
        held = [make_alert(AccountFactory(manager=alice), status="held", due_at=None, rank=n) for n in (5, 9, 7)]
        assert watch_alerts(NOW).opened == 1
        assert [Alert.objects.get(pk=alert.pk).status for alert in held] == ["held", "open", "held"]
        assert watch_alerts(NOW).opened == 0

    def test_who_got_more_than_they_can_do_has_the_rest_held_back(self, alice):
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=1)
        small, large = (make_alert(AccountFactory(manager=alice), rank=rank) for rank in (5, 9))
        watch_alerts(NOW)
        assert Alert.objects.get(pk=small.pk).status == "held"
        assert Alert.objects.get(pk=large.pk).status == "open"
        assert AuditEntry.objects.of(small).get().action == "alert.held"


def test_what_is_terminated_is_withdrawn(account):
    make_alert(account)
    account.status = "terminated"
    account.save()
    assert watch_alerts(NOW).withdrawn == 1
    assert watch_alerts(NOW).withdrawn == 0


def test_statements_do_not_grow_with_the_alerts(alice, lee, django_assert_max_num_queries):
    for _ in range(3):
        make_alert(AccountFactory(manager=alice), due_at=NOW - HOUR)
    with django_assert_max_num_queries(70):
        watch_alerts(NOW)
    for _ in range(20):
        make_alert(AccountFactory(manager=alice), due_at=NOW - HOUR)
        make_alert(AccountFactory(manager=alice), "unhappy", status="snoozed", snoozed_until=TODAY)
    with django_assert_max_num_queries(80):
        watch_alerts(NOW)
