"""AuditEntry: who did what to which row, with the change. Append-only; also the event stream that others read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit import labels, presentation, wording
from audit.transactions import CurrentTransaction


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    _viewer: Any = None

    def visible_to(self, user: Any) -> AuditEntryQuerySet:
        """The whole audit is for directors and administrators; a row's history goes with the row (`of…`)."""
        return self if user.is_active and user.sees_everything else self.none()

    def with_names(self, viewer: Any) -> AuditEntryQuerySet:
        """For display: with the actor, and with the names of the rows that changes point at, as far as `viewer` sees
        them. A query for the actors' entries and one for each kind of related row, however many entries there are."""
        found = self.select_related("actor")
        found._viewer = viewer
        return found

    def _clone(self) -> AuditEntryQuerySet:
        clone = super()._clone()  # type: ignore[misc]  # not in the stubs
        clone._viewer = self._viewer
        return clone

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self._viewer is not None:
            entries = [entry for entry in self._result_cache or [] if isinstance(entry, AuditEntry)]
            wording.put_into_words(entries)
            names = presentation.related_names(entries, self._viewer)
            for entry in entries:
                entry.names = names

    def of(self, row: models.Model) -> AuditEntryQuerySet:
        """The entries of one row, newest first."""
        return self.filter(object_type=row._meta.label_lower, object_id=row.pk).order_by("-pk")

    def of_account(self, account_id: int) -> AuditEntryQuerySet:
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
    `via` says through which door: `web`, `api`, `job`, `command`; `access` whose sight of the row began or ended with
    it (`{"gained": [user ids], "lost": […]}`); `xid` in which transaction it was written (see stream.py).
    """

    at = models.DateTimeField(_("time"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
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
    access = models.JSONField(_("access"), null=True, blank=True, editable=False)
    xid = models.BigIntegerField(_("transaction"), db_default=CurrentTransaction(), editable=False)

    objects = AuditEntryQuerySet.as_manager()

    names: presentation.Names = {}  # filled by `with_names`; read only

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
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["xid"], name="audit_by_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("Audit entries are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Audit entries are never deleted.")

    @property
    def action_label(self) -> str:
        """The action in words."""
        return labels.action_label(self.action)

    @property
    def kind_label(self) -> str:
        """The kind of row in words."""
        return presentation.kind_label(self.object_type)

    @property
    def via_label(self) -> str:
        """The door in words."""
        return labels.via_label(self.via)

    @cached_property
    def lines(self) -> list[presentation.Line]:
        """The changes in words."""
        return presentation.lines(self, self.names)

    @property
    def url(self) -> str:
        """The page of the row, or nothing where it has none (any more)."""
        return presentation.row_url(self.object_type, self.object_id) if not self.ends_the_row else ""

    @property
    def ends_the_row(self) -> bool:
        """After this action the row is gone."""
        return self.action.endswith((".deleted", ".removed"))
