"""Integrations in Django's admin."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from integrations.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["name", "owner", "prefix", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["owner"]
    search_fields = ["=prefix", "=owner__username"]
    exclude = ["digest"]
