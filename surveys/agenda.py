"""What surveys add to a day: customers who wait for us to close the loop, references to ask for."""

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
from surveys.choices import FollowUpStatus
from surveys.models import FollowUp

SOON_DAYS = 7
_ACCOUNT = ("account__name", "account__name_en", "account__tier")
_OWN = [field.attname for field in FollowUp._meta.concrete_fields if field.name != "action"]


class FollowUps(Source):
    """Follow-ups until they are closed: what is overdue, what is due on the day, what is due within a week."""

    kinds = (
        Kind("follow_ups_overdue", gettext_lazy("Overdue follow-ups of surveys"), Part.OVERDUE, "mood-sad"),
        Kind("follow_ups", gettext_lazy("Follow-ups of surveys due"), Part.DUE, "message-reply"),
        Kind("follow_ups_soon", pgettext_lazy("soon", "Follow-ups of surveys"), Part.SOON, "message-reply"),
    )  # icons: mood-sad message-reply
    order = (F("due_at"), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("due_at")

    def rows(self, question: Question) -> QuerySet[Any]:
        rows = FollowUp.objects.visible_to(question.viewer).unfinished().filter(question.whose("owner"))
        editable = Account.objects.order_by().editable_by(question.viewer).filter(pk=OuterRef("account_id"))
        return (
            rows.exclude(account__status=Status.TERMINATED)
            .select_related("account", "owner", "campaign")
            .only(*_OWN, *_ACCOUNT, "owner__name", "campaign__name")
            .annotate(may_edit=Exists(editable))
        )

    def conditions(self, question: Question) -> dict[str, Q]:
        begin, end = _begin(question.day), _begin(question.day + dt.timedelta(days=1))
        found = {"follow_ups": Q(due_at__gte=begin, due_at__lt=end)}
        if question.is_today:
            found["follow_ups_overdue"] = Q(due_at__lt=begin)
            soon = _begin(question.day + dt.timedelta(days=SOON_DAYS + 1))
            found["follow_ups_soon"] = Q(due_at__gte=end, due_at__lt=soon)
        return found

    def item(self, row: Any, kind: str, question: Question) -> AgendaItem:
        local = timezone.localtime(row.due_at)
        overdue = kind == "follow_ups_overdue"
        return AgendaItem(
            kind=kind,
            title=row.account.local_name,
            url=row.get_absolute_url(),
            detail=f"{row.get_kind_display()} · {row.campaign.name}",
            due=local.date(),
            overdue=overdue,
            account_id=row.account_id,
            account_name=row.account.local_name,
            tier=row.account.tier,
            person=row.owner.name if row.owner else "",
            state=row.status,
            state_label=row.get_status_display(),
            chips=self._chips(row, local, kind, question.today),
            actions=self._actions(row) if row.may_edit else (),
            brief_url=link("dashboards:account_brief", row.account_id),
        )

    @staticmethod
    def _chips(row: FollowUp, local: dt.datetime, kind: str, today: dt.date) -> list[Chip]:
        chips = []
        if kind == "follow_ups_overdue":
            days = (today - local.date()).days
            text = ngettext("%(count)d day overdue", "%(count)d days overdue", days) % {"count": days}
            chips.append(Chip(text, "danger"))
        elif kind == "follow_ups":
            chips.append(Chip(_("by %(time)s") % {"time": formats.time_format(local, "TIME_FORMAT")}, "warning"))
        if row.escalated_at is not None:
            chips.append(Chip(_("escalated"), "danger"))
        if row.status == FollowUpStatus.CONTACTED:
            chips.append(Chip(str(FollowUpStatus.CONTACTED.label), "info"))
        return chips

    @staticmethod
    def _actions(row: FollowUp) -> tuple[Action, ...]:
        if row.status == FollowUpStatus.OPEN:
            return actions(Action("contact", _("Log the contact"), f"{row.get_absolute_url()}#contact"))
        return actions(Action("close", _("Close the loop"), f"{row.get_absolute_url()}#close"))


def _begin(day: dt.date) -> dt.datetime:
    """The midnight that the day begins with, by the reader's clock."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


register(FollowUps())
