"""A request under a key is done once, however often it is sent: its answer is kept, and given again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError
from core.models import KeptAnswer

KEPT = dt.timedelta(hours=24)
LONGEST = 200


class BadKey(DomainError):
    code = "idempotency_key_invalid"
    message = _("An Idempotency-Key has 1 to %(most)s printable ASCII characters.")


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was used for another request.")


def check_key(key: str) -> None:
    """Raises BadKey."""
    if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise BadKey(most=LONGEST)


def claim(owner: str, key: str, fingerprint: str) -> tuple[KeptAnswer, bool]:
    """The row of this key, and whether it is new: then the request is to be done, in the same transaction.

    A second request with the key waits here until the first one's transaction is over; where that failed, the second
    one is the first. Raises KeyReused where the key belongs to another request.
    """
    row = KeptAnswer(owner=owner, key=key, fingerprint=fingerprint)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row = KeptAnswer.objects.get(owner=owner, key=key)
        if row.fingerprint != fingerprint:
            raise KeyReused from None
        return row, False
    return row, True


def keep(row: KeptAnswer, status: int, body: Any) -> None:
    """The answer, to be given again."""
    row.status, row.body = status, body
    row.save(update_fields=["status", "body"])


def let_go(row: KeptAnswer) -> None:
    """What was refused, or cannot be given again, may be sent anew under the same key."""
    row.delete()


def forget_answers(now: dt.datetime) -> int:
    """Delete answers that are older than promised; returns how many."""
    return KeptAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]
