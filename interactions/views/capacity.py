"""Capacity: how many visits a day everybody can do, against what is planned in the coming weeks."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.forms import scope_form
from core.http import UserRequest, panel, requires
from core.paging import Sort, bounded_count, keyset_page
from interactions import services
from interactions.filters.capacity import CapacityFilter
from interactions.forms.policies import CapacityForm
from interactions.services.workload import visits_per_day
from interactions.workweeks import week_starts, workloads
from users.models import User


@require_GET
def capacity_list(request: UserRequest) -> HttpResponse:
    """Oneself; for those who lead, their people: visits per day and the next six weeks."""
    people = User.objects.visible_to(request.user).whose_leave_is_editable_by(request.user).active()
    found = CapacityFilter(request.GET, queryset=people.select_related("team"))
    scope_form(found.form, request.user)
    page = keyset_page(found.qs.order_by(), Sort("name"), request.GET.get("cursor"), size=25)
    today = timezone.localdate()
    otherwise = visits_per_day()
    loads = workloads([person.pk for person in page], today, otherwise=otherwise)
    for person in page:
        person.workload = loads[person.pk]
    context = {
        "filter": found,
        "page": page,
        "count": bounded_count(found.qs),
        "weeks": week_starts(today),
        "otherwise": otherwise,
        "may_edit": request.user.leads,
    }
    return render(request, panel(request, "interactions/capacity_list.html", "rows"), context)


@requires("leads")
@require_http_methods(["GET", "POST"])
def capacity_update(request: UserRequest, pk: int) -> HttpResponse:
    """The visits per day of one person whom the reader leads."""
    people = User.objects.visible_to(request.user).planned_by(request.user)
    person = get_object_or_404(people.select_related("capacity"), pk=pk)
    form = CapacityForm(request.POST or None, instance=getattr(person, "capacity", None))
    if request.method == "POST" and form.is_valid():
        services.set_capacity(person, form.cleaned_data["visits_per_day"], actor=request.user)
        text = _("The capacity of %(name)s was saved; visits follow when they are next planned.")
        messages.success(request, text % {"name": person})
        return redirect("interactions:capacity_list")
    context = {"form": form, "person": person, "otherwise": visits_per_day()}
    return render(request, "interactions/capacity_form.html", context)
