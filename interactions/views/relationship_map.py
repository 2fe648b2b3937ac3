"""The relationship map of an account: the page, and the doors of what is changed on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts import pages
from accounts.models import Account
from contacts import services as contact_services
from contacts.choices import Attitude, Influence, LinkKind
from contacts.models import ContactLink
from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, panel
from interactions.forms.relationship_map import LineChoiceForm, LineForm, MapForm, PlaceForm, SuperiorForm
from interactions.map_layout import CARD_HEIGHT, CARD_WIDTH, GAP_Y, STACK_INDENT
from interactions.relations import Coverage, Gap
from interactions.relationship_map import ATTITUDE_ICONS, MAX_PEOPLE, load_map
from interactions.services.relationship_map import reset_map

GAPS_SHOWN = 8
# icons: user-plus calendar-plus message-plus edit
GAP_ACTIONS = {
    "person": (gettext_lazy("Add a person"), "user-plus"),
    "visit": (gettext_lazy("Plan a visit"), "calendar-plus"),
    "log": (gettext_lazy("Log a contact"), "message-plus"),
    "edit": (gettext_lazy("Choose an owner"), "edit"),
}


@require_GET
def account_map(request: UserRequest, account_pk: int) -> HttpResponse:
    """Who matters at the account, how we stand with them, and what is missing."""
    account = pages.get_account(request.user, account_pk)
    found = load_map(account, today=timezone.localdate())
    context = {
        "account": account,
        "active_tab": "people",
        "map": found,
        "limit": MAX_PEOPLE,
        "gaps": [_gap_row(account, gap) for gap in found.gaps[:GAPS_SHOWN]],
        "more_gaps": len(found.gaps) - GAPS_SHOWN,
        "card": {"width": CARD_WIDTH, "height": CARD_HEIGHT, "gap": GAP_Y, "indent": STACK_INDENT},
        "kinds": LinkKind.choices,
        "attitudes": [(value, Attitude(value).label, ATTITUDE_ICONS[value]) for value in Attitude],
        "influences": Influence.choices,
        "coverages": Coverage.choices,
        "people_url": reverse("contacts:account_panel", args=[account.pk]),
        "create_url": f"{reverse('contacts:contact_create')}?account={account.pk}",
    }
    return render(request, panel(request, "interactions/map.html"), context)


@require_POST
def map_place(request: UserRequest, account_pk: int) -> HttpResponse:
    """Keep where somebody was dragged to."""
    return _change(
        request,
        account_pk,
        PlaceForm,
        lambda account, person, x, y: contact_services.place_on_map(person, x, y, actor=request.user),
    )


@require_POST
def map_superior(request: UserRequest, account_pk: int) -> HttpResponse:
    """Say whom somebody reports to."""

    def act(account: Account, person: Any, superior: Any) -> None:
        person.reports_to = superior
        contact_services.update_employment(person, actor=request.user, today=timezone.localdate())

    return _change(request, account_pk, SuperiorForm, act, _("Saved."))


@require_POST
def map_line_add(request: UserRequest, account_pk: int) -> HttpResponse:
    """Draw a line."""

    def act(account: Account, **values: Any) -> None:
        contact_services.add_link(ContactLink(account=account, **values), actor=request.user)

    return _change(request, account_pk, LineForm, act, _("The line was drawn."))


@require_POST
def map_line_remove(request: UserRequest, account_pk: int) -> HttpResponse:
    """Take a line away."""
    return _change(
        request,
        account_pk,
        LineChoiceForm,
        lambda account, line: contact_services.remove_link(line, actor=request.user),
        _("The line was removed."),
    )


@require_POST
def map_reset(request: UserRequest, account_pk: int) -> HttpResponse:
    """Everybody back to where the chart puts them."""
    return _change(
        request,
        account_pk,
        MapForm,
        lambda account: reset_map(account, actor=request.user),
        _("Everybody stands where the chart puts them again."),
    )


def _change(
    request: UserRequest,
    account_pk: int,
    form_class: type[MapForm],
    act: Callable[..., Any],
    done: str = "",
) -> HttpResponse:
    """Do `act` with the form's values: 204 or the reason as JSON for scripts, else back to the map with a message."""
    account = pages.get_editable_account(request.user, account_pk)
    form = form_class(request.POST, account=account)
    scope_form(form, request.user)
    error = ""
    if form.is_valid():
        try:
            act(account, **form.cleaned_data)
        except DomainError as refusal:
            error = str(refusal)
        except ValidationError as refusal:
            error = " ".join(refusal.messages)
    else:
        error = " ".join(str(text) for texts in form.errors.values() for text in texts)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"detail": error}, status=400) if error else HttpResponse(status=204)
    if error:
        messages.error(request, error)
    elif done:
        messages.success(request, done)
    return redirect("interactions:account_map", account.pk)


def _gap_row(account: Account, gap: Gap) -> dict[str, Any]:
    label, icon = GAP_ACTIONS[gap.action]
    return {"text": gap.text, "code": gap.code, "label": label, "icon": icon, "url": _gap_url(account, gap)}


def _gap_url(account: Account, gap: Gap) -> str:
    """Where the gap can be closed, with what is known filled in."""
    if gap.action == "edit":
        return reverse("contacts:employment_update", args=[gap.employment_id])
    name = {
        "person": "contacts:contact_create",
        "visit": "interactions:visit_create",
        "log": "interactions:interaction_log",
    }[gap.action]
    query: dict[str, Any] = {"account": account.pk}
    if gap.contact_id and gap.action != "person":
        query["contact"] = gap.contact_id
    return f"{reverse(name)}?{urlencode(query)}"
