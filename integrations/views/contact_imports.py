"""Pages of imports of contacts: file, columns with a preview, check, result."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error
from core.http import UserRequest, panel
from core.sheets import CSV_TYPE, WORKBOOK_TYPE
from integrations import tasks
from integrations.forms.contact_imports import COLUMN, ContactMappingForm, ContactUploadForm
from integrations.models import CheckedStatus, ContactImportJob
from integrations.people.problems import message_of
from integrations.people.template import template_csv, template_xlsx
from integrations.services import checked_jobs
from integrations.services import contact_imports as services
from integrations.views import jobs
from orders.intake.readers import sample
from orders.intake.values import text_of

GOOD_SHOWN, BAD_SHOWN, PROBLEMS_SHOWN = 10, 40, 100


@dataclass
class PreviewRow:
    """A row of the file as the page shows it."""

    number: int
    cells: list[str]
    result: str
    messages: list[str]


@dataclass
class Preview:
    """Some rows of the file with what would become of them, or why nothing can be read."""

    header: list[str] = field(default_factory=list)
    rows: list[PreviewRow] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    error: str = ""

    @property
    def checked(self) -> int:
        return sum(self.counts.values())


@require_GET
def contact_import_list(request: UserRequest) -> HttpResponse:
    """The user's imports of contacts, newest first."""
    return jobs.list_page(request, ContactImportJob, "integrations/contact_import_list.html")


@require_GET
def contact_import_template(request: UserRequest) -> FileResponse:
    """A file to fill in, with headings in the user's language."""
    as_csv = request.GET.get("format") == "csv"
    content, kind = (template_csv(), CSV_TYPE) if as_csv else (template_xlsx(), WORKBOOK_TYPE)
    name = _("contacts") + (".csv" if as_csv else ".xlsx")
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=kind)


@require_http_methods(["GET", "POST"])
def contact_import_upload(request: UserRequest) -> HttpResponse:
    """Step 1: the file."""
    form = ContactUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = services.upload_contacts(**form.cleaned_data, actor=request.user)
        except DomainError as error:
            form.add_error("file" if error.field not in form.fields else error.field, str(error))
        else:
            return redirect("integrations:contact_import_mapping", job.pk)
    return render(request, "integrations/contact_import_upload.html", {"form": form})


@require_http_methods(["GET", "POST"])
def contact_import_mapping(request: UserRequest, pk: int) -> HttpResponse:
    """Step 2: which column is what, with the first rows really checked."""
    job = jobs.seen_job(request, ContactImportJob, pk)
    if job.status not in (CheckedStatus.DRAFT, CheckedStatus.CHECKED):
        return redirect(job)
    header, error = _header(job)
    initial = {"on_known": job.on_known, **{COLUMN + name: heading for name, heading in job.columns.items()}}
    form = ContactMappingForm(request.POST or None, header=header, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.map_contacts(job, form.columns(), on_known=form.cleaned_data["on_known"])
            if request.POST.get("action") == "check":
                services.queue_contacts(job, dry_run=True, actor=request.user, now=timezone.now())
                tasks.run_contact_import.delay_on_commit(job.pk)
                return redirect(job)
        except DomainError as refusal:
            add_domain_error(form, refusal)
    preview = Preview(error=error) if error else _preview(job)
    context = {"job": job, "form": form, "preview": preview}
    return render(request, panel(request, "integrations/contact_import_mapping.html", "preview"), context)


@require_GET
def contact_import_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Step 3: how far it is, what is wrong, and the button that imports. Asks again every second while it runs."""
    job = jobs.seen_job(request, ContactImportJob, pk)
    problems = list(job.problems.all()[: PROBLEMS_SHOWN + 1]) if not job.is_open else []
    context = {
        "job": job,
        "problems": problems[:PROBLEMS_SHOWN],
        "cut": len(problems) > PROBLEMS_SHOWN,
        "limit": PROBLEMS_SHOWN,
        "entries": AuditEntry.objects.of(job).with_names(request.user)[:20],
    }
    return render(request, panel(request, "integrations/contact_import_detail.html", "progress"), context)


@require_GET
def contact_import_rejects(request: UserRequest, pk: int) -> FileResponse:
    """The rows with problems, as CSV."""
    return jobs.give_rejects(jobs.seen_job(request, ContactImportJob, pk))


@require_POST
def contact_import_start(request: UserRequest, pk: int) -> HttpResponse:
    """Import what was checked."""

    def start(job: ContactImportJob) -> None:
        good_only = request.POST.get("good_only") == "on"
        services.queue_contacts(job, dry_run=False, good_only=good_only, actor=request.user, now=timezone.now())
        tasks.run_contact_import.delay_on_commit(job.pk)

    return jobs.act(request, ContactImportJob, pk, start)


@require_POST
def contact_import_cancel(request: UserRequest, pk: int) -> HttpResponse:
    """Stop it."""
    cancel = partial(checked_jobs.cancel, actor=request.user, now=timezone.now())
    return jobs.act(request, ContactImportJob, pk, cancel)


@require_POST
def contact_import_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """Back to the columns."""
    reopen = partial(checked_jobs.reopen, actor=request.user)
    return jobs.act(request, ContactImportJob, pk, reopen, "integrations:contact_import_mapping")


def _header(job: ContactImportJob) -> tuple[list[str], str]:
    """Headings of the file, or why it cannot be read."""
    try:
        return sample(Path(job.file.path), services.RULES, 1)[0], ""
    except DomainError as error:
        return [], str(error)


def _preview(job: ContactImportJob) -> Preview:
    """The first rows, really checked: those with problems first, good ones only as many as help."""
    try:
        header, rows, plans = services.preview_contacts(job, today=timezone.localdate())
    except DomainError as error:
        return Preview(error=str(error))
    preview = Preview(header)
    shown = []
    for (number, cells), plan in zip(rows, plans, strict=True):
        preview.counts[plan.result] = preview.counts.get(plan.result, 0) + 1
        texts = [message_of(bad.code, bad.field, bad.params) for bad in plan.problems]
        shown.append(PreviewRow(number, [text_of(cell) for cell in cells], plan.result, texts))
    bad = [row for row in shown if row.result == "bad"][:BAD_SHOWN]
    known = [row for row in shown if row.result == "known"][:GOOD_SHOWN]
    preview.rows = bad + known + [row for row in shown if not row.messages][:GOOD_SHOWN]
    return preview
