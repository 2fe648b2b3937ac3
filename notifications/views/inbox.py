"""A user's own notifications: the list, the bell's number, and the way to what one is about."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from core.http import UserRequest, is_fragment, live, panel
from core.paging import Sort, keyset_page
from notifications import services
from notifications.models import Notification
from notifications.repeats import fold
from users.models import User

MOST = 99
LATEST, LOOK_BACK = 8, 40
"""Lines of the bell, and among how many notifications it looks for them: repeats are one line."""


@require_GET
def notification_list(request: UserRequest) -> HttpResponse:
    """All of them, newest first, or only the unread; what repeats itself is one line."""
    own = Notification.objects.visible_to(request.user).order_by()
    only_unread = request.GET.get("unread") == "1"
    page = keyset_page(own.unread() if only_unread else own, Sort("pk", descending=True), request.GET.get("cursor"))
    context = {"page": page, "lines": fold(page.rows), "only_unread": only_unread}
    return render(request, panel(request, "notifications/notification_list.html", "rows"), context)


@require_GET
@live
def unread_count(request: UserRequest) -> JsonResponse:
    """How many are unread, up to one more than the bell shows, and which is the newest of them: one statement."""
    newest = Notification.objects.visible_to(request.user).unread().order_by("-pk").values_list("pk", flat=True)
    found = list(newest[: MOST + 1])
    text = f"{MOST}+" if len(found) > MOST else str(len(found))
    return JsonResponse({"unread": len(found), "text": text, "newest": found[0] if found else None})


@require_GET
def notification_latest(request: UserRequest) -> HttpResponse:
    """What the bell shows when it is opened."""
    return render(request, "notifications/notification_latest.html", _latest(request.user))


@require_GET
def notification_open(request: UserRequest, pk: int) -> HttpResponse:
    """Marks it read and goes to what it is about."""
    notification = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    services.mark_read(notification, now=timezone.now())
    ours = notification.url.startswith("/") and url_has_allowed_host_and_scheme(notification.url, allowed_hosts=None)
    return redirect(notification.url if ours else "notifications:notification_list")


@require_POST
def notification_read_all(request: UserRequest) -> HttpResponse:
    """The box is empty of unread ones."""
    services.mark_all_read(request.user, now=timezone.now())
    if is_fragment(request):
        return render(request, "notifications/notification_latest.html", _latest(request.user))
    return redirect("notifications:notification_list")


def _latest(user: User) -> dict[str, Any]:
    own = Notification.objects.visible_to(user).order_by("-pk")
    return {"lines": fold(own[:LOOK_BACK])[:LATEST], "any_unread": own.unread().exists()}
