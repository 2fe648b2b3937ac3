"""Pages of imports of contracts: files, check, what becomes of each row, result."""

from __future__ import annotations

import io
from functools import partial

from django.db.models import Q
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core.errors import DomainError
from core.http import UserRequest, attachment, panel, requires
from core.paging import Sort, keyset_page
from core.sheets import WORKBOOK_TYPE
from integrations import tasks
from integrations.agreements.template import template_csv, template_xlsx
from integrations.forms.contract_imports import ContractUploadForm
from integrations.models import ContractImportJob, RowResult
from integrations.services import checked_jobs
from integrations.services import contract_imports as services
from integrations.views import jobs

SHOWN = 100


@requires("leads")
@require_GET
def contract_import_list(request: UserRequest) -> HttpResponse:
    """The user's imports of contracts, newest first."""
    return jobs.list_page(request, ContractImportJob, "integrations/contract_import_list.html")


@requires("leads")
@require_GET
def contract_import_template(request: UserRequest) -> FileResponse:
    """A file to fill in, with headings and an example in the user's language."""
    today = timezone.localdate()
    if request.GET.get("format") == "csv":
        return attachment(io.BytesIO(template_csv(today.year)), _("contracts") + ".zip", "application/zip")
    return attachment(io.BytesIO(template_xlsx(today)), _("contracts") + ".xlsx", WORKBOOK_TYPE)


@requires("leads")
@require_http_methods(["GET", "POST"])
def contract_import_upload(request: UserRequest) -> HttpResponse:
    """Step 1: the file; it is then checked as a whole."""
    form = ContractUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = services.upload_contracts(form.cleaned_data["upload"], actor=request.user)
            services.queue_contracts(job, dry_run=True, actor=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error("upload", str(error))
        else:
            tasks.run_contract_import.delay_on_commit(job.pk)
            return redirect(job)
    return render(request, "integrations/contract_import_upload.html", {"form": form})


@requires("leads")
@require_GET
def contract_import_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Steps 2 and 3: how far it is, what is wrong, the button that imports. Asks again every second while it runs."""
    job = jobs.seen_job(request, ContractImportJob, pk)
    wanted = job.found_rows.filter(Q(result=RowResult.BAD) | Q(is_odd=True)).order_by("pk")
    wanted = wanted.exclude(problems__0__code="contract_incomplete")  # they only go with one that is named
    found = [] if job.is_open else list(wanted[: SHOWN + 1])
    context = {
        "job": job,
        "rows": found[:SHOWN],
        "cut": len(found) > SHOWN,
        "limit": SHOWN,
        "entries": AuditEntry.objects.of(job).with_names(request.user)[:20],
    }
    return render(request, panel(request, "integrations/contract_import_detail.html", "progress"), context)


@requires("leads")
@require_GET
def contract_import_rows(request: UserRequest, pk: int) -> HttpResponse:
    """What becomes of each row, one by one; all, or those with one result."""
    job = jobs.seen_job(request, ContractImportJob, pk)
    result = request.GET.get("result", "")
    rows = job.found_rows.all() if result not in RowResult.values else job.found_rows.filter(result=result)
    views = [("", _("All")), *((str(one.value), str(one.label)) for one in RowResult)]
    tabs = [{"url": f"?result={name}", "label": label, "active": name == result} for name, label in views]
    page = keyset_page(rows.order_by(), Sort("pk"), request.GET.get("cursor"))
    context = {"job": job, "page": page, "tabs": tabs}
    return render(request, panel(request, "integrations/contract_import_rows.html", "rows"), context)


@requires("leads")
@require_GET
def contract_import_rejects(request: UserRequest, pk: int) -> FileResponse:
    """The contracts with bad rows, as a workbook to mend."""
    return jobs.give_rejects(jobs.seen_job(request, ContractImportJob, pk), WORKBOOK_TYPE)


@requires("leads")
@require_POST
def contract_import_check(request: UserRequest, pk: int) -> HttpResponse:
    """Check the file anew: accounts, policy or contracts may have changed."""

    def check(job: ContractImportJob) -> None:
        services.queue_contracts(job, dry_run=True, actor=request.user, now=timezone.now())
        tasks.run_contract_import.delay_on_commit(job.pk)

    return jobs.act(request, ContractImportJob, pk, check)


@requires("leads")
@require_POST
def contract_import_start(request: UserRequest, pk: int) -> HttpResponse:
    """Import what was checked."""

    def start(job: ContractImportJob) -> None:
        good_only = request.POST.get("good_only") == "on"
        services.queue_contracts(job, dry_run=False, good_only=good_only, actor=request.user, now=timezone.now())
        tasks.run_contract_import.delay_on_commit(job.pk)

    return jobs.act(request, ContractImportJob, pk, start)


@requires("leads")
@require_POST
def contract_import_cancel(request: UserRequest, pk: int) -> HttpResponse:
    """Stop it."""
    cancel = partial(checked_jobs.cancel, actor=request.user, now=timezone.now())
    return jobs.act(request, ContractImportJob, pk, cancel)


@requires("leads")
@require_POST
def contract_import_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """Take one that failed or was cancelled back, to be checked again."""
    return jobs.act(request, ContractImportJob, pk, partial(checked_jobs.reopen, actor=request.user))
