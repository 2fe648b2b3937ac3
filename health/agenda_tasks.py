"""What playbooks add to a day: their tasks, overdue, due, due within a week."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.choices import Status
from accounts.models import Account
from core.agenda import Action, AgendaItem, Chip, Kind, Part, Question, Source, actions, link, register
from core.paging import Sort
from health.models import PlaybookTask

SOON_DAYS = 7
_HIDDEN = {"checklist", "template", "note"}
_OWN = [field.attname for field in PlaybookTask._meta.concrete_fields if field.name not in _HIDDEN]
_ACCOUNT = ("run__account__name", "run__account__name_en", "run__account__tier")


class PlaybookTasks(Source):
    """Open tasks of playbooks at work."""

    kinds = (
        Kind("playbook_tasks_overdue", gettext_lazy("Overdue tasks of playbooks"), Part.OVERDUE, "checklist"),
        Kind("playbook_tasks", gettext_lazy("Tasks of playbooks due"), Part.DUE, "checklist"),
        Kind("playbook_tasks_soon", pgettext_lazy("soon", "Tasks of playbooks"), Part.SOON, "checklist"),
    )  # icons: checklist
    order = (F("due_date"), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("due_date")

    def rows(self, question: Question) -> QuerySet[Any]:
        rows = PlaybookTask.objects.visible_to(question.viewer).open().filter(question.whose("owner"))
        editable = Account.objects.order_by().editable_by(question.viewer).filter(pk=OuterRef("run__account"))
        return (
            rows.exclude(run__account__status=Status.TERMINATED)
            .select_related("run__account", "run__playbook", "owner")
            .only(*_OWN, "run__account_id", "run__playbook__names", "run__status", *_ACCOUNT, "owner__name")
            .annotate(may_edit=Exists(editable))
        )

    def conditions(self, question: Question) -> dict[str, Q]:
        found = {"playbook_tasks": Q(due_date=question.day)}
        if question.is_today:
            found["playbook_tasks_overdue"] = Q(due_date__lt=question.day)
            soon = question.day + dt.timedelta(days=SOON_DAYS)
            found["playbook_tasks_soon"] = Q(due_date__gt=question.day, due_date__lte=soon)
        return found

    def item(self, row: Any, kind: str, question: Question) -> AgendaItem:
        account = row.run.account
        return AgendaItem(
            kind=kind,
            title=account.local_name,
            url=row.get_absolute_url(),
            detail=f"{row} · {row.run.playbook}",
            due=row.due_date,
            overdue=kind == "playbook_tasks_overdue",
            account_id=account.pk,
            account_name=account.local_name,
            tier=account.tier,
            person=row.owner.name if row.owner else "",
            state=row.status,
            state_label=row.get_status_display(),
            chips=_chips(row, kind, question.today),
            actions=_actions(row) if row.may_edit or row.owner_id == question.viewer.pk else (),
            brief_url=link("dashboards:account_brief", account.pk),
        )


def _chips(row: PlaybookTask, kind: str, today: dt.date) -> list[Chip]:
    if kind != "playbook_tasks_overdue":
        return []
    days = (today - row.due_date).days
    return [Chip(ngettext("%(count)d day overdue", "%(count)d days overdue", days) % {"count": days}, "danger")]


def _actions(row: PlaybookTask) -> tuple[Action, ...]:
    done = Action("done", _("Done"), link("health:playbook_task_settle", row.pk), "post", [("note", "")])
    return actions(done, Action("open", _("Checklist"), row.get_absolute_url()))


register(PlaybookTasks())
