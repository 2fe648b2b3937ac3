"""The playbooks that come with the product, written for key accounts: one JSON file each, in every language."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

CODES = (
    "order-gap",
    "business-churn",
    "unhappy",
    "contact-left",
    "renewal-at-risk",
    "overdue-payment",
    "stage-interrupted",
    "early-onboarding",
    "partner-review",
)


@cache
def playbook(code: str) -> dict[str, Any]:
    """What the file of that code says; not to be changed."""
    text = (Path(__file__).parent / f"{code}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
