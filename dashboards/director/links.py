"""The lists behind the numbers of the company, with the filters that the page has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.urls import reverse
from django.utils.http import urlencode

FILTERS = ("months", "tier", "region", "team")
NONE = "none"


def filters_on(query: Mapping[str, str]) -> list[tuple[str, str]]:
    """The filters that are on."""
    return [(name, value) for name in FILTERS if (value := query.get(name, ""))]


def accounts(query: Mapping[str, str], **own: str) -> str:
    """The list of the accounts behind a number; what the number is about comes last."""
    return f"{reverse('dashboards:company_accounts')}?{urlencode(_kept(query) | own)}"


def alerts(query: Mapping[str, str], own: dict[str, str]) -> str:
    """The alerts behind a number."""
    names = {"tier": "tier", "region": "region", "team": "account_team"}
    kept = {names[name]: value for name, value in _kept(query).items()}
    return f"{reverse('health:alert_list')}?{urlencode(kept | own)}"


def runs(query: Mapping[str, str], own: dict[str, str]) -> str:
    """The playbooks at accounts behind a number."""
    names = {"tier": "account_tier", "region": "region", "team": "account_team"}
    kept = {names[name]: value for name, value in _kept(query).items()}
    return f"{reverse('health:playbook_run_list')}?{urlencode(kept | {k: v for k, v in own.items() if v})}"


def month(query: Mapping[str, str], day: dt.date) -> dict[str, str]:
    """Where the rows behind the numbers of a month are."""
    name = f"{day:%Y-%m}"
    links = {own: accounts(query, **{own: name}) for own in ("booked", "bought", "scored", "answered")}
    rest = _kept(query)
    if rest.get("region") == NONE:  # that list has no filter for it
        return links | {"covered": ""}
    covered = urlencode(rest | {"month": name, "state": "covered"})
    return links | {"covered": f"{reverse('interactions:coverage_accounts')}?{covered}"}


def _kept(query: Mapping[str, str]) -> dict[str, str]:
    """All but the months: those are in what the number is about."""
    return {name: value for name, value in filters_on(query) if name != "months"}
