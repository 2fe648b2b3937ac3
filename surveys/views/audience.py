"""Who a campaign would ask and who not, page by page, reason by reason."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.http import UserRequest, is_fragment, panel, requires
from core.paging import Sort, keyset_page
from surveys.choices import NotAsked
from surveys.services.audience import ASKED, Preview, listed, preview
from surveys.services.policy import policy_now
from surveys.views.campaigns import get_campaign


@requires("owns_policies")
@require_GET
def campaign_preview(request: UserRequest, pk: int) -> HttpResponse:
    """Counts by reason, and the rows of the chosen one: those who would be asked unless another is chosen."""
    campaign, policy = get_campaign(request, pk), policy_now()
    today = max(timezone.localdate(), campaign.start_date)
    reason = request.GET.get("reason", ASKED)
    reason = reason if reason in NotAsked.values else ASKED
    found = preview(campaign, today, policy, first=0)
    rows = listed(campaign, today, policy, reason).order_by()
    context = {
        "campaign": campaign,
        "day": today,
        "preview": found,
        "tabs": _tabs(found, reason),
        "reason": reason,
        "is_accounts": reason == NotAsked.NO_CONTACT,
        "page": keyset_page(rows, Sort("pk"), request.GET.get("cursor")),
        "count": (found.not_asked.get(reason, 0) if reason else found.asked, True),
        "policy": policy,
        "is_fragment": is_fragment(request),
    }
    return render(request, panel(request, "surveys/campaign_preview.html", "rows"), context)


def _tabs(found: Preview, chosen: str) -> list[dict[str, object]]:
    tabs: list[dict[str, object]] = [
        {"label": _("Would be asked"), "count": found.asked, "url": "?", "active": chosen == ASKED}
    ]
    for reason, count in found.not_asked.items():
        label = NotAsked(reason).label
        tabs.append({"label": label, "count": count, "url": f"?reason={reason}", "active": chosen == reason})
    return tabs
