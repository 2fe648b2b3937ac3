"""Who is responsible: the primary manager with history, and the account team."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts.errors import ManagerInactive, MemberExpired, MemberIsManager, NotALeader, SameManager
from accounts.models import Account, AccountMember, ManagerAssignment
from audit.models import AuditEntry
from audit.services import diff, entry, record, record_many, snapshot
from users.models import User

NOTED_DAYS = dt.timedelta(days=60)


@transaction.atomic
def assign_manager(account: Account, manager: User, *, actor: User | None, reason: str, today: dt.date) -> None:
    """Make `manager` the primary manager from `today` on.

    Raises ManagerInactive, SameManager, and NotALeader: managers take what they create themselves; any other change of
    hands is decided by a supervisor or above (`actor` None is the system).
    """
    own_new_account = account.manager_id is None and manager == actor
    if actor is not None and not actor.leads and not own_new_account:
        raise NotALeader
    if assign_managers([account.pk], manager, actor=actor, reason=reason, today=today) == 0:
        raise SameManager(field="manager")
    account.refresh_from_db(fields=["manager"])


@transaction.atomic
def assign_managers(
    account_ids: Collection[int], manager: User, *, actor: User | None, reason: str, today: dt.date
) -> int:
    """Give all these accounts to `manager` in a set; returns how many changed hands. Raises ManagerInactive.

    The open assignment is closed and a new one opened; one that begins later than `today` closes on its first day.
    Accounts that `manager` has already stay as they are.
    """
    if not manager.is_active:
        raise ManagerInactive(field="manager")
    others = Account.objects.select_for_update(of=("self",)).filter(pk__in=account_ids).exclude(manager=manager)
    accounts = list(others.select_related("manager").order_by("pk"))
    ids = [account.pk for account in accounts]
    ManagerAssignment.objects.filter(account__in=ids, until_date__isnull=True).update(
        until_date=Greatest(F("from_date"), Value(today))
    )
    ManagerAssignment.objects.bulk_create(
        [
            ManagerAssignment(account_id=pk, manager=manager, from_date=today, reason=reason, assigned_by=actor)
            for pk in ids
        ],
        batch_size=2000,
    )
    Account.objects.filter(pk__in=ids).update(manager=manager)
    record_many(
        entry(
            "account.manager_assigned",
            account,
            actor=actor,
            changes={"manager": (account.manager and str(account.manager), str(manager))},
            reason=reason,
            gained=[manager.pk],
            lost=[account.manager_id],
        )
        for account in accounts
    )
    return len(ids)


@transaction.atomic
def add_member(member: AccountMember, *, actor: User | None, today: dt.date) -> AccountMember:
    """Put a person on the account team.

    Raises ValidationError where they are on it already, MemberIsManager (a manager is not their own deputy),
    MemberExpired.
    """
    member.full_clean()
    _check_person(member)
    _check_last_day(member, today)
    member.save()
    values = {"user": str(member.user), "role": member.role, "right": member.right, "expires_on": member.expires_on}
    changes = {name: (None, value) for name, value in values.items()}
    record("member.added", member, actor=actor, changes=changes, gained=[member.user_id])
    return member


@transaction.atomic
def update_member(member: AccountMember, *, actor: User | None, today: dt.date) -> AccountMember:
    """Change person, role, right or last day of a member. Raises what `add_member` raises, for what has changed."""
    before = snapshot(AccountMember.objects.select_for_update(of=("self",)).get(pk=member.pk))
    member.full_clean()
    changes = diff(before, member)
    if "user" in changes:
        _check_person(member)
    if "expires_on" in changes:
        _check_last_day(member, today)
    member.save()
    if changes:
        gained, lost = ([member.user_id], [before["user"]]) if "user" in changes else ([], [])
        record("member.updated", member, actor=actor, changes=changes, gained=gained, lost=lost)
    return member


def _check_person(member: AccountMember) -> None:
    if member.user_id == member.account.manager_id:
        raise MemberIsManager(field="user")


def _check_last_day(member: AccountMember, today: dt.date) -> None:
    if not member.is_current(today):
        raise MemberExpired(field="expires_on")


@transaction.atomic
def remove_member(member: AccountMember, *, actor: User | None) -> None:
    """Take a person off the account team."""
    record(
        "member.removed",
        member,
        actor=actor,
        changes={"user": (str(member.user), None)},
        lost=[member.user_id],
    )
    member.delete()


@transaction.atomic
def note_expired_members(today: dt.date) -> int:
    """Leave an entry for each member whose last day is over, once for each last day; returns how many are new.

    Access ends by the date alone. Programs that follow the changes learn of it by the entry, up to `NOTED_DAYS` late.
    """
    over = AccountMember.objects.filter(expires_on__lt=today, expires_on__gte=today - NOTED_DAYS)
    members = list(over.select_related("user", "account").order_by("pk"))
    noted = set(
        AuditEntry.objects.filter(
            action="member.expired",
            object_type=AccountMember._meta.label_lower,
            object_id__in=[member.pk for member in members],
        ).values_list("object_id", "changes__expires_on__0")
    )
    new = [member for member in members if (member.pk, str(member.expires_on)) not in noted]
    record_many(
        entry(
            "member.expired",
            member,
            actor=None,
            changes={"expires_on": (member.expires_on, None)},
            lost=[member.user_id],
        )
        for member in new
    )
    return len(new)
