"""What an answer sets going: a follow-up for the account's manager, opened or joined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError, transaction

from accounts.choices import Status, Tier
from accounts.models import Account
from audit.services import record
from core.workdays import country_code, work_calendars
from core.workhours import Hours, deadline, horizon
from interactions.moments import zone_of
from notifications.services import notify
from surveys import closing
from surveys.choices import ResponseStatus
from surveys.models import FollowUp, FollowUpResponse, LoopRule, Response
from surveys.services.policy import policy_now
from users.leaders import Leaders
from users.models import User

ATTEMPTS = 5


def react(response: Response, *, now: dt.datetime, first: bool = False) -> list[FollowUp]:
    """Do what the campaign's rules say about a complete answer; returns the follow-ups that it opened or joined.

    Call it in the transaction that completes or changes the answer. Called again, it follows what was changed: a value
    that is another reason now, a question that has become one; an answer that is no reason any more closes nothing,
    it is only said in the history. Anonymous answers, and those of accounts that are terminated, set nothing going.
    `first`: the answer was just completed, nothing came of it yet.
    """
    if response.account_id is None or response.status != ResponseStatus.COMPLETE:
        return []
    rules = LoopRule.objects.filter(campaign=response.campaign_id).order_by("pk")
    found = closing.reasons([closing.Rule(r.question, r.low, r.high, r.kind) for r in rules], response.answers)
    if first and not found:
        return []
    with transaction.atomic():
        known = _follow_changes(response, found)
        fresh = {
            kind: new
            for kind, values in found.items()
            if (new := {question: value for question, value in values.items() if (kind, question) not in known})
        }
        if not fresh:
            return []
        account = Account.objects.select_related("manager__team").get(pk=response.account_id)
        if account.status == Status.TERMINATED:
            return []
        return [_open_or_join(response, account, kind, values, now) for kind, values in fresh.items()]


def _follow_changes(response: Response, found: Mapping[str, Mapping[str, int]]) -> set[tuple[str, str]]:
    """Keep the reasons that this answer has given before as it is now; returns them as (kind, question)."""
    rows = FollowUpResponse.objects.filter(response=response).select_related("follow_up__campaign")
    known = set()
    for row in rows.select_related("follow_up__account"):
        kind = row.follow_up.kind
        known.add((kind, row.question))
        value = found.get(kind, {}).get(row.question)
        if value is None:
            now_given = closing.ratings_of(response.answers.get(row.question))
            changes = {row.question: (row.value, now_given[0] if len(now_given) == 1 else None)}
            record("follow_up.answer_corrected", row.follow_up, actor=None, changes=changes)
        elif value != row.value:
            record("follow_up.answer_changed", row.follow_up, actor=None, changes={row.question: (row.value, value)})
            row.value = value
            row.save(update_fields=["value"])
    return known


def _open_or_join(
    response: Response, account: Account, kind: str, values: Mapping[str, int], now: dt.datetime
) -> FollowUp:
    """The one open follow-up of the account, campaign and kind, with this answer among its reasons.

    Two answers at once: the unique key lets one open it, the other then finds it there.
    """
    for attempt in range(ATTEMPTS):
        rows = FollowUp.objects.select_for_update(of=("self",)).unfinished()
        follow_up = rows.filter(campaign=response.campaign_id, account=account, kind=kind).first()
        if follow_up is not None:
            follow_up.account = account
            _add_reasons(follow_up, response, values)
            _tell(follow_up, f"{kind}_joined", f"joined:{response.pk}", response)
            record("follow_up.joined", follow_up, actor=None, changes={q: (None, v) for q, v in values.items()})
            return follow_up
        try:
            with transaction.atomic():
                return _open(response, account, kind, values, now)
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


def _open(response: Response, account: Account, kind: str, values: Mapping[str, int], now: dt.datetime) -> FollowUp:
    owner = responsible(account)
    follow_up = FollowUp(campaign=response.campaign, account=account, kind=kind, owner=owner, opened_at=now)
    follow_up.due_at = due_at(account, owner, now)
    follow_up.save(force_insert=True)
    _add_reasons(follow_up, response, values)
    changes = {**{q: (None, v) for q, v in values.items()}, "due_at": (None, follow_up.due_at)}
    record("follow_up.opened", follow_up, actor=None, changes=changes)
    _tell(follow_up, f"{kind}_opened", "opened", response)
    return follow_up


def _add_reasons(follow_up: FollowUp, response: Response, values: Mapping[str, int]) -> None:
    FollowUpResponse.objects.bulk_create(
        FollowUpResponse(follow_up=follow_up, response=response, question=question, value=value)
        for question, value in values.items()
    )


def _tell(follow_up: FollowUp, kind: str, key: str, response: Response) -> None:
    if follow_up.owner is None:
        return
    params = {
        "account": follow_up.account.name,
        "campaign": response.campaign.name,
        "due_date": follow_up.due_at.astimezone(zone_of(follow_up.owner)).date(),
    }
    notify(
        [follow_up.owner], kind, params=params, url=follow_up.get_absolute_url(), key=f"follow_up:{follow_up.pk}:{key}"
    )


def responsible(account: Account, leaders: Leaders | None = None) -> User | None:
    """Whose a follow-up is: the account's manager; where there is none or they are deactivated, the supervisor above
    them, else a director. None where nobody is there at all."""
    if account.manager is not None and account.manager.is_active:
        return account.manager
    above = (leaders or Leaders()).above(account.manager)
    return above[0] if above else None


def due_at(account: Account, owner: User | None, opened_at: dt.datetime) -> dt.datetime:
    """The deadline (UTC) by the account's tier, in working hours: the policy's hours of the day by the owner's clock,
    on the working days of the account's country."""
    policy = policy_now()
    by_tier = {Tier.A: policy.follow_up_hours_a, Tier.B: policy.follow_up_hours_b}
    hours = by_tier.get(Tier(account.tier), policy.follow_up_hours_c) if account.tier else policy.follow_up_hours_c
    country = country_code(account.country)
    calendar = work_calendars([country], *horizon(opened_at))[country]
    return deadline(opened_at, hours, Hours(policy.day_from, policy.day_until, zone_of(owner), calendar))
