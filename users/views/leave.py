"""Leave: everybody enters their own, supervisors their people's."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from users import services
from users.filters import LEAVE_DEFAULT_SORT, LEAVE_SORTS, LeaveFilter
from users.forms import LeaveForm
from users.models import Leave


@require_GET
def leave_list(request: UserRequest) -> HttpResponse:
    """Absences that the reader may see, newest first; 50 a page."""
    rows = Leave.objects.visible_to(request.user).select_related("user__team", "delegate")
    found = LeaveFilter(request.GET, queryset=rows)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), LEAVE_SORTS, LEAVE_DEFAULT_SORT)
    context = {
        "filter": found,
        "page": keyset_page(found.qs.order_by(), sort, request.GET.get("cursor")),
        "count": bounded_count(found.qs),
        "sort_key": sort_key,
        "today": timezone.localdate(),
    }
    return render(request, panel(request, "users/leave_list.html", "rows"), context)


@require_http_methods(["GET", "POST"])
def leave_create(request: UserRequest) -> HttpResponse:
    """A new absence: one's own, or for those who lead that of one of their people (`?user=`)."""
    form = LeaveForm(request.POST or None, initial={"user": request.GET.get("user") or request.user.pk})
    form.instance.user = request.user
    scope_form(form, request.user)
    form.limit_to(request.user)
    if request.method == "POST" and _save(request, form, services.add_leave):
        return redirect("users:leave_list")
    return render(request, "users/leave_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def leave_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change the days of an absence."""
    leave = get_object_or_404(Leave.objects.editable_by(request.user).select_related("user"), pk=pk)
    form = LeaveForm(request.POST or None, instance=leave)
    scope_form(form, request.user)
    form.limit_to(request.user)
    if request.method == "POST" and _save(request, form, services.update_leave):
        return redirect("users:leave_list")
    return render(request, "users/leave_form.html", {"form": form, "leave": leave})


@require_POST
def leave_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Take an absence away."""
    leave = get_object_or_404(Leave.objects.editable_by(request.user).select_related("user"), pk=pk)
    services.remove_leave(leave, actor=request.user)
    messages.success(request, _("The leave of %(name)s was removed.") % {"name": leave.user})
    return redirect("users:leave_list")


def _save(request: UserRequest, form: LeaveForm, verb: Callable[..., Leave]) -> bool:
    """Whether the form was valid and the service took it."""
    if not form.is_valid():
        return False
    try:
        leave = verb(form.save(commit=False), actor=request.user)
    except DomainError as error:
        add_domain_error(form, error)
        return False
    text = _("The leave of %(name)s was saved; visits move when they are next planned.")
    messages.success(request, text % {"name": leave.user})
    return True
