"""AuditEntry: who did what to which row, with the change. Append-only; also the event stream that others read."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def of(self, row: models.Model) -> "AuditEntryQuerySet":
        """The entries of one row, newest first."""
        return self.filter(object_type=row._meta.label_lower, object_id=row.pk).order_by("-pk")

    def of_account(self, account_id: int) -> "AuditEntryQuerySet":
        """The entries of an account and of everything that belongs to it, newest first."""
        return self.filter(account_id=account_id).order_by("-pk")

    def update(self, **kwargs: Any) -> int:
        raise TypeError("Audit entries are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Audit entries are never deleted.")


class AuditEntry(models.Model):
    """One write to one row.

    `action` is `<noun>.<verb in the past>` (`account.updated`); `changes` maps a field's name to `[from, to]` as JSON
    values; `account_id` is the account the row belongs to (no foreign key: this app lies below the accounts);
    `via` says through which door: `web`, `api`, `job`, `command`.
    """

    at = models.DateTimeField(_("time"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    action = models.CharField(_("action"), max_length=64)
    object_type = models.CharField(_("kind"), max_length=64)
    object_id = models.BigIntegerField(_("row"))
    object_label = models.CharField(_("name"), max_length=200, blank=True)
    account_id = models.BigIntegerField(_("account"), null=True, blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    reason = models.TextField(_("reason"), blank=True)
    via = models.CharField(_("via"), max_length=40, blank=True)
    request_id = models.CharField(_("request"), max_length=36, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_by_row"),
            models.Index(
                fields=["account_id", "-id"], name="audit_by_account", condition=models.Q(account_id__isnull=False)
            ),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("Audit entries are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Audit entries are never deleted.")
