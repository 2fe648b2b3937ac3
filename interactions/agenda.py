"""What interactions add to a day: visits, next steps and promises, greetings, visits that could not be planned."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import Account
from core.agenda import Action, AgendaItem, Chip, Kind, Part, Question, Source, actions, link, register
from core.paging import Sort
from interactions.choices import Duty, GreetingStatus, StepKind, VisitStatus
from interactions.models import Greeting, NextStep, PlanningGap, Visit
from notifications.alert_words import reason_words

SOON_DAYS = 7
BELATED_DAYS = 7
_ACCOUNT = ("account__name", "account__name_en", "account__tier", "account__city")
_SUMMARY = ("last_contact_date", "open_alerts", "alert_severity", "alert_reason")
SEVERE = 3
"""From this severity of an alert on the chip is red."""


def may_edit(question: Question) -> Exists:
    """Whether the viewer may change the row's account: who may not is offered nothing to press."""
    return Exists(Account.objects.order_by().editable_by(question.viewer).filter(pk=OuterRef("account_id")))


def days_overdue(days: int) -> Chip:
    return Chip(ngettext("%(count)d day overdue", "%(count)d days overdue", days) % {"count": days}, "danger")


def of_account(account: Account) -> dict[str, Any]:
    """What every item about an account says of it."""
    return {"account_id": account.pk, "account_name": account.local_name, "tier": account.tier}


