"""A night's alerts: opened, updated, cleared, held back, withheld, withdrawn; once, however often it runs."""

import threading

import pytest
from django.db import connection

from accounts.models import AccountSummary
from audit.models import AuditEntry
from core.models import CalendarDay
from health.models import AccountHealth, Alert, HealthPolicy
from health.services.alerting import raise_alerts
from health.services.alerts import acknowledge_alert, resolve_alert, snooze_alert
from notifications.models import Notification
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import NOW, make_alert_rule, make_health, make_health_run, make_part
from tests.health.nights import DAY, GAP, NPS, better, night, scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(db):
    return make_alert_rule("order_gap", conditions=[GAP])


class TestOpens:
    def test_with_all_that_the_inbox_shows(self, rule, account, alice):
        make_health(account)
        counts = night()
        (alert,) = Alert.objects.all()
        assert (counts.opened, counts.updated, counts.held) == (1, 0, 0)
        assert (alert.account, alert.rule, alert.reason, alert.owner) == (account, rule, "order_gap", alice)
        assert (alert.status, alert.opened_on, alert.opened_at, alert.seen_on) == ("open", TODAY, NOW, TODAY)
        assert alert.evidence == alert.evidence_now
        assert alert.evidence["signals"][0]["signal"] == "order_gap"
        assert alert.evidence["value_at_risk"] == "86400.00"
        assert int(alert.rank) == 86_400

    def test_with_a_deadline_by_tier_in_working_hours(self, rule, alice):
        CalendarDay.objects.create(country="CN", date=TODAY + DAY, name="x", working=False)
        for tier in ("A", "B", ""):
            make_health(AccountFactory(manager=alice, tier=tier))
        night()
        due = {alert.account.tier: alert.due_at.isoformat()[:16] for alert in Alert.objects.select_related("account")}
        assert due == {"A": "2026-03-18T02:00", "B": "2026-03-19T02:00", "": "2026-03-24T02:00"}

    def test_says_so_in_the_history_and_to_its_owner_once(self, rule, account, alice):
        make_health(account)
        run = make_health_run()
        for _ in range(2):
            raise_alerts(run, NOW)
        (alert,) = Alert.objects.all()
        assert list(AuditEntry.objects.of(alert).order_by("pk").values_list("action", flat=True)) == [
            "alert.raised", "alert.opened",
        ]  # fmt: skip
        assert [note.sentence for note in Notification.objects.filter(user=alice)] == [
            "Alert: 晨光机械有限公司, Orders stopped. Act by 23 Mar 2026"
        ]

    def test_many_at_once_are_said_in_one_sentence(self, rule, alice):
        scored(alice, 5)
        night()
        (note,) = Notification.objects.filter(user=alice)
        assert note.sentence.startswith("5 new alerts, the most dangerous: ")

    def test_stands_beside_the_account(self, rule, account):
        make_alert_rule("unhappy", conditions=[NPS])
        make_health(account, parts=[make_part(), make_part("nps_low", severity=0.6)])
        night()
        summary = AccountSummary.objects.get(account=account)
        assert (summary.open_alerts, summary.alert_severity, summary.alert_reason) == (2, 4, "order_gap")

    def test_nothing_where_no_rule_holds(self, rule, account):
        make_health(account, parts=[make_part(severity=0.4)])
        assert night().opened == 0

    @pytest.mark.parametrize("fields", [{"score": None, "probability": None, "parts": []}, {"parts": []}])
    def test_nothing_where_nothing_is_known(self, rule, account, fields):
        make_health(account, **fields)
        assert night().opened == 0

    def test_of_two_rules_of_a_reason_the_worse_one_and_one_alert(self, rule, account):
        worse = make_alert_rule("order_gap", conditions=[{"measure": "probability", "op": "gte", "value": 0.1}])
        make_health(account, probability=0.95)
        night()
        assert [alert.rule for alert in Alert.objects.all()] == [worse]

    def test_not_what_is_scored_for_another_day(self, rule, account):
        make_health(account, as_of=TODAY - DAY)
        assert raise_alerts(make_health_run(), NOW).opened == 0

    def test_the_worth_is_measured_by_the_company_s_own_accounts(self, rule, alice):
        scored(alice, 20)
        night()
        levels = list(Alert.objects.order_by("-rank").values_list("severity", flat=True))
        assert levels == sorted(levels, reverse=True)
        assert (levels.count(4), levels.count(3), levels.count(2)) == (2, 3, 6)


class TestOwner:
    def test_without_a_manager_the_supervisor_above_the_last_one(self, rule, account, lee):
        account.assignments.update(until_date=TODAY)
        account.manager = None
        account.save()
        make_health(account)
        night()
        assert Alert.objects.get().owner == lee

    def test_in_the_pool_since_ever_a_director(self, rule, dora):
        make_health(AccountFactory())
        night()
        assert Alert.objects.get().owner == dora

    def test_of_a_manager_who_left_the_supervisor(self, rule, account, alice, lee):
        alice.is_active = False
        alice.save()
        make_health(account)
        night()
        assert Alert.objects.get().owner == lee

    def test_where_nobody_is_there_nobody(self, rule):
        make_health(AccountFactory())
        night()
        alert = Alert.objects.get()
        assert (alert.owner, alert.status) == (None, "open")


