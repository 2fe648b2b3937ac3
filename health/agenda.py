"""What health adds to a day: alerts that want somebody to act. Tasks of playbooks are in `agenda_tasks.py`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.choices import Status
from accounts.models import Account
from core.agenda import Action, AgendaItem, Chip, Kind, Part, Question, Source, actions, link, register
from core.paging import Sort
from health import agenda_tasks
from health.choices import AlertStatus, Severity
from health.models import Alert

TASKS = agenda_tasks.PlaybookTasks
"""Registered by its module, which nothing else loads."""
SOON_DAYS = 14
LEFT_OUT = ("evidence", "evidence_now", "resolution")
_ACCOUNT = ("account__name", "account__name_en", "account__tier")
_OWN = [field.attname for field in Alert._meta.concrete_fields if field.name not in LEFT_OUT]
LEVELS = {Severity.LOW: "muted", Severity.MEDIUM: "warning", Severity.HIGH: "danger", Severity.CRITICAL: "danger"}


class Alerts(Source):
    """Open and acknowledged alerts by the day until which somebody has to act; the most pressing first."""

    kinds = (
        Kind("alerts_overdue", gettext_lazy("Overdue alerts"), Part.OVERDUE, "alert-triangle"),
        Kind("alerts", gettext_lazy("Alerts due"), Part.DUE, "alert-triangle"),
        Kind("alerts_soon", pgettext_lazy("soon", "Alerts"), Part.SOON, "alert-triangle"),
    )  # icons: alert-triangle
    order = (F("due_at"), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("due_at")

    def rows(self, question: Question) -> QuerySet[Any]:
        rows = Alert.objects.visible_to(question.viewer).active().filter(question.whose("owner"))
        editable = Account.objects.order_by().editable_by(question.viewer).filter(pk=OuterRef("account_id"))
        return (
            rows.exclude(account__status=Status.TERMINATED)
            .select_related("account", "owner")
            .only(*_OWN, *_ACCOUNT, "owner__name")
            .annotate(may_edit=Exists(editable))
        )

    def conditions(self, question: Question) -> dict[str, Q]:
        begin, end = _begin(question.day), _begin(question.day + dt.timedelta(days=1))
        found = {"alerts": Q(due_at__gte=begin, due_at__lt=end)}
        if question.is_today:
            found["alerts_overdue"] = Q(due_at__lt=begin)
            soon = _begin(question.day + dt.timedelta(days=SOON_DAYS + 1))
            found["alerts_soon"] = Q(due_at__gte=end, due_at__lt=soon)
        return found

    def item(self, row: Any, kind: str, question: Question) -> AgendaItem:
        local = timezone.localtime(row.due_at)
        return AgendaItem(
            kind=kind,
            title=row.account.local_name,
            url=link("health:alert_detail", row.pk),
            detail=str(row.get_reason_display()),
            due=local.date(),
            overdue=kind == "alerts_overdue",
            account_id=row.account_id,
            account_name=row.account.local_name,
            tier=row.account.tier,
            person=row.owner.name if row.owner else "",
            state=row.status,
            state_label=str(row.get_status_display()),
            chips=_chips(row, local, kind, question.today),
            actions=_actions(row) if row.may_edit else (),
            brief_url=link("dashboards:account_brief", row.account_id),
        )


def _chips(row: Alert, local: dt.datetime, kind: str, today: dt.date) -> list[Chip]:
    """How severe, how late, whether others were told, whether the reason is gone meanwhile."""
    chips = [Chip(_("severity: %(level)s") % {"level": row.get_severity_display()}, LEVELS[Severity(row.severity)])]
    if kind == "alerts_overdue":
        days = (today - local.date()).days
        text = ngettext("%(count)d day overdue", "%(count)d days overdue", days) % {"count": days}
        chips.append(Chip(text, "danger"))
    elif kind == "alerts":
        chips.append(Chip(_("by %(time)s") % {"time": formats.time_format(local, "TIME_FORMAT")}, "warning"))
    if row.escalation:
        chips.append(Chip(_("escalated"), "danger"))
    if row.status == AlertStatus.ACKNOWLEDGED:
        chips.append(Chip(str(AlertStatus.ACKNOWLEDGED.label), "info"))
    if row.cleared_on is not None:
        chips.append(Chip(_("reason gone"), "info"))
    return chips


def _actions(row: Alert) -> tuple[Action, ...]:
    """What can be done right there, and the place for all else."""
    page = link("health:alert_detail", row.pk)
    if row.status == AlertStatus.OPEN:
        return actions(
            Action("acknowledge", _("Acknowledge"), link("health:alert_acknowledge", row.pk), method="post"),
            Action("handle", _("Handle alert"), page),
        )
    return actions(Action("handle", _("Handle alert"), page))


def _begin(day: dt.date) -> dt.datetime:
    """The midnight that the day begins with, by the reader's clock."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


register(Alerts())
