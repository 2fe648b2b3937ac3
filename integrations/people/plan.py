"""A batch of rows against what is known: which rows are new people, which are known, which cannot be taken.

The number of statements is the same for a batch of one row and of five hundred. Nothing here writes.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q

from accounts.models import Account
from audit.services import diff, snapshot
from contacts.models import Contact, Employment
from integrations.people.problems import BAD
from integrations.people.values import Draft, name_key
from integrations.tables.problems import RowBad
from users.models import User

SKIP, UPDATE = "skip", "update"
MAX_NAMES = 3


@dataclass
class Plan:
    """What is to be done with one row: problems, or a contact (new without a key) and an employment (likewise)."""

    draft: Draft
    account: Account | None = None
    contact: Contact | None = None
    employment: Employment | None = None
    contact_before: dict[str, Any] | None = None
    employment_before: dict[str, Any] | None = None
    problems: list[RowBad] = field(default_factory=list)

    @property
    def result(self) -> str:
        """`created`, `updated`, `unchanged`, `known` (left out) or `bad`."""
        if self.problems:
            return "bad" if any(problem.code in BAD for problem in self.problems) else "known"
        if self.contact_before is None:
            return "created"
        return "updated" if self.contact_changes or self.employment_changes else "unchanged"

    @cached_property
    def contact_changes(self) -> dict[str, list[Any]]:
        """Field -> from, to, of a person who is known."""
        return {} if self.contact_before is None or self.contact is None else diff(self.contact_before, self.contact)

    @cached_property
    def employment_changes(self) -> dict[str, list[Any]]:
        """Likewise of where they work; not empty where they begin there."""
        if self.employment is None:
            return {}
        if self.employment_before is None:
            return {"account": [None, self.employment.account_id]}
        return diff(self.employment_before, self.employment)


class SeenRows:
    """Which person stood in which row of the file so far."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], int] = {}

    def add(self, draft: Draft) -> RowBad | None:
        """Remember a row that can be read; the problem where the same person stood above."""
        above = next(((name, self._rows[key]) for name, key in draft.identities() if key in self._rows), None)
        for _name, key in draft.identities() if not draft.problems else ():
            self._rows.setdefault(key, draft.row)
        return RowBad("repeated_in_file", above[0], value=above[1]) if above else None


@dataclass
class Known:
    """What the database has that a batch is about."""

    accounts: dict[str, Account]
    owners: dict[str, User]
    by_key: dict[tuple[str, str], dict[int, Contact]]
    by_name: dict[tuple[int, str], dict[int, Contact]]
    editable: set[int]
    employments: dict[tuple[int, int], Employment]


def plan_batch(
    drafts: Sequence[Draft], repeated: dict[int, RowBad], *, actor: User, today: dt.date, on_known: str
) -> list[Plan]:
    """A plan for every row. `repeated`: row -> the problem of standing in the file twice. Eight statements at most."""
    known = _look_up(drafts, actor=actor, today=today)
    taken: dict[tuple[int, int], int] = {}
    plans = []
    for draft in drafts:
        plan = _plan(draft, repeated.get(draft.row), known, today=today, on_known=on_known)
        if not plan.problems and plan.contact is not None and plan.contact.pk and plan.account is not None:
            above = taken.setdefault((plan.contact.pk, plan.account.pk), draft.row)
            if above != draft.row:
                plan.problems.append(RowBad("repeated_in_file", "name", value=above))
        plans.append(plan)
    return plans


def account_ids(drafts: Iterable[Draft], actor: User) -> list[int]:
    """The accounts that the rows name and the importer may change, in the order in which they are locked."""
    codes = {draft.account for draft in drafts if draft.account}
    found = Account.objects.editable_by(actor).filter(code__in=codes)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _look_up(drafts: Sequence[Draft], *, actor: User, today: dt.date) -> Known:
    codes = {draft.account for draft in drafts if draft.account}
    logins = {draft.owner for draft in drafts if draft.owner}
    accounts = {row.code: row for row in Account.objects.editable_by(actor).filter(code__in=codes)}
    users = User.objects.visible_to(actor).active().filter(Q(username__in=logins) | Q(email__in=logins))
    owners: dict[str, User] = {}
    for user in users if logins else ():
        owners.setdefault(user.email, user)
        owners[user.username] = user
    people: dict[int, Contact] = {}
    by_key = _people_by_key(drafts, actor, people)
    by_name = _people_by_name(drafts, accounts, people)
    editable = set(Contact.objects.editable_by(actor).filter(pk__in=people).values_list("pk", flat=True))
    jobs = Employment.objects.filter(contact__in=people, account__in=accounts.values()).current(today)
    employments = {(job.contact_id, job.account_id): job for job in jobs.select_related("contact", "account")}
    return Known(accounts, owners, by_key, by_name, editable, employments)


