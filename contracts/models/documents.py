"""Files of a contract, and the templates that documents are made from."""

from __future__ import annotations

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.choices import ContractKind, DocumentKind
from contracts.models.contracts import Contract, ContractVersion
from contracts.querysets import ContractPartQuerySet, TemplateQuerySet
from core.models import Timestamped
from users.models import User


def upload_path(instance: ContractDocument, filename: str) -> str:
    """Where a document lies below MEDIA_ROOT: a name of its own, so that nothing is overwritten."""
    return f"contracts/{uuid.uuid4().hex}{PurePath(filename).suffix[:12].lower()}"


class DocumentTemplate(Timestamped):
    """A DOCX with fields such as `{{ contract.number }}`; contracts/documents/fields.py lists them."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=ContractKind, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    file = models.FileField(_("file"), upload_to="contract_templates/", max_length=120)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("document template")
        verbose_name_plural = _("document templates")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class ContractDocument(models.Model):
    """A file of a contract, never changed: generated from a version, the scan of what was signed, or an attachment.

    `sha256` is the hash of the stored bytes, in hexadecimal.
    """

    contract = models.ForeignKey(
        Contract, on_delete=models.CASCADE, related_name="documents", verbose_name=_("contract")
    )
    version = models.ForeignKey(
        ContractVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="documents",
        verbose_name=_("version"),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind, default=DocumentKind.ATTACHMENT)
    file = models.FileField(_("file"), upload_to=upload_path, max_length=120)
    name = models.CharField(_("name"), max_length=160)
    size = models.PositiveIntegerField(_("size in bytes"))
    content_type = models.CharField(_("content type"), max_length=100)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, blank=True)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ContractPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def account_id(self) -> int:
        """For the audit: the account that the entry is about."""
        return self.contract.account_id
