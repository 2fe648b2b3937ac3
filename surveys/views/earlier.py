"""Import of earlier results: the file, what would become of its rows, the result."""

from __future__ import annotations

import io
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, attachment, panel, requires
from core.paging import Sort, keyset_page
from core.sheets import WORKBOOK_TYPE
from surveys import tasks
from surveys.earlier.template import template_xlsx
from surveys.forms.earlier import EarlierForm
from surveys.models import EarlierImport, QuestionnaireVersion
from surveys.services import earlier as services

PROBLEMS_SHOWN = 100


@require_GET
@requires("owns_policies")
def earlier_list(request: UserRequest) -> HttpResponse:
    """The files of earlier results, the newest first."""
    rows = EarlierImport.objects.visible_to(request.user).select_related("created_by", "version__questionnaire")
    page = keyset_page(rows.order_by(), Sort("pk", descending=True), request.GET.get("cursor"))
    return render(request, panel(request, "surveys/earlier_list.html", "rows"), {"page": page})


@require_http_methods(["GET", "POST"])
@requires("owns_policies")
def earlier_create(request: UserRequest) -> HttpResponse:
    """Choose the questionnaire and the file; every row is looked at, nothing is written."""
    form = EarlierForm(request.POST or None, request.FILES or None)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            job = services.upload_earlier(**form.cleaned_data, actor=request.user, today=timezone.localdate())
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else "file", str(error))
        else:
            return redirect(job)
    context = {"form": form, "versions": form.fields["version"].queryset}
    return render(request, "surveys/earlier_form.html", context)


@require_GET
@requires("owns_policies")
def earlier_template(request: UserRequest, pk: int) -> FileResponse:
    """A workbook to fill in for a questionnaire, with headings in the reader's language."""
    version = get_object_or_404(
        QuestionnaireVersion.objects.visible_to(request.user).select_related("questionnaire"), pk=pk
    )
    content = template_xlsx(version.definition, language=get_language() or "en")
    return attachment(io.BytesIO(content), f"{version.questionnaire.local_name}.xlsx", WORKBOOK_TYPE)


@require_GET
@requires("owns_policies")
def earlier_detail(request: UserRequest, pk: int) -> HttpResponse:
    """What was recognised, which rows are wrong and why, and the button that imports; asks again while it runs."""
    job = _job(request, pk)
    context = {
        "job": job,
        "problems": job.problems[:PROBLEMS_SHOWN],
        "cut": len(job.problems) > PROBLEMS_SHOWN,
        "good": job.total - job.bad - job.known,
    }
    return render(request, panel(request, "surveys/earlier_detail.html", "progress"), context)


@require_POST
@requires("owns_policies")
def earlier_start(request: UserRequest, pk: int) -> HttpResponse:
    """Import what was looked at: small files at once, large ones by a worker."""
    job = _job(request, pk)
    try:
        services.start_earlier(job, good_only=request.POST.get("good_only") == "on", actor=request.user)
        if job.total <= services.AT_ONCE:
            services.run_earlier(job.pk, now=timezone.now(), today=timezone.localdate())
            messages.success(request, _("The earlier results are imported."))
        else:
            tasks.run_earlier_import.delay_on_commit(job.pk)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(job)


@require_GET
@requires("owns_policies")
def earlier_rejects(request: UserRequest, pk: int) -> FileResponse:
    """The bad rows with their reasons, as CSV."""
    job = _job(request, pk)
    if not job.rejects:
        raise Http404
    name = _("%(file)s-not imported.csv") % {"file": Path(job.file_name).name.split(".")[0]}
    return attachment(job.rejects.open("rb"), name, "text/csv; charset=utf-8")


def _job(request: UserRequest, pk: int) -> EarlierImport:
    related = ("version__questionnaire", "campaign", "created_by")
    return get_object_or_404(EarlierImport.objects.visible_to(request.user).select_related(*related), pk=pk)
