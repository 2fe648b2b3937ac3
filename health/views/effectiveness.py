"""Did it help: each playbook against similar accounts without it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.http import UserRequest, panel, requires
from health.effectiveness import FEWEST, NEAR, RISE, WINDOWS
from health.models import Playbook, PlaybookRun
from health.playbook_results import effects, judged_on, tallies


@requires("leads")
@require_GET
def effectiveness(request: UserRequest) -> HttpResponse:
    """What was started, what came of it within 30, 60 and 90 days, how sure that is, as the night has judged it.
    `playbook`: only that one."""
    runs = PlaybookRun.objects.visible_to(request.user)
    rows = Playbook.objects.visible_to(request.user)
    asked = request.GET.get("playbook", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        rows = rows.filter(pk=asked)
    used = [tally for tally in tallies(rows, runs) if tally.started]
    found = effects([tally.playbook for tally in used], runs)
    context = {
        "rows": [(tally, found[tally.playbook.pk]) for tally in used],
        "judged_on": judged_on(request.user),
        "windows": WINDOWS, "near": NEAR, "rise": RISE, "fewest": FEWEST, "active_tab": "effectiveness",
    }  # fmt: skip
    return render(request, panel(request, "health/effectiveness.html", "rows"), context)
