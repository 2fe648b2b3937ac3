"""A user's own notifications: the list, the bell's number, and the way to what one is about."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from core.http import UserRequest, panel
from core.paging import Sort, keyset_page
from notifications import services
from notifications.models import Notification

MOST = 99


@require_GET
def notification_list(request: UserRequest) -> HttpResponse:
    """All of them, newest first, or only the unread."""
    own = Notification.objects.visible_to(request.user).order_by()
    only_unread = request.GET.get("unread") == "1"
    page = keyset_page(own.unread() if only_unread else own, Sort("pk", descending=True), request.GET.get("cursor"))
    context = {"page": page, "only_unread": only_unread}
    return render(request, panel(request, "notifications/notification_list.html", "rows"), context)


@require_GET
def unread_count(request: UserRequest) -> JsonResponse:
    """How many are unread, up to one more than the bell shows."""
    unread = Notification.objects.visible_to(request.user).unread().order_by()[: MOST + 1].count()
    return JsonResponse({"unread": unread, "text": f"{MOST}+" if unread > MOST else str(unread)})


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
    return redirect("notifications:notification_list")
