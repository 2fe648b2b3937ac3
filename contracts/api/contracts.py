"""The REST API of contracts, their versions and lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import models
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from contracts import services
from contracts.api.contract_serializers import (
    AmendSerializer,
    ContractDetailSerializer,
    ContractReasonSerializer,
    ContractSerializer,
    DifferenceSerializer,
    DraftSerializer,
    LineRowSerializer,
    NothingSerializer,
    NoticeSerializer,
    SignSerializer,
    SubmitSerializer,
    TerminateSerializer,
    VersionDetailSerializer,
    VersionSerializer,
)
from contracts.api.documents import GeneratesDocuments
from contracts.difference import Change, FieldChange, RowChange
from contracts.errors import NothingToDiscard, NoVersionAtWork, VersionSigned
from contracts.filters import (
    CONTRACT_DEFAULT_SORT,
    CONTRACT_SORTS,
    LINE_SORTS,
    VERSION_SORTS,
    ContractFilter,
    LineFilter,
    VersionFilter,
)
from contracts.models import Contract, ContractLine, ContractVersion
from core.api.views import ReadOnlyScopedViewSet
from core.errors import DomainError

ROWS = ("lines__product_line", "signatories__user", "signatories__contact", "instalments")
CONTRACT_EXAMPLE = OpenApiExample(
    "A year of supply",
    request_only=True,
    value={
        "account": 42,
        "kind": "supply",
        "title": "2026 年度供货",
        "currency": "CNY",
        "draft": {
            "start_date": "2026-04-01",
            "end_date": "2027-03-31",
            "notice_days": 60,
            "tax_rate": "13",
            "lines": [{"product_line": 3, "quantity": "100", "unit": "台", "unit_price": "1250.00", "discount": "5"}],
            "signatories": [{"side": "customer", "contact": 7, "position": "总经理"}],
            "instalments": [
                {"title": "预付款", "amount": "40256.25", "due_by": "date", "due_date": "2026-04-15"},
                {"title": "验收款", "amount": "93931.25", "due_by": "event", "event": "验收", "days_after": 30},
            ],
        },
    },
)


@contextmanager
def _in_draft() -> Iterator[None]:
    """What a service says about the version is about the fields of `draft`."""
    try:
        yield
    except DomainError as error:
        if error.field and error.field.split(".")[0] in DraftSerializer.Meta.fields:
            error.field = f"draft.{error.field}"
        raise


class ContractViewSet(GeneratesDocuments, ReadOnlyScopedViewSet):
    """Contracts with the accounts that the caller sees."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = ContractDetailSerializer
    filterset_class = ContractFilter
    sorts = CONTRACT_SORTS
    default_sort = CONTRACT_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Contract.objects.visible_to(self.request.user)
        return rows.select_related("account", "owner", "predecessor").with_state(timezone.localdate())

    def get_serializer_class(self) -> type[ContractSerializer]:
        return ContractSerializer if self.action == "list" else ContractDetailSerializer

    def get_object(self) -> Contract:
        return self._with_draft(super().get_object())

    @extend_schema(examples=[CONTRACT_EXAMPLE])
    def create(self, request: Request) -> Response:
        """Draft a contract; it gets the next number of the year. What is odd but possible is told as `warnings`."""
        serializer = self.validated()
        require_editable(request.user, serializer.validated_data["account"].pk)
        parts = serializer.parts()
        version = ContractVersion(**serializer.validated_data.pop("draft"))
        serializer.validated_data.setdefault("owner", request.user)
        with _in_draft():
            contract = services.draft_contract(
                serializer.build(), version, parts, actor=request.user, today=timezone.localdate()
            )
        return self._answer(contract, version.warnings, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change the draft and, until the first version is signed, the contract. Lists are replaced as a whole.

        Owner, title and the number elsewhere can be changed at any time. 409 `version_signed` where no version is being
        worked on, `wrong_status` where it is in approval or approved.
        """
        contract = self._editable()
        draft: ContractVersion | None = contract.draft
        if draft is None and ("draft" in request.data or not partial):
            raise VersionSigned
        serializer = self.validated(contract, partial=partial)
        if draft is None:
            return self._answer(services.update_details(serializer.apply(), actor=request.user))
        parts = serializer.parts()
        for name, value in serializer.validated_data.pop("draft", {}).items():
            setattr(draft, name, value)
        with _in_draft():
            version = services.update_draft(serializer.apply(), draft, parts, actor=request.user)
        return self._answer(contract, version.warnings)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some of it; lists that are not sent stay."""
        return self.update(request, pk, partial=True)

    @extend_schema(request=ContractReasonSerializer, responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Discard the version at work, as `discard` does; a contract that was never signed keeps its number.

        The body gives the reason: `{"reason": "…"}`.
        """
        self._discard()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=SubmitSerializer, responses=ContractDetailSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:
        """Ask for approval of the version at work; where no rule wants one, it is approved at once."""
        version, values = self._at_work(), self._body(SubmitSerializer)
        version = services.submit_version(version, **values, actor=request.user, now=timezone.now())
        return self._answer(version.contract, version.warnings)

    @extend_schema(request=SignSerializer, responses=ContractDetailSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: int) -> Response:
        """Both sides signed the approved version; it never changes again.

        403 `not_responsible` unless the caller owns the contract, manages the account or leads.
        """
        version, values = self._at_work(), self._body(SignSerializer)
        now = timezone.now()
        services.sign_version(version, **values, actor=request.user, today=timezone.localdate(now), now=now)
        return self._answer(version.contract)

    @extend_schema(request=AmendSerializer, responses={201: ContractDetailSerializer})
    @action(detail=True, methods=["post"])
    def amend(self, request: Request, pk: int) -> Response:
        """Begin an amendment: `draft` is a copy of the signed version, to be changed. 409 `version_at_work`."""
        contract, values = self._editable(), self._body(AmendSerializer)
        services.amend_contract(contract, **values, actor=request.user)
        return self._answer(contract, http_status=status.HTTP_201_CREATED)

    @extend_schema(request=ContractReasonSerializer, responses=ContractDetailSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: int) -> Response:
        """The version at work comes to nothing, and why. One in approval must be withdrawn first."""
        return self._answer(self._discard())

    @extend_schema(request=ContractReasonSerializer, responses=ContractDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """Make a draft again of a version that was approved and is not signed; it must be approved anew."""
        version, values = self._at_work(), self._body(ContractReasonSerializer)
        services.reopen_version(version, **values, actor=request.user)
        return self._answer(version.contract)

    @extend_schema(request=NoticeSerializer, responses=ContractDetailSerializer)
    @action(detail=True, methods=["post"], url_path="give-notice")
    def give_notice(self, request: Request, pk: int) -> Response:
        """Note that one side gave notice: the contract no longer renews itself."""
        contract, values = self._editable(), self._body(NoticeSerializer)
        services.give_notice(contract, **values, actor=request.user, today=timezone.localdate())
        return self._answer(contract)

    @extend_schema(request=TerminateSerializer, responses=ContractDetailSerializer)
    @action(detail=True, methods=["post"])
    def terminate(self, request: Request, pk: int) -> Response:
        """End the contract before its time; where a rule wants it, others have to agree first (`phase` tells)."""
        contract, values = self._editable(), self._body(TerminateSerializer)
        services.terminate_contract(contract, **values, actor=request.user, now=timezone.now())
        return self._answer(contract, contract.warnings)

    @extend_schema(request=NothingSerializer, responses={201: ContractDetailSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: int) -> Response:
        """Draft the contract that follows on this one; the answer is the new one. 409 `renewed_already`."""
        contract = self._editable()
        self._body(NothingSerializer)
        successor = services.renew_contract(contract, actor=request.user, today=timezone.localdate())
        return self._answer(successor, http_status=status.HTTP_201_CREATED)

    @extend_schema(responses=DifferenceSerializer)
    @action(detail=True, url_path="compare/<int:old>/<int:new>")
    def compare(self, request: Request, pk: int, old: int, new: int) -> Response:
        """What differs between two versions, named by their numbers, in lines, plan, dates and amounts."""
        contract = super().get_object()
        rows = ContractVersion.objects.visible_to(request.user).filter(contract=contract, number__in=[old, new])
        versions = {row.number: row for row in rows}
        if old not in versions or new not in versions:
            raise Http404
        found = services.compare_versions(versions[old], versions[new])
        answer = {
            "old": old,
            "new": new,
            "terms": _fields(found.terms),
            "amounts": _fields(found.amounts),
            **{name: _rows(getattr(found, name)) for name in ("lines", "instalments", "signatories")},
        }
        return Response(DifferenceSerializer(answer, context=self.get_serializer_context()).data)

    def _editable(self) -> Contract:
        contract = self.get_object()
        require_editable(self.request.user, contract.account_id)
        return contract

    def _at_work(self) -> ContractVersion:
        contract = self._editable()
        version: ContractVersion | None = contract.draft
        if version is None:
            raise NoVersionAtWork
        version.contract = contract
        return version

    def _discard(self) -> Contract:
        try:
            version = self._at_work()
        except NoVersionAtWork as error:
            raise NothingToDiscard from error
        values = self._body(ContractReasonSerializer)
        return services.discard_version(version, **values, actor=self.request.user).contract

    def _with_draft(self, contract: Contract) -> Contract:
        drafts = ContractVersion.objects.visible_to(self.request.user).at_work().filter(contract=contract)
        contract.draft = drafts.prefetch_related(*ROWS).first()
        return contract

    def _answer(self, contract: Contract, warnings: Any = (), http_status: int = status.HTTP_200_OK) -> Response:
        """The contract as `retrieve` shows it, with what writing it found out."""
        row = self._with_draft(self.get_queryset().filter(pk=contract.pk).first() or contract)
        row.warnings = warnings
        return Response(ContractDetailSerializer(row, context=self.get_serializer_context()).data, status=http_status)

    def _body(self, serializer_class: Any) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values


class ContractVersionViewSet(ReadOnlyScopedViewSet):
    """All versions of the contracts that the caller sees: signed, at work, discarded."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = VersionDetailSerializer
    filterset_class = VersionFilter
    sorts = VERSION_SORTS
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = ContractVersion.objects.visible_to(self.request.user).select_related("contract", "author")
        if self.action == "list":
            return rows
        return rows.prefetch_related(*ROWS)

    def get_serializer_class(self) -> type[VersionSerializer]:
        return VersionSerializer if self.action == "list" else VersionDetailSerializer


class ContractLineViewSet(ReadOnlyScopedViewSet):
    """Lines of all versions; `?current=true` for those that count."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = LineRowSerializer
    filterset_class = LineFilter
    sorts: ClassVar = LINE_SORTS
    default_sort = "id"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = ContractLine.objects.visible_to(self.request.user)
        return rows.select_related("version__contract", "product_line")


def _fields(changes: Any) -> list[dict[str, Any]]:
    return [_field(change) for change in changes]


def _field(change: FieldChange) -> dict[str, Any]:
    old, new = (None if value is None else str(value) for value in (change.old, change.new))
    return {"name": change.name.removesuffix("_id"), "old": old, "new": new, "delta": change.delta}


def _rows(changes: list[RowChange]) -> list[dict[str, Any]]:
    return [
        {
            "kind": row.kind.value,
            "text": str(row.new or row.old),
            "old": _number(row.old),
            "new": _number(row.new),
            "fields_changed": _fields(row.fields),
        }
        for row in changes
        if row.kind != Change.SAME
    ]


def _number(row: Any) -> int | None:
    """The row's number, where it has one: the position of a signatory is a job title."""
    position = getattr(row, "position", None)
    return position if isinstance(position, int) else None
