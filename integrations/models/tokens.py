"""ApiToken: the key with which a program acts for a user."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped
from integrations.querysets import ApiTokenQuerySet


class ApiToken(Timestamped):
    """Acts as its owner, within its scopes, until it expires or is revoked.

    The token itself is shown once and never stored: `digest` is its SHA-256 in hexadecimal (a token is 238 random
    bits, so it needs neither salt nor a slow hash), `prefix` names it for people and in the audit (`api:<prefix>`).
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="api_tokens",
        verbose_name=pgettext_lazy("of a token", "owner"),
    )
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=8, unique=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} (kam_{self.prefix}…)"

    def get_absolute_url(self) -> str:
        return reverse("integrations:token_list")

    def allows(self, scope: str) -> bool:
        """Whether the token carries `scope` (`accounts:read`)."""
        return scope in self.scopes