class TestUpdates:
    def test_what_is_seen_now_not_what_it_opened_with(self, rule, account):
        make_health(account)
        night()
        AccountHealth.objects.update(parts=[make_part(value=6.5, severity=1.0)], value_at_risk_amount="99000")
        counts = night(1)
        (alert,) = Alert.objects.all()
        assert (counts.opened, counts.updated) == (0, 1)
        assert alert.evidence["signals"][0]["value"] == 4.2
        assert alert.evidence_now["signals"][0]["value"] == 6.5
        assert (alert.seen_on, alert.opened_on, alert.rank) == (TODAY + DAY, TODAY, 99_001.0)

    def test_an_acknowledged_and_a_snoozed_one_stay_what_they_are(self, rule, account, foreign_account, alice, mallory):
        for row in (account, foreign_account):
            make_health(row)
        night()
        acknowledge_alert(Alert.objects.get(account=account), actor=alice, now=NOW)
        snooze_alert(Alert.objects.get(account=foreign_account), TODAY + 9 * DAY, actor=mallory, now=NOW)
        assert night(1).opened == 0
        assert set(Alert.objects.values_list("status", "seen_on")) == {
            ("acknowledged", TODAY + DAY), ("snoozed", TODAY + DAY),
        }  # fmt: skip

    def test_a_night_of_an_earlier_day_changes_nothing(self, rule, account):
        make_health(account)
        night(3)
        before = Alert.objects.values().get()
        night(1)
        assert Alert.objects.values().get() == before

    def test_is_cleared_once_and_fires_again_in_the_same_alert(self, rule, account):
        make_health(account)
        night()
        better(account)
        assert night(1).cleared == 1
        assert night(2).cleared == 0
        assert Alert.objects.get().cleared_on == TODAY + DAY
        AccountHealth.objects.update(parts=[make_part()])
        night(3)
        assert Alert.objects.get().cleared_on is None
        actions = AuditEntry.objects.of(Alert.objects.get()).values_list("action", flat=True)
        assert {"alert.cleared", "alert.fired_again"} <= set(actions)

    def test_the_same_night_twice_changes_nothing(self, rule, alice):
        scored(alice, 4)
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=2)
        run = make_health_run()
        first = raise_alerts(run, NOW)
        rows, entries = list(Alert.objects.values()), AuditEntry.objects.count()
        assert raise_alerts(run, NOW) == first
        assert list(Alert.objects.values()) == rows
        assert AuditEntry.objects.count() == entries


class TestSettled:
    def settle(self, outcome, actor, **fields):
        resolve_alert(Alert.objects.get(), outcome, actor=actor, now=NOW, **fields)

    def test_a_false_alarm_is_not_repeated_for_the_policy_s_days(self, rule, account, alice):
        make_health(account)
        night()
        self.settle("false_alarm", alice)
        assert night(1).quiet == 1
        assert night(59).opened == 0
        assert night(61).opened == 1

    def test_a_false_alarm_is_quiet_even_if_the_reason_was_gone_once(self, rule, account, alice):
        make_health(account)
        night()
        self.settle("false_alarm", alice)
        better(account)
        night(1)
        AccountHealth.objects.update(parts=[make_part()])
        assert night(2).opened == 0

    def test_what_is_lost_is_not_said_again_until_it_came_back(self, rule, account, alice):
        make_health(account)
        night()
        self.settle("lost", alice, lost_cause="price")
        assert night(200).opened == 0
        better(account)
        night(201)
        AccountHealth.objects.update(parts=[make_part()])
        assert night(202).opened == 1

    def test_what_was_saved_may_be_in_danger_again(self, rule, account, alice):
        make_health(account)
        night()
        self.settle("saved", alice)
        assert night(1).opened == 0
        better(account)
        night(2)
        AccountHealth.objects.update(parts=[make_part()])
        assert night(3).opened == 1

    def test_another_reason_is_another_matter(self, rule, account, alice):
        make_health(account)
        night()
        self.settle("false_alarm", alice)
        make_alert_rule("unhappy", conditions=[GAP])
        assert night(1).opened == 1


def test_statements_do_not_grow_with_the_accounts(rule, alice, django_assert_max_num_queries):
    scored(alice, 3)
    run = make_health_run()
    with django_assert_max_num_queries(80):
        raise_alerts(run, NOW)
    Alert.objects.all().delete()
    scored(alice, 40)
    with django_assert_max_num_queries(80):
        raise_alerts(run, NOW)


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_raise_each_alert_once(account, alice):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time: two at once need PostgreSQL")
    make_alert_rule("order_gap", conditions=[GAP])
    scored(alice, 30)
    run, errors = make_health_run(), []

    def work():
        try:
            raise_alerts(run, NOW)
        except Exception as error:  # noqa: BLE001  told by the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Alert.objects.count() == 30
    assert AuditEntry.objects.filter(action="alert.raised").count() == 30
    assert AuditEntry.objects.filter(action="alert.opened").count() == 25
    assert Notification.objects.filter(user=alice).count() == 1
