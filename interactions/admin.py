"""Interactions, visits and the contact policy in Django's admin."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from interactions.models import (
    AccountRhythm,
    Capacity,
    ContactPolicy,
    CoverageMonth,
    Greeting,
    Interaction,
    InteractionFile,
    NextStep,
    PlanningGap,
    PlanningRun,
    PolicyRule,
    Topic,
    Visit,
)


@admin.register(Interaction)
class InteractionAdmin(ReadOnlyAdmin):
    list_display = ["date", "kind", "account", "title", "author", "outcome"]
    list_select_related = ["account", "author"]
    search_fields = ["=account__code"]


@admin.register(InteractionFile)
class InteractionFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "interaction", "size", "content_type", "uploaded_by"]
    list_select_related = ["interaction", "uploaded_by"]
    search_fields = ["name__startswith"]


@admin.register(NextStep)
class NextStepAdmin(ReadOnlyAdmin):
    list_display = ["text", "kind", "account", "owner", "due_date", "status"]
    list_select_related = ["account", "owner"]
    search_fields = ["=account__code"]


@admin.register(Topic)
class TopicAdmin(ReadOnlyAdmin):
    list_display = ["name"]
    search_fields = ["name__startswith"]


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = ["planned_date", "account", "owner", "duty", "status", "source"]
    list_select_related = ["account", "owner"]
    search_fields = ["=account__code"]


@admin.register(ContactPolicy)
class ContactPolicyAdmin(ReadOnlyAdmin):
    list_display = ["number", "status"]


@admin.register(PolicyRule)
class PolicyRuleAdmin(ReadOnlyAdmin):
    list_display = ["policy", "tier", "stage", "region", "cadence_days"]
    list_select_related = ["policy"]


@admin.register(AccountRhythm)
class AccountRhythmAdmin(ReadOnlyAdmin):
    list_display = ["account", "cadence_days", "override_until", "paused_until", "weekday"]
    list_select_related = ["account"]
    search_fields = ["=account__code"]


@admin.register(Capacity)
class CapacityAdmin(ReadOnlyAdmin):
    list_display = ["user", "visits_per_day"]
    list_select_related = ["user"]


@admin.register(PlanningRun)
class PlanningRunAdmin(ReadOnlyAdmin):
    list_display = ["as_of", "weeks", "started_at", "finished_at", "planned", "gaps"]


@admin.register(PlanningGap)
class PlanningGapAdmin(ReadOnlyAdmin):
    list_display = ["account", "user", "duty", "due_date", "reason", "as_of"]
    list_select_related = ["account", "user"]
    search_fields = ["=account__code"]


@admin.register(Greeting)
class GreetingAdmin(ReadOnlyAdmin):
    list_display = ["date", "occasion", "account", "owner", "status"]
    list_select_related = ["account", "owner"]
    search_fields = ["=account__code"]


@admin.register(CoverageMonth)
class CoverageMonthAdmin(ReadOnlyAdmin):
    list_display = [field.name for field in CoverageMonth._meta.concrete_fields]
    list_select_related = True
