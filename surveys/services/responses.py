"""Answers given through a link: the link opened, a part kept, the whole taken.

All of it happens under the lock of the invitation's row: one invitation has one answer, whatever comes in twice. What
identifies the link is its token alone; whoever holds it may answer, until the invitation expires or the campaign ends,
and change the answer for 24 hours.

Of an anonymous campaign nothing is written that says when somebody opened the link or answered: no time on the
invitation, none on the answer but its day, and no entry in the audit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import Account
from audit.services import record
from surveys import answering, definition, tokens
from surveys.choices import BY_TOKEN, CampaignStatus, InvitationStatus, ResponseSource, ResponseStatus
from surveys.definition import LANGUAGES, Definition
from surveys.editing import editable_until
from surveys.errors import (
    AnswerComplete,
    AnswerFinal,
    AnswersRefused,
    CampaignOver,
    LinkExpired,
    LinkOver,
    LinkWithdrawn,
    TokenUnknown,
)
from surveys.models import Answer, Campaign, Invitation, Response
from surveys.services import closing

FrozenKey = tuple[int, dt.datetime, dt.datetime | None]
_READ = (
    "account_id", "contact_id", "language", "status", "seed", "token_hash", "expires_on", "product_line_id",
    "campaign__name", "campaign__status", "campaign__anonymous", "campaign__sender_name",
    "campaign__product_line_id", "campaign__created_at", "campaign__started_at",
)  # fmt: skip
"""What is read of an invitation and its campaign."""
_READ_OF_ANSWER = tuple(
    f"response__{name}" for name in ("answers", "language", "status", "source", "completed_at", "date", "counted")
)
"""What is read of an answer to show it."""
_UNOPENED = (InvitationStatus.WAITING, InvitationStatus.SENT)
_UNSTARTED = (*_UNOPENED, InvitationStatus.OPENED)


class Facts(NamedTuple):
    """What a response keeps of its account as it is on the day of the answer."""

    tier: str
    region: str
    manager_id: int | None
    team_id: int | None


@dataclass(frozen=True)
class Opened:
    """What is behind a link that still takes an answer. `facts`: of its account; where it was read to be answered."""

    token: str = field(repr=False)
    invitation: Invitation
    definition: Definition
    response: Response | None
    facts: Facts | None = None

    @property
    def language(self) -> str:
        """The one in which the person answered last, else that of the invitation."""
        return self.response.language if self.response else self.invitation.language

    @property
    def answers(self) -> Mapping[str, Any]:
        return self.response.answers if self.response else {}

    @property
    def is_complete(self) -> bool:
        return self.response is not None and self.response.status == ResponseStatus.COMPLETE


@dataclass(frozen=True)
class Saved:
    """A part of an answer as it is kept now, and what of it was not taken (by question)."""

    opened: Opened
    faults: Mapping[str, answering.Fault]


def open_invitation(token: str, *, now: dt.datetime, mark: bool = True) -> Opened:
    """What the link shows. `mark`: note that it was opened.

    Raises TokenUnknown, LinkExpired, CampaignOver, LinkWithdrawn, AnswerFinal.
    """
    opened = _find(token, now, lock=False)
    if mark and opened.invitation.status in _UNOPENED:
        rows = Invitation.objects.filter(pk=opened.invitation.pk, status__in=_UNOPENED)
        rows.update(status=InvitationStatus.OPENED, opened_at=None if opened.invitation.campaign.anonymous else now)
    return opened


@contextmanager
def held(token: str, *, now: dt.datetime) -> Iterator[Opened]:
    """What the link shows, which stays as it is until the end of the block: for `keep` and `take`.

    Raises what `open_invitation` raises.
    """
    with transaction.atomic():
        yield _find(token, now, lock=True)


def save_partial(token: str, given: Mapping[str, Any], *, language: str, now: dt.datetime) -> Saved:
    """`keep` of a token. Raises what it raises, and what `open_invitation` raises."""
    with held(token, now=now) as opened:
        return keep(opened, given, language=language)


def submit(
    token: str,
    given: Mapping[str, Any],
    *,
    language: str,
    now: dt.datetime,
    source: str = ResponseSource.LINK,
) -> Response:
    """`take` of a token. Raises what it raises, and what `open_invitation` raises."""
    with held(token, now=now) as opened:
        return take(opened, given, language=language, now=now, source=source)


def keep(opened: Opened, given: Mapping[str, Any], *, language: str) -> Saved:
    """Keep some answers (by question, as surveys/answering.py reads them) beside those that are kept; an empty one
    takes back what was answered. What is wrong is not kept, and told. `opened` is held.

    Raises AnswerComplete after the whole was sent.
    """
    if opened.is_complete:
        raise AnswerComplete
    cleaned = answering.clean(opened.definition, {**opened.answers, **given}, partial=True)
    response = opened.response
    if response is None and cleaned.values:
        response = _new_response(opened)
    if response is not None:
        response.answers, response.language = cleaned.values, _language(language, opened)
        _save(response, opened.invitation)
        _advance(opened.invitation, InvitationStatus.STARTED, _UNSTARTED)
    return Saved(replace(opened, response=response), cleaned.faults)


def take(
    opened: Opened,
    given: Mapping[str, Any],
    *,
    language: str,
    now: dt.datetime,
    source: str = ResponseSource.LINK,
) -> Response:
    """Take the whole answer: `given` over what is kept. Within 24 hours after the first time it is changed so. `opened`
    is held.

    Raises AnswersRefused with every fault (nothing is changed then).
    """
    wanted = {**opened.answers, **given}
    cleaned = answering.clean(opened.definition, wanted)
    if cleaned.faults:
        raise AnswersRefused(cleaned.faults, wanted)
    response = opened.response or _new_response(opened)
    before = dict(response.answers) if opened.is_complete else None
    response.answers, response.language = cleaned.values, _language(language, opened)
    response.campaign = opened.invitation.campaign
    if before is None:
        response.source = source
        complete(response, opened.invitation, opened.facts, now=now)
    response.score_due = not response.campaign.anonymous
    _save(response, opened.invitation)
    write_answers(response, opened.definition, first=before is None)
    _answered(opened.invitation, now)
    if not response.campaign.anonymous:
        _tell(response, before, now)
    return response


def _tell(response: Response, before: Mapping[str, Any] | None, now: dt.datetime) -> None:
    """What a named answer sets going. `before`: what it was, where it was changed."""
    if before is None:
        record("survey_response.completed", response, actor=None)
    else:
        pairs = {key: (before.get(key), response.answers.get(key)) for key in {*before, *response.answers}}
        changes = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
        if not changes:
            return
        record("survey_response.changed", response, actor=None, changes=changes)
    closing.react(response, now=now, first=before is None)


def facts_of(account_id: int) -> Facts:
    """The facts of an account as they are."""
    found = Account.objects.values_list("tier", "region", "manager_id", "manager__team_id")
    return Facts(*found.get(pk=account_id))


def complete(response: Response, invitation: Invitation | None, facts: Facts | None, *, now: dt.datetime) -> None:
    """Set what a response has from the moment at which it is complete (the caller saves it): the day, and the facts of
    the account as they are today."""
    campaign = response.campaign
    response.status = ResponseStatus.COMPLETE
    response.date = response.date or local_date(now)
    response.completed_at = midnight(response.date) if campaign.anonymous else response.completed_at or now
    if facts is not None:
        response.tier, response.region, response.manager_id, response.team_id = facts
    of_invitation = invitation.product_line_id if invitation is not None else None
    response.product_line_id = of_invitation or campaign.product_line_id


def write_answers(response: Response, asked: Definition, *, first: bool = False) -> None:
    """Bring the `Answer` rows of a complete response in line with its `answers`; a row that stays as it was keeps its
    tags. `first`: there are none yet."""
    rows = () if first else Answer.objects.filter(response=response)
    kept = {(row.question, row.part): row for row in rows}
    fresh, changed = [], []
    for part in answering.parts(asked, response.answers):
        row = kept.pop((part.question, part.part), None)
        if row is None:
            fresh.append(Answer(response=response, **part._asdict()))
        elif (row.value, row.choice, row.text) != (part.value, part.choice, part.text):
            row.value, row.choice, row.text = part.value, part.choice, part.text
            changed.append(row)
    if kept:
        Answer.objects.filter(pk__in=[row.pk for row in kept.values() if row.pk]).delete()
    if changed:
        Answer.objects.bulk_update(changed, ["value", "choice", "text"])
    Answer.objects.bulk_create(fresh)


def is_final(response: Response, *, anonymous: bool, now: dt.datetime) -> bool:
    """Whether a complete answer can no longer be changed through its link, wherever that was answered."""
    if response.counted or response.source not in BY_TOKEN or response.completed_at is None:
        return True
    return now >= editable_until(response.completed_at, anonymous=anonymous)


def local_date(now: dt.datetime) -> dt.date:
    """The company's day at `now`."""
    return timezone.localdate(now, timezone.get_default_timezone())


