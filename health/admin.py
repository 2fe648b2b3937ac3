"""Health in Django's admin."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from health.models import (
    AccountHealth,
    Alert,
    AlertComment,
    AlertRule,
    Backtest,
    ChurnModel,
    HealthPoint,
    HealthPolicy,
    HealthProfile,
    HealthRun,
    Playbook,
    PlaybookCase,
    PlaybookRun,
    PlaybookStep,
    PlaybookTask,
)


@admin.register(HealthProfile)
class HealthProfileAdmin(ReadOnlyAdmin):
    list_display = ["name", "position", "is_active", "tiers", "stages", "categories", "revision"]


@admin.register(HealthRun)
class HealthRunAdmin(ReadOnlyAdmin):
    list_display = ["as_of", "stage", "scored", "opened", "updated", "held", "withheld", "gap_from", "finished_at"]


@admin.register(AccountHealth)
class AccountHealthAdmin(ReadOnlyAdmin):
    list_display = ["account", "as_of", "score", "band", "probability", "value_at_risk_amount", "currency"]
    list_select_related = ["account"]
    search_fields = ["=account__code"]


@admin.register(HealthPoint)
class HealthPointAdmin(ReadOnlyAdmin):
    list_display = ["account", "date", "score", "band", "probability"]
    list_select_related = ["account"]
    search_fields = ["=account__code"]


@admin.register(ChurnModel)
class ChurnModelAdmin(ReadOnlyAdmin):
    list_display = ["as_of", "kind", "trained_at", "rows", "verdict", "in_use"]


@admin.register(Backtest)
class BacktestAdmin(ReadOnlyAdmin):
    list_display = ["from_date", "to_date", "horizon_days", "every", "status", "created_by", "created_at"]
    list_select_related = ["created_by"]


@admin.register(HealthPolicy)
class HealthPolicyAdmin(ReadOnlyAdmin):
    list_display = ["open_alerts_per_manager", "due_hours_a", "due_hours_b", "due_hours_c", "quiet_days"]


@admin.register(AlertRule)
class AlertRuleAdmin(ReadOnlyAdmin):
    list_display = ["name", "reason", "is_active", "tiers", "playbook"]
    list_select_related = ["playbook"]


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["account", "reason", "status", "severity", "owner", "opened_on", "due_at", "outcome"]
    list_select_related = ["account", "owner"]
    search_fields = ["=account__code"]


@admin.register(AlertComment)
class AlertCommentAdmin(ReadOnlyAdmin):
    list_display = ["alert", "author", "created_at"]
    list_select_related = ["alert__account", "author"]


@admin.register(Playbook)
class PlaybookAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "code", "reasons", "stages", "is_active"]


@admin.register(PlaybookStep)
class PlaybookStepAdmin(ReadOnlyAdmin):
    list_display = ["playbook", "position", "__str__", "role", "due_days"]
    list_select_related = ["playbook"]


@admin.register(PlaybookRun)
class PlaybookRunAdmin(ReadOnlyAdmin):
    list_display = ["playbook", "account", "status", "started_on", "score_at_start"]
    list_select_related = ["playbook", "account"]


@admin.register(PlaybookCase)
class PlaybookCaseAdmin(ReadOnlyAdmin):
    list_display = ["run", "days", "recovered"]
    list_select_related = ["run__account", "run__playbook"]


@admin.register(PlaybookTask)
class PlaybookTaskAdmin(ReadOnlyAdmin):
    list_display = ["run", "position", "__str__", "owner", "due_date", "status"]
    list_select_related = ["run__playbook", "run__account", "owner"]
