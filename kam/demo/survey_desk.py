"""The rows of the demo's surveys: invitations with their mails, answers, and the follow-ups that answers set going."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from core.workdays import WorkCalendar, country_code
from core.workhours import Hours, deadline
from kam.demo import answers, voices
from kam.demo.survey_rounds import Asking, Guest
from surveys import answering, closing
from surveys.choices import FollowUpKind, InvitationStatus, MailKind, MailStatus, ResponseSource
from surveys.definition import Definition
from surveys.models import SurveyPolicy
from surveys.tokens import answer_key, token_for, token_hash

INVITATION_COLUMNS = [
    "id", "campaign", "account", "contact", "occasion", "external_id", "email", "language", "status", "seed",
    "token_hash", "asked_on", "expires_on", "opened_at", "answered_on", "tier", "manager", "created_at", "updated_at",
]  # fmt: skip
MAIL_COLUMNS = ["invitation", "kind", "status", "due_at", "attempts", "sent_at", "error"]
RESPONSE_COLUMNS = [
    "id", "campaign", "invitation", "account", "contact", "key_hash", "source", "external_id", "status", "language",
    "answers", "completed_at", "date", "tier", "region", "manager", "team", "entered_by", "counted", "created_at",
    "updated_at",
]  # fmt: skip
ANSWER_COLUMNS = ["id", "response", "question", "part", "value", "choice", "text"]
FOLLOW_UP_COLUMNS = [
    "id", "campaign", "account", "kind", "status", "owner", "opened_at", "due_at", "contacted_at", "interaction",
    "cause", "action", "customer_told", "outcome", "closed_at", "closed_by", "created_at", "updated_at",
]  # fmt: skip
REASON_COLUMNS = ["follow_up", "response", "question", "value"]
ZONE = ZoneInfo("Asia/Shanghai")
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
BOUNCED, UNCERTAIN, BY_STAFF = 0.02, 0.03, 0.07
UNCOUNTED = False
"""The nightly job adds answers to the sums."""
BETTER = 0.05
"""A year, so much the mood has risen: the trend shows that it was worth the trouble."""
FRESH = 8 * DAY
"""Of follow-ups younger than this many are still at work."""


@dataclass(slots=True)
class Running:
    """A campaign as far as its rows follow from it."""

    pk: int
    asked: voices.Asked
    definition: Definition
    rules: list[closing.Rule]
    label: str
    last_day: dt.date | None
    until: dt.date


@dataclass(slots=True)
class Case:
    """A follow-up while later answers may still join it."""

    pk: int
    response_at: dt.datetime
    closed_at: dt.datetime | None
    reasons: int = 0


@dataclass
class Desk:
    """Makes what became of each asking; rows gather in `rows`."""

    campaigns: Mapping[str, Running]
    contacts_of: Mapping[int, list[tuple[dt.datetime, int]]]
    calendars: Mapping[str, WorkCalendar]
    policy: SurveyPolicy
    today: dt.date
    now: dt.datetime
    rng: Random
    first: dict[str, int]
    """The next primary key by the name of the rows."""
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    cases: dict[tuple[int, int, str], Case] = field(default_factory=dict)

    def make(self, asking: Asking) -> None:
        """The invitation, its mails, and what was answered."""
        campaign, guest, rng = self.campaigns[asking.campaign], asking.guest, self.rng
        sent_at = self._moment(asking.day, 9.5)
        expires = min(filter(None, [asking.day + self.policy.answer_days * DAY, campaign.last_day]))
        answered_at = self._moment(asking.day, 10) + rng.expovariate(1 / 90) * HOUR
        status = InvitationStatus.BOUNCED if rng.random() < BOUNCED else self._status(campaign, guest)
        if status == InvitationStatus.ANSWERED and (answered_at > self.now or answered_at.date() >= expires):
            status = InvitationStatus.SENT
        if status != InvitationStatus.ANSWERED and status != InvitationStatus.BOUNCED and expires < self.today:
            status = InvitationStatus.EXPIRED
        if sent_at > self.now:
            status = InvitationStatus.WAITING
        pk, seed = self._next("invitations"), f"{rng.getrandbits(128):032x}"
        anonymous, answered = campaign.asked.anonymous, status == InvitationStatus.ANSWERED
        opened = status in (InvitationStatus.OPENED, InvitationStatus.STARTED, InvitationStatus.ANSWERED)
        day = answered_at.astimezone(ZONE).date()
        self._add(
            "invitations",
            pk, campaign.pk, guest.account, guest.contact, asking.occasion, asking.external_id, guest.email,
            guest.language, status, seed, token_hash(token_for(seed)), asking.day, expires,
            min(answered_at, self.now) - HOUR / 12 if opened and not anonymous else None,
            day if answered and not anonymous else None, guest.tier, guest.manager, sent_at, sent_at,
        )  # fmt: skip
        self._mails(pk, status, sent_at)
        if answered:
            self._answer(campaign, guest, pk, seed, answered_at)
        elif status == InvitationStatus.STARTED and not anonymous:
            self._begin(campaign, guest, pk, min(answered_at, self.now))

    def _status(self, campaign: Running, guest: Guest) -> InvitationStatus:
        rate = campaign.asked.rate + (0.08 if guest.tier == "A" else 0.0)
        chance = self.rng.random()
        if chance < rate:
            return InvitationStatus.ANSWERED
        if chance < rate + 0.04:
            return InvitationStatus.STARTED
        return InvitationStatus.OPENED if chance < rate + 0.2 else InvitationStatus.SENT

    def _mails(self, invitation: int, status: InvitationStatus, sent_at: dt.datetime) -> None:
        if status == InvitationStatus.WAITING:
            self._add("mails", invitation, MailKind.INVITATION, MailStatus.WAITING, sent_at, 0, None, "")
            return
        if status == InvitationStatus.BOUNCED:
            state, error = MailStatus.BOUNCED, voices.BOUNCE
        elif status == InvitationStatus.SENT and self.rng.random() < UNCERTAIN:
            state, error = MailStatus.UNCERTAIN, ""
        else:
            state, error = self.rng.choice((MailStatus.SENT, MailStatus.DELIVERED)), ""
        when = None if state == MailStatus.UNCERTAIN else sent_at
        self._add("mails", invitation, MailKind.INVITATION, state, sent_at, 1, when, error)
        reminded_at = sent_at + 7 * DAY
        silent = status in (InvitationStatus.SENT, InvitationStatus.OPENED, InvitationStatus.EXPIRED)
        if silent and state != MailStatus.UNCERTAIN and reminded_at < self.now:
            self._add("mails", invitation, MailKind.REMINDER, MailStatus.SENT, reminded_at, 1, reminded_at, "")

    def _begin(self, campaign: Running, guest: Guest, invitation: int, at: dt.datetime) -> None:
        """The first page was answered, and no more."""
        given = answers.answer(campaign.definition, guest.mood, guest.language, self.rng)
        first = {question.key for question in campaign.definition.pages[0].questions}
        kept = {key: value for key, value in given.items() if key in first}
        self._add(
            "responses",
            self._next("responses"), campaign.pk, invitation, guest.account, guest.contact, None, ResponseSource.LINK,
            "", "partial", guest.language, kept, None, None, "", "", None, None, None, UNCOUNTED, at, at,
        )  # fmt: skip

    def _answer(self, campaign: Running, guest: Guest, invitation: int, seed: str, at: dt.datetime) -> None:
        rng, pk = self.rng, self._next("responses")
        years_ago = (self.now - at) / (365 * DAY)
        mood = min(1.0, max(0.05, rng.gauss(guest.mood - BETTER * years_ago, 0.09)))
        given = answers.answer(campaign.definition, mood, guest.language, rng)
        day = at.astimezone(ZONE).date()
        facts = (guest.tier, guest.region, guest.manager, guest.team)
        if campaign.asked.anonymous:
            midnight = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
            who: tuple[Any, ...] = (None, None, None, answer_key(token_for(seed)))
            when = midnight
        else:
            who, when = (invitation, guest.account, guest.contact, None), at
        by_staff = not campaign.asked.anonymous and rng.random() < BY_STAFF
        source = rng.choice((ResponseSource.PHONE, ResponseSource.PAPER)) if by_staff else ResponseSource.LINK
        self._add(
            "responses",
            pk, campaign.pk, *who, source, "", "complete", guest.language, given, when, day, *facts,
            guest.manager if by_staff else None, UNCOUNTED, when, when,
        )  # fmt: skip
        for part in answering.parts(campaign.definition, given):
            answer = self._next("answers")
            self._add("answers", answer, pk, *part)
            tag = answers.tag_of(part.text)
            if tag is not None and rng.random() < 0.7:
                self._add("tagged", answer, tag)
        if not campaign.asked.anonymous:
            self._entry("survey_response.completed", "surveys.response", pk, f"{campaign.label} · {pk}", guest, at)
            for kind, values in closing.reasons(campaign.rules, given).items():
                self._react(campaign, guest, pk, kind, values, at)

    def _react(
        self, campaign: Running, guest: Guest, response: int, kind: str, values: Mapping[str, int], at: dt.datetime
    ) -> None:
        """Open a follow-up, or join the one that was open at that time."""
        key = (campaign.pk, guest.account, kind)
        case = self.cases.get(key)
        if case is None or not (case.closed_at is None or at <= case.closed_at):
            case = self.cases[key] = self._follow_up(campaign, guest, kind, at)
        for question, value in values.items():
            self._add("reasons", case.pk, response, question, value)

    def _follow_up(self, campaign: Running, guest: Guest, kind: str, at: dt.datetime) -> Case:
        pk, rng = self._next("follow_ups"), self.rng
        contacted, interaction = self._contact(guest, at, kind)
        closed = contacted + rng.uniform(0.5, 9) * DAY if contacted else None
        done = closed if closed and closed < self.now and rng.random() < self._settled(at) else None
        recovery, status = kind == FollowUpKind.RECOVERY, "closed" if done else "contacted" if contacted else "open"
        chinese = guest.language != "en"
        cause, action = rng.choice(voices.FINDINGS[chinese]) if recovery else ("", voices.REFERENCE[chinese])
        outcome = rng.choices(("solved", "improved", "not_solved", "no_issue"), (60, 25, 8, 7))[0] if recovery else (
            rng.choice(("reference_given", "reference_given", "reference_refused"))
        )  # fmt: skip
        self._add(
            "follow_ups",
            pk, campaign.pk, guest.account, kind, status, guest.manager, at, self._due(guest, at), contacted,
            interaction, cause if done or contacted else "", action if done else "", bool(done and recovery),
            outcome if done else "", done, guest.manager if done else None, at, done or contacted or at,
        )  # fmt: skip
        label = f"{guest.code} · {campaign.label}"
        self._entry("follow_up.opened", "surveys.followup", pk, label, guest, at)
        if done:
            self._entry("follow_up.closed", "surveys.followup", pk, label, guest, done)
        return Case(pk, at, done)

    def _settled(self, at: dt.datetime) -> float:
        return 0.6 if self.now - at < FRESH else 0.97

    def _contact(self, guest: Guest, at: dt.datetime, kind: str) -> tuple[dt.datetime | None, int | None]:
        """When the customer was contacted: by an interaction soon after, where there is one; some never."""
        if self.rng.random() > (0.93 if self.now - at > FRESH else 0.7 if kind == FollowUpKind.RECOVERY else 0.5):
            return None, None
        logged = self.contacts_of.get(guest.account, [])
        place = bisect_left(logged, (at, 0))
        if place < len(logged) and logged[place][0] - at < 6 * DAY:
            return logged[place]
        later = at + min(self.rng.expovariate(1 / 26), 120) * HOUR
        return (later, None) if later < self.now else (None, None)

    def _due(self, guest: Guest, at: dt.datetime) -> dt.datetime:
        policy = self.policy
        hours = {"A": policy.follow_up_hours_a, "B": policy.follow_up_hours_b}.get(guest.tier, policy.follow_up_hours_c)
        calendar = self.calendars[country_code(guest.country)]
        return deadline(at, hours, Hours(policy.day_from, policy.day_until, ZONE, calendar))

    def _moment(self, day: dt.date, hour: float) -> dt.datetime:
        """Some time after that hour of the day in Shanghai."""
        begin = dt.datetime.combine(day, dt.time(), tzinfo=ZONE).astimezone(dt.UTC)
        return begin + (hour + self.rng.random() * 6) * HOUR

    def _entry(self, action: str, kind: str, pk: int, label: str, guest: Guest, at: dt.datetime) -> None:
        self._add("entries", at, None, action, kind, pk, label[:200], guest.account, {}, "demo", "command", "")

    def _next(self, name: str) -> int:
        number = self.first[name]
        self.first[name] = number + 1
        return number

    def _add(self, name: str, *row: Any) -> None:
        self.rows.setdefault(name, []).append(row)