def _people_by_key(
    drafts: Iterable[Draft], actor: User, people: dict[int, Contact]
) -> dict[tuple[str, str], dict[int, Contact]]:
    """(field, value) -> the people with that number or address whom the importer sees; they are put into `people`."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for draft in drafts:
        for name in ("mobile", "email", "wechat"):
            if value := draft.contact.get(name):
                wanted[name].add(value)
    same = Q()
    for name, values in wanted.items():
        same |= Q(**{f"{name}__in": values})
    found: dict[tuple[str, str], dict[int, Contact]] = defaultdict(dict)
    if same:
        for person in Contact.objects.visible_to(actor).filter(same, erased=False).order_by("pk"):
            people[person.pk] = person
            for name in wanted:
                found[name, getattr(person, name)][person.pk] = person
    return found


def _people_by_name(
    drafts: Iterable[Draft], accounts: dict[str, Account], people: dict[int, Contact]
) -> dict[tuple[int, str], dict[int, Contact]]:
    """(account, name without case and spaces) -> the people of that name who work or worked there."""
    ids = {accounts[draft.account].pk for draft in drafts if draft.account in accounts and draft.name}
    spellings = {spelling for draft in drafts for spelling in (draft.name, "".join(draft.name.split())) if spelling}
    jobs = Employment.objects.filter(account__in=ids, contact__name__in=spellings, contact__erased=False)
    found: dict[tuple[int, str], dict[int, Contact]] = defaultdict(dict)
    for job in jobs.select_related("contact").order_by("contact", "-pk"):
        person = people.setdefault(job.contact_id, job.contact)
        found[job.account_id, name_key(person.name)][person.pk] = person
    return found


def _plan(draft: Draft, repeated: RowBad | None, known: Known, *, today: dt.date, on_known: str) -> Plan:
    plan = Plan(draft, problems=[*draft.problems, *([repeated] if repeated else [])])
    plan.account = known.accounts.get(draft.account)
    if draft.account and plan.account is None:
        plan.problems.append(RowBad("unknown_account", "account", value=draft.account[:80]))
    if draft.owner and draft.owner not in known.owners:
        plan.problems.append(RowBad("unknown_owner", "owner", value=draft.owner[:80]))
    if plan.account is not None:
        plan.problems += _date_problems(draft, plan.account, today)
    if plan.problems or plan.account is None:
        return plan
    matched, people = _matches(draft, plan.account, known)
    if len(people) > 1:
        names = ", ".join(str(person) for person in list(people.values())[:MAX_NAMES])
        plan.problems.append(RowBad("several_known", matched, value=names))
    elif people:
        _plan_known(plan, matched, next(iter(people.values())), known, on_known)
    else:
        plan.contact = Contact(**draft.contact)
        _plan_employment(plan, plan.contact, None, known)
    return plan


def _date_problems(draft: Draft, account: Account, today: dt.date) -> list[RowBad]:
    begin, born = draft.employment.get("from_date"), draft.contact.get("birthday_year")
    found = []
    if begin is not None and begin > today:
        found.append(RowBad("date_in_future", "from_date", value=begin.isoformat()))
    elif begin is not None and account.founded_on and begin < account.founded_on:
        found.append(RowBad("before_founding", "from_date", value=account.founded_on.isoformat()))
    if born is not None and born > today.year:
        found.append(RowBad("date_in_future", "birthday", value=str(born)))
    return found


def _matches(draft: Draft, account: Account, known: Known) -> tuple[str, dict[int, Contact]]:
    """The people that the row may be: by number or address, else by name at this account; and by which field."""
    found: dict[int, Contact] = {}
    matched = ""
    for name in ("mobile", "email", "wechat"):
        same = known.by_key.get((name, draft.contact.get(name, "")), {}) if draft.contact.get(name) else {}
        matched = matched or (name if same else "")
        found |= same
    if not found:
        found, matched = known.by_name.get((account.pk, name_key(draft.name)), {}), "name"
    return matched, found


def _plan_known(plan: Plan, matched: str, person: Contact, known: Known, on_known: str) -> None:
    """A person who is known: left out, or changed by the cells that are not empty."""
    if on_known != UPDATE:
        plan.problems.append(RowBad("known", matched, value=str(person)))
        return
    if person.pk not in known.editable:
        plan.problems.append(RowBad("known_read_only", matched, value=str(person)))
        return
    plan.contact_before = snapshot(person)
    for name, value in plan.draft.contact.items():
        setattr(person, name, value)
    plan.contact = person
    job = known.employments.get((person.pk, plan.account.pk)) if plan.account else None
    _plan_employment(plan, person, job, known)


def _plan_employment(plan: Plan, person: Contact, job: Employment | None, known: Known) -> None:
    values: dict[str, Any] = dict(plan.draft.employment)
    if plan.draft.owner:
        values["owner"] = known.owners[plan.draft.owner]
    if job is None:
        job = Employment(contact=person, account=plan.account)
    else:
        plan.employment_before = snapshot(job)
        job.contact = person
    for name, value in values.items():
        setattr(job, name, value)
    plan.employment = job
