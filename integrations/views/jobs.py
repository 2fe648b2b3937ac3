"""What the pages of every import do alike: the list, the rows given back, and the buttons of a job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.http import UserRequest, attachment, panel
from core.paging import Sort, keyset_page
from core.sheets import CSV_TYPE
from integrations.models import FileJob


def list_page(request: UserRequest, model: type[FileJob], template: str) -> HttpResponse:
    """The imports of a kind that the user sees, newest first."""
    jobs: Any = model.objects.visible_to(request.user).select_related("created_by")
    page = keyset_page(jobs.order_by(), Sort("pk", descending=True), request.GET.get("cursor"))
    return render(request, panel(request, template, "rows"), {"page": page})


def seen_job(request: UserRequest, model: type[FileJob], pk: int, *related: str) -> Any:
    """The job, or 404."""
    jobs: Any = model.objects.visible_to(request.user)
    return get_object_or_404(jobs.select_related("created_by", *related), pk=pk)


def give_rejects(job: FileJob, content_type: str = CSV_TYPE) -> FileResponse:
    """The rows that were not imported, as a file; 404 where there is none."""
    if not job.rejects:
        raise Http404
    suffix = ".csv" if content_type == CSV_TYPE else ".xlsx"
    name = _("%(file)s-not imported.csv") % {"file": Path(job.file_name).name.split(".")[0]}
    return attachment(job.rejects.open("rb"), name.removesuffix(".csv") + suffix, content_type)


def act(
    request: UserRequest, model: type[FileJob], pk: int, verb: Callable[[Any], Any], then: str | None = None
) -> HttpResponse:
    """Do something with a job, say why not where it is refused; to the page `then`, else to the job's."""
    jobs: Any = model.objects.editable_by(request.user)
    job = get_object_or_404(jobs, pk=pk)
    try:
        verb(job)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(job)
    return redirect(then, pk) if then else redirect(job)
