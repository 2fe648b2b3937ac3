"""Exports: asking for one, how far it is, its file, and all of one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core import exports, filterbar
from core.errors import Conflict, DomainError
from core.exports import Asked, ListExport
from core.http import UserRequest, attachment, panel, requires
from core.paging import Sort, keyset_page
from dashboards import tasks
from dashboards.choices import ExportForm
from dashboards.errors import ListNotNarrowed, UnknownList
from dashboards.export_files import content_type, file_name
from dashboards.models import ExportJob
from dashboards.services import exports as services

NEWEST_FIRST = Sort("pk", descending=True)
ENTRIES_SHOWN = 20


@require_GET
def export_list(request: UserRequest) -> HttpResponse:
    """One's own exports, newest first."""
    jobs = ExportJob.objects.visible_to(request.user).order_by()
    page = keyset_page(jobs, NEWEST_FIRST, request.GET.get("cursor"))
    return render(request, panel(request, "dashboards/export_list.html", "rows"), {"page": page})


@requires("may_export")
@require_http_methods(["GET", "POST"])
def export_create(request: UserRequest) -> HttpResponse:
    """What would be exported, with which filters and how many rows; then let a worker do it."""
    name, now = request.GET.get("list", ""), timezone.now()
    try:
        export, asked = services.list_of(name, request.GET, actor=request.user, now=now)
    except (UnknownList, ListNotNarrowed) as error:
        raise Http404 from error
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            form = request.POST.get("file_format", "")
            job = services.ask_for_export(
                export.name, request.GET, form=form if form in ExportForm.values else ExportForm.XLSX,
                language=translation.get_language() or request.user.language, actor=request.user, now=now,
            )  # fmt: skip
        except DomainError as error:
            refusal = error
        else:
            tasks.run_export.delay_on_commit(job.pk)
            return redirect(job)
    return _page(request, export, asked, refusal)


@require_GET
def export_detail(request: UserRequest, pk: int) -> HttpResponse:
    """How far it is, and its file."""
    job = _job(request, pk)
    context = {"job": job, "may_export": request.user.may_export}
    if not request.headers.get("HX-Request"):
        context["entries"] = AuditEntry.objects.of(job).with_names(request.user)[:ENTRIES_SHOWN]
        context["chips"] = _chips(job)
    return render(request, panel(request, "dashboards/export_detail.html", "progress"), context)


@require_GET
def export_download(request: UserRequest, pk: int) -> HttpResponse | FileResponse:
    """The file, for its owner, while it is kept; 403 for who may no longer export."""
    job = _job(request, pk)
    if not request.user.may_export:
        raise PermissionDenied
    try:
        path = services.open_export(job, actor=request.user, now=timezone.now())
    except Conflict as error:
        messages.error(request, str(error))
        return redirect(job)
    return attachment(path.open("rb"), file_name(job), content_type(job))


@require_POST
def export_cancel(request: UserRequest, pk: int) -> HttpResponse:
    """Stop it."""
    job = _job(request, pk)
    try:
        services.cancel_export(job, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The export was cancelled."))
    return redirect(job)


def _job(request: UserRequest, pk: int) -> ExportJob:
    return get_object_or_404(ExportJob.objects.visible_to(request.user).select_related("user"), pk=pk)


def _page(request: UserRequest, export: ListExport, asked: Asked, refusal: DomainError | None) -> HttpResponse:
    found, count = export.find(asked), 0
    if refusal is None:
        try:
            count = services.count_rows(export, asked)
        except DomainError as error:
            refusal = error
    context = {
        "export": export,
        "others": [(other, _address(other.name, asked)) for other in _others(export)],
        "chips": filterbar.chips(found.filterset, asked.query) if found.filterset is not None else [],
        "count": count,
        "refusal": refusal,
        "forms": ExportForm.choices,
        "back": _list_url(export, asked),
    }
    return render(request, "dashboards/export_form.html", context, status=400 if request.method == "POST" else 200)


def _others(export: ListExport) -> list[ListExport]:
    """What else belongs to this list: the lines of the orders; or back to the list itself."""
    names = {export.name, *export.also, *(one.name for one in exports.all_lists() if export.name in one.also)}
    return [one for one in exports.all_lists() if one.name in names] if len(names) > 1 else []


def _address(name: str, asked: Asked) -> str:
    query = asked.query.copy()
    query["list"] = name
    return f"{reverse('dashboards:export_create')}?{query.urlencode()}"


def _list_url(export: ListExport, asked: Asked) -> str:
    """The page of the list with the same filters; nothing where it has none of its own."""
    for page in export.pages:
        try:
            return f"{reverse(page)}?{asked.query.urlencode()}"
        except NoReverseMatch:  # the page of one account, one run
            continue
    return ""


def _chips(job: ExportJob) -> list[Any]:
    """The filters in words; none where there is no such list any more."""
    now = timezone.now()
    export = exports.get(job.list_name)
    if export is None or not export.may(job.user):
        return []
    filterset = export.find(job.asked_as(now=now, today=timezone.localdate(now))).filterset
    return filterbar.chips(filterset, job.parameters) if filterset is not None else []
