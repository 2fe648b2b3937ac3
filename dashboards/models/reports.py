"""Reports that people saved, their runs in the background, and their schedules by e-mail."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped
from dashboards.choices import LAST_WORKING_DAY, Format, Frequency, MailStatus, RunStatus, Sharing, Weekday
from dashboards.querysets import ReportQuerySet, RunQuerySet, ScheduleQuerySet
from users.models import User


class Report(Timestamped):
    """A saved report. `definition` is read by `dashboards.reports.definition`: a field that it names may be gone."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reports", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("what it answers"), max_length=300, blank=True)
    definition = models.JSONField(_("definition"), default=dict)
    sharing = models.CharField(_("shared with"), max_length=10, choices=Sharing, default=Sharing.PRIVATE)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["owner", "name"], name="reports_by_owner"),
            models.Index(fields=["sharing", "name"], condition=~Q(sharing="private"), name="reports_shared"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dashboards:report_detail", args=[self.pk])


class ReportRun(Timestamped):
    """A report that is computed in the background for its viewer, as a page (`result`) or a file; the row is the queue.

    What is asked is copied: a report that changes meanwhile, or goes, changes nothing here.
    """

    viewer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="report_runs", verbose_name=_("asked by"))
    title = models.CharField(_("title"), max_length=200)
    source = models.CharField(
        _("source"), max_length=40, blank=True, help_text=_("The code or the number of the report.")
    )
    definition = models.JSONField(_("definition"), default=dict)
    cell = models.JSONField(_("rows of a group"), default=dict, blank=True)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    status = models.CharField(
        pgettext_lazy("of a report", "status"), max_length=8, choices=RunStatus, default=RunStatus.QUEUED
    )
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    rows = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    file = models.FileField(_("file"), upload_to="reports/%Y/%m/", blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("report file")
        verbose_name_plural = _("report files")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["viewer", "-id"], name="report_runs_by_viewer"),
            models.Index(fields=["id"], condition=Q(status__in=["queued", "running"]), name="report_runs_open"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("dashboards:report_run_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in (RunStatus.QUEUED, RunStatus.RUNNING)


class ReportSchedule(Timestamped):
    """When a report goes out by e-mail, and to whom: every receiver gets the rows that they see themselves.

    `hour` is in the owner's time zone; `month_day` is 1 to 28, or 0 for the last working day. Nothing is sent for
    periods before `since`.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="schedules", verbose_name=_("report"))
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("owner"))
    frequency = models.CharField(_("how often"), max_length=8, choices=Frequency, default=Frequency.WEEKLY)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday, default=Weekday.MONDAY)
    month_day = models.PositiveSmallIntegerField(
        _("day of the month"), default=LAST_WORKING_DAY, validators=[MaxValueValidator(28)]
    )
    hour = models.PositiveSmallIntegerField(_("hour"), default=8, validators=[MaxValueValidator(23)])
    format = models.CharField(_("format"), max_length=4, choices=Format, default=Format.XLSX)
    receivers: Any = models.ManyToManyField(User, related_name="+", verbose_name=_("receivers"))
    is_active = models.BooleanField(_("active"), default=True)
    since = models.DateTimeField(_("since"), editable=False)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("report schedule")
        verbose_name_plural = _("report schedules")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(month_day__lte=28), name="reports_schedule_month_day"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="reports_schedule_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.report} ({self.get_frequency_display()})"

    def get_absolute_url(self) -> str:
        return reverse("dashboards:report_schedule_update", args=[self.pk])

    @property
    def words(self) -> str:
        """When it goes out: “Every week, Monday, 08:00”."""
        day: Any = self.get_weekday_display()
        if self.frequency == Frequency.MONTHLY:
            day = _("Last working day") if self.month_day == LAST_WORKING_DAY else str(self.month_day)
        return ", ".join([str(self.get_frequency_display()), str(day), f"{self.hour:02d}:00"])


class ReportMail(models.Model):
    """One mail: once for each schedule, period and receiver."""

    schedule = models.ForeignKey(
        ReportSchedule, on_delete=models.CASCADE, related_name="mails", verbose_name=_("report schedule")
    )
    period = models.CharField(_("period"), max_length=10, help_text=_("The day that it is for."))
    receiver = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("receiver"))
    status = models.CharField(
        pgettext_lazy("of a mail", "status"), max_length=10, choices=MailStatus, default=MailStatus.WAITING
    )
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    sent_at = models.DateTimeField(pgettext_lazy("of a mail", "sent"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("report mail")
        verbose_name_plural = _("report mails")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "period", "receiver"], name="reports_mail_once"),
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(status="waiting"), name="report_mails_waiting")]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.period} {self.receiver_id}"
