"""Interactions: the list, one with everything about it, deleting it, its files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import AccountReadOnly
from accounts.models import Account
from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from interactions import services
from interactions.filters.interactions import INTERACTION_DEFAULT_SORT, INTERACTION_SORTS, InteractionFilter
from interactions.http import file_answer
from interactions.models import Interaction, InteractionFile
from interactions.services.log import is_deletable
from interactions.timeline import with_parts

HISTORY = 20


@require_GET
def interaction_list(request: UserRequest) -> HttpResponse:
    """What happened at the accounts that the user sees, newest first."""
    rows = Interaction.objects.visible_to(request.user).select_related("account", "author", "check_in").with_excerpt()
    found = InteractionFilter(request.GET, queryset=rows)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), INTERACTION_SORTS, INTERACTION_DEFAULT_SORT)
    page = keyset_page(found.qs.order_by(), sort, request.GET.get("cursor"))
    with_parts(page.rows)
    # Counting what a search finds costs more than finding the page.
    count = None if found.form.cleaned_data.get("q") else bounded_count(found.qs)
    context = {"filter": found, "page": page, "count": count, "sort_key": sort_key}
    return render(request, panel(request, "interactions/interaction_list.html", "rows"), context)


@require_GET
def interaction_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Everything about one interaction."""
    rows = Interaction.objects.visible_to(request.user)
    interaction = get_object_or_404(rows.select_related("account", "author", "check_in", "visit"), pk=pk)
    with_parts([interaction])
    context = {
        "interaction": interaction,
        "account": interaction.account,
        "may_edit": _may_edit(request, interaction),
        "may_delete": is_deletable(interaction, request.user, timezone.now()),
        "files": interaction.files.all(),
        "entries": AuditEntry.objects.of(interaction).with_names(request.user)[:HISTORY],
        "user_id": request.user.pk,
    }
    return render(request, "interactions/interaction_detail.html", context)


@require_POST
def interaction_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete it, with the reason that the form asks for."""
    interaction = _editable(request, pk)
    account_pk = interaction.account_id
    try:
        reason = request.POST.get("reason", "")[:250]
        services.delete_interaction(interaction, reason, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("interactions:interaction_detail", pk)
    messages.success(request, _("The interaction was deleted."))
    return redirect("interactions:account_panel", account_pk)


@require_GET
def file_download(request: UserRequest, pk: int) -> HttpResponse | FileResponse:
    """The file, to be saved and never to be run in the page."""
    return file_answer(get_object_or_404(InteractionFile.objects.visible_to(request.user), pk=pk))


@require_POST
def file_remove(request: UserRequest, pk: int) -> HttpResponse:
    """Delete a file of an interaction."""
    rows = InteractionFile.objects.visible_to(request.user).select_related("interaction")
    file = get_object_or_404(rows, pk=pk)
    interaction = _editable(request, file.interaction_id)
    services.remove_file(file, actor=request.user)
    messages.success(request, _("%(name)s was removed.") % {"name": file.name})
    return redirect(interaction)


def _editable(request: UserRequest, pk: int) -> Interaction:
    """Raises Http404 where the user does not see it, PermissionDenied where they may only read."""
    rows = Interaction.objects.visible_to(request.user).select_related("account")
    interaction: Any = get_object_or_404(rows, pk=pk)
    if not _may_edit(request, interaction):
        raise PermissionDenied(AccountReadOnly.message)
    return interaction


def _may_edit(request: UserRequest, interaction: Interaction) -> bool:
    return Account.objects.editable_by(request.user).filter(pk=interaction.account_id).exists()
