"""Schedules of reports, and their mails: each receiver gets their own rows, once for each period.

A mail is taken in steps, each committed: claimed while its file is made, *sending* just before the mail server is
called, *sent* after it took the mail. A sender that dies before the call leaves a mail that is claimed again; one that
dies in it leaves a mail of which nobody knows: *uncertain*, and not sent again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from audit.services import diff, entry, record, record_many, snapshot
from core.errors import DomainError
from core.post import Outcome, Post, Verdict
from core.sheets import WORKBOOK_TYPE
from core.workdays import country_of, work_calendars
from dashboards.choices import Format, MailStatus
from dashboards.models import Report, ReportMail, ReportSchedule
from dashboards.reports import exporting
from dashboards.reports.due import Rhythm, last_due
from dashboards.reports.errors import InvalidReport, ReportForbidden, ReportWithoutExport
from dashboards.reports.opening import asked_by, opened
from dashboards.reports.running import MAILED, Listing, run
from dashboards.services.report_runs import pdf_page
from notifications.services import notify
from users.models import User

Clock = Callable[[], dt.datetime]
LOOK_BACK = dt.timedelta(days=100)
CLAIM_LASTS = dt.timedelta(minutes=15)
UNSURE_AFTER = dt.timedelta(minutes=15)
WORK_FOR = dt.timedelta(minutes=4)
DELAYS = (5, 15, 60, 240)
"""Minutes before the next try, by the number of tries; after the last the mail is given up."""
MOST_AT_ONCE = 200


@transaction.atomic
def save_schedule(
    schedule: ReportSchedule, receivers: Sequence[User], *, actor: User, now: dt.datetime
) -> ReportSchedule:
    """Save a schedule of one's own report; what changes holds from the next period on. Raises ReportForbidden,
    ReportWithoutExport, ValidationError."""
    if schedule.report.owner_id != actor.pk:
        raise ReportForbidden
    if not actor.may_export:
        raise ReportWithoutExport
    new = schedule.pk is None
    before = {} if new else snapshot(ReportSchedule.objects.select_for_update().get(pk=schedule.pk))
    schedule.owner, schedule.since = actor, now
    schedule.full_clean()
    schedule.save()
    known = [] if new else sorted(schedule.receivers.values_list("pk", flat=True))
    schedule.receivers.set(receivers)
    changes: dict[str, Any] = {} if new else diff(before, schedule)
    wanted = sorted(user.pk for user in receivers)
    if known != wanted:
        changes["receivers"] = [known, wanted]
    record("report_schedule.created" if new else "report_schedule.updated", schedule, actor=actor, changes=changes)
    return schedule


@transaction.atomic
def delete_schedule(schedule: ReportSchedule, *, actor: User) -> None:
    """Nothing is sent any more. Raises ReportForbidden."""
    if schedule.owner_id != actor.pk:
        raise ReportForbidden
    record("report_schedule.deleted", schedule, actor=actor)
    schedule.delete()


def make_mails(now: dt.datetime) -> int:
    """A mail for each receiver of each schedule that has become due; those that there are stay. The last working day is
    that of the owner's country, as their time zone has it. Returns how many are new."""
    schedules = ReportSchedule.objects.filter(is_active=True, owner__is_active=True).order_by("pk")
    zones = set(schedules.order_by().values_list("owner__time_zone", flat=True))
    last = (now + dt.timedelta(days=1)).date()
    calendars = work_calendars({country_of(zone) for zone in zones}, (now - LOOK_BACK).date(), last)
    made = 0
    for schedule in schedules.select_related("owner").iterator(chunk_size=500):
        zone = schedule.owner.time_zone
        rhythm = Rhythm(schedule.frequency, schedule.weekday, schedule.month_day, schedule.hour, ZoneInfo(zone))
        day, moment = last_due(rhythm, now, calendars[country_of(zone)].is_working)
        if moment >= schedule.since:
            made += _make(schedule, day, moment)
    return made


@transaction.atomic
def _make(schedule: ReportSchedule, day: dt.date, moment: dt.datetime) -> int:
    period = day.isoformat()
    mails = ReportMail.objects.filter(schedule=schedule, period=period)
    if mails.exists():
        return 0
    receivers = schedule.receivers.filter(is_active=True, may_export=True).order_by("pk")
    rows = [ReportMail(schedule=schedule, period=period, receiver=user, due_at=moment) for user in receivers]
    ReportMail.objects.bulk_create(rows, ignore_conflicts=True)
    record_many([entry("report_schedule.due", schedule, actor=None, changes={"period": (None, period)})])
    return len(rows)


def send_due(clock: Clock) -> int:
    """Send what is due, for a few minutes at most. Any number may do so at once. Returns how many went out."""
    began, sent = clock(), 0
    stale = ReportMail.objects.filter(status=MailStatus.SENDING, claimed_at__lt=began - UNSURE_AFTER)
    stale.update(status=MailStatus.UNCERTAIN)
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=began - CLAIM_LASTS)
    waiting = ReportMail.objects.filter(free, status=MailStatus.WAITING, due_at__lte=began).order_by("due_at", "pk")
    with Post() as post:
        for pk in list(waiting.values_list("pk", flat=True)[:MOST_AT_ONCE]):
            if clock() - began > WORK_FOR or not post.ready():
                break
            sent += _send_one(pk, clock, post)
    return sent


