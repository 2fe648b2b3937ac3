"""Playbooks at work: the list, starting one, one with its tasks, stopping it; those of an account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import pages
from accounts.models import Account
from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from health.choices import PlaybookRunStatus, StepStatus
from health.filters_playbooks import RUN_DEFAULT_SORT, RUN_SORTS, PlaybookRunListFilter
from health.forms.playbooks import NoteForm, StartForm, TaskForm
from health.models import Alert, Playbook, PlaybookRun, PlaybookTask
from health.playbook_progress import with_progress
from health.services import playbook_runs as services
from health.services.playbook_tasks import may_work
from health.services.playbooks import recommended

ENTRIES_SHOWN, ENDED_SHOWN = 30, 5


@require_GET
def playbook_run_list(request: UserRequest) -> HttpResponse:
    """What is at work at the accounts that the user sees, the newest first."""
    rows = with_progress(PlaybookRun.objects.visible_to(request.user)).select_related("account", "playbook", "alert")
    found = PlaybookRunListFilter(request.GET, queryset=rows.order_by(), request=request)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), RUN_SORTS, RUN_DEFAULT_SORT)
    page = keyset_page(found.qs.prefetch_related(_open_tasks(request)), sort, request.GET.get("cursor"))
    context = {
        "filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key,
        "today": timezone.localdate(), "active_tab": "runs",
    }  # fmt: skip
    return render(request, panel(request, "health/playbook_run_list.html", "rows"), context)


@require_http_methods(["GET", "POST"])
def playbook_run_create(request: UserRequest) -> HttpResponse:
    """Put a playbook to work at an account, because of an alert, or by hand."""
    alert, account = _about(request)
    initial = {"playbook": request.GET.get("playbook", ""), "alert": alert.pk if alert else None}
    form = StartForm(request.POST or None, account=account, initial=initial)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        playbook, chosen = form.cleaned_data["playbook"], form.cleaned_data["account"]
        pages.require_editable(request.user, chosen.pk)
        try:
            run = services.start_playbook(playbook, chosen, alert=alert, actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(name)s is at work.") % {"name": playbook})
            return redirect(run)
    context = {
        "form": form, "alert": alert, "account": account, "chosen": str(form["playbook"].value() or ""),
        "offers": _offers(request, alert, account),
    }  # fmt: skip
    return render(request, "health/playbook_run_form.html", context)


@require_GET
def playbook_run_detail(request: UserRequest, pk: int) -> HttpResponse:
    """How far it is: the tasks with who, when, and what belongs to them."""
    return show_run(request, get_run(request, pk))


@require_POST
def playbook_run_stop(request: UserRequest, pk: int) -> HttpResponse:
    """It is not gone on with."""
    run, form = get_run(request, pk), NoteForm(request.POST)
    pages.require_editable(request.user, run.account_id)
    if form.is_valid():
        try:
            services.stop_playbook(run, form.cleaned_data["note"], actor=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error("note", str(error))
        else:
            messages.success(request, _("The playbook is stopped."))
            return redirect(run)
    return show_run(request, get_run(request, pk), stop_form=form)


@require_GET
def account_playbooks(request: UserRequest, account_pk: int) -> HttpResponse:
    """The account's page: what is at work there, what was."""
    account = pages.get_account(request.user, account_pk)
    runs = with_progress(PlaybookRun.objects.visible_to(request.user).filter(account=account))
    runs = runs.select_related("playbook").order_by("-started_on", "-pk")
    context = {
        "account": account,
        "active_tab": "health",
        "runs": runs.running().prefetch_related(_open_tasks(request)),
        "ended": runs.exclude(status=PlaybookRunStatus.RUNNING)[:ENDED_SHOWN],
        "today": timezone.localdate(),
    }
    return render(request, panel(request, "health/account_playbooks.html"), context)


def get_run(request: UserRequest, pk: int) -> PlaybookRun:
    """The run with what its page shows of the account, or 404."""
    rows = PlaybookRun.objects.visible_to(request.user)
    run: PlaybookRun = get_object_or_404(
        rows.select_related("playbook", "account__manager", "alert", "started_by"), pk=pk
    )
    return run


