"""The audit in Django's admin."""

from django.contrib import admin

from audit.models import AuditEntry
from core.admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "action", "object_type", "object_label", "via"]
    list_filter = ["object_type"]
    list_select_related = ["actor"]
    search_fields = ["=action", "=object_id"]
