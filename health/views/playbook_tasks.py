"""What is done with the tasks of a playbook at work; the answer is the page of the playbook at that account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import pages
from accounts.models import Account
from core.errors import Conflict, DomainError
from core.forms import add_domain_error
from core.http import UserRequest, is_fragment, next_url
from health.forms.playbooks import NoteForm, TickForm
from health.models import PlaybookTask
from health.services import playbook_tasks as services
from health.views.playbook_runs import get_run, show_run, task_form


@require_POST
def playbook_task_settle(request: UserRequest, pk: int) -> HttpResponse:
    """It is done, or skipped (`skip`), with a note."""
    task, form, now = _workable(request, pk), NoteForm(request.POST, auto_id=f"id_{pk}_%s"), timezone.now()

    def act() -> None:
        note = form.cleaned_data["note"]
        if "skip" in request.POST:
            services.skip_task(task, note, actor=request.user, now=now)
        else:
            services.complete_task(task, note, actor=request.user, now=now)
        if task.run.ended_at is not None:
            messages.success(request, _("That was the last task: the playbook is finished."))

    return _do(request, task, "note_form", form, act)


@require_POST
def playbook_task_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """It is to be done after all."""
    task = _workable(request, pk)
    return _do(request, task, "", NoteForm({}), lambda: services.reopen_task(task, actor=request.user))


@require_POST
def playbook_task_tick(request: UserRequest, pk: int) -> HttpResponse:
    """Tick an item of the checklist, or take the tick away."""
    task, form = _workable(request, pk), TickForm(request.POST)

    def act() -> None:
        data = form.cleaned_data
        services.tick_item(task, data["item"], done=data["done"], actor=request.user)

    return _do(request, task, "", form, act)


@require_http_methods(["GET", "POST"])
def playbook_task_update(request: UserRequest, pk: int) -> HttpResponse:
    """Give it to somebody else, move it to another day."""
    task = _task(request, pk)
    pages.require_editable(request.user, task.run.account_id)
    form = task_form(request, task, request.POST or None)
    if request.method == "POST" and form.is_valid():
        owner, day, today = form.cleaned_data["owner"], form.cleaned_data["due_date"], timezone.localdate()
        try:
            services.change_task(task, owner=owner, due_date=day, actor=request.user, today=today)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(task)s is due on %(day)s.") % {"task": task, "day": _day(task)})
            return redirect(task.get_absolute_url())
    return render(request, "health/playbook_task_form.html", {"form": form, "task": task, "run": task.run})


def _do(request: UserRequest, task: PlaybookTask, name: str, form: Any, act: Callable[[], object]) -> HttpResponse:
    """Do it and show how far the playbook is now; or why not, with what was typed."""
    if form.is_valid():
        try:
            act()
        except Conflict as error:  # somebody else was quicker
            messages.error(request, str(error))
        except DomainError as error:
            add_domain_error(form, error)
        if not form.errors:
            if not is_fragment(request):
                return redirect(next_url(request) or task.get_absolute_url())
            return show_run(request, get_run(request, task.run_id))
    sent = (task.pk, name, form) if name else None
    if not name:
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    return show_run(request, get_run(request, task.run_id), sent=sent)


def _task(request: UserRequest, pk: int) -> PlaybookTask:
    rows = PlaybookTask.objects.visible_to(request.user).select_related("run__account", "run__playbook", "owner")
    task: PlaybookTask = get_object_or_404(rows, pk=pk)
    return task


def _workable(request: UserRequest, pk: int) -> PlaybookTask:
    """Raises Http404, and PermissionDenied unless the user changes the account or owns the task."""
    task = _task(request, pk)
    edits = Account.objects.editable_by(request.user).filter(pk=task.run.account_id).exists()
    if not services.may_work(task, request.user, edits=edits):
        raise PermissionDenied(_("This task is somebody else's, and you may only read this account."))
    return task


def _day(task: PlaybookTask) -> str:
    return str(formats.date_format(task.due_date, "DATE_FORMAT"))
