"""Exports made through the service."""

from django.http import QueryDict
from django.utils import timezone

from dashboards.models import ExportJob
from dashboards.services import exports


def make_export(
    actor, name: str = "accounts", query: str = "", *, form: str = "xlsx", language: str = "en"
) -> ExportJob:
    """One that waits; who asks for it may export."""
    if not actor.may_export:
        actor.may_export = True
        actor.save()
    return exports.ask_for_export(name, QueryDict(query), form=form, language=language, actor=actor, now=timezone.now())


def made_export(actor, *args, **kwargs) -> ExportJob:
    """One whose file is ready."""
    job = make_export(actor, *args, **kwargs)
    exports.run_export(job.pk, clock=timezone.now)
    job.refresh_from_db()
    return job


def make_job(actor) -> ExportJob:
    """The row alone, whoever may export."""
    return ExportJob.objects.create(user=actor, list_name="accounts", language="en")
