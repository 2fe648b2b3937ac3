"""Inviting named contacts, as clients do that know of events of their own: a case closed in the ticket system.

The campaign's audience does not matter then; everything that protects the person does: opt-outs, the days between two
surveys, one answer an occasion. Each row succeeds or is refused for itself; a row that is sent again is found again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, Q, Value, When
from django.utils import timezone

from accounts.choices import Status
from contacts.models import Employment
from surveys.choices import CampaignStatus, NotAsked, Timing
from surveys.errors import CampaignWrongStatus
from surveys.models import Campaign, Invitation, SurveyPolicy
from surveys.periods import period_start
from surveys.services.audience import personal_reasons, recently_asked, tier_months
from surveys.services.invitations import Wanted, make_invitations
from surveys.services.policy import locked_policy
from users.models import User

CREATED, UNCHANGED, REFUSED = "created", "unchanged", "refused"
MAX_ROWS = 1000
MAX_OCCASION = 60
MORNING = dt.time(9)


@dataclass(frozen=True)
class InvitationRow:
    """A contact at an account, by their primary keys; `occasion` says what for (`case_closed:T-4711`), `happened_on`
    when: a campaign that asks so many days after an event sends the mail then."""

    account_id: int
    contact_id: int
    external_id: str = ""
    occasion: str = ""
    happened_on: dt.date | None = None


@dataclass
class Outcome:
    """What became of a row. `code` says why it was refused: a value of NotAsked, or `not_there` for a contact that has
    never worked at the account (or an account that the actor may not change), or `external_id_taken`."""

    status: str
    code: str = ""
    invitation: Invitation | None = None

    @property
    def reason(self) -> str:
        """The refusal in words, where it is one of NotAsked."""
        return str(NotAsked(self.code).label) if self.code in NotAsked.values else ""


def default_occasion(campaign: Campaign, tier: str, external_id: str, today: dt.date) -> str:
    """What a client's invitation is for, where the client does not say: nothing in particular, the period of an account
    of this tier, or the event with the client's number for it."""
    if campaign.timing == Timing.ONCE:
        return ""
    if campaign.timing == Timing.EVENT:
        key = external_id or today.isoformat()
        text = f"{campaign.event}:{key}"
        return text if len(text) <= MAX_OCCASION else f"{campaign.event}:{sha256(key.encode()).hexdigest()[:32]}"
    months = next(months for tiers, months in tier_months(campaign) if tier in tiers)
    return (period_start(campaign.start_date, months, today) if months else today).isoformat()


def invite(
    campaign: Campaign, rows: Sequence[InvitationRow], *, actor: User, today: dt.date, now: dt.datetime
) -> list[Outcome]:
    """Ask these contacts, at accounts that `actor` may change; an outcome for each row, in their order.

    Raises CampaignWrongStatus unless the campaign runs on `today`.
    """
    with transaction.atomic():
        policy = locked_policy()
        running = Campaign.objects.select_for_update(of=("self",), no_key=True).running(today).filter(pk=campaign.pk)
        stored = running.first()
        if stored is None:
            raise CampaignWrongStatus(status=CampaignStatus(campaign.status).label)
        desk = _Desk(stored, policy, rows, actor, today)
        outcomes = [desk.judge(row) for row in rows]
        made = make_invitations(stored, desk.wanted, policy, today=today, now=now, actor=actor)
        for outcome, invitation in zip(desk.created, made, strict=True):
            outcome.invitation = invitation
    return outcomes


class _Desk:
    """The rows of one call, judged one after the other: what an earlier row asks, a later one does not ask again."""

    def __init__(
        self, campaign: Campaign, policy: SurveyPolicy, rows: Sequence[InvitationRow], actor: User, today: dt.date
    ) -> None:
        self.jobs = _employments(campaign, policy, rows, actor, today)
        invited = Invitation.objects.filter(campaign=campaign)
        self.by_number = {
            row.external_id: row
            for row in invited.filter(external_id__in=[r.external_id for r in rows if r.external_id])
        }
        self.by_occasion = {
            (row.contact_id, row.occasion): row for row in invited.filter(contact__in=[r.contact_id for r in rows])
        }
        self.by_mail = bool(campaign.channel == "email")
        self.campaign, self.today = campaign, today
        self.taken: set[Any] = set()
        self.wanted: list[Wanted] = []
        self.created: list[Outcome] = []

    def judge(self, row: InvitationRow) -> Outcome:
        """What becomes of the row; one that is to be asked is put among `wanted`."""
        job = self.jobs.get((row.account_id, row.contact_id))
        if job is None:
            return Outcome(REFUSED, "not_there")
        known = self.by_number.get(row.external_id) if row.external_id else None
        if known is not None:
            same = known.contact_id == row.contact_id and known.account_id == row.account_id
            return Outcome(UNCHANGED, "", known) if same else Outcome(REFUSED, "external_id_taken")
        if (earlier := self.by_occasion.get((row.contact_id, row.occasion))) is not None:
            return Outcome(REFUSED, NotAsked.ASKED.value, earlier)
        if job.reason:
            return Outcome(REFUSED, job.reason)
        keys = {("contact", row.contact_id), ("number", row.external_id or None)}
        keys |= {("email", job.contact.email)} if self.by_mail else set()
        keys.discard(("number", None))
        if keys & self.taken:
            return Outcome(REFUSED, NotAsked.SAME_PERSON.value)
        self.taken |= keys
        self.wanted.append(Wanted(job, row.occasion, row.external_id, self._due_at(row)))
        self.created.append(Outcome(CREATED))
        return self.created[-1]

    def _due_at(self, row: InvitationRow) -> dt.datetime | None:
        """Nine in the morning, so many days after the event; None where that is over."""
        if row.happened_on is None or self.campaign.timing != Timing.EVENT:
            return None
        day = row.happened_on + dt.timedelta(days=self.campaign.event_days)
        moment = timezone.make_aware(dt.datetime.combine(day, MORNING), timezone.get_default_timezone())
        return moment if day > self.today else None


def _employments(
    campaign: Campaign, policy: SurveyPolicy, rows: Sequence[InvitationRow], actor: User, today: dt.date
) -> dict[tuple[int, int], Any]:
    """(account, contact) -> the employment with its `reason`, the present one before past ones."""
    wanted = Employment.objects.filter(
        account__in={row.account_id for row in rows}, contact__in={row.contact_id for row in rows}
    )
    # A terminated account may be changed by nobody: who sees it is told why, as of any other reason.
    ended = Q(pk__in=wanted.visible_to(actor).filter(account__status=Status.TERMINATED).values("pk"))
    jobs = wanted.filter(Q(pk__in=wanted.editable_by(actor).values("pk")) | ended)
    tests: list[tuple[Any, NotAsked]] = [
        *personal_reasons(campaign.channel, today, policy),
        (Q(recently_asked(campaign.channel, today, policy)), NotAsked.RECENTLY),
    ]
    whens = [When(test, then=Value(reason.value)) for test, reason in tests]
    jobs = jobs.annotate(reason=Case(*whens, default=Value(""), output_field=CharField()))
    found: dict[tuple[int, int], Any] = {}
    for job in jobs.select_related("contact", "account").order_by("pk"):
        key = (job.account_id, job.contact_id)
        if key not in found or found[key].reason == NotAsked.LEFT:
            found[key] = job
    return found
