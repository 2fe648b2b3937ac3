"""What every page about one contract begins with."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from audit.models import AuditEntry
from contracts.choices import VersionStatus
from contracts.models import Contract, ContractVersion
from users.models import User

AT_WORK = (VersionStatus.DRAFT, VersionStatus.IN_APPROVAL, VersionStatus.APPROVED)


def get_contract(user: User, pk: int) -> Contract:
    """The contract with what its header shows. Raises Http404 unless `user` sees it.

    `may_edit` tells whether `user` may change it, `state_now` is its state today, `follower` the contract that renews
    it.
    """
    editable = Account.objects.order_by().editable_by(user).filter(pk=OuterRef("account_id"))
    rows = Contract.objects.visible_to(user).annotate(may_edit=Exists(editable)).with_state(timezone.localdate())
    related = ("account__manager", "owner", "version", "predecessor", "successor")
    contract = rows.select_related(*related).filter(pk=pk).first()
    if contract is None:
        raise Http404
    contract.follower = getattr(contract, "successor", None)
    return contract


def get_editable_contract(user: User, pk: int) -> Contract:
    """As `get_contract`; raises PermissionDenied where the user may read the account but not change it."""
    contract = get_contract(user, pk)
    if not contract.may_edit:
        raise PermissionDenied(_("You may read this account but not change it."))
    return contract


def version_at_work(contract: Contract, *statuses: str) -> ContractVersion:
    """The version that is being worked on, in one of these states where any are named. Raises Http404."""
    version = contract.versions.filter(status__in=statuses or AT_WORK).first()
    if version is None:
        raise Http404
    version.contract = contract
    return version


def signatories_of(version: Any) -> list[Any]:
    """Who signs a version that was found by its own scope."""
    return list(version.signatories.all())


def of_contract(contract: Contract) -> Any:
    """The audit entries of a contract and of all that belongs to it, newest first; the contract was found by its own
    scope."""
    of_account = AuditEntry.objects.of_account(contract.account_id)
    parts = (contract.versions, contract.instalments, contract.receipts, contract.documents, contract.renewals)
    own = of_account.filter(object_type=contract._meta.label_lower, object_id=contract.pk)
    found = [
        of_account.filter(object_type=part.model._meta.label_lower, object_id__in=part.order_by().values("pk"))
        for part in parts
    ]
    ids = [rows.order_by().values("pk") for rows in (own, *found)]
    return of_account.filter(pk__in=ids[0].union(*ids[1:], all=True))
