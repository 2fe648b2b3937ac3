"""Secrets in the database: AES-256-GCM, so that a copy of the database alone gives none away.

The keys are those of FIELD_KEYS, and SECRET_KEY. The first one seals, all of them open: to change it, put the new one
in front, and leave the old one until everything was saved anew. `purpose` is bound to the text: what was sealed for one
column does not open in another.
"""

from __future__ import annotations

import base64
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

VERSION = "1."
NONCE = 12


class SealBroken(DomainError):
    code = "seal_broken"
    message = _("A stored secret cannot be read: the key of this installation has changed. Enter it anew.")


def seal(text: str, *, purpose: str) -> str:
    """`text` as it may be stored; never the same twice. Nothing stays nothing."""
    if not text:
        return ""
    nonce = secrets.token_bytes(NONCE)
    sealed = _cipher(_keys()[0]).encrypt(nonce, text.encode(), purpose.encode())
    return VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text that `seal` was given. Raises SealBroken."""
    if not sealed:
        return ""
    try:
        raw = base64.urlsafe_b64decode(sealed.removeprefix(VERSION))
    except ValueError as error:
        raise SealBroken from error
    for key in _keys():
        try:
            return _cipher(key).decrypt(raw[:NONCE], raw[NONCE:], purpose.encode()).decode()
        except (InvalidTag, ValueError):
            continue
    raise SealBroken


def _keys() -> list[str]:
    return [*settings.FIELD_KEYS, settings.SECRET_KEY]


@cache
def _cipher(key: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kam: sealed columns").derive(key.encode())
    return AESGCM(derived)