def _send_one(pk: int, clock: Clock, post: Post) -> bool:
    now = clock()
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - CLAIM_LASTS)
    mine = ReportMail.objects.filter(free, pk=pk, status=MailStatus.WAITING)
    if not mine.update(claimed_at=now, attempts=F("attempts") + 1):
        return False
    related = ("schedule__report", "schedule__owner", "receiver__team")
    mail = ReportMail.objects.select_related(*related).get(pk=pk)
    try:
        message = compose(mail, now)
    except ReportWithoutExport as error:
        _drop(mail, now, error)
        return False
    except DomainError as error:
        with transaction.atomic():
            if _drop(mail, now, error):
                _tell_owner(mail, str(error))
        return False
    moment = clock()
    claimed = ReportMail.objects.filter(pk=pk, claimed_at=now, status=MailStatus.WAITING)
    if not claimed.update(status=MailStatus.SENDING, claimed_at=moment):
        return False
    return _settle(mail, moment, post.send(message), clock())


def _drop(mail: ReportMail, claimed: dt.datetime, error: DomainError) -> bool:
    mine = ReportMail.objects.filter(pk=mail.pk, claimed_at=claimed)
    return bool(mine.update(status=MailStatus.DROPPED, error=str(error)[:300]))


def _tell_owner(mail: ReportMail, error: str) -> None:
    """Whoever scheduled the report hears that it did not arrive."""
    report = mail.schedule.report
    params = {"report": report.name, "receiver": str(mail.receiver), "error": error[:200]}
    url = mail.schedule.get_absolute_url()
    notify([mail.schedule.owner], "report_mail_failed", params=params, url=url, key=f"report_mail:{mail.pk}")


def _settle(mail: ReportMail, claimed: dt.datetime, verdict: Verdict, now: dt.datetime) -> bool:
    """Write what the mail server said."""
    mine = ReportMail.objects.filter(pk=mail.pk, status=MailStatus.SENDING, claimed_at=claimed)
    error = verdict.error[:300]
    if verdict.outcome == Outcome.SENT:
        with transaction.atomic():
            mine.update(status=MailStatus.SENT, sent_at=now, error="")
            record("report_schedule.sent", mail.schedule, actor=None, changes={"receiver": (None, mail.receiver_id)})
        return True
    if verdict.outcome == Outcome.UNSURE:
        mine.update(status=MailStatus.UNCERTAIN, error=error)
    elif verdict.outcome == Outcome.REFUSED or mail.attempts > len(DELAYS):
        with transaction.atomic():
            if mine.update(status=MailStatus.REFUSED, error=error):
                _tell_owner(mail, error)
    else:
        delay = dt.timedelta(minutes=DELAYS[max(mail.attempts, 1) - 1])
        mine.update(status=MailStatus.WAITING, claimed_at=None, due_at=now + delay, error=error)
    return False


def compose(mail: ReportMail, now: dt.datetime) -> EmailMultiAlternatives:
    """The mail with the file: the receiver's rows, in their language and zone. Raises DomainError where there is
    nothing to send: the schedule was stopped, the receiver lost the right, the report cannot be run."""
    schedule, receiver = mail.schedule, mail.receiver
    if not (schedule.is_active and schedule.owner.is_active and receiver.is_active and receiver.may_export):
        raise ReportWithoutExport
    with timezone.override(ZoneInfo(receiver.time_zone)), translation.override(receiver.language):
        return _compose(mail, schedule.report, receiver, now)


def _compose(mail: ReportMail, report: Report, receiver: User, now: dt.datetime) -> EmailMultiAlternatives:
    found = opened(report.definition)
    if found.problems:
        raise InvalidReport(problems=" ".join(problem.text for problem in found.problems))
    definition, one = found.ready()
    result = run(definition, one, asked_by(receiver, now), MAILED)
    form = mail.schedule.format
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"report.{form}"
        page = pdf_page(report.name, receiver, now)
        exporting.write(path, form, page, result, definition, one, lambda _count: None)
        content = path.read_bytes()
    rows = result.count if isinstance(result, Listing) else len(result.rows)
    may_open = Report.objects.visible_to(receiver).filter(pk=report.pk).exists()
    context = {
        "report": report,
        "owner": mail.schedule.owner,
        "rows": rows,
        "url": settings.BASE_URL.rstrip("/") + report.get_absolute_url() if may_open else "",
        "language": receiver.language,
    }
    subject = render_to_string("dashboards/email/report.subject.txt", context)
    made = EmailMultiAlternatives(
        " ".join(subject.split()),
        render_to_string("dashboards/email/report.txt", context),
        to=[receiver.email],
        headers={"Message-ID": message_id(mail), "Auto-Submitted": "auto-generated"},
    )
    made.attach_alternative(render_to_string("dashboards/email/report.html", context), "text/html")
    made.attach(f"{report.name}.{form}", content, "application/pdf" if form == Format.PDF else WORKBOOK_TYPE)
    return made


def message_id(mail: ReportMail) -> str:
    """The same for every try to send the same mail."""
    digest = hashlib.sha256(f"report.{mail.pk}.{mail.schedule_id}.{mail.period}".encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"
