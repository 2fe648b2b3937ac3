"""What the robots have in common: an answer with a code in it, how long to wait, how to cut a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from core import outgoing
from notifications.channels.base import Outcome, Retry

LONGEST_WAIT = 6 * 3600.0
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
DETAIL = 200


def encoded(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def of_status(answer: outgoing.Answer) -> Outcome | None:
    """What the HTTP status alone says; None where the body has to be asked."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Retry(reason_of("rate_limited", str(answer.status)), wait_of(answer))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Retry(reason_of("busy", str(answer.status), answer.text), wait_of(answer))
    if answer.status in PASSING:
        return Retry(reason_of("busy", str(answer.status)), wait_of(answer))
    return None


def json_of(answer: outgoing.Answer) -> dict[str, Any] | None:
    """The object in the body; None where there is none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def wait_of(answer: outgoing.Answer) -> float | None:
    """`Retry-After`, in seconds or as a date (counted from the answer's own date), within reason."""
    text = str(answer.headers.get("Retry-After", "")).strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            until = parsedate_to_datetime(text)
            seconds = (until - parsedate_to_datetime(str(answer.headers.get("Date", "")))).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 1.0), LONGEST_WAIT)


def reason_of(code: str, *details: str) -> str:
    """A code, and what the other side said on one line: `signature 310000 sign not match`."""
    said = " ".join(" ".join(details).split())
    return f"{code} {said}"[:DETAIL].rstrip()


def one_line(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """A text from the database for those who read Markdown and have no way to escape: it makes no link, mentions nobody
    and stays one line."""
    return one_line(text).replace("](", "] (").replace("<", "＜").replace(">", "＞")


def cut(text: str, most: int) -> str:
    """No more than `most` bytes of UTF-8, at the end of a character."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    return raw[: most - 3].decode("utf-8", "ignore") + "…"
