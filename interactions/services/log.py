"""What happened: logged, changed, deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Min

from accounts.choices import Status
from accounts.errors import AccountReadOnly
from accounts.models import Account, ManagerAssignment
from audit.services import diff, record, snapshot
from contacts.choices import Seniority
from contacts.models import Contact, Employment
from core.errors import DomainError
from interactions.errors import (
    BeforeAccount,
    ColleagueInactive,
    ContactElsewhere,
    InFuture,
    NotDeletable,
    ReasonNeeded,
    TooLong,
    TooManyParts,
    VisitElsewhere,
)
from interactions.models import LOG_FIELDS, MAX_MINUTES_LENGTH, CheckIn, Interaction, NextStep, Topic, Visit
from interactions.moments import local_date
from interactions.services import rhythms, visits
from interactions.services.files import check_files, discard_after_commit, keep_files
from interactions.services.mentions import note_mentions
from interactions.services.steps import add_step, check_step
from search.services import index_rows
from users.models import User

CLOCK_SKEW = dt.timedelta(minutes=5)
DELETABLE = dt.timedelta(hours=24)
EARLIEST = dt.date(2000, 1, 1)
MAX_PEOPLE, MAX_TOPICS, MAX_STEPS = 100, 20, 20
_SHOWN, _AROUND = 2000, 40


def log_interaction(
    interaction: Interaction,
    *,
    actor: User | None,
    now: dt.datetime,
    contacts: Iterable[Contact] = (),
    colleagues: Iterable[User] = (),
    topics: Iterable[str] = (),
    steps: Iterable[NextStep] = (),
    visit: Visit | None = None,
    files: Iterable[Any] = (),
    photo: Any = None,
    check_in: CheckIn | None = None,
) -> Interaction:
    """Save what happened with all that belongs to it; `visit` is thereby done.

    The author's second sending of a `client_key` returns the first row and writes nothing, even at the same time.
    `not_notified` of the returned row has the mentioned colleagues who do not see the account, `proposal` what
    `complete_visit` returned. Raises what the checks, files and visits raise; nothing is kept then.
    """
    if (first := _sent_before(interaction, actor)) is not None:
        return first
    interaction.author = actor
    parts, steps = (list(contacts), list(colleagues), _names(topics)), list(steps)
    _check_moment(interaction, now)
    _check_parts(interaction, *parts)
    _check_steps(interaction, steps, visit, actor=actor, now=now)
    checked = check_files(files, photo=photo)
    try:
        with transaction.atomic():
            interaction.save()
            _set_parts(interaction, *parts)
            _keep_check_in(interaction, check_in)
            _finish(interaction, steps, visit, actor=actor, now=now)
            keep_files(interaction, checked, actor=actor)  # last: what fails above must leave nothing on the disk
    except IntegrityError:
        if (first := _sent_before(interaction, actor)) is None:
            raise
        return first
    return interaction


def _finish(
    interaction: Interaction, steps: Iterable[NextStep], visit: Visit | None, *, actor: User | None, now: dt.datetime
) -> None:
    """What follows from a saved interaction."""
    record("interaction.logged", interaction, actor=actor)
    for step in steps:
        add_step(step, actor=actor, now=now)
    if visit is not None:
        interaction.proposal = visits.complete_visit(visit, actor=actor, now=now, interaction=interaction)
    note_mentions(interaction, actor=actor)
    _after_write(interaction, now)


@transaction.atomic
def update_interaction(
    interaction: Interaction,
    *,
    actor: User | None,
    now: dt.datetime,
    contacts: Iterable[Contact] | None = None,
    colleagues: Iterable[User] | None = None,
    topics: Iterable[str] | None = None,
) -> Interaction:
    """Save the changed fields; people and topics that are None stay. Account, author and files are not changed here.

    Raises what `log_interaction` raises, for what has changed.
    """
    stored = Interaction.objects.select_for_update(of=("self",)).get(pk=interaction.pk)
    before, old = snapshot(stored), _parts_of(stored)
    people = list(old["contacts"]) if contacts is None else list(contacts)
    ours = list(old["colleagues"]) if colleagues is None else list(colleagues)
    words = list(old["topics"]) if topics is None else _names(topics)
    interaction.account, interaction.author = stored.account, stored.author
    if interaction.occurred_at != stored.occurred_at:
        _check_moment(interaction, now)
    _check_parts(interaction, people, ours, words, known=old)
    interaction.save(update_fields=[*LOG_FIELDS, "date", "top_seniority", "updated_at"])
    _set_parts(interaction, people, ours, words)
    changes = diff(before, interaction) | _part_changes(old, people, ours, words)
    if "minutes" in changes:
        changes["minutes"] = changed_part(before["minutes"], interaction.minutes)
    if changes:
        record("interaction.updated", interaction, actor=actor, changes=changes)
        note_mentions(interaction, actor=actor)
        _after_write(interaction, now)
    return interaction


@transaction.atomic
def delete_interaction(interaction: Interaction, reason: str, *, actor: User, now: dt.datetime) -> None:
    """Delete it with its steps and files. Its author may within 24 hours, who leads at any time.

    Raises NotDeletable, AccountReadOnly, ReasonNeeded.
    """
    if not is_deletable(interaction, actor, now):
        raise NotDeletable
    _check_account(interaction.account)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    gone = {name: (getattr(interaction, name), None) for name in LOG_FIELDS if getattr(interaction, name)}
    if interaction.minutes:
        gone["minutes"] = (interaction.minutes[:_SHOWN], None)
    record("interaction.deleted", interaction, actor=actor, changes=gone, reason=reason.strip())
    discard_after_commit(interaction.files.all())
    pk, account_id = interaction.pk, interaction.account_id
    interaction.delete()
    index_rows("interaction", [pk])
    rhythms.refresh_rhythms([account_id], today=rhythms.company_date(now))


def is_deletable(interaction: Interaction, user: User, now: dt.datetime) -> bool:
    """Whether `user`, who sees it, may delete it."""
    return user.leads or (interaction.author_id == user.pk and now - interaction.created_at <= DELETABLE)


def known_since(account: Account, author: User | None) -> dt.date:
    """The first day that we know of the account: customer since, its first manager, or the day its row was made."""
    assigned = ManagerAssignment.objects.filter(account=account).aggregate(first=Min("from_date"))["first"]
    days = [account.customer_since, assigned, local_date(account.created_at, author)]
    return max(min(day for day in days if day is not None), EARLIEST)


def changed_part(old: str, new: str) -> list[str]:
    """What differs between two long texts, with a little around it: the audit needs no second copy of the rest."""
    start, most = 0, min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return [_cut(text, max(start - _AROUND, 0), min(len(text) - end + _AROUND, len(text))) for text in (old, new)]


def _cut(text: str, first: int, last: int) -> str:
    part = text[first : min(last, first + _SHOWN)]
    return f"{'…' * (first > 0)}{part}{'…' * (first + len(part) < len(text))}"


def _sent_before(interaction: Interaction, actor: User | None) -> Interaction | None:
    if actor is None:
        return None
    return Interaction.objects.filter(author=actor, client_key=interaction.client_key).select_related("account").first()


def _check_account(account: Account) -> None:
    if account.status == Status.TERMINATED:
        raise AccountReadOnly


def _check_moment(interaction: Interaction, now: dt.datetime) -> None:
    """Sets the business date. Raises InFuture, BeforeAccount."""
    if interaction.occurred_at > now + CLOCK_SKEW:
        raise InFuture(field="occurred_at")
    try:
        interaction.date = local_date(interaction.occurred_at, interaction.author)
    except OverflowError:
        interaction.date = dt.date.min
    since = known_since(interaction.account, interaction.author)
    if interaction.date < since:
        raise BeforeAccount(field="occurred_at", date=f"{since:%Y-%m-%d}")


def _check_parts(
    interaction: Interaction,
    contacts: Collection[Contact],
    colleagues: Collection[User],
    topics: Collection[str],
    known: dict[str, Any] | None = None,
) -> None:
    """Fields, people and topics; who has been there before (`known`) may stay. Sets `top_seniority`."""
    _check_account(interaction.account)
    interaction.minutes = interaction.minutes.replace("\r\n", "\n")
    if len(interaction.minutes) > MAX_MINUTES_LENGTH:
        raise TooLong(field="minutes", count=len(interaction.minutes), most=MAX_MINUTES_LENGTH)
    limits = (
        ("contacts", contacts, MAX_PEOPLE),
        ("colleagues", colleagues, MAX_PEOPLE),
        ("topics", topics, MAX_TOPICS),
    )
    for name, rows, most in limits:
        if len(rows) > most:
            raise TooManyParts(field=name, most=most)
    known = known or {"contacts": (), "colleagues": ()}
    jobs = Employment.objects.filter(account=interaction.account, contact__in=contacts)
    here = {*jobs.values_list("contact", flat=True), *(row.pk for row in known["contacts"])}
    if strangers := [str(contact) for contact in contacts if contact.pk not in here]:
        raise ContactElsewhere(field="contacts", names=", ".join(strangers))
    if gone := [str(user) for user in colleagues if not user.is_active and user not in known["colleagues"]]:
        raise ColleagueInactive(field="colleagues", names=", ".join(gone))
    then = jobs.current(interaction.date).exclude(from_date__gt=interaction.date)
    interaction.top_seniority = then.aggregate(top=Max("seniority"))["top"] or Seniority.UNKNOWN
    interaction.full_clean(exclude=["account", "author", "client_key"])


def _check_steps(
    interaction: Interaction,
    steps: Collection[NextStep],
    visit: Visit | None,
    *,
    actor: User | None,
    now: dt.datetime,
) -> None:
    """Ties the steps to the interaction. Raises what `check_step` raises, with the path of the step's field, and
    VisitElsewhere."""
    if visit is not None and visit.account_id != interaction.account_id:
        raise VisitElsewhere(field="visit")
    if len(steps) > MAX_STEPS:
        raise TooManyParts(field="next_steps", most=MAX_STEPS)
    for number, step in enumerate(steps):
        step.account, step.interaction = interaction.account, interaction
        try:
            check_step(step, actor=actor, now=now)
        except DomainError as error:
            error.field = f"next_steps.{number}.{error.field}" if error.field else None
            raise


def _set_parts(
    interaction: Interaction, contacts: Iterable[Contact], colleagues: Iterable[User], topics: Collection[str]
) -> None:
    interaction.contacts.set(contacts)
    interaction.colleagues.set(colleagues)
    Topic.objects.bulk_create([Topic(name=name) for name in topics], ignore_conflicts=True)
    interaction.topics.set(Topic.objects.filter(name__in=topics))


def _parts_of(interaction: Interaction) -> dict[str, Any]:
    return {
        "contacts": list(interaction.contacts.all()),
        "colleagues": list(interaction.colleagues.all()),
        "topics": [topic.name for topic in interaction.topics.all()],
    }


def _part_changes(
    old: dict[str, Any], contacts: Iterable[Contact], colleagues: Iterable[User], topics: Iterable[str]
) -> dict[str, list[Any]]:
    """People by id, so that an erased person leaves no name in the history; the page puts in the names."""
    pairs = {
        "contacts": [sorted(row.pk for row in rows) for rows in (old["contacts"], contacts)],
        "colleagues": [sorted(row.pk for row in rows) for rows in (old["colleagues"], colleagues)],
        "topics": [sorted(old["topics"]), sorted(topics)],
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _keep_check_in(interaction: Interaction, check_in: CheckIn | None) -> None:
    if check_in is None:
        return
    check_in.interaction = interaction
    check_in.full_clean()
    check_in.save()


def _after_write(interaction: Interaction, now: dt.datetime) -> None:
    index_rows("interaction", [interaction.pk])
    rhythms.refresh_rhythms([interaction.account_id], today=rhythms.company_date(now))


def _names(topics: Iterable[str]) -> list[str]:
    """Without spaces around them and without repetitions, in their order. Raises ValidationError for too long ones."""
    names = list(dict.fromkeys(name.strip() for name in topics if name.strip()))
    for name in names:
        Topic(name=name).clean_fields()
    return names