def midnight(day: dt.date) -> dt.datetime:
    """Its beginning in UTC."""
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


def _find(token: str, now: dt.datetime, *, lock: bool) -> Opened:
    """The invitation of a token with its answer. `lock`: both rows stay locked to the end of the transaction."""
    if not tokens.is_genuine(token):
        raise TokenUnknown
    invitation, response = (_locked if lock else _read)(token)
    try:
        _check_takes_answers(invitation, response, now)
    except LinkOver as over:
        over.language = response.language if response else invitation.language
        over.sender = invitation.campaign.sender_name
        raise
    found: Any = invitation  # with what `_locked` reads beside it
    facts = Facts(found.of_tier, found.of_region, found.of_manager, found.of_team) if lock else None
    return Opened(token, invitation, definition_of(invitation.campaign), response, facts)


def _read(token: str) -> tuple[Invitation, Response | None]:
    """In one statement, but for anonymous answers, which no key of ours leads to."""
    rows = (
        _invitations()
        .select_related("response")
        .only(*_READ, *_READ_OF_ANSWER)
        .filter(token_hash=tokens.token_hash(token))
    )
    invitation = next(iter(rows), None)
    if invitation is None:
        raise TokenUnknown
    if invitation.campaign.anonymous:
        return invitation, Response.objects.filter(key_hash=tokens.answer_key(token)).first()
    return invitation, getattr(invitation, "response", None)


