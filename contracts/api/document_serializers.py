"""Files of contracts as JSON."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from contracts.choices import DocumentKind
from contracts.models import Contract, ContractDocument, DocumentTemplate
from contracts.services.documents import FORMATS
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField, StrictSerializer


class DocumentSerializer(ScopedModelSerializer):
    """A file of a contract, never changed; `content` is where its bytes are, `sha256` their hash in hexadecimal."""

    contract = NamedRelatedField(read_only=True)
    uploaded_by = NamedRelatedField(read_only=True, allow_null=True)
    content = serializers.SerializerMethodField()

    class Meta:
        model = ContractDocument
        fields = [
            "id", "contract", "version", "kind", "name", "size", "content_type", "sha256", "language", "uploaded_by",
            "created_at", "content",
        ]  # fmt: skip
        read_only_fields = fields

    def get_content(self, row: ContractDocument) -> str:
        return reverse("api:contract-document-content", args=[row.pk])


class GenerateSerializer(StrictSerializer):
    """What a document is made of; everything has a default."""

    version = serializers.IntegerField(
        required=False, min_value=1, max_value=32_767,
        help_text="The number of a version. Default: the signed one, before the first signature the draft.",
    )  # fmt: skip
    file_format = serializers.ChoiceField(choices=FORMATS, default="docx")
    language = serializers.ChoiceField(
        choices=settings.LANGUAGES, required=False, help_text="Of the standard template. Default: that of the request."
    )
    template = ScopedRelatedField(
        queryset=DocumentTemplate.objects.all(), required=False, allow_null=True, default=None,
        help_text="One of `/document-templates/`, which has a language of its own. Default: the standard template.",
    )  # fmt: skip


class TemplateSerializer(ScopedModelSerializer):
    """A template that documents are made from; `content` is where its DOCX is."""

    content = serializers.SerializerMethodField()

    class Meta:
        model = DocumentTemplate
        fields = ["id", "name", "kind", "language", "is_active", "created_at", "updated_at", "content"]
        read_only_fields = fields

    def get_content(self, row: DocumentTemplate) -> str:
        return reverse("api:document-template-content", args=[row.pk])


class DocumentUploadSerializer(StrictSerializer):
    """One file as multipart/form-data."""

    contract = ScopedRelatedField(queryset=Contract.objects.all())
    kind = serializers.ChoiceField(
        choices=[choice for choice in DocumentKind.choices if choice[0] != "generated"], default="attachment"
    )
    file = serializers.FileField(allow_empty_file=True)
