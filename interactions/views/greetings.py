"""Greetings: what is proposed, and marking one as sent or skipped."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, back_to, is_fragment, panel
from core.paging import Sort, bounded_count, keyset_page
from interactions import services
from interactions.choices import GreetingStatus
from interactions.filters.greetings import GreetingFilter
from interactions.models import Greeting


@require_GET
def greeting_list(request: UserRequest) -> HttpResponse:
    """The greetings of the accounts that the user sees, the next ones first; their own unless they ask for others'."""
    query = request.GET if request.GET else {"status": GreetingStatus.PROPOSED, "owner": str(request.user.pk)}
    greetings = Greeting.objects.visible_to(request.user).without_erased().select_related("account", "contact", "owner")
    filtered = GreetingFilter(query, queryset=greetings)
    scope_form(filtered.form, request.user)
    context = {
        "filter": filtered,
        "page": keyset_page(filtered.qs, Sort("date"), request.GET.get("cursor")),
        "count": bounded_count(filtered.qs),
    }
    return render(request, panel(request, "interactions/greeting_list.html", "rows"), context)


@require_POST
def greeting_close(request: UserRequest, pk: int) -> HttpResponse:
    """Mark as sent or skipped: for who may change the account, and for the greeting's owner."""
    greeting = get_object_or_404(Greeting.objects.editable_by(request.user), pk=pk)
    status = GreetingStatus.SENT if request.POST.get("status") == GreetingStatus.SENT else GreetingStatus.SKIPPED
    try:
        services.close_greeting(greeting, status, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("%(greeting)s: %(status)s.") % {"greeting": greeting, "status": greeting.get_status_display()}
        )
    if is_fragment(request):
        greeting = Greeting.objects.visible_to(request.user).select_related("account", "contact", "owner").get(pk=pk)
        return render(request, "interactions/greeting_list.html#row", {"greeting": greeting})
    return back_to(request, "interactions:greeting_list")
