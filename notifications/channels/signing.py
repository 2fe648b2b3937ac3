"""The signatures of the protocols, each a function of its time stamp; and the clock that stamps them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time

WEBHOOK_PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64


def now_in_seconds() -> int:
    return int(time.time())


def now_in_milliseconds() -> int:
    return int(time.time() * 1000)


def dingtalk(milliseconds: int, secret: str) -> str:
    """The secret signs `<time>\\n<secret>`."""
    return _signed(secret.encode(), f"{milliseconds}\n{secret}".encode())


def feishu(seconds: int, secret: str) -> str:
    """`<time>\\n<secret>` is the key, and signs nothing."""
    return _signed(f"{seconds}\n{secret}".encode(), b"")


def webhook(message_id: str, seconds: int, body: bytes, secret: str) -> str:
    """Standard Webhooks, version 1: the key signs `<id>.<time>.<body>`. Raises ValueError for a secret that is none."""
    return "v1," + _signed(webhook_key(secret), f"{message_id}.{seconds}.".encode() + body)


def webhook_key(secret: str) -> bytes:
    """The bytes of a `whsec_…` secret. Raises ValueError unless they are 24 to 64."""
    try:
        key = base64.b64decode(secret.removeprefix(WEBHOOK_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(secret[:6]) from error
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        message = f"{len(key)} bytes"
        raise ValueError(message)
    return key


def new_webhook_secret() -> str:
    return WEBHOOK_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _signed(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
