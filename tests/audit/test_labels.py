"""Every action that some app records has its words."""

import re
from pathlib import Path

from django.conf import settings

from audit.labels import ACTIONS

APPS = (
    "accounts", "approvals", "audit", "contacts", "contracts", "core", "dashboards", "integrations", "interactions",
    "kam", "notifications", "orders", "search", "surveys", "tiers", "users",
)  # fmt: skip
PAST = r"[a-z_]+\.(?:[a-z]+_)*(?:[a-z]+ed|set|made|sent)"
RECORDED = re.compile(rf'"({PAST})"')


def recorded_actions():
    for app in APPS:
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if "audit.services" in text:
                yield from RECORDED.findall(text)


def test_every_action_is_listed():
    found = set(recorded_actions())
    assert "account.created" in found
    assert found - set(ACTIONS) == set()
