"""Style and script of the answer page, which stand in the page itself: one request shows it.

The browser runs them because the page's policy names their SHA-256; anything else that got into the page is not run.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe


@cache
def _read(name: str) -> str:
    """A file of the bundle; empty where the front end was not built: the page works without."""
    path = settings.BASE_DIR / "static" / "build" / name
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def style() -> SafeString:
    return mark_safe(_read("answer.css"))  # noqa: S308  our own file


def script() -> SafeString:
    return mark_safe(_read("answer.js"))  # noqa: S308  our own file


@cache
def content_security_policy() -> str:
    """What the answer page may load: nothing but what stands in it."""
    sources = {"style-src": _read("answer.css"), "script-src": _read("answer.js")}
    named = [f"{directive} '{_hash(text)}'" for directive, text in sources.items()]
    fixed = ["default-src 'none'", "img-src data:", "connect-src 'self'", "form-action 'self'"]
    return "; ".join([*fixed, *named, "base-uri 'none'", "frame-ancestors 'none'"])


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
