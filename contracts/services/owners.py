"""Contracts of somebody who leaves."""

from __future__ import annotations

from django.db import transaction
from django.db.models import OuterRef, Subquery

from accounts.models import Account
from audit.services import entry, record_many
from contracts.choices import Phase
from contracts.models import Contract
from users.models import User

BATCH = 2000


@transaction.atomic
def pass_on_contracts(user: User) -> int:
    """Give the contracts that `user` owns to the managers of their accounts, in sets; returns how many.

    What came to nothing keeps its owner, and so does what belongs to an account that nobody active manages.
    """
    owned = Contract.objects.filter(owner=user, account__manager__is_active=True).exclude(account__manager=user)
    keys = list(owned.exclude(phase=Phase.DISCARDED).order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(keys), BATCH):
        rows = Contract.objects.filter(pk__in=keys[at : at + BATCH])
        record_many(
            entry("contract.updated", row, actor=None, changes={"owner": (str(user), str(row.account.manager))})
            for row in rows.select_related("account__manager")
        )
        manager = Account.objects.order_by().filter(pk=OuterRef("account")).values("manager")[:1]
        rows.update(owner=Subquery(manager))
    return len(keys)
