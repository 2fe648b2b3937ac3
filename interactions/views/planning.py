"""What the planner did, what it could not plan, and the button that starts it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.forms import scope_form
from core.http import UserRequest, panel, requires
from core.paging import Sort, bounded_count, keyset_page
from interactions import services, tasks
from interactions.choices import GapReason
from interactions.filters import GAP_DEFAULT_SORT, GAP_SORTS, PlanningGapFilter
from interactions.models import PlanningGap, PlanningRun
from interactions.querysets import PlanningGapQuerySet

PEOPLE_SHOWN = 50
RUNS_SHOWN = 15


@require_GET
def planning_run_list(request: UserRequest) -> HttpResponse:
    """The newest runs, and how many visits to the reader's accounts could not be planned, by reason and person."""
    now = timezone.now()
    runs = list(PlanningRun.objects.visible_to(request.user)[:RUNS_SHOWN])
    for run in runs:
        run.state = _state(run, now)
    gaps = PlanningGap.objects.visible_to(request.user)
    by_reason = dict(gaps.order_by().values_list("reason").annotate(Count("pk")))
    context = {
        "runs": runs,
        "under_way": next((run for run in runs if run.state == "running"), None),
        "total": sum(by_reason.values()),
        "reasons": [{"reason": reason, "number": by_reason.get(reason.value, 0)} for reason in GapReason],
        **_people(gaps),
    }
    return render(request, "interactions/planning_run_list.html", context)


@require_GET
def planning_gap_list(request: UserRequest) -> HttpResponse:
    """The accounts whose visits could not be planned, the most overdue first."""
    rows = PlanningGap.objects.visible_to(request.user).select_related("account", "user")
    gaps = PlanningGapFilter(request.GET, queryset=rows)
    scope_form(gaps.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), GAP_SORTS, GAP_DEFAULT_SORT)
    page = keyset_page(gaps.qs, sort, request.GET.get("cursor"))
    today = timezone.localdate()
    for gap in page:
        gap.days_over = max((today - gap.due_date).days, 0)
    context = {"filter": gaps, "page": page, "count": bounded_count(gaps.qs), "sort_key": sort_key}
    return render(request, panel(request, "interactions/planning_gap_list.html", "rows"), context)


@requires("leads")
@require_POST
def planning_start(request: UserRequest) -> HttpResponse:
    """Plan now, in the background; the row is there first, so that a lost message is made up for."""
    run = services.ask_for_planning(actor=request.user, now=timezone.now())
    tasks.carry_out_planning.delay_on_commit(run.pk)
    messages.info(request, _("The visits are being planned; this page shows when it is done."))
    return redirect("interactions:planning_run_list")


def _state(run: PlanningRun, now: Any) -> str:
    if run.finished_at is not None:
        return "done"
    return "running" if run.started_at > now - services.STALE else "interrupted"


def _people(gaps: PlanningGapQuerySet) -> dict[str, Any]:
    """The people with most visits that could not be planned, with the numbers by reason."""
    per_person = gaps.filter(user__isnull=False).order_by().values_list("user", "user__name", "user__username")
    counts = per_person.annotate(number=Count("pk")).order_by("-number", "user__name", "user")
    people = [
        {"pk": pk, "name": name or username, "number": number, "reasons": []}
        for pk, name, username, number in counts[: PEOPLE_SHOWN + 1]
    ]
    shown = {person["pk"]: person for person in people[:PEOPLE_SHOWN]}
    by_reason = (
        gaps.filter(user__in=shown).order_by("reason").values_list("user", "reason").annotate(number=Count("pk"))
    )
    for pk, reason, number in by_reason:
        shown[pk]["reasons"].append({"reason": GapReason(reason), "number": number})
    return {"people": list(shown.values()), "more_people": len(people) > PEOPLE_SHOWN}
