"""The timeline of an account and of a contact."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts import pages
from contacts.models import Contact
from core.forms import scope_form
from core.http import UserRequest, panel
from core.paging import Cursor, Sort, keyset_page
from interactions.filters.interactions import AccountTimelineFilter, ContactTimelineFilter
from interactions.models import Interaction
from interactions.timeline import by_day, with_parts

SIZE = 20
NEWEST_FIRST = Sort("occurred_at", descending=True)


@require_GET
def account_panel(request: UserRequest, account_pk: int) -> HttpResponse:
    """The timeline tab of an account."""
    account = pages.get_account(request.user, account_pk)
    rows = Interaction.objects.visible_to(request.user).filter(account=account)
    found = AccountTimelineFilter(request.GET, queryset=rows, account=account)
    scope_form(found.form, request.user)
    context = {"account": account, "active_tab": "timeline", **_timeline(request, found)}
    return _answer(request, "interactions/account_panel.html", context)


@require_GET
def contact_panel(request: UserRequest, contact_pk: int) -> HttpResponse:
    """What a contact took part in, at all the accounts that the user sees."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_pk)
    rows = Interaction.objects.visible_to(request.user).with_contact(contact).select_related("account")
    found = ContactTimelineFilter(request.GET, queryset=rows)
    scope_form(found.form, request.user)
    return _answer(request, "interactions/contact_panel.html", {"contact": contact, **_timeline(request, found)})


def _timeline(request: UserRequest, found: Any) -> dict[str, Any]:
    """Filter, page, and what the shown rows need."""
    cursor = request.GET.get("cursor")
    rows = found.qs.select_related("author", "check_in").with_excerpt()
    page = keyset_page(rows.order_by(), NEWEST_FIRST, cursor, SIZE)
    after = Cursor.decode(cursor, Interaction, NEWEST_FIRST) if cursor else None
    with_parts(page.rows)
    return {
        "filter": found,
        "page": page,
        "days": by_day(page.rows, after.key if after and after.forward else None),
        "user_id": request.user.pk,
        "is_more": request.headers.get("HX-Target") == "earlier",
    }


def _answer(request: UserRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page, its panel, the list after a filter, or only the next rows."""
    target = request.headers.get("HX-Target")
    fragment = target if target in ("rows", "earlier") else "panel"
    return render(request, panel(request, template, fragment), context)
