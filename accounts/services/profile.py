"""Create and edit accounts, and keep the group tree right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from accounts.errors import GroupCycle
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

    Raises ValidationError (fields) and ManagerInactive.
    """
    account.full_clean()
    account.save()
    account.path = f"{account.parent.path if account.parent else ''}{account.pk}."
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
    """Save the changed fields of `account`; a new parent moves its whole subtree. Raises ValidationError, GroupCycle."""
    stored = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    before = snapshot(stored)
    account.path = stored.path
    if account.parent_id != stored.parent_id:
        _move_in_group(account, stored)
    account.full_clean()
    account.save()
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


def _move_in_group(account: Account, stored: Account) -> None:
    """Re-path the subtree under its new parent. Both groups' top rows are locked first, in order, so that two moves at
    the same moment cannot close a circle between them."""
    parent = account.parent
    tops = {int(stored.root_path[:-1])}
    if parent is not None:
        parent = Account.objects.get(pk=parent.pk)
        tops.add(int(parent.root_path[:-1]))
    list(Account.objects.select_for_update(of=("self",)).filter(pk__in=tops).order_by("pk"))
    stored.refresh_from_db(fields=["path"])
    if parent is not None:
        parent.refresh_from_db(fields=["path"])
        if parent.path.startswith(stored.path):
            raise GroupCycle(field="parent")
    new_path = f"{parent.path if parent else ''}{stored.pk}."
    Account.objects.filter(path__startswith=stored.path).update(
        path=Concat(Value(new_path), Substr(F("path"), len(stored.path) + 1))
    )
    account.path = new_path
