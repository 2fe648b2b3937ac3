"""Schedules of one's own reports: when they go out by e-mail, and to whom."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError, Forbidden
from core.forms import add_domain_error, scope_form
from core.http import UserRequest
from dashboards.forms import ScheduleForm
from dashboards.models import Report, ReportSchedule
from dashboards.services.schedules import delete_schedule, save_schedule

MAILS_SHOWN = 20


@require_http_methods(["GET", "POST"])
def report_schedule_create(request: UserRequest, pk: int) -> HttpResponse:
    """Send a report of one's own by e-mail from now on."""
    report = get_object_or_404(Report.objects.visible_to(request.user).filter(owner=request.user), pk=pk)
    return _form(request, ReportSchedule(report=report, owner=request.user))


@require_http_methods(["GET", "POST"])
def report_schedule_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a schedule, and see what became of its last mails."""
    schedules = ReportSchedule.objects.editable_by(request.user).select_related("report")
    return _form(request, get_object_or_404(schedules, pk=pk))


@require_POST
def report_schedule_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Nothing is sent any more."""
    schedule = get_object_or_404(ReportSchedule.objects.editable_by(request.user).select_related("report"), pk=pk)
    report = schedule.report
    delete_schedule(schedule, actor=request.user)
    return redirect(report)


def _form(request: UserRequest, schedule: ReportSchedule) -> HttpResponse:
    if not request.user.may_export:
        raise PermissionDenied
    form = ScheduleForm(request.POST or None, instance=schedule)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        receivers = list(form.cleaned_data["receivers"])
        try:
            save_schedule(form.save(commit=False), receivers, actor=request.user, now=timezone.now())
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The schedule was saved."))
            return redirect(schedule.report)
    mails = schedule.mails.select_related("receiver").order_by("-pk")[:MAILS_SHOWN] if schedule.pk else ()
    context = {"form": form, "schedule": schedule, "report": schedule.report, "mails": mails}
    return render(request, "dashboards/reports/schedule_form.html", context)
