"""The personal calendar address: its page, and the calendar itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from core.api.throttling import TokenThrottle
from core.errors import DomainError
from core.http import UserRequest
from interactions import ical
from interactions.models import CalendarFeed
from interactions.services import feeds


class FeedThrottle(TokenThrottle):
    """Calendars are fetched every few minutes at most; whoever does it more often waits."""

    rate = "120/hour"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": "feed", "ident": request.feed.pk}


@require_GET
@never_cache
def feed(request: UserRequest) -> HttpResponse:
    """Whether there is an address, since when, when it was last read; make, renew, revoke."""
    mine = CalendarFeed.objects.visible_to(request.user).first()
    return render(request, "interactions/feed.html", {"feed": mine})


@require_POST
@never_cache
def feed_create(request: UserRequest) -> HttpResponse:
    """Make or renew the address. The answer shows it, once: there is no redirect because nothing keeps the token."""
    mine, token = feeds.make_feed(request.user, actor=request.user, now=timezone.now())
    address = request.build_absolute_uri(reverse("calendar_feed", args=[token]))
    return render(request, "interactions/feed.html", {"feed": mine, "address": address})


@require_POST
def feed_revoke(request: UserRequest) -> HttpResponse:
    """End the address at once."""
    try:
        feeds.revoke_feed(request.user, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The calendar address was revoked. Calendars that use it show nothing new."))
    return redirect("interactions:feed")


@require_safe
@login_not_required
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a secret address; the address is the key, so nothing may keep or pass it on."""
    found = feeds.find_feed(token)
    if found is None:
        raise Http404
    request.feed = found
    throttle = FeedThrottle()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]
        return HttpResponse(status=429, headers={"Retry-After": str(int(throttle.wait()) + 1)})
    now = timezone.now()
    with timezone.override(ical.zone_of(found.user)):
        visits = feeds.visits_of(found.user, now=now, today=timezone.localdate(now))
    feeds.note_read(found, now=now)
    response = HttpResponse(ical.feed(visits, found.user), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="kam.ics"'
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
