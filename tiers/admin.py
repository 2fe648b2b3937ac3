"""Read-only admin of the tiers."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from tiers.models import BulkDecision, TierOverride, TierPolicy, TierPolicyVersion, TierProposal, TierRun


@admin.register(TierPolicy)
class TierPolicyAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "enabled", "schedule")
    search_fields = ("code", "name")


@admin.register(TierPolicyVersion)
class TierPolicyVersionAdmin(ReadOnlyAdmin):
    list_display = ("policy", "number", "method", "months", "created_at")
    list_select_related = ("policy",)


@admin.register(TierRun)
class TierRunAdmin(ReadOnlyAdmin):
    list_display = ("as_of", "version", "currency", "created_at")
    list_select_related = ("version__policy",)


@admin.register(TierProposal)
class TierProposalAdmin(ReadOnlyAdmin):
    list_display = ("account", "run", "tier_before", "proposed_tier", "state")
    list_select_related = ("account", "run__version__policy")
    list_filter = ("state",)
    raw_id_fields = ("account", "run")
    ordering = ("-pk",)


@admin.register(TierOverride)
class TierOverrideAdmin(ReadOnlyAdmin):
    list_display = ("account", "tier", "expires_on", "ended_on")
    list_select_related = ("account",)
    raw_id_fields = ("account",)


@admin.register(BulkDecision)
class BulkDecisionAdmin(ReadOnlyAdmin):
    list_display = ("run", "move", "action", "actor", "asked_at", "done_at")
    list_select_related = ("run__version__policy", "actor")
    raw_id_fields = ("run",)
