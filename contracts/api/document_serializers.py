"""Files of contracts as JSON."""

from __future__ import annotations

from django.urls import reverse
from rest_framework import serializers

from contracts.choices import DocumentKind
from contracts.models import Contract, ContractDocument
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


class DocumentUploadSerializer(StrictSerializer):
    """One file as multipart/form-data."""

    contract = ScopedRelatedField(queryset=Contract.objects.all())
    kind = serializers.ChoiceField(
        choices=[choice for choice in DocumentKind.choices if choice[0] != "generated"], default="attachment"
    )
    file = serializers.FileField(allow_empty_file=True)
