"""Read-only admin of the approvals."""

from __future__ import annotations

from django.contrib import admin

from approvals.models import (
    ApprovalComment,
    ApprovalRequest,
    ApprovalRule,
    ApprovalRuleStep,
    ApprovalStep,
    ApprovalVote,
)
from core.admin import ReadOnlyAdmin


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(ReadOnlyAdmin):
    list_display = ("name", "subject", "position", "is_active")
    list_filter = ("subject", "is_active")


@admin.register(ApprovalRuleStep)
class ApprovalRuleStepAdmin(ReadOnlyAdmin):
    list_display = ("rule", "position", "approver", "mode")
    list_select_related = ("rule",)


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(ReadOnlyAdmin):
    list_display = ("title", "subject", "status", "requested_by", "requested_at")
    list_select_related = ("requested_by",)
    list_filter = ("subject", "status")
    raw_id_fields = ("requested_by",)
    ordering = ("-pk",)


@admin.register(ApprovalStep)
class ApprovalStepAdmin(ReadOnlyAdmin):
    list_display = ("request", "position", "approver", "mode", "status")
    list_select_related = ("request",)
    raw_id_fields = ("request",)
    ordering = ("-pk",)


@admin.register(ApprovalVote)
class ApprovalVoteAdmin(ReadOnlyAdmin):
    list_display = ("step", "user", "status", "decided_by", "decided_at")
    list_select_related = ("step", "user", "decided_by")
    raw_id_fields = ("step", "user", "decided_by", "in_place_of")
    ordering = ("-pk",)


@admin.register(ApprovalComment)
class ApprovalCommentAdmin(ReadOnlyAdmin):
    list_display = ("request", "user", "created_at")
    list_select_related = ("request", "user")
    raw_id_fields = ("request", "user")
    ordering = ("-pk",)
