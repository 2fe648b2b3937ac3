"""The REST API of the files of contracts."""

from __future__ import annotations

import io
from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from contracts.api.document_serializers import DocumentSerializer, DocumentUploadSerializer
from contracts.forms.documents import DocumentFilter
from contracts.models import ContractDocument
from contracts.services import documents as services
from core.api.parsers import StrictJSONParser
from core.api.views import ReadOnlyScopedViewSet
from core.http import attachment


class DocumentViewSet(ReadOnlyScopedViewSet):
    """Files of the contracts that the caller sees."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilter
    parser_classes = [MultiPartParser, StrictJSONParser]

    def get_queryset(self) -> models.QuerySet[Any]:
        return ContractDocument.objects.visible_to(self.request.user).select_related("contract", "uploaded_by")

    @extend_schema(request={"multipart/form-data": DocumentUploadSerializer}, responses={201: DocumentSerializer})
    def create(self, request: Request) -> Response:
        """Add a file, as `multipart/form-data` with the fields `contract`, `kind` and `file`.

        A signed scan is a PDF or a picture. Pictures are written anew, at most 2000 pixels a side.
        """
        serializer = DocumentUploadSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        require_editable(request.user, values["contract"].account_id)
        document = services.upload_document(values["contract"], values["file"], kind=values["kind"], actor=request.user)
        return self.shown(document, status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: int) -> Any:
        """The bytes of a file, as an attachment; 409 `document_changed` where they are not what was stored."""
        document = self.get_object()
        data = services.read_document(document, actor=request.user)
        return attachment(io.BytesIO(data), document.name, document.content_type)