def _locked(token: str) -> tuple[Invitation, Response | None]:
    """The answer is read after the invitation's lock was got: whoever had it before may have written one. They would
    have moved the invitation on; so where it is not, and had no answer, there is none."""
    facts = {"of_tier": F("account__tier"), "of_region": F("account__region"), "of_manager": F("account__manager_id")}
    rows = (
        _invitations().only(*_READ).annotate(**facts, of_team=F("account__manager__team_id"), begun=F("response__pk"))
    )
    rows = rows.select_for_update(of=("self",)).filter(token_hash=tokens.token_hash(token))
    invitation: Any = next(iter(rows), None)
    if invitation is None:
        raise TokenUnknown
    if invitation.status in _UNSTARTED and invitation.begun is None and not invitation.campaign.anonymous:
        return invitation, None
    of_link = {"key_hash": tokens.answer_key(token)} if invitation.campaign.anonymous else {"invitation": invitation}
    return invitation, Response.objects.select_for_update(of=("self",)).filter(**of_link).first()


def _invitations() -> QuerySet[Invitation]:
    return Invitation.objects.select_related("campaign").order_by()


def definition_of(campaign: Campaign) -> Definition:
    """What a campaign asks since it was started: frozen then, so it is read once and kept."""
    return definition_at(frozen_key(campaign))


def frozen_key(campaign: Campaign) -> FrozenKey:
    """What tells apart what campaigns ask, as long as they run."""
    return campaign.pk, campaign.created_at, campaign.started_at


@lru_cache(maxsize=128)
def definition_at(key: FrozenKey) -> Definition:
    """As `definition_of`, by its key."""
    pk, _created_at, _started_at = key
    return definition.read(Campaign.objects.values_list("definition", flat=True).get(pk=pk))


def _check_takes_answers(invitation: Invitation, response: Response | None, now: dt.datetime) -> None:
    """Whether the link still takes an answer, or a change of it. A bounced mail does not close it: who has the link
    has got it some way."""
    campaign = invitation.campaign
    ended = campaign.status == CampaignStatus.ENDED
    if response is not None and response.status == ResponseStatus.COMPLETE:
        if ended or is_final(response, anonymous=campaign.anonymous, now=now):
            raise AnswerFinal
        return
    if invitation.status == InvitationStatus.ANSWERED:
        raise AnswerFinal
    if invitation.status == InvitationStatus.WITHDRAWN:
        raise LinkWithdrawn
    if ended:
        raise CampaignOver
    if invitation.status == InvitationStatus.EXPIRED or invitation.expires_on < local_date(now):
        raise LinkExpired


def _new_response(opened: Opened) -> Response:
    invitation = opened.invitation
    if invitation.campaign.anonymous:
        return Response(campaign=invitation.campaign, key_hash=tokens.answer_key(opened.token))
    return Response(
        campaign=invitation.campaign,
        invitation=invitation,
        account_id=invitation.account_id,
        contact_id=invitation.contact_id,
    )


def _save(response: Response, invitation: Invitation) -> None:
    """Save it; of an anonymous one the row says at no place at which time it was written."""
    response.save()
    if invitation.campaign.anonymous:
        day = midnight(response.date or local_date(response.updated_at))
        Response.objects.filter(pk=response.pk).update(created_at=day, updated_at=day)


def _answered(invitation: Invitation, now: dt.datetime) -> None:
    """The invitation is answered; in an anonymous campaign without the day, which would lead to the answer."""
    if invitation.status == InvitationStatus.ANSWERED:
        return
    day = None if invitation.campaign.anonymous else local_date(now)
    Invitation.objects.filter(pk=invitation.pk).update(status=InvitationStatus.ANSWERED, answered_on=day)


def _advance(invitation: Invitation, status: str, before: Iterable[str]) -> None:
    """Forward only."""
    if invitation.status in before:
        Invitation.objects.filter(pk=invitation.pk).update(status=status)


def _language(language: str, opened: Opened) -> str:
    return language if language in LANGUAGES else opened.language
