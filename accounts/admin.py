"""Accounts in Django's admin."""

from django.contrib import admin

from accounts.models import Account, AccountMember, AccountSummary, ManagerAssignment, Tag, TierHistory
from core.admin import ReadOnlyAdmin


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "status", "tier", "manager", "region"]
    list_filter = ["status", "tier"]
    list_select_related = ["manager"]
    search_fields = ["=code", "name__startswith"]


@admin.register(AccountSummary)
class AccountSummaryAdmin(ReadOnlyAdmin):
    list_display = ["account", "revenue_12m_amount", "revenue_prior_12m_amount", "last_order_date"]
    list_select_related = ["account"]
    search_fields = ["=account__code"]


@admin.register(ManagerAssignment)
class ManagerAssignmentAdmin(ReadOnlyAdmin):
    list_display = ["account", "manager", "from_date", "until_date", "reason"]
    list_select_related = ["account", "manager"]
    search_fields = ["=account__code", "=manager__username"]


@admin.register(AccountMember)
class AccountMemberAdmin(ReadOnlyAdmin):
    list_display = ["account", "user", "role", "right", "expires_on"]
    list_select_related = ["account", "user"]
    search_fields = ["=account__code", "=user__username"]


@admin.register(TierHistory)
class TierHistoryAdmin(ReadOnlyAdmin):
    list_display = ["account", "previous_tier", "tier", "since", "source"]
    list_select_related = ["account"]
    search_fields = ["=account__code"]


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ["name"]
    search_fields = ["name"]
