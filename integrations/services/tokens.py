"""Make, find, use and revoke API tokens."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import string
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.services import record
from integrations.errors import ScopeNotAllowed, TokenAlreadyRevoked, UnknownScope
from integrations.models import ApiToken
from integrations.scopes import SCOPES, scopes_for
from users.models import User

ALPHABET = string.ascii_letters + string.digits
PREFIX_LENGTH, SECRET_LENGTH = 8, 40
USE_IS_NOTED_EVERY = dt.timedelta(minutes=5)


@transaction.atomic
def create_token(
    owner: User, *, name: str, scopes: Iterable[str], expires_at: dt.datetime | None, actor: User | None
) -> tuple[ApiToken, str]:
    """A new token of `owner`, and its text, which is not kept: whoever asked must show it now.

    Raises UnknownScope, ScopeNotAllowed and ValidationError.
    """
    chosen = _checked_scopes(scopes, owner)
    prefix = "".join(secrets.choice(ALPHABET) for _i in range(PREFIX_LENGTH))
    text = f"kam_{prefix}_{''.join(secrets.choice(ALPHABET) for _i in range(SECRET_LENGTH))}"
    token = ApiToken(
        owner=owner, name=name, prefix=prefix, digest=digest_of(text), scopes=chosen, expires_at=expires_at
    )
    token.full_clean()
    token.save()
    changes = {"owner": (None, str(owner)), "scopes": (None, chosen), "expires_at": (None, expires_at)}
    record("token.created", token, actor=actor, changes=changes)
    return token, text


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User | None, now: dt.datetime) -> ApiToken:
    """End a token at once and for good. Raises TokenAlreadyRevoked."""
    if not ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now, updated_at=now):
        raise TokenAlreadyRevoked
    token.revoked_at = now
    record("token.revoked", token, actor=actor, changes={"revoked_at": (None, now)})
    return token


def find_token(text: str) -> ApiToken | None:
    """The token whose text this is, with its owner and team; None if there is none."""
    return ApiToken.objects.select_related("owner__team").filter(digest=digest_of(text)).first()


def note_use(token: ApiToken, *, now: dt.datetime) -> None:
    """Remember that the token was used, at most once in five minutes: a busy client must not write on each call."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_IS_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at <= now - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def digest_of(text: str) -> str:
    """The SHA-256 of a token's text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _checked_scopes(scopes: Iterable[str], owner: User) -> list[str]:
    """The scopes without repetitions, in the order of SCOPES."""
    wanted = set(scopes)
    if unknown := sorted(wanted.difference(SCOPES)):
        raise UnknownScope(field="scopes", scope=unknown[0], known=", ".join(SCOPES))
    if refused := sorted(wanted.difference(scopes_for(owner))):
        raise ScopeNotAllowed(field="scopes", scope=refused[0])
    if not wanted:
        raise UnknownScope(_("A token needs at least one scope."), field="scopes")
    return [scope for scope in SCOPES if scope in wanted]
