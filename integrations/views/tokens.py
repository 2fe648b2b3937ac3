"""Pages of API tokens: list, make, revoke."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.http import UserRequest
from integrations.forms import TokenForm
from integrations.models import ApiToken
from integrations.services.tokens import create_token, revoke_token


def token_list(request: UserRequest) -> HttpResponse:
    """One's own tokens; an administrator sees everybody's."""
    tokens = ApiToken.objects.visible_to(request.user).with_state(timezone.now()).select_related("owner")
    return render(request, "integrations/token_list.html", {"tokens": tokens[:500]})


@never_cache
def token_create(request: UserRequest) -> HttpResponse:
    """Make a token for oneself. The answer shows it, once: there is no redirect because nothing keeps the text."""
    form = TokenForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["days"]
        try:
            token, text = create_token(
                request.user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=timezone.now() + dt.timedelta(days=days) if days else None,
                actor=request.user,
            )
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return render(request, "integrations/token_created.html", {"token": token, "text": text})
    return render(request, "integrations/token_form.html", {"form": form})


@require_POST
def token_revoke(request: UserRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    token = get_object_or_404(ApiToken.objects.editable_by(request.user), pk=pk)
    try:
        revoke_token(token, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(token)s was revoked.") % {"token": token})
    return redirect("integrations:token_list")
