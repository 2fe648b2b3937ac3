"""What satisfaction can be reported on: invitations, answers, follow-ups. Anonymous campaigns are in no report: their
sums are shown by their own pages, from five answers up."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.report_columns import account_columns, manager_columns
from core.reporting import Asked, Column, Kind, ReportObject, choice_of, register, yes_if
from surveys import definition as definitions
from surveys.choices import (
    Cause,
    FollowUpKind,
    FollowUpOutcome,
    FollowUpStatus,
    InvitationStatus,
    QuestionKind,
    ResponseSource,
    ResponseStatus,
)
from surveys.metrics import DETRACTORS, PROMOTERS, SATISFIED
from surveys.models import Answer, Campaign, FollowUp, Invitation

SCORED = (QuestionKind.NPS, QuestionKind.CSAT, QuestionKind.CES)
MEASURES = ((QuestionKind.NPS.value, "NPS"), (QuestionKind.CSAT.value, "CSAT"), (QuestionKind.CES.value, "CES"))


def _campaign(path: str = "campaign") -> Column:
    return Column("campaign", _("Campaign"), Kind.RELATION, path, url="surveys:campaign_detail")


def _invited(asked: Asked) -> QuerySet[Any]:
    return Invitation.objects.visible_to(asked.viewer).filter(campaign__anonymous=False).order_by()


_invitations = ReportObject(
    key="invitations",
    label=_("Survey invitations"),
    model=lambda: Invitation,
    rows=_invited,
    shown=("asked", "campaign", "account", "contact", "invitation_status", "answered_on"),
    url="accounts:account_detail",
    url_path="account_id",
    columns=(
        _campaign(),
        Column("asked", _("Asked on"), Kind.DATE, "asked_on"),
        Column("answered_on", _("Answered on"), Kind.DATE, "answered_on"),
        Column("invitation_status", _("State"), Kind.CHOICE, "status", choices=InvitationStatus.choices),
        Column("answered", _("Answered"), Kind.YESNO, value=yes_if(lambda asked: Q(status=InvitationStatus.ANSWERED))),
        Column("contact", _("Contact"), Kind.RELATION, "contact", english="name_en", url="contacts:contact_detail"),
        Column("product_line", _("Product line"), Kind.RELATION, "product_line", english="name_en"),
        *account_columns(),
    ),
)


def _answers(asked: Asked) -> QuerySet[Any]:
    """Numbers of complete answers to NPS, CSAT and CES questions."""
    rows = Answer.objects.visible_to(asked.viewer).filter(part="", value__isnull=False)
    rows = rows.filter(response__status=ResponseStatus.COMPLETE, response__campaign__anonymous=False)
    scored = Q(pk__in=[])
    for condition, _kind in measured(asked):
        scored |= condition
    return rows.filter(scored).order_by()


def measured(asked: Asked) -> list[tuple[Q, str]]:
    """Which answers are to a question of which kind, by what each campaign asked."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    campaigns = Campaign.objects.filter(anonymous=False).exclude(definition={}).order_by("pk")
    for pk, definition in campaigns.values_list("pk", "definition"):
        for question in definitions.read(definition).of_kind(*SCORED):
            found[question.kind, question.key].append(pk)
    return [(Q(question=key, response__campaign__in=pks), kind) for (kind, key), pks in found.items()]


def _nps_points(asked: Asked) -> Any:
    """100 for a promoter, −100 for a detractor, nothing between: their average is the net promoter score."""
    nps = Q(pk__in=[])
    for condition, kind in measured(asked):
        nps |= condition if kind == QuestionKind.NPS else Q(pk__in=[])
    return Case(
        When(nps & Q(value__gte=PROMOTERS.start), then=Value(100)),
        When(nps & Q(value__lt=DETRACTORS.stop), then=Value(-100)),
        When(nps, then=Value(0)),
        output_field=IntegerField(),
    )


def _csat(asked: Asked) -> Q:
    found = Q(pk__in=[])
    for condition, kind in measured(asked):
        found |= condition if kind == QuestionKind.CSAT else Q(pk__in=[])
    return found


_scores = ReportObject(
    key="answers",
    label=_("Satisfaction answers"),
    model=lambda: Answer,
    rows=_answers,
    shown=("date", "account", "contact", "measure", "value", "campaign"),
    url="surveys:response_detail",
    url_path="response_id",
    columns=(
        Column("date", _("Date"), Kind.DATE, "response__date"),
        Column("measure", _("Measure"), Kind.CHOICE, value=choice_of(measured), choices=MEASURES),
        Column("value", _("Answer"), Kind.NUMBER, "value", sums=("avg", "min", "max")),
        Column("nps", _("NPS"), Kind.NUMBER, value=_nps_points, sums=("avg",)),
        Column(
            "satisfied",
            _("Satisfied (CSAT)"),
            Kind.YESNO,
            value=yes_if(lambda asked: _csat(asked) & Q(value__gte=SATISFIED.start), _csat),
        ),
        _campaign("response__campaign"),
        Column("origin", _("Given by"), Kind.CHOICE, "response__source", choices=ResponseSource.choices),
        Column(
            "contact",
            _("Contact"),
            Kind.RELATION,
            "response__contact",
            english="name_en",
            url="contacts:contact_detail",
        ),
        Column("product_line", _("Product line"), Kind.RELATION, "response__product_line", english="name_en"),
        *manager_columns("response__manager", "then_manager", _("Manager of the time")),
        *account_columns("response__account"),
    ),
)

STATES = (
    ("late", pgettext_lazy("follow-up", "Late")),
    ("open", pgettext_lazy("follow-up", "Open, in time")),
    ("closed", pgettext_lazy("follow-up", "Closed")),
)


def _follow_up_state(asked: Asked) -> list[tuple[Q, str]]:
    closed = Q(status=FollowUpStatus.CLOSED)
    return [(closed, "closed"), (Q(due_at__lt=asked.now), "late")]


_follow_ups = ReportObject(
    key="follow_ups",
    label=_("Follow-ups of surveys"),
    model=lambda: FollowUp,
    rows=lambda asked: FollowUp.objects.visible_to(asked.viewer).order_by(),
    shown=("opened", "account", "kind", "state", "owner", "due"),
    url="surveys:follow_up_detail",
    columns=(
        Column("opened", _("Opened on"), Kind.DATE, "opened_at", moment=True),
        Column("due", _("Due"), Kind.DATE, "due_at", moment=True),
        Column("closed", _("Closed on"), Kind.DATE, "closed_at", moment=True),
        Column("kind", _("Kind"), Kind.CHOICE, "kind", choices=FollowUpKind.choices),
        Column("state", _("State"), Kind.CHOICE, value=choice_of(_follow_up_state, "open"), choices=STATES),
        Column("cause", _("Cause"), Kind.CHOICE, "cause", choices=Cause.choices),
        Column("outcome", _("Outcome"), Kind.CHOICE, "outcome", choices=FollowUpOutcome.choices),
        Column("escalated", _("Escalated on"), Kind.DATE, "escalated_at", moment=True),
        _campaign(),
        *manager_columns("owner", "owner", _("Owner")),
        *account_columns(),
    ),
)

register(_invitations, _scores, _follow_ups)
