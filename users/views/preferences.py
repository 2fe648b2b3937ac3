"""What people set for themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.http import UserRequest
from users import services
from users.forms import LanguageForm, ProfileForm
from users.models import User

YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "POST"])
def profile(request: UserRequest) -> HttpResponse:
    """My name, phone, language and time zone."""
    me = User.objects.visible_to(request.user).select_related("team").get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=me)
    if request.method == "POST" and form.is_valid():
        me = services.update_own_profile(form.save(commit=False), actor=request.user)
        with translation.override(me.language):
            messages.success(request, _("Your profile was saved."))
        return _remember_language(redirect("users:profile"), me.language)
    return render(request, "users/profile.html", {"form": form})


@require_POST
@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: the user's own where somebody is logged in, else the browser's, by a cookie."""
    response = HttpResponseRedirect(_next_url(request))
    form = LanguageForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This language is not offered."))
        return response
    language = form.cleaned_data["language"]
    if request.user.is_authenticated:
        services.set_language(request.user, language, actor=request.user)
    return _remember_language(response, language)


def _remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """For the login page, after the session has ended."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _next_url(request: HttpRequest) -> str:
    """Where the form says, or where it was sent from; never another site."""
    for url in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
            return url
    return "/"
