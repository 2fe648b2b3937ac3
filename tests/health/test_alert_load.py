"""How many alerts a night opens: the load of a person, missing orders, what has ended, the rules to begin with."""

import pytest

from accounts.models import AccountSummary
from health.choices import AlertOutcome, AlertStatus
from health.models import AccountHealth, Alert, AlertRule, HealthPolicy
from health.services.alert_rules import ensure_defaults
from health.services.alerts import acknowledge_alert, resolve_alert
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import NOW, make_alert_rule, make_health, make_part
from tests.health.nights import DAY, GAP, NPS, better, night, scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(db):
    return make_alert_rule("order_gap", conditions=[GAP])


class TestLoad:
    def test_the_most_dangerous_are_opened_the_others_held_and_counted(self, rule, alice, mallory):
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=2)
        first, second, *others = scored(alice, 5)
        scored(mallory, 1)
        counts = night()
        assert (counts.opened, counts.held) == (3, 3)
        opened = Alert.objects.filter(status="open", owner=alice)
        assert {alert.account for alert in opened} == {first, second}
        assert set(Alert.objects.held().values_list("account", flat=True)) == {account.pk for account in others}
        assert set(Alert.objects.held().values_list("due_at", flat=True)) == {None}
        assert AccountSummary.objects.get(account=others[0]).open_alerts == 0

    def test_a_held_one_opens_when_there_is_room_with_a_deadline_from_then(self, rule, alice):
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=1)
        first, second = scored(alice, 2)
        night()
        resolve_alert(Alert.objects.get(account=first), "saved", actor=alice, now=NOW)
        night(1)
        alert = Alert.objects.get(account=second)
        assert (alert.status, alert.opened_on, alert.opened_at) == ("open", TODAY, NOW + DAY)
        assert alert.due_at > NOW + DAY

    def test_something_clearly_worse_takes_the_place(self, rule, alice):
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=1)
        (first,) = scored(alice, 1)
        night()
        worse = AccountFactory(manager=alice)
        make_health(worse, value_at_risk_amount="5000")
        night(1)
        assert Alert.objects.get(account=first).status == AlertStatus.HELD
        assert Alert.objects.get(account=worse).status == AlertStatus.OPEN
        assert AccountSummary.objects.get(account=first).open_alerts == 0

    def test_what_is_taken_care_of_keeps_its_place(self, rule, alice):
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=1)
        (first,) = scored(alice, 1)
        night()
        acknowledge_alert(Alert.objects.get(), actor=alice, now=NOW)
        make_health(AccountFactory(manager=alice), value_at_risk_amount="5000")
        assert night(1).held == 1
        assert Alert.objects.get(account=first).status == AlertStatus.ACKNOWLEDGED

    def test_what_nobody_saw_is_withdrawn_when_its_reason_is_gone(self, rule, alice):
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=1)
        _first, second = scored(alice, 2)
        night()
        better(second)
        counts = night(1)
        assert (counts.withdrawn, counts.cleared) == (1, 0)
        assert Alert.objects.get(account=second).outcome == AlertOutcome.WITHDRAWN

    def test_a_rule_that_always_fires_is_bounded(self, alice, mallory):
        make_alert_rule("other", conditions=[{"measure": "score", "op": "gte", "value": 0}])
        HealthPolicy.objects.create(pk=1, open_alerts_per_manager=3)
        scored(alice, 12)
        scored(mallory, 2)
        counts = night()
        assert (counts.opened, counts.held) == (5, 9)


class TestGap:
    """The company's own orders are missing for a month: everybody seems to have stopped buying."""

    GAP = {"gap_from": TODAY - 30 * DAY, "gap_until": TODAY}

    def test_nothing_that_builds_on_orders_is_raised_but_counted(self, rule, alice):
        for reason, measure in [
            ("churn_risk", "probability"),
            ("other", "score"),
            ("revenue_decline", "signal:nps_low"),
        ]:
            make_alert_rule(reason, conditions=[{"measure": measure, "op": "gte", "value": 0}])
        make_alert_rule("unhappy", conditions=[NPS])
        scored(alice, 3, parts=[make_part(), make_part("nps_low", severity=0.6)])
        counts = night(**self.GAP)
        assert (counts.opened, counts.withheld) == (3, 12)
        assert set(Alert.objects.values_list("reason", flat=True)) == {"unhappy"}

    def test_what_is_open_stays_as_it_was(self, rule, account):
        make_health(account)
        night()
        before = Alert.objects.values().get()
        better(account)
        assert night(1, **self.GAP).cleared == 0
        assert Alert.objects.values().get() == before

    def test_afterwards_it_goes_on(self, rule, account):
        make_health(account)
        assert night(**self.GAP).withheld == 1
        assert night(1).opened == 1

    def test_what_was_lost_has_not_come_back_by_a_gap(self, rule, account, alice):
        make_health(account)
        night()
        resolve_alert(Alert.objects.get(), "lost", lost_cause="price", actor=alice, now=NOW)
        better(account)
        night(1, **self.GAP)
        AccountHealth.objects.update(parts=[make_part()])
        assert night(2).opened == 0


class TestEnded:
    def test_alerts_of_a_terminated_account_are_withdrawn(self, rule, account):
        make_health(account)
        night()
        account.status = "terminated"
        account.save()
        AccountHealth.objects.all().delete()
        assert night(1).withdrawn == 1
        alert = Alert.objects.get()
        assert (alert.status, alert.outcome, alert.resolved_by) == ("resolved", "withdrawn", None)
        assert AccountSummary.objects.get(account=account).open_alerts == 0

    def test_a_rule_that_was_switched_off_takes_back_what_nobody_touched(self, rule, account, foreign_account, alice):
        for row in (account, foreign_account):
            make_health(row)
        night()
        acknowledge_alert(Alert.objects.get(account=account), actor=alice, now=NOW)
        AlertRule.objects.update(is_active=False)
        night(1)
        assert Alert.objects.get(account=foreign_account).outcome == "withdrawn"
        kept = Alert.objects.get(account=account)
        assert (kept.status, kept.cleared_on) == ("acknowledged", TODAY + DAY)

    def test_not_where_another_rule_of_the_reason_still_holds(self, rule, account):
        other = make_alert_rule("order_gap", conditions=[{"measure": "probability", "op": "gte", "value": 0.1}])
        make_health(account)
        night()
        AlertRule.objects.exclude(pk=other.pk).update(is_active=False)
        night(1)
        assert Alert.objects.get().status == "open"


class TestDefaults:
    def test_an_installation_begins_with_rules(self, account):
        make_health(account, parts=[make_part()])
        night()
        assert AlertRule.objects.count() >= 10
        assert set(Alert.objects.values_list("reason", flat=True)) == {"churn_risk", "order_gap"}

    def test_they_point_at_the_playbooks_that_ship(self, db):
        ensure_defaults()
        rules = AlertRule.objects.select_related("playbook")
        assert {rule.playbook.code for rule in rules if rule.playbook} >= {
            "order-gap", "business-churn", "unhappy", "contact-left", "renewal-at-risk", "overdue-payment",
            "stage-interrupted",
        }  # fmt: skip

    def test_a_policy_alone_is_no_sign_of_rules(self, db):
        """Scoring makes the policy before the first alert is raised."""
        HealthPolicy.objects.create()
        assert ensure_defaults() >= 10

    def test_what_the_company_took_away_stays_away(self, db):
        made = ensure_defaults()
        AlertRule.objects.all().delete()
        assert made > 0
        assert ensure_defaults() == 0
