"""The REST API of the files of contracts."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.db import models
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from contracts.api.document_serializers import (
    DocumentSerializer,
    DocumentUploadSerializer,
    GenerateSerializer,
    TemplateSerializer,
)
from contracts.forms.documents import DocumentFilter, TemplateFilter
from contracts.models import Contract, ContractDocument, ContractVersion, DocumentTemplate
from contracts.services import documents as services
from core.api.parsers import StrictJSONParser
from core.api.views import ReadOnlyScopedViewSet
from core.http import attachment
from interactions.services.files import TYPES

GENERATE_EXAMPLE = OpenApiExample(
    "The signed version as PDF", request_only=True, value={"version": 1, "file_format": "pdf", "language": "zh-hans"}
)


class GeneratesDocuments:
    """The action of a contract that makes its document."""

    @extend_schema(request=GenerateSerializer, responses={201: DocumentSerializer}, examples=[GENERATE_EXAMPLE])
    @action(detail=True, methods=["post"], url_path="generate-document")
    def generate_document(self: Any, request: Request, pk: int) -> Response:
        """Make the contract's document, as DOCX or PDF, and keep it; `content` of the answer is where its bytes are.

        400 `document_too_long` beyond 10,000 lines, `template_field_unknown` and its like where the template is wrong;
        409 `template_not_in_use`; 403 `account_read_only`.
        """
        contract = self.get_object()
        require_editable(request.user, contract.account_id)
        serializer = GenerateSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        version = _version(contract, values.pop("version", None))
        language = values.pop("language", None) or translation.get_language() or settings.LANGUAGE_CODE
        document = services.generate_document(
            version, language=language, **values, actor=request.user, today=timezone.localdate()
        )
        context = self.get_serializer_context()
        return Response(DocumentSerializer(document, context=context).data, status=status.HTTP_201_CREATED)


class TemplateViewSet(ReadOnlyScopedViewSet):
    """Templates that documents are made from: the company's, read by everybody. They are kept on the pages."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = TemplateSerializer
    filterset_class = TemplateFilter

    def get_queryset(self) -> models.QuerySet[Any]:
        return DocumentTemplate.objects.visible_to(self.request.user)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: int) -> Any:
        """The DOCX of a template."""
        template = self.get_object()
        try:
            data = services.read_template(template)
        except OSError as error:
            raise Http404 from error
        return attachment(io.BytesIO(data), f"{template.name}.docx", TYPES["docx"])


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


def _version(contract: Contract, number: int | None) -> ContractVersion:
    """The contract's version of that number; without one the signed one or, before it, the draft."""
    found = contract.version if number is None else contract.versions.filter(number=number).first()
    if found is None:
        text = _("This contract has no version %(number)s.") % {"number": number}
        raise serializers.ValidationError({"version": [text]}, code="no_such_version")
    found.contract = contract
    return found
