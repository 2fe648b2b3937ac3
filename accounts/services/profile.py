"""Create and edit accounts, and keep the group tree right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import cast

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from accounts.errors import GroupCycle, GroupTooDeep
from accounts.models import Account, AccountSummary, Tag
from accounts.services.responsibility import assign_manager
from audit.services import diff, record, snapshot
from search.services import index_rows
from users.models import User


@transaction.atomic
def create_account(
    account: Account,
    *,
    actor: User | None,
    today: dt.date,
    manager: User | None = None,
    tags: Iterable[str] = (),
    reason: str = "",
) -> Account:
    """Save a new account with its summary row, its place in the group, its tags and its first manager.

    Raises ValidationError (fields), GroupTooDeep and ManagerInactive.
    """
    account.full_clean()
    prefix = ""
    if account.parent_id is not None:
        # Locked, so that a move of the parent waits for its new child and takes it along.
        prefix = Account.objects.select_for_update(of=("self",)).get(pk=account.parent_id).path
    account.save()
    account.path = _fitting(f"{prefix}{account.pk}.")
    Account.objects.filter(pk=account.pk).update(path=account.path)
    AccountSummary.objects.create(account=account)
    account.tags.set(_tags_named(tags))
    record("account.created", account, actor=actor, reason=reason)
    if manager is not None:
        assign_manager(account, manager, actor=actor, reason=reason or _("New account"), today=today)
    index_rows("account", [account.pk])
    return account


@transaction.atomic
def update_account(account: Account, *, actor: User | None, tags: Iterable[str] | None = None) -> Account:
    """Save the changed fields of `account`; a new parent moves its whole subtree.

    Raises ValidationError, GroupCycle, GroupTooDeep.
    """
    if Account.objects.filter(pk=account.pk).exclude(parent=account.parent_id).exists():
        _lock_tree()  # before the row itself, as every mover does
    stored = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    before = snapshot(stored)
    account.path = stored.path
    if account.parent_id != stored.parent_id:
        _move_in_group(account, stored)
    account.full_clean()
    # Only what forms may change: the manager and tier of an older copy of the row must not come back.
    account.save(update_fields=[*(before.keys() - {"id"}), "path", "updated_at"])
    changes = diff(before, account)
    if tags is not None:
        old, new = {tag.name for tag in account.tags.all()}, set(tags)
        if old != new:
            changes["tags"] = [sorted(old), sorted(new)]
            account.tags.set(_tags_named(new))
    if changes:
        record("account.updated", account, actor=actor, changes=changes)
        index_rows("account", [account.pk])
    return account


def _tags_named(names: Iterable[str]) -> list[Tag]:
    """The tags of these names; those that are new are made."""
    wanted = sorted(set(names))
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=wanted))


def _lock_tree() -> None:
    """One move at a time, until the end of the transaction: several at once could close a circle between them. The
    first account's row is the token; moves are rare, and writes that move nothing do not wait."""
    Account.objects.select_for_update(of=("self",)).order_by("pk").first()


def _move_in_group(account: Account, stored: Account) -> None:
    """Re-path the subtree of `stored` under the new parent of `account`. Raises GroupCycle, GroupTooDeep."""
    _lock_tree()
    stored.refresh_from_db(fields=["path"])
    prefix = ""
    if account.parent_id is not None:
        prefix = Account.objects.values_list("path", flat=True).get(pk=account.parent_id)
        if prefix.startswith(stored.path):
            raise GroupCycle(field="parent")
    account.path = f"{prefix}{stored.pk}."
    subtree = Account.objects.filter(path__startswith=stored.path)
    # In the order in which every service locks rows: two that meet wait for each other instead of failing.
    paths = subtree.select_for_update(of=("self",)).order_by("pk").values_list("path", flat=True)
    _fitting(account.path + max(paths, key=len)[len(stored.path) :])
    subtree.update(path=Concat(Value(account.path), Substr(F("path"), len(stored.path) + 1)))


def _fitting(path: str) -> str:
    """`path`, where its column can hold it. Raises GroupTooDeep."""
    if len(path) > cast(int, Account._meta.get_field("path").max_length):
        raise GroupTooDeep(field="parent")
    return path
