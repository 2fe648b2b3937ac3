"""Pages of playbooks: the list, one with its steps, written, copied, switched on and off, deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error
from core.http import UserRequest, panel, requires
from health.filters_playbooks import PlaybookListFilter
from health.forms.playbooks import NAMES, PlaybookForm, StepFormSet
from health.models import Playbook, PlaybookRun, PlaybookStep
from health.playbook_results import tallies
from health.playbook_steps import MAX_STEPS, Step
from health.services import playbooks as services
from health.services.shipped_playbooks import ensure_playbooks

ENTRIES_SHOWN, RUNS_SHOWN = 10, 8


@require_GET
def playbook_list(request: UserRequest) -> HttpResponse:
    """What to do, by reason and stage; how often it was done."""
    ensure_playbooks()
    rows = Playbook.objects.visible_to(request.user).annotate(step_count=Count("steps")).order_by("-is_active", "pk")
    found = PlaybookListFilter(request.GET, queryset=rows)
    listed = tallies(found.qs, PlaybookRun.objects.visible_to(request.user))
    context = {"filter": found, "tallies": listed, "active_tab": "playbooks"}
    return render(request, panel(request, "health/playbook_list.html", "rows"), context)


@require_GET
def playbook_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One playbook: when it is used, its steps, where it is at work."""
    playbook = _playbook(request, pk)
    runs = PlaybookRun.objects.visible_to(request.user).filter(playbook=playbook)
    context = {
        "playbook": playbook,
        "steps": PlaybookStep.objects.visible_to(request.user).filter(playbook=playbook).order_by("position"),
        "tally": tallies([playbook], runs)[0],
        "runs": runs.running().select_related("account", "playbook").order_by("-started_on", "-pk")[:RUNS_SHOWN],
        "entries": AuditEntry.objects.of(playbook).with_names(request.user)[:ENTRIES_SHOWN],
        "may_delete": request.user.owns_policies and not playbook.code,
    }
    return render(request, "health/playbook_detail.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def playbook_create(request: UserRequest) -> HttpResponse:
    """Write a new one."""
    return _edit(request, Playbook(), [Step({})])


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def playbook_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change one with its steps; what runs at accounts keeps the steps it began with."""
    playbook = _playbook(request, pk)
    return _edit(request, playbook, services.steps_of(playbook))


@requires("owns_policies")
@require_POST
def playbook_copy(request: UserRequest, pk: int) -> HttpResponse:
    """Begin another one with the same steps."""
    copy = services.copy_playbook(_playbook(request, pk), actor=request.user)
    messages.success(request, _("This is the copy. It is switched off until you are done with it."))
    return redirect("health:playbook_update", copy.pk)


@requires("owns_policies")
@require_POST
def playbook_switch(request: UserRequest, pk: int) -> HttpResponse:
    """On (`on`) or off."""
    playbook, active = _playbook(request, pk), "on" in request.POST
    services.switch_playbook(playbook, active=active, actor=request.user)
    text = _("%(name)s is offered again.") if active else _("%(name)s is offered no more; what runs goes on.")
    messages.success(request, text % {"name": playbook})
    return redirect(playbook)


@requires("owns_policies")
@require_POST
def playbook_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete one that never was at work."""
    playbook = _playbook(request, pk)
    name = str(playbook)
    try:
        services.delete_playbook(playbook, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(playbook)
    messages.success(request, _("%(name)s was deleted.") % {"name": name})
    return redirect("health:playbook_list")


def _edit(request: UserRequest, playbook: Playbook, steps: list[Step]) -> HttpResponse:
    """The form with the steps. What was typed stays, whatever the reason why it could not be saved; `add` asks for one
    more step, where the page has no script."""
    is_new, title = playbook.pk is None, str(playbook)
    if request.method == "POST":
        form = PlaybookForm(request.POST, playbook=playbook)
        formset = StepFormSet(_with_another(request), prefix="steps")
        if "add" not in request.POST and form.is_valid() and formset.is_valid():
            seen = form.cleaned_data["seen"] or None
            try:
                saved = services.save_playbook(form.filled(), formset.steps(), actor=request.user, seen=seen)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, _("%(name)s was saved.") % {"name": saved})
                return redirect(saved)
    else:
        seen = "" if is_new else services.mark_of(playbook)
        form = PlaybookForm(playbook=playbook, initial={"seen": seen})
        formset = StepFormSet(prefix="steps", initial=[{"step": step} for step in steps])
    context = {
        "form": form, "formset": formset, "playbook": playbook, "title": title, "is_new": is_new,
        "languages": NAMES.items(), "most_steps": MAX_STEPS,
    }  # fmt: skip
    return render(request, "health/playbook_form.html", context)


def _with_another(request: UserRequest) -> Any:
    """What was sent, with one more empty step where `add` asks for it."""
    sent = request.POST.copy()
    total = sent.get("steps-TOTAL_FORMS", "")
    if "add" in sent and total.isascii() and total.isdigit() and int(total) < MAX_STEPS:
        number = int(total)
        sent["steps-TOTAL_FORMS"] = str(number + 1)
        sent[f"steps-{number}-role"], sent[f"steps-{number}-due_days"] = "manager", "1"
    return sent


def _playbook(request: UserRequest, pk: int) -> Playbook:
    playbook: Playbook = get_object_or_404(Playbook.objects.visible_to(request.user), pk=pk)
    return playbook
