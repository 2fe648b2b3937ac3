"""What health, alerts and playbooks refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class MayNotOwnHealth(Forbidden):
    code = "not_health_owner"
    message = _("Only directors and administrators change profiles, alert rules, playbooks and the health policy.")


class AlertResolved(Conflict):
    code = "alert_resolved"
    message = _("This alert is resolved already.")


class AlertNotResolved(Conflict):
    code = "alert_not_resolved"
    message = _("Only a resolved alert can be opened again.")


class AlertAcknowledged(Conflict):
    code = "alert_acknowledged"
    message = _("Somebody takes care of this alert already: %(name)s.")


class AlertSnoozed(Conflict):
    code = "alert_snoozed"
    message = _("This alert is snoozed until %(date)s. Wake it first.")


class AlertNotSnoozed(Conflict):
    code = "alert_not_snoozed"
    message = _("This alert is not snoozed.")


class AnotherAlert(Conflict):
    code = "another_alert"
    message = _("There is another alert of this account for the same reason meanwhile: go on with that one.")


class SnoozeDateWrong(DomainError):
    code = "snooze_date_wrong"
    message = _("An alert is snoozed until a day from tomorrow on, within a year.")


class OutcomeUnknown(DomainError):
    code = "outcome_unknown"
    message = _("An alert ends as saved, lost or a false alarm.")


class LostCauseNeeded(DomainError):
    code = "lost_cause_needed"
    message = _("Say why the customer was lost.")


class AlertTextEmpty(DomainError):
    code = "alert_text_empty"
    message = _("Write something.")


class AlertTextTooLong(DomainError):
    code = "alert_text_too_long"
    message = _("At most %(most)s characters are kept; these are %(count)s.")


class AlertOwnerUnfit(DomainError):
    code = "alert_owner_unfit"
    message = _("%(name)s may not change this account, and could do nothing about the alert.")


class RuleConditionsWrong(DomainError):
    code = "rule_conditions_wrong"
    message = _("Condition %(number)s: %(problem)s")


class RuleWithoutConditions(DomainError):
    code = "rule_without_conditions"
    message = _("A rule needs between 1 and %(most)s conditions.")


class RuleTiersUnknown(DomainError):
    code = "rule_tiers_unknown"
    message = _("There is no tier “%(tier)s”.")


class RuleInUse(Conflict):
    code = "rule_in_use"
    message = _("This rule has opened alerts, which tell by it why they are there. Deactivate it instead.")


class BacktestForbidden(Forbidden):
    code = "backtest_forbidden"
    message = _("Only those who see all accounts ask for backtests: a backtest names every account.")


class BacktestTooLong(DomainError):
    code = "backtest_too_long"
    message = _("At most %(most)s snapshots at a time: choose a shorter period, or months.")


class BacktestNothing(DomainError):
    code = "backtest_nothing"
    message = _("There is nothing to replay: no account ordered on three days in the year before these snapshots.")


class HealthRunOlder(Conflict):
    code = "health_run_older"
    message = _("Accounts are scored as of %(newest)s already: %(day)s lies before it. Is the clock right?")


class ProfileInUse(Conflict):
    code = "health_profile_in_use"
    message = _("%(count)s accounts are scored by this profile. Switch it off; it can be deleted after the next night.")


class ScoredInFuture(DomainError):
    code = "health_day_in_future"
    message = _("%(day)s has not come yet: nothing is known of the days before it.")


class TrainingForbidden(Forbidden):
    code = "training_forbidden"
    message = _("Only directors and administrators have the churn model learnt anew.")
