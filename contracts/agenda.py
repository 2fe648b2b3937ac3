"""What contracts add to a day: renewals that wait for a decision, instalments that are overdue."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contracts.choices import RenewalOutcome
from contracts.models import Instalment, Renewal
from core import numbers
from core.agenda import Action, AgendaItem, Chip, Kind, Part, Question, Source, actions, link, register
from core.paging import Sort

MANAGER, OWNER = "contract__account__manager", "contract__owner"


def mine(question: Question) -> Q:
    """Of the account's manager, and of the contract's owner where there is none."""
    if question.people is None:
        return Q()
    return question.whose(MANAGER) | (Q(**{f"{MANAGER}__isnull": True}) & question.whose(OWNER))


def of_contract(contract: Any) -> dict[str, Any]:
    """What every item about a contract says of it."""
    person = contract.account.manager or contract.owner
    return {
        "account_id": contract.account_id,
        "account_name": contract.account.local_name,
        "tier": contract.account.tier,
        "person": person.name,
        "brief_url": link("dashboards:account_brief", contract.account_id),
    }


class Renewals(Source):
    """Renewals that nobody acted on yet; alerts apart."""

    kinds = (
        Kind("renewal_alerts", gettext_lazy("Contracts about to end undecided"), Part.OVERDUE, "alarm"),
        Kind("renewals", gettext_lazy("Renewals to decide"), Part.DUE, "refresh-dot"),
    )  # icons: alarm refresh-dot
    order = (F("notice_date"), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("notice_date")

    def rows(self, question: Question) -> QuerySet[Any]:
        rows = Renewal.objects.visible_to(question.viewer).filter(outcome=RenewalOutcome.OPEN, acted_at__isnull=True)
        return rows.filter(mine(question)).select_related("contract__account__manager", "contract__owner")

    def conditions(self, question: Question) -> dict[str, Q]:
        if not question.is_today:
            return {}
        return {"renewal_alerts": Q(alerted_on__isnull=False), "renewals": Q(alerted_on__isnull=True)}

    def item(self, row: Renewal, kind: str, question: Question) -> AgendaItem:
        days = (row.notice_date - question.today).days
        if days >= 0:
            chip = ngettext("notice in %(count)d day", "notice in %(count)d days", days) % {"count": days}
        else:
            chip = _("notice date is over")
        chips = [Chip(chip, "danger" if kind == "renewal_alerts" else "info")]
        if row.escalated_on and not row.alerted_on:
            chips.append(Chip(_("escalated"), "warning"))
        return AgendaItem(
            kind=kind,
            title=str(row.contract),
            url=row.get_absolute_url(),
            detail=_("term ends %(date)s") % {"date": date_format(row.term_end, "DATE_FORMAT")},
            due=row.notice_date,
            overdue=kind == "renewal_alerts",
            chips=chips,
            actions=actions(Action("decide", _("Decide"), row.get_absolute_url())),
            **of_contract(row.contract),
        )


class OverdueInstalments(Source):
    """What customers should have paid, the longest overdue first."""

    kinds = (
        Kind("instalments_overdue", gettext_lazy("Overdue instalments"), Part.OVERDUE, "cash-off"),
    )  # icons: cash-off
    order = (F("due_date"), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("due_date")

    def rows(self, question: Question) -> QuerySet[Any]:
        rows = Instalment.objects.visible_to(question.viewer).overdue(question.today).filter(mine(question))
        return rows.select_related("contract__account__manager", "contract__owner")

    def conditions(self, question: Question) -> dict[str, Q]:
        return {"instalments_overdue": Q()} if question.is_today else {}

    def item(self, row: Instalment, kind: str, question: Question) -> AgendaItem:
        contract, late = row.contract, (question.today - row.due_date).days if row.due_date else 0
        amount = numbers.full_money(row.open_amount, contract.currency)
        chip = ngettext("%(count)d day overdue", "%(count)d days overdue", late) % {"count": late}
        return AgendaItem(
            kind=kind,
            title=str(contract),
            url=contract.get_absolute_url(),
            detail=amount,
            due=row.due_date,
            overdue=True,
            chips=[Chip(chip, "danger")],
            **of_contract(contract),
        )


for _source in (Renewals(), OverdueInstalments()):
    register(_source)
