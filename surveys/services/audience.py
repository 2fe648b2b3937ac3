"""Who is asked and who is not, and why: one set of conditions in SQL for the preview and for the asking.

A row is an employment: a person at an account. Each has its `reason` (NotAsked), "" where nothing stands against asking
it today. A person at several accounts of the audience, and in campaigns by e-mail several contacts of one address, are
asked once: at the account of the highest tier, and there by the older row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, SmallIntegerField, Value, When

from accounts.choices import Status, Tier
from accounts.models import Account
from contacts.choices import Consent
from contacts.models import Contact, Employment
from surveys.account_filter import narrow_accounts
from surveys.choices import Channel, NotAsked, Timing
from surveys.models import AskedContact, Campaign, Invitation, SurveyPolicy
from surveys.periods import period_start
from surveys.services.events import accounts_with_events, newest_event

ASKED = ""
"""The reason of those who are asked."""
NO_TIER = "none"
FIRST_ROWS = 10
_TIERS = (*Tier.values, "")
_HAS_ADDRESS = ~Q(contact__email="")
"""Stands in every sub-query by address: the index of addresses leaves the empty ones out."""


@dataclass
class Preview:
    """Who would be asked on a day: how many, how many not and why, and the first rows of each."""

    asked: int = 0
    not_asked: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def not_asked_total(self) -> int:
        return sum(self.not_asked.values())

    @property
    def total(self) -> int:
        return self.asked + self.not_asked_total


def preview(campaign: Campaign, today: dt.date, policy: SurveyPolicy, *, first: int = FIRST_ROWS) -> Preview:
    """Who would be asked on `today`, with the `first` rows of those who would and of each reason not to; a draft is
    taken as if it ran. Rows of NO_CONTACT are accounts, all others employments."""
    found = Preview()
    counted = candidates(campaign, today, policy).order_by().values("reason").annotate(rows=Count("pk"))
    counts = dict(counted.values_list("reason", "rows"))
    if alone := accounts_without(campaign, today).order_by().count():
        counts[NotAsked.NO_CONTACT] = alone
    found.asked = counts.pop(ASKED, 0)
    found.not_asked = {str(reason): counts[reason] for reason in NotAsked if reason in counts}
    for reason in (ASKED, *found.not_asked) if first else ():
        found.rows[reason] = list(listed(campaign, today, policy, reason).order_by("pk")[:first])
    return found


def listed(campaign: Campaign, today: dt.date, policy: SurveyPolicy, reason: str) -> QuerySet[Any]:
    """The rows of one reason, with what a list shows of them, without an order."""
    if reason == NotAsked.NO_CONTACT:
        return accounts_without(campaign, today).order_by().select_related("manager")
    rows, twice = _reasoned(campaign, today, policy), _again(campaign, today, policy)
    if reason == ASKED:
        rows = rows.filter(alone=ASKED).exclude(twice)
    elif reason == NotAsked.SAME_PERSON:
        rows = rows.filter(twice, alone=ASKED)
    else:
        rows = rows.filter(alone=reason)
    return rows.select_related("contact", "account__manager")


def askable(campaign: Campaign, today: dt.date, policy: SurveyPolicy) -> QuerySet[Any]:
    """The employments that the campaign asks on `today`: those that the preview lists."""
    rows = listed(campaign, today, policy, ASKED).select_related(None).select_related("contact", "account")
    if campaign.timing == Timing.EVENT:
        rows = rows.filter(account__in=accounts_with_events(campaign, today))
    return rows


def accounts_of(campaign: Campaign, today: dt.date) -> QuerySet[Any]:
    """The accounts of the audience, terminated ones as well."""
    chosen = campaign.audience or {}
    accounts = narrow_accounts(Account.objects.order_by(), chosen.get("accounts") or {}, today)
    if tiers := chosen.get("tiers"):
        accounts = accounts.filter(tier__in=["" if tier == NO_TIER else tier for tier in tiers])
    if stages := chosen.get("stages"):
        accounts = accounts.filter(stage__in=stages)
    return accounts


def accounts_without(campaign: Campaign, today: dt.date) -> QuerySet[Any]:
    """The accounts of the audience at which nobody is of the roles asked for."""
    people = _of_roles(campaign, Employment.objects.order_by().filter(account=OuterRef("pk")))
    return accounts_of(campaign, today).filter(~Exists(people))


def candidates(campaign: Campaign, today: dt.date, policy: SurveyPolicy) -> QuerySet[Any]:
    """Every employment of the audience with its `reason`, `rank` (of the tier) and `event`."""
    again = When(Q(alone=ASKED) & _again(campaign, today, policy), then=Value(NotAsked.SAME_PERSON.value))
    reason = Case(again, default=F("alone"), output_field=CharField())
    return _reasoned(campaign, today, policy).annotate(reason=reason)


def _again(campaign: Campaign, today: dt.date, policy: SurveyPolicy) -> Q:
    """Whether the same person is asked through another row."""
    better = _reasoned(campaign, today, policy).filter(
        Q(rank__lt=OuterRef("rank")) | Q(rank=OuterRef("rank"), pk__lt=OuterRef("pk")), alone=ASKED
    )
    again = Q(Exists(better.filter(contact=OuterRef("contact_id"))))
    if campaign.channel == Channel.EMAIL:
        again |= Q(Exists(better.filter(_HAS_ADDRESS, contact__email=OuterRef("contact__email"))))
    return again


def personal_reasons(channel: str, today: dt.date, policy: SurveyPolicy) -> list[tuple[Any, NotAsked]]:
    """What stands against asking a person whatever the campaign, in the order in which it counts; for employments."""
    reasons: list[tuple[Any, NotAsked]] = [
        (Q(account__status=Status.TERMINATED), NotAsked.TERMINATED),
        (Q(contact__erased=True), NotAsked.ERASED),
        (Q(until_date__lt=today), NotAsked.LEFT),
        (Q(contact__consent=Consent.WITHDRAWN), NotAsked.CONSENT),
        (Q(contact__no_surveys=True) | Q(_other_row_opted_out()), NotAsked.OPTED_OUT),
    ]
    if channel == Channel.EMAIL:
        reasons += [(Q(contact__no_email=True), NotAsked.NO_EMAILS), (Q(contact__email=""), NotAsked.NO_ADDRESS)]
    return reasons


def recently_asked(channel: str, today: dt.date, policy: SurveyPolicy) -> Q:
    """Whether the contact, or in campaigns by e-mail the address, was asked less than the policy's days ago, by
    whichever campaign; for employments."""
    since = today - dt.timedelta(days=policy.min_days_between)
    asked = AskedContact.objects.order_by().filter(asked_on__gt=since)
    found = Q(Exists(asked.filter(contact=OuterRef("contact_id"))))
    if channel == Channel.EMAIL:
        found |= Q(Exists(asked.filter(_HAS_ADDRESS, contact__email=OuterRef("contact__email"))))
    return found


def reasons_in_words(reasons: Iterable[str]) -> list[str]:
    """The reasons as sentences."""
    return [str(NotAsked(reason).label) for reason in reasons]


def _other_row_opted_out() -> Exists:
    """The same address belongs to a contact that wants no surveys: the person said so once."""
    same = Contact.objects.order_by().filter(~Q(email=""), no_surveys=True, email=OuterRef("contact__email"))
    return Exists(same)


def _reasoned(campaign: Campaign, today: dt.date, policy: SurveyPolicy) -> QuerySet[Any]:
    """Employments of the audience with `alone`, their reason but for what several rows of one person say together."""
    rows = _of_roles(campaign, Employment.objects.order_by())
    if campaign.audience and any(campaign.audience.get(name) for name in ("accounts", "tiers", "stages")):
        rows = rows.filter(account__in=accounts_of(campaign, today))
    tiers = (When(account__tier=tier, then=Value(number)) for number, tier in enumerate(_TIERS))
    rank = Case(*tiers, default=Value(len(_TIERS)), output_field=SmallIntegerField())
    rows = rows.annotate(rank=rank, event=newest_event(campaign, today))
    tests = [
        *personal_reasons(campaign.channel, today, policy),
        *_reasons_of_timing(campaign, today),
        (recently_asked(campaign.channel, today, policy), NotAsked.RECENTLY),
    ]
    whens = [When(test, then=Value(reason.value)) for test, reason in tests]
    return rows.annotate(alone=Case(*whens, default=Value(ASKED), output_field=CharField()))


def _of_roles(campaign: Campaign, rows: QuerySet[Any]) -> QuerySet[Any]:
    roles = (campaign.audience or {}).get("roles")
    return rows.filter(decision_role__in=roles) if roles else rows


def _reasons_of_timing(campaign: Campaign, today: dt.date) -> list[tuple[Any, NotAsked]]:
    asked = Invitation.objects.order_by().filter(campaign=campaign, contact=OuterRef("contact_id"))
    if campaign.timing == Timing.ONCE:
        return [(Q(Exists(asked)), NotAsked.ASKED)]
    if campaign.timing == Timing.EVENT:
        return [(Q(event__isnull=True), NotAsked.NO_EVENT)]
    reasons: list[tuple[Any, NotAsked]] = []
    for tiers, months in tier_months(campaign):
        if not months:
            reasons.append((Q(account__tier__in=tiers), NotAsked.TIER))
            continue
        since = period_start(campaign.start_date, months, today).isoformat()
        reasons.append((Q(account__tier__in=tiers) & Q(Exists(asked.filter(occasion__gte=since))), NotAsked.ASKED))
    return reasons


def tier_months(campaign: Campaign) -> list[tuple[Collection[str], int]]:
    """Of a recurring campaign: tiers, and every how many months they are asked (0: never)."""
    return [
        ((Tier.A,), campaign.every_months_a),
        ((Tier.B,), campaign.every_months_b),
        ((Tier.C, ""), campaign.every_months_c),
    ]