def show_run(
    request: UserRequest, run: PlaybookRun, *, stop_form: Any = None, sent: tuple[int, str, Any] | None = None
) -> HttpResponse:
    """The page of a run; `sent` is the task, the name and the form that was sent and refused."""
    today, is_running = timezone.localdate(), run.status == PlaybookRunStatus.RUNNING
    edits = Account.objects.editable_by(request.user).filter(pk=run.account_id).exists()
    tasks = list(
        PlaybookTask.objects.visible_to(request.user)
        .filter(run=run)
        .select_related("owner", "done_by")
        .order_by("position")
    )
    for task in tasks:
        task.shown = _shown(task, request, today, works=is_running and may_work(task, request.user, edits=edits))
    if (first := next((task for task in tasks if task.shown["is_open"] and task.shown["is_own"]), None)) is not None:
        first.shown["is_next"] = True
    if sent is not None:
        for task in tasks:
            task.shown |= {sent[1]: sent[2], "unfolded": sent[1]} if task.pk == sent[0] else {}
    settled = sum(task.status != StepStatus.OPEN for task in tasks)
    context = {
        "run": run, "account": run.account, "tasks": tasks, "settled": settled, "is_running": is_running,
        "may_edit": edits, "today": today, "stop_form": stop_form or NoteForm(),
        "entries": AuditEntry.objects.of(run).with_names(request.user)[:ENTRIES_SHOWN],
    }  # fmt: skip
    return render(request, panel(request, "health/playbook_run_detail.html", "run"), context)


def _shown(task: PlaybookTask, request: UserRequest, today: dt.date, *, works: bool) -> dict[str, Any]:
    """What the page shows beside a task's own fields."""
    is_open = task.status == StepStatus.OPEN
    return {
        "works": works,
        "is_open": is_open,
        "is_late": is_open and task.due_date < today,
        "is_own": task.owner_id == request.user.pk,
        "note_form": NoteForm(auto_id=f"id_{task.pk}_%s"),
        "unfolded": "",
    }


def task_form(request: UserRequest, task: PlaybookTask, data: Any = None) -> TaskForm:
    """Whose the task is and when it is due."""
    initial = {"owner": task.owner_id, "due_date": task.due_date}
    form = TaskForm(data, initial=initial, auto_id=f"id_{task.pk}_%s")
    scope_form(form, request.user)
    return form


def _about(request: UserRequest) -> tuple[Alert | None, Account | None]:
    """The alert and the account that the page is asked about: none that the user does not see."""
    given = request.POST.get("alert") or request.GET.get("alert") or ""
    alert = _seen(Alert.objects.visible_to(request.user).select_related("account", "rule"), given)
    if alert is not None:
        return alert, alert.account
    return None, _seen(Account.objects.visible_to(request.user), request.GET.get("account", ""))


def _seen(rows: Any, key: str) -> Any:
    """The row, None where no key was given, or 404."""
    if not key:
        return None
    return get_object_or_404(rows, pk=int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0)


def _offers(request: UserRequest, alert: Alert | None, account: Account | None) -> list[tuple[Playbook, bool]]:
    """Every playbook that can be started, those that fit first; whether it fits."""
    rows = Playbook.objects.visible_to(request.user).active().annotate(step_count=Count("steps"))
    fitting = {row.pk for row in recommended(alert)} if alert is not None else set()
    if alert is None and account is not None:
        fitting = {row.pk for row in rows if account.stage in row.stages}
    return sorted(((row, row.pk in fitting) for row in rows), key=lambda pair: (not pair[1], pair[0].pk))


def _open_tasks(request: UserRequest) -> Prefetch:
    """The open tasks of runs, the next one first, as `open_tasks`."""
    rows = PlaybookTask.objects.visible_to(request.user).filter(status=StepStatus.OPEN).select_related("owner")
    return Prefetch("tasks", rows.order_by("due_date", "position"), to_attr="open_tasks")
