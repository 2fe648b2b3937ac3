"""Exports of whole resources over the API: who may, for how long, and what the audit keeps of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import models

from audit.services import record
from integrations.errors import RowsNotAllowed
from integrations.models import ApiToken
from users.models import User


def begin_rows(resource: str, filters: Mapping[str, str], *, actor: User, token: ApiToken | None) -> None:
    """Note that `actor` exports a resource. Raises RowsNotAllowed."""
    if not (actor.is_active and actor.may_export):
        raise RowsNotAllowed
    changes = {"resource": (None, resource), "filters": (None, dict(filters))}
    record("rows.export_started", _bearer(actor, token), actor=actor, changes=changes)


def end_rows(resource: str, count: int, *, complete: bool, actor: User, token: ApiToken | None) -> None:
    """Note how many rows left, and whether that was all."""
    changes = {"resource": (None, resource), "rows": (None, count), "complete": (None, complete)}
    record("rows.export_ended", _bearer(actor, token), actor=actor, changes=changes)


def may_go_on(actor: User, token: ApiToken | None, scopes: Sequence[str], now: dt.datetime) -> bool:
    """Whether the right with which an export began still stands: asked anew while it runs."""
    if not User.objects.filter(pk=actor.pk, is_active=True, may_export=True).exists():
        return False
    if token is None:
        return True
    fresh = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).first()
    if fresh is None or (fresh.expires_at is not None and fresh.expires_at <= now):
        return False
    return all(fresh.allows(scope) for scope in scopes)


def _bearer(actor: User, token: ApiToken | None) -> models.Model:
    return token or actor
