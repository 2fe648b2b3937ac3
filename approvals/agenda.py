"""What approvals add to a day: those that wait for the viewer, for themselves or for whom they stand in."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext

from approvals.models import ApprovalRequest
from core.agenda import Action, AgendaItem, Chip, Kind, Part, Question, Source, register
from core.paging import Sort


class Approvals(Source):
    """Requests whose open step asks the viewer, the oldest first."""

    kinds = (Kind("approvals", gettext_lazy("Approvals to decide"), Part.APPROVALS, "rubber-stamp"),)

    order = ("pk",)

    def sort(self, kind: str) -> Sort:
        return Sort("pk")

    def rows(self, question: Question) -> QuerySet[Any]:
        return ApprovalRequest.objects.to_decide(question.viewer, question.today).select_related("requested_by")

    def conditions(self, question: Question) -> dict[str, Q]:
        about_viewer = question.people is None or question.viewer.pk in question.people
        return {"approvals": Q()} if question.is_today and about_viewer else {}

    def item(self, row: ApprovalRequest, kind: str, question: Question) -> AgendaItem:
        return AgendaItem(
            kind=kind,
            title=row.title,
            url=row.get_absolute_url(),
            due=timezone.localdate(row.requested_at),
            person=row.requested_by.name,
            chips=[Chip(row.get_subject_display(), "info")],
            actions=[Action("decide", pgettext("an approval", "Decide"), f"{row.get_absolute_url()}#decide")],
        )


register(Approvals())
