"""The token of an invitation's link: 128 random bits and a signature over them, in URL-safe base64 (43 characters).

A forged or mangled token is refused without asking the database. The table keeps the token's SHA-256 alone; the random
bits beside it make no token without the secret key. From the token, and only from it, follows `answer_key`: under its
hash an anonymous answer is kept, so that the link finds it again while no row leads from one to the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.utils.crypto import salted_hmac

SEED_BYTES, MAC_BYTES = 16, 16
LENGTH = 43


def token_for(seed: str) -> str:
    """The token of the invitation with that seed (32 hexadecimal digits)."""
    raw = bytes.fromhex(seed)
    return base64.urlsafe_b64encode(raw + _signature(raw)).decode().rstrip("=")


def token_hash(token: str) -> str:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_genuine(token: str) -> bool:
    """Whether we made this token."""
    if len(token) != LENGTH or not token.isascii():
        return False
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except ValueError:
        return False
    canonical = base64.urlsafe_b64encode(raw).decode().rstrip("=") == token
    return canonical and hmac.compare_digest(raw[SEED_BYTES:], _signature(raw[:SEED_BYTES]))


def answer_key(token: str) -> str:
    """The hash under which the answer given through this token is kept."""
    return salted_hmac("kam.surveys.answer", token, algorithm="sha256").hexdigest()


def _signature(raw: bytes) -> bytes:
    return salted_hmac("kam.surveys.token", raw, algorithm="sha256").digest()[:MAC_BYTES]
