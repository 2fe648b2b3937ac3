"""Pages of imports: upload, mapping with a preview, progress, result; and the profiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, is_fragment, panel, requires
from integrations import tasks
from integrations.forms import MappingForm, UploadForm
from integrations.models import ImportJob, ImportStatus
from integrations.services import imports
from integrations.views import jobs
from orders.intake.columns import guess_columns
from orders.intake.profile import Profile, shipped_names
from orders.intake.readers import Row, sample
from orders.models import ImportProfile
from orders.services.imports import SAMPLE, PreviewRow, preview_file
from orders.services.profiles import delete_profile, load_profile, save_profile

GOOD_SHOWN, BAD_SHOWN = 10, 40


@dataclass
class Preview:
    """What the mapping page shows of a file: some good rows and some that are not, or why nothing can be read."""

    header: list[str] = field(default_factory=list)
    rows: list[PreviewRow] = field(default_factory=list)
    checked: int = 0
    bad: int = 0
    left_out: int = 0
    error: str = ""


@requires("sees_everything")
@require_GET
def import_list(request: UserRequest) -> HttpResponse:
    """Every import, newest first."""
    return jobs.list_page(request, ImportJob, "integrations/import_list.html")


@requires("sees_everything")
@require_http_methods(["GET", "POST"])
def import_upload(request: UserRequest) -> HttpResponse:
    """Step 1: the file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = imports.upload_file(**form.cleaned_data, actor=request.user)
        except DomainError as error:
            form.add_error("file" if error.field not in form.fields else error.field, str(error))
        else:
            return redirect("integrations:import_mapping", job.pk)
    return render(request, "integrations/import_upload.html", {"form": form})


@requires("sees_everything")
@require_http_methods(["GET", "POST"])
def import_mapping(request: UserRequest, pk: int) -> HttpResponse:
    """Step 2: which column is what, with a preview; saves the profile or starts the import when asked to."""
    job = get_object_or_404(ImportJob.objects.visible_to(request.user), pk=pk)
    if job.status != ImportStatus.DRAFT:
        return redirect(job)
    profile = imports.profile_of(job)
    header, rows, error = _sample(job, profile)
    form = _mapping_form(request, job, profile, header)
    if request.method == "POST" and form.is_valid():
        answer = _act(request, job, form, profile)
        if answer is not None:
            return answer
        profile, before = imports.profile_of(job), header
        header, rows, error = _sample(job, profile)
        if header != before:
            return _ask_again(request, job)  # read otherwise, the file has other columns to choose from
    preview = Preview(error=error) if error else _preview(header, rows, profile, job)
    context = {"job": job, "form": form, "preview": preview}
    return render(request, panel(request, "integrations/import_mapping.html", "preview"), context)


@requires("sees_everything")
@require_GET
def import_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Step 3: how far it is, then what became of the rows. Asks again every second while it runs."""
    job = jobs.seen_job(request, ImportJob, pk, "manager")
    context = {"job": job, "entries": AuditEntry.objects.of(job).with_names(request.user)[:20]}
    return render(request, panel(request, "integrations/import_detail.html", "progress"), context)


@requires("sees_everything")
@require_GET
def import_rejects(request: UserRequest, pk: int) -> FileResponse:
    """The rows that were not imported, as CSV."""
    return jobs.give_rejects(jobs.seen_job(request, ImportJob, pk))


@requires("sees_everything")
@require_POST
def import_cancel(request: UserRequest, pk: int) -> HttpResponse:
    """Stop it."""
    return jobs.act(request, ImportJob, pk, partial(imports.cancel_job, actor=request.user, now=timezone.now()))


@requires("sees_everything")
@require_POST
def import_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """Back to the mapping."""
    reopen = partial(imports.reopen_job, actor=request.user)
    return jobs.act(request, ImportJob, pk, reopen, "integrations:import_mapping")


@requires("sees_everything")
@require_GET
def profile_list(request: UserRequest) -> HttpResponse:
    """The profiles that KAM ships with, and the saved ones."""
    saved = ImportProfile.objects.visible_to(request.user)[:200]
    shipped = [load_profile(name) for name in shipped_names()]
    return render(request, "integrations/profile_list.html", {"saved": saved, "shipped": shipped})


@requires("sees_everything")
@require_POST
def profile_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Forget a saved profile."""
    profile = get_object_or_404(ImportProfile.objects.editable_by(request.user), pk=pk)
    delete_profile(profile, actor=request.user)
    messages.success(request, _("The profile %(name)s was deleted.") % {"name": profile.name})
    return redirect("integrations:profile_list")


def _sample(job: ImportJob, profile: Profile) -> tuple[list[str], list[Row], str]:
    """Headings and first rows of the file, or why it cannot be read so."""
    try:
        return *sample(Path(job.file.path), profile.rules, SAMPLE), ""
    except DomainError as error:
        return [], [], str(error)


def _mapping_form(request: UserRequest, job: ImportJob, profile: Profile, header: list[str]) -> MappingForm:
    """The form as the job has it; columns that the file no longer has (another separator) are guessed anew."""
    columns = {name: heading for name, heading in job.columns.items() if heading in header}
    if not columns or len(columns) < len(job.columns):
        columns = guess_columns(header) | columns
    initial = MappingForm.initial_of(profile, columns) | {
        name: getattr(job, name) for name in ("create_accounts", "good_only", "manager")
    }
    initial["currency"] = job.currency or initial["currency"]
    initial["source"] = job.source or initial["source"]
    form = MappingForm(request.POST or None, header=header, initial=initial)
    scope_form(form, request.user)
    return form


def _ask_again(request: UserRequest, job: ImportJob) -> HttpResponse:
    """The mapping page as a whole, for htmx as well."""
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect("integrations:import_mapping", job.pk)


def _act(request: UserRequest, job: ImportJob, form: MappingForm, base: Profile) -> HttpResponse | None:
    """Keep the mapping, then save the profile or start the import; None shows the page again."""
    data: dict[str, Any] = form.cleaned_data
    try:
        profile = form.profile(base)
        options = {name: data[name] for name in ("currency", "source", "create_accounts", "good_only", "manager")}
        imports.map_job(job, profile, **options)
        if request.POST.get("action") == "save_profile":
            saved = save_profile(profile, actor=request.user)
            messages.success(request, _("The profile %(name)s was saved.") % {"name": saved})
        if request.POST.get("action") == "preview":
            return redirect("integrations:import_mapping", job.pk)
        if request.POST.get("action") == "start":
            imports.queue_job(job, actor=request.user, now=timezone.now())
            tasks.run_import.delay_on_commit(job.pk)
            return redirect(job)
    except DomainError as error:
        add_domain_error(form, error)
    return None


def _preview(header: list[str], rows: list[Row], profile: Profile, job: ImportJob) -> Preview:
    """The first rows, really checked: the bad ones first, good ones only as many as help."""
    preview = Preview(header=header)
    try:
        checked = preview_file(header, rows, profile, job.currency, create_accounts=job.create_accounts)
    except DomainError as error:
        preview.error = str(error)
        return preview
    preview.checked = len(checked)
    preview.bad = sum(row.is_bad for row in checked)
    preview.left_out = sum(bool(row.code) and not row.is_bad for row in checked)
    shown = [
        *islice((row for row in checked if row.is_bad), BAD_SHOWN),
        *islice((row for row in checked if not row.is_bad), GOOD_SHOWN),
    ]
    preview.rows = shown
    return preview
