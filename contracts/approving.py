"""What follows for a contract when its approval is decided, told to the approvals app at start."""

from __future__ import annotations

import datetime as dt

from approvals.choices import Subject
from approvals.models import ApprovalRequest
from approvals.registry import Handler, register
from contracts import services
from contracts.choices import ContractKind
from contracts.models import Contract, ContractVersion
from users.models import User


def _version(request: ApprovalRequest) -> ContractVersion:
    return ContractVersion.objects.select_related("contract").get(pk=request.object_id)


def _contract(request: ApprovalRequest) -> Contract:
    return Contract.objects.get(pk=request.object_id)


def _version_approved(request: ApprovalRequest, actor: User | None, now: dt.datetime) -> None:
    services.approve_version(_version(request), actor=actor)


def _version_reopened(request: ApprovalRequest, actor: User | None, now: dt.datetime) -> None:
    services.send_back_version(_version(request), actor=actor)


def _may_see_version(user: User, object_id: int) -> bool:
    return ContractVersion.objects.visible_to(user).filter(pk=object_id).exists()


def _terminated(request: ApprovalRequest, actor: User | None, now: dt.datetime) -> None:
    services.carry_out_termination(_contract(request), actor=actor, now=now)


def _not_terminated(request: ApprovalRequest, actor: User | None, now: dt.datetime) -> None:
    services.drop_termination(_contract(request), actor=actor)


def _may_see_contract(user: User, object_id: int) -> bool:
    return Contract.objects.visible_to(user).filter(pk=object_id).exists()


KINDS = tuple(ContractKind.choices)
VERSION = Handler(approved=_version_approved, reopened=_version_reopened, may_see=_may_see_version, kinds=KINDS)
TERMINATION = Handler(approved=_terminated, reopened=_not_terminated, may_see=_may_see_contract, kinds=KINDS)

register(Subject.CONTRACT, VERSION)
register(Subject.AMENDMENT, VERSION)
register(Subject.TERMINATION, TERMINATION)