class Visits(Source):
    """The timetable of the day, and the visits of days that are over."""

    kinds = (
        Kind("visits", gettext_lazy("Visits"), Part.TIMETABLE, "map-pin"),
        Kind("visits_overdue", gettext_lazy("Overdue visits"), Part.OVERDUE, "map-pin-off"),
    )  # icons: map-pin map-pin-off
    order = (F("planned_date"), F("start_time").asc(nulls_last=True), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("start_time", nullable=True) if kind == "visits" else Sort("planned_date")

    def rows(self, question: Question) -> QuerySet[Any]:
        rows = Visit.objects.visible_to(question.viewer).filter(question.whose("owner"))
        shown = [field.attname for field in Visit._meta.concrete_fields]
        return (
            rows.select_related("account__summary", "owner")
            .only(*shown, *_ACCOUNT, *(f"account__summary__{name}" for name in _SUMMARY), "owner__name")
            .annotate(may_edit=may_edit(question))
        )

    def conditions(self, question: Question) -> dict[str, Q]:
        found = {"visits": Q(planned_date=question.day) & ~Q(status=VisitStatus.CANCELLED)}
        if question.is_today:
            found["visits_overdue"] = Q(planned_date__lt=question.today, status=VisitStatus.PLANNED)
        return found

    def item(self, row: Any, kind: str, question: Question) -> AgendaItem:
        overdue = row.is_overdue(question.today)
        return AgendaItem(
            kind=kind,
            title=row.account.local_name,
            url=link("interactions:visit_detail", row.pk),
            detail=" · ".join(filter(None, [row.account.city, row.purpose])),
            due=row.planned_date,
            time=row.start_time,
            overdue=overdue,
            **of_account(row.account),
            person=row.owner.name,
            state=row.status,
            state_label=row.get_status_display(),
            chips=visit_reasons(row, question.today),
            actions=self._actions(row) if row.may_edit else (),
            brief_url=link("dashboards:visit_brief", row.pk),
        )

    @staticmethod
    def _actions(row: Visit) -> tuple[Action, ...]:
        if row.status not in (VisitStatus.PLANNED, VisitStatus.MISSED):
            return ()
        done = Action("done", _("Done"), link("interactions:interaction_log", visit=row.pk))
        if row.status == VisitStatus.MISSED:  # it took place after all
            return actions(done)
        return actions(
            done,
            Action("move", pgettext("of a visit", "Move"), link("interactions:visit_move", row.pk)),
            Action("cancel", _("Cancel the visit"), link("interactions:visit_cancel", row.pk)),
        )


def visit_reasons(visit: Visit, today: dt.date) -> list[Chip]:
    """Why this visit: an open alert before all, the cadence, how late, never contacted, fixed by hand, as whom."""
    chips, summary = [], visit.account.summary
    never = summary.last_contact_date is None
    if summary.open_alerts and visit.status == VisitStatus.PLANNED:
        text = _("alert: %(reason)s") % {"reason": reason_words(summary.alert_reason)}
        chips.append(Chip(text, "danger" if summary.alert_severity >= SEVERE else "warning"))
    if visit.cadence_days:
        chips.append(Chip(_("cadence %(days)d d") % {"days": visit.cadence_days}, "info"))
    if visit.status == VisitStatus.PLANNED:
        due = visit.due_date if visit.due_date and not never else today
        late = visit.planned_date if visit.is_overdue(today) else due
        if late < today:
            chips.append(days_overdue((today - late).days))
        if never:
            chips.append(Chip(_("never contacted"), "warning"))
    if visit.pinned:
        chips.append(Chip(_("fixed by hand")))
    if visit.duty == Duty.SPONSOR:
        chips.append(Chip(_("as executive sponsor")))
    return chips


class Steps(Source):
    """Promises and next steps until they are done or dropped."""

    kinds = (
        Kind("steps_overdue", gettext_lazy("Overdue promises and next steps"), Part.OVERDUE, "alarm"),
        Kind("steps", gettext_lazy("Promises and next steps due"), Part.DUE, "checklist"),
        Kind("steps_soon", gettext_lazy("Due in the next seven days"), Part.SOON, "calendar-due"),
    )  # icons: alarm checklist calendar-due
    order = (F("due_date"), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("due_date")

    def rows(self, question: Question) -> QuerySet[Any]:
        # One's own steps are seen in any case: to ask for them needs no other scope.
        rows = NextStep.objects if question.is_own else NextStep.objects.visible_to(question.viewer)
        shown = [field.attname for field in NextStep._meta.concrete_fields]
        return (
            rows.filter(question.whose("owner"), status="open")
            .select_related("account", "owner")
            .only(*shown, *_ACCOUNT, "owner__name")
        )

    def conditions(self, question: Question) -> dict[str, Q]:
        found = {"steps": Q(due_date=question.day)}
        if question.is_today:
            found["steps_overdue"] = Q(due_date__lt=question.today)
            last = question.today + dt.timedelta(days=SOON_DAYS)
            found["steps_soon"] = Q(due_date__gt=question.today, due_date__lte=last)
        return found

    def item(self, row: NextStep, kind: str, question: Question) -> AgendaItem:
        late = (question.today - row.due_date).days
        chips = [days_overdue(late)] if late > 0 else []
        if row.kind == StepKind.PROMISE:
            chips.insert(0, Chip(str(StepKind.PROMISE.label), "warning"))
        source = link("interactions:interaction_detail", row.interaction_id) if row.interaction_id else ""
        return AgendaItem(
            kind=kind,
            title=row.text,
            url=source or link("interactions:account_panel", row.account_id),
            due=row.due_date,
            overdue=late > 0,
            **of_account(row.account),
            person=row.owner.name,
            chips=chips,
            actions=actions(Action("done", _("Done"), link("interactions:step_complete", row.pk), "post")),
            brief_url=link("dashboards:account_brief", row.account_id),
        )


class Greetings(Source):
    """Birthdays and holidays to greet for."""

    kinds = (Kind("greetings", gettext_lazy("Birthdays and greetings"), Part.GREETINGS, "cake"),)  # icons: cake
    order = (F("date"), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("date")

    def rows(self, question: Question) -> QuerySet[Any]:
        rows = Greeting.objects.visible_to(question.viewer).proposed().filter(question.whose("owner"))
        shown = [field.attname for field in Greeting._meta.concrete_fields]
        people = ("contact__name", "contact__name_en", "contact__erased", "contact__preferred_channel", "owner__name")
        return (
            rows.select_related("account", "contact", "owner")
            .only(*shown, *_ACCOUNT, *people)
            .annotate(may_edit=may_edit(question))
        )

    def conditions(self, question: Question) -> dict[str, Q]:
        if question.is_today:
            return {"greetings": Q(date__gte=question.today - dt.timedelta(days=BELATED_DAYS))}
        return {"greetings": Q(date=question.day)}

    def item(self, row: Any, kind: str, question: Question) -> AgendaItem:
        close = link("interactions:greeting_close", row.pk) if row.may_edit else ""
        channel = row.contact.get_preferred_channel_display()
        chips = [Chip(row.get_occasion_display(), "info")]
        if row.date < question.today:
            chips.append(Chip(_("belated"), "warning"))
        return AgendaItem(
            kind=kind,
            title=row.contact.local_name,
            url=link("contacts:contact_detail", row.contact_id),
            detail=_("prefers %(channel)s") % {"channel": channel} if channel else "",
            due=row.date,
            **of_account(row.account),
            person=row.owner.name,
            chips=chips,
            actions=actions(
                Action("sent", _("Sent"), close, "post", [("status", GreetingStatus.SENT)]),
                Action("skipped", _("Skip"), close, "post", [("status", GreetingStatus.SKIPPED)]),
            ),
        )


class Gaps(Source):
    """Accounts whose contact is due and that the planner found no day for."""

    kinds = (
        Kind("gaps", gettext_lazy("Visits that could not be planned"), Part.GAPS, "calendar-off"),
    )  # icons: calendar-off
    order = (F("due_date"), F("pk"))

    def sort(self, kind: str) -> Sort:
        return Sort("due_date")

    def rows(self, question: Question) -> QuerySet[Any]:
        whose = question.whose("user")
        if not question.is_own and (question.people is None or len(question.people) > 1):
            whose |= Q(user__isnull=True)  # of nobody: whoever leads the team has to see it
        shown = [field.attname for field in PlanningGap._meta.concrete_fields]
        return (
            PlanningGap.objects.visible_to(question.viewer)
            .filter(whose)
            .select_related("account", "user")
            .only(*shown, *_ACCOUNT, "user__name")
            .annotate(may_edit=may_edit(question))
        )

    def conditions(self, question: Question) -> dict[str, Q]:
        return {"gaps": Q()} if question.is_today else {}

    def item(self, row: Any, kind: str, question: Question) -> AgendaItem:
        plan = link("interactions:visit_create", account=row.account_id) if row.may_edit else ""
        return AgendaItem(
            kind=kind,
            title=row.account.local_name,
            url=link("accounts:account_detail", row.account_id),
            detail=_("due %(date)s") % {"date": date_format(row.due_date, "MONTH_DAY_FORMAT")},
            due=row.due_date,
            overdue=row.due_date < question.today,
            **of_account(row.account),
            person=row.user.name if row.user else "",
            chips=[Chip(row.get_reason_display(), "warning")],
            actions=actions(Action("plan", _("Plan a visit"), plan)),
            brief_url=link("dashboards:account_brief", row.account_id),
        )


for _source in (Visits(), Steps(), Greetings(), Gaps()):
    register(_source)
