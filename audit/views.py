"""The audit page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit.filters import AuditFilter
from audit.models import AuditEntry
from core.forms import scope_form
from core.http import UserRequest, panel, requires
from core.paging import Sort, keyset_page

NEWEST_FIRST = Sort("pk", descending=True)


@requires("sees_everything")
@require_GET
def entry_list(request: UserRequest) -> HttpResponse:
    """Who did what to which row, newest first, 50 a page."""
    entries = AuditFilter(request.GET, queryset=AuditEntry.objects.visible_to(request.user).with_names(request.user))
    scope_form(entries.form, request.user)
    page = keyset_page(entries.qs.order_by(), NEWEST_FIRST, request.GET.get("cursor"))
    context = {"filter": entries, "page": page, "entries": page.rows}
    return render(request, panel(request, "audit/entry_list.html", "rows"), context)
