"""What tiers add to a day: proposals that wait for the decision of whoever leads."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.agenda import Action, AgendaItem, Chip, Kind, Part, Question, Source, link, register
from core.paging import Sort
from tiers.models import TierProposal
from tiers.wording import move_label


class Approvals(Source):
    """Pending proposals at the accounts that a leader sees, the largest revenue first."""

    kinds = (
        Kind("tier_approvals", gettext_lazy("Tier proposals to decide"), Part.APPROVALS, "stairs"),
    )  # icons: stairs

    order = (F("revenue_amount").desc(), F("pk").desc())

    def sort(self, kind: str) -> Sort:
        return Sort("revenue_amount", descending=True)

    def rows(self, question: Question) -> QuerySet[Any]:
        rows = TierProposal.objects.visible_to(question.viewer).pending().select_related("account__manager", "run")
        chosen = question.people is not None and len(question.people) == 1 and not question.is_own
        return rows.filter(question.whose("account__manager")) if chosen else rows

    def conditions(self, question: Question) -> dict[str, Q]:
        return {"tier_approvals": Q()} if question.viewer.leads and question.is_today else {}

    def item(self, row: TierProposal, kind: str, question: Question) -> AgendaItem:
        return AgendaItem(
            kind=kind,
            title=row.account.local_name,
            url=row.get_absolute_url(),
            due=row.run.as_of,
            account_id=row.account_id,
            account_name=row.account.local_name,
            tier=row.account.tier,
            person=row.account.manager.name if row.account.manager else "",
            chips=[Chip(move_label(row.tier_before, row.proposed_tier), "info")],
            actions=[Action("decide", _("Decide"), f"{row.get_absolute_url()}#decide")],
            brief_url=link("dashboards:account_brief", row.account_id),
        )


register(Approvals())
