"""Read-only admin of the notifications."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("user", "kind", "created_at", "read_at")
    list_select_related = ("user",)
    raw_id_fields = ("user",)
    ordering = ("-pk",)
