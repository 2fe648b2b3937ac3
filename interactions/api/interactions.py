"""The REST API of interactions and their files."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from core.api.parsers import StrictJSONParser
from core.api.views import ReadOnlyScopedViewSet
from interactions import services
from interactions.api.interaction_serializers import (
    FileUploadSerializer,
    GivenReasonSerializer,
    InteractionCreateSerializer,
    InteractionFileSerializer,
    InteractionSerializer,
)
from interactions.filters.interactions import (
    INTERACTION_DEFAULT_SORT,
    INTERACTION_SORTS,
    InteractionFileFilter,
    InteractionFilter,
)
from interactions.http import file_answer
from interactions.models import Interaction, InteractionFile, NextStep

INTERACTION_EXAMPLE = OpenApiExample(
    "A visit with a promise",
    request_only=True,
    value={
        "account": 42,
        "kind": "visit",
        "occurred_at": "2026-03-16T10:00:00+08:00",
        "duration_minutes": 60,
        "title": "季度回顾",
        "minutes": "## 结论\n\n- 交期缩短到 **10 天**\n- 下季度试用新型号，@李雷 跟进",
        "outcome": "good",
        "mood": 4,
        "topics": ["交期", "新品"],
        "contacts": [7],
        "colleagues": [3],
        "next_steps": [{"kind": "promise", "text": "发送新报价", "owner": 3, "due_date": "2026-03-20"}],
        "client_key": "9c0b3d8e-52d7-4c0e-8a55-0f4ce7b1c0de",
    },
)


class InteractionViewSet(ReadOnlyScopedViewSet):
    """What happened at the accounts that the caller sees."""

    tag = "Interactions"
    scope = "interactions"
    serializer_class = InteractionSerializer
    filterset_class = InteractionFilter
    sorts = INTERACTION_SORTS
    default_sort = INTERACTION_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        steps = NextStep.objects.visible_to(self.request.user).select_related("account", "owner", "closed_by")
        files = InteractionFile.objects.visible_to(self.request.user).select_related("uploaded_by")
        return (
            Interaction.objects.visible_to(self.request.user)
            .select_related("account", "author", "check_in", "visit")
            .prefetch_related("contacts", "colleagues", "topics", "mentioned")
            .prefetch_related(models.Prefetch("next_steps", steps), models.Prefetch("files", files))
        )

    @extend_schema(
        request=InteractionCreateSerializer,
        responses={200: InteractionSerializer, 201: InteractionSerializer},
        examples=[INTERACTION_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        """Log an interaction with its next steps.

        The same `client_key` of the same caller again changes nothing and answers 200 with the first row.
        """
        serializer = InteractionCreateSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        require_editable(request.user, serializer.validated_data["account"].pk)
        parts = serializer.parts()
        sent = serializer.build()
        row = services.log_interaction(sent, actor=request.user, now=timezone.now(), **parts)
        return self._written(row, status.HTTP_201_CREATED if row is sent else status.HTTP_200_OK)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change an interaction. Lists of people and topics are replaced as a whole; steps have their own resource."""
        row = self.get_object()
        require_editable(request.user, row.account_id)
        serializer = self.validated(row, partial=partial)
        names = ("contacts", "colleagues", "topics")
        parts = {name: serializer.validated_data.pop(name, None) for name in names}
        services.update_interaction(serializer.apply(), actor=request.user, now=timezone.now(), **parts)
        return self._written(row)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of an interaction."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Delete an interaction with its steps and files: its author within 24 hours, a supervisor at any time.

        The body gives the reason: `{"reason": "…"}`.
        """
        row = self.get_object()
        require_editable(request.user, row.account_id)
        serializer = GivenReasonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.delete_interaction(row, **serializer.validated_data, actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _written(self, row: Interaction, http_status: int = status.HTTP_200_OK) -> Response:
        """The row as `retrieve` shows it, with what writing it found out."""
        stored = self.get_queryset().filter(pk=row.pk).first() or row
        stored.not_notified = row.not_notified
        return Response(self.get_serializer(stored).data, status=http_status)


class InteractionFileViewSet(ReadOnlyScopedViewSet):
    """Files of interactions."""

    tag = "Interactions"
    scope = "interactions"
    serializer_class = InteractionFileSerializer
    filterset_class = InteractionFileFilter
    parser_classes = [MultiPartParser, StrictJSONParser]

    def get_queryset(self) -> models.QuerySet[Any]:
        return InteractionFile.objects.visible_to(self.request.user).select_related("interaction", "uploaded_by")

    @extend_schema(request={"multipart/form-data": FileUploadSerializer}, responses={201: InteractionFileSerializer})
    def create(self, request: Request) -> Response:
        """Add a file to an interaction, as `multipart/form-data` with the fields `interaction` and `file`.

        Pictures are written anew, at most 2000 pixels a side, without what cameras put into them.
        """
        serializer = FileUploadSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        interaction = serializer.validated_data["interaction"]
        require_editable(request.user, interaction.account_id)
        file = services.attach_file(interaction, serializer.validated_data["file"], actor=request.user)
        return self.shown(file, status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a file."""
        file = self.get_object()
        require_editable(request.user, file.account_id)
        services.remove_file(file, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: int) -> Any:
        """The bytes of a file, as an attachment."""
        return file_answer(self.get_object())
