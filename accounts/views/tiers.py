"""What a change of tier means, told by every app that has rules by tier."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.choices import Tier
from core.http import UserRequest, panel
from core.tier_effects import effects_of

KNOWN = ("", *Tier.values)


@require_GET
def tier_effects(request: UserRequest) -> HttpResponse:
    """From the tier `before` to the tier `after`: the company's rules, known to everybody who logs in."""
    before, after = (request.GET.get(name, "") for name in ("before", "after"))
    if before not in KNOWN or after not in KNOWN:
        raise Http404
    effects = effects_of((before, after))
    context = {
        "before": before or _("No tier"),
        "after": after or _("No tier"),
        "changed": [(one.label, *one.words) for one in effects if one.differs],
        "same": [one.label for one in effects if not one.differs],
    }
    return render(request, panel(request, "accounts/tier_effects.html", "effects"), context)
