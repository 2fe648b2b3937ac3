"""What contact work can be reported on: interactions, visits, next steps, coverage by month."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from accounts.report_columns import account_columns, manager_columns
from core.reporting import Asked, Column, Kind, ReportObject, choice_of, days_since, register, yes_if
from interactions.choices import (
    CHANNELS,
    Direction,
    Duty,
    Mood,
    Outcome,
    StepKind,
    StepStatus,
    VisitSource,
    VisitStatus,
)
from interactions.choices import Kind as Channel
from interactions.models import CoverageMonth, Interaction, NextStep, Visit
from interactions.relations import MET

_interactions = ReportObject(
    key="interactions",
    label=_("Interactions"),
    model=lambda: Interaction,
    rows=lambda asked: Interaction.objects.visible_to(asked.viewer).order_by(),
    shown=("date", "account", "kind", "title", "author", "outcome"),
    url="interactions:interaction_detail",
    columns=(
        Column("date", _("Date"), Kind.DATE, "date"),
        Column("kind", _("Kind"), Kind.CHOICE, "kind", choices=Channel.choices),
        Column("in_person", _("In person"), Kind.YESNO, value=yes_if(lambda asked: Q(kind__in=MET))),
        Column("is_contact", _("Counts as contact"), Kind.YESNO, value=yes_if(lambda asked: Q(kind__in=CHANNELS))),
        Column("direction", _("Direction"), Kind.CHOICE, "direction", choices=Direction.choices),
        Column("outcome", _("Outcome"), Kind.CHOICE, "outcome", choices=Outcome.choices),
        Column("mood", _("Mood"), Kind.CHOICE, "mood", choices=Mood.choices),
        Column("duration", _("Minutes spent"), Kind.NUMBER, "duration_minutes"),
        Column("title", _("Title"), Kind.TEXT, "title", groups=False),
        Column("place", _("Place"), Kind.TEXT, "place"),
        *manager_columns("author", "author", _("Logged by")),
        *account_columns(),
    ),
)

VISIT_STATES = (
    ("planned", pgettext_lazy("of a visit", "Planned")),
    ("overdue", pgettext_lazy("of a visit", "Overdue")),
    ("done", _("Done")),
    ("missed", _("Missed")),
    ("cancelled", _("Cancelled")),
)


def _visit_state(asked: Asked) -> list[tuple[Q, str]]:
    overdue = Q(status=VisitStatus.PLANNED, planned_date__lt=asked.today)
    return [(overdue, "overdue"), *((Q(status=code), str(code)) for code in VisitStatus.values)]


_visits = ReportObject(
    key="visits",
    label=_("Visits"),
    model=lambda: Visit,
    rows=lambda asked: Visit.objects.visible_to(asked.viewer).order_by(),
    shown=("planned", "account", "owner", "state", "purpose", "due"),
    url="interactions:visit_detail",
    columns=(
        Column("planned", _("Planned for"), Kind.DATE, "planned_date"),
        Column("due", _("Due by cadence"), Kind.DATE, "due_date"),
        Column("state", _("State"), Kind.CHOICE, value=choice_of(_visit_state), choices=VISIT_STATES),
        Column("done", _("Done"), Kind.YESNO, value=yes_if(lambda asked: Q(status=VisitStatus.DONE))),
        Column("duty", _("Visitor"), Kind.CHOICE, "duty", choices=Duty.choices),
        Column("origin", _("Planned by"), Kind.CHOICE, "source", choices=VisitSource.choices),
        Column("purpose", _("Purpose"), Kind.TEXT, "purpose", groups=False),
        Column("duration", _("Minutes planned"), Kind.NUMBER, "duration_minutes"),
        *manager_columns("owner", "owner", _("Visitor's name")),
        *account_columns(),
    ),
)


def _late_step(asked: Asked) -> Q:
    return Q(status=StepStatus.OPEN, due_date__lt=asked.today)


def _visible_steps(asked: Asked) -> object:
    """Steps are seen by their owner as well; what a report tells of their account is for those who see the account."""
    steps = NextStep.objects.visible_to(asked.viewer).order_by()
    if asked.viewer.sees_everything:
        return steps
    return steps.filter(account__in=Account.objects.visible_to(asked.viewer, asked.today).order_by())


_steps = ReportObject(
    key="next_steps",
    label=_("Next steps"),
    model=lambda: NextStep,
    rows=_visible_steps,  # type: ignore[arg-type]
    shown=("due", "text", "account", "owner", "status"),
    url="accounts:account_detail",
    url_path="account_id",
    columns=(
        Column("due", _("Due"), Kind.DATE, "due_date"),
        Column("text", _("Next step"), Kind.TEXT, "text", groups=False),
        Column("kind", _("Kind"), Kind.CHOICE, "kind", choices=StepKind.choices),
        Column("step_status", _("State"), Kind.CHOICE, "status", choices=StepStatus.choices),
        Column("late", _("Overdue"), Kind.YESNO, value=yes_if(_late_step)),
        Column("days_late", _("Days overdue"), Kind.NUMBER, value=days_since("due_date"), sums=("avg", "max")),
        Column("closed", _("Closed on"), Kind.DATE, "closed_at", moment=True),
        Column("created", _("Created"), Kind.DATE, "created_at", moment=True),
        *manager_columns("owner", "owner", _("Owner")),
        *account_columns(),
    ),
)

_coverage = ReportObject(
    key="coverage",
    label=_("Coverage by month"),
    model=lambda: CoverageMonth,
    rows=lambda asked: CoverageMonth.objects.visible_to(asked.viewer).order_by(),
    shown=("month", "account", "covered", "then_manager", "then_tier", "last_contact", "due"),
    url="accounts:account_detail",
    url_path="account_id",
    columns=(
        Column("month", _("Month"), Kind.DATE, "month"),
        Column("covered", _("Covered"), Kind.YESNO, "covered"),
        Column(
            "then_tier",
            _("Tier of the time"),
            Kind.CHOICE,
            "tier",
            choices=(
                ("A", "A"),
                ("B", "B"),
                ("C", "C"),
            ),
        ),
        Column("last_contact", _("Last contact"), Kind.DATE, "last_contact_date"),
        Column("due", _("Due"), Kind.DATE, "due_date"),
        *manager_columns("manager", "then_manager", _("Manager of the time")),
        *account_columns(),
    ),
)

register(_interactions, _visits, _steps, _coverage)
