"""Django's admin as a window: administrators look at rows there, and change nothing (only services write)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core.models import CalendarDay, CalendarYear, ExchangeRate


def _is_administrator(request: HttpRequest) -> bool:
    user: Any = request.user
    return user.is_active and getattr(user, "is_administrator", False)


class AdminSite(admin.AdminSite):
    """For administrators by role, through the login of the product with its lockout."""

    def has_permission(self, request: HttpRequest) -> bool:
        return _is_administrator(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            if self.has_permission(request):
                return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("admin:index", current_app=self.name)))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_change_password"))


class ReadOnlyAdmin(admin.ModelAdmin):
    """The base of every model's admin: look and search, no add, change or delete. Counts nothing: tables are long."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    list_display = ["currency", "valid_from", "rate"]
    list_filter = ["currency"]
    search_fields = ["=currency"]


@admin.register(CalendarDay)
class CalendarDayAdmin(ReadOnlyAdmin):
    list_display = ["country", "date", "working", "name", "name_en"]
    list_filter = ["country", "working"]
    search_fields = ["name"]


@admin.register(CalendarYear)
class CalendarYearAdmin(ReadOnlyAdmin):
    list_display = ["country", "year", "confirmed"]
