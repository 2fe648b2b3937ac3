"""People in Django's admin."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from users.models import Leave, Team, User


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ["username", "name", "email", "role", "team", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    list_select_related = ["team"]
    search_fields = ["username", "name", "email"]
    exclude = ["password"]


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ["name", "name_en", "parent", "path"]
    list_select_related = ["parent"]
    search_fields = ["name", "name_en"]


@admin.register(Leave)
class LeaveAdmin(ReadOnlyAdmin):
    list_display = ["user", "from_date", "until_date", "kind", "delegate"]
    list_select_related = ["user", "delegate"]
    search_fields = ["user__name"]
