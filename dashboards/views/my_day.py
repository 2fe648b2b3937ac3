"""My day: the home page, its lists in full, and what stands beside it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.filters import NO_TIER
from core import agenda
from core.agenda import Part
from core.http import UserRequest, panel
from core.paging import Sort, keyset_page
from dashboards import changes
from dashboards.days import Day
from dashboards.portfolio import open_alerts, portfolio
from dashboards.views.asking import asked_day
from health.filters import ALL, MINE, TEAM
from users.models import User

SHOWN = 8
SHOWN_VISITS = 40
CHANGES_SHOWN = 8


@require_GET
def my_day(request: UserRequest) -> HttpResponse:
    """Today's visits in the order of the day, and what is due; of a team for those who lead one."""
    day = asked_day(request)
    lists = agenda.read(day.question, SHOWN, cap={Part.TIMETABLE: SHOWN_VISITS})
    parts = [(part, list(found)) for part, found in groupby(lists, key=lambda found: found.kind.part)]
    context = {
        "day": day,
        "timetable": next((found for part, found in parts if part == Part.TIMETABLE), []),
        "parts": [(part, [one for one in found if one.count]) for part, found in parts if part != Part.TIMETABLE],
        "is_clear": not any(found.count for found in lists if found.kind.part in (Part.OVERDUE, Part.DUE)),
        "local_time": timezone.localtime(),
    }
    return render(request, panel(request, "dashboards/my_day.html"), context)


@require_GET
def agenda_list(request: UserRequest) -> HttpResponse:
    """All rows of one list of My day: exactly those that its number counts."""
    day = asked_day(request)
    kinds = agenda.kinds()
    source, kind = agenda.source_of(request.GET.get("kind", ""), kinds[0])
    items, page = source.page(day.question, kind.code, request.GET.get("cursor"))
    context = {
        "day": day,
        "kind": kind,
        "items": items,
        "page": page,
        "count": (source.count(day.question, kind.code), True),
        "kinds": [(other, day.address("dashboards:agenda_list", kind=other.code)) for other in kinds],
    }
    return render(request, panel(request, "dashboards/agenda_list.html", "rows"), context)


@require_GET
def portfolio_panel(request: UserRequest) -> HttpResponse:
    """The portfolio in numbers; each opens its rows."""
    day = asked_day(request)
    found = portfolio(request.user, _managers(day), day.today)
    query = _alert_query(day)
    alerts, late = open_alerts(request, query, timezone.now())
    context = {
        "day": day,
        "portfolio": found,
        "tiers": _tier_links(day, found.tiers),
        "list_query": _list_query(day),
        "alerts": alerts,
        "late_alerts": late,
        "alert_query": urlencode(query),
    }
    return render(request, panel(request, "dashboards/portfolio.html"), context)


@require_GET
def changes_panel(request: UserRequest) -> HttpResponse:
    """What others changed since yesterday, the newest few."""
    day = asked_day(request)
    found = changes.entries(request.user, _managers(day), day.today).order_by("-pk")
    rows = changes.with_accounts(found.with_names(request.user)[: CHANGES_SHOWN + 1], request.user)
    context = {"day": day, "entries": rows[:CHANGES_SHOWN], "more": len(rows) > CHANGES_SHOWN}
    return render(request, panel(request, "dashboards/changes.html"), context)


@require_GET
def change_list(request: UserRequest) -> HttpResponse:
    """What others changed since yesterday, all of it, page by page."""
    day = asked_day(request)
    found = changes.entries(request.user, _managers(day), day.today).with_names(request.user)
    page = keyset_page(found, Sort("pk", descending=True), request.GET.get("cursor"))
    context = {"day": day, "page": page, "entries": changes.with_accounts(page, request.user)}
    return render(request, panel(request, "dashboards/change_list.html", "rows"), context)


def _managers(day: Day) -> Any:
    """Whose accounts the numbers beside the day are about, as the list of accounts narrows them; None: everybody's."""
    if day.manager:
        return [day.manager.pk]
    return None if day.viewer.sees_everything else User.objects.visible_to(day.viewer).led_by(day.viewer).values("pk")


def _list_query(day: Day) -> str:
    """What narrows the list of accounts to just these."""
    if day.manager:
        return f"manager={day.manager.pk}"
    return "" if day.viewer.sees_everything else f"team={day.viewer.team_id}"


def _alert_query(day: Day) -> dict[str, str]:
    """What narrows the inbox to the alerts of the same people."""
    if day.person:
        return {"scope": ALL, "owner": str(day.person.pk)}
    if not day.team:
        return {"scope": MINE}
    return {"scope": ALL if day.viewer.sees_everything else TEAM}


def _tier_links(day: Day, tiers: list[tuple[str, int]]) -> list[tuple[str, int, str]]:
    narrow = _list_query(day)
    return [(tier, count, f"{narrow}&tier={tier or NO_TIER}".lstrip("&")) for tier, count in tiers]
