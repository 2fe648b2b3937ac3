"""Health profiles: read by everybody; changed, with a what-if before, by directors and administrators."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.choices import Tier
from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, requires
from health.choices import Band
from health.default_profiles import default_profiles
from health.forms.profiles import ExceptionFormSet, ProfileForm, changed_exceptions, exception_values
from health.models import AccountHealth, HealthProfile
from health.profile_words import exception_words, hidden_by, segment_words, weighed
from health.services import profiles as services

CHANGED = {"add", "remove"}
ENTRIES_SHOWN = 20
BEFORE_THE_GENERAL_ONE = 50


@require_GET
def profile_list(request: UserRequest) -> HttpResponse:
    """All profiles in the order in which an account looks for its own, and how many it has found."""
    services.ensure_default_profiles()
    rows = list(HealthProfile.objects.visible_to(request.user).order_by("position", "pk"))
    scores = AccountHealth.objects.visible_to(request.user).order_by()
    counts = dict(scores.values_list("profile").annotate(Count("pk")))
    for row in rows:
        row.segment = segment_words(row)
        row.accounts = counts.get(row.pk, 0)
        row.hidden_by = hidden_by(rows, row) if row.is_active else None
    return render(request, "health/profile_list.html", {"profiles": rows})


@require_GET
def profile_detail(request: UserRequest, pk: int) -> HttpResponse:
    """What each signal weighs and from where on it is bad, the exceptions, the bands, who changed it."""
    profile = get_object_or_404(HealthProfile.objects.visible_to(request.user), pk=pk)
    scores = AccountHealth.objects.visible_to(request.user).filter(profile=profile)
    context = {
        "profile": profile,
        "groups": weighed(profile),
        "segment": segment_words(profile),
        "exceptions": exception_words(profile),
        "accounts": scores.count(),
        "entries": AuditEntry.objects.of(profile).with_names(request.user)[:ENTRIES_SHOWN],
    }
    return render(request, "health/profile_detail.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def profile_create(request: UserRequest) -> HttpResponse:
    """A new profile; it begins with the weights of the general one that is shipped."""
    general = default_profiles()[-1] | {"name": "", "name_en": "", "position": BEFORE_THE_GENERAL_ONE}
    return _edit(request, HealthProfile(**general))


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def profile_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a profile; scores follow with the next night."""
    return _edit(request, get_object_or_404(HealthProfile.objects.editable_by(request.user), pk=pk))


@requires("owns_policies")
@require_POST
def profile_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Take a profile away that no score stands on."""
    profile = get_object_or_404(HealthProfile.objects.editable_by(request.user), pk=pk)
    name = str(profile)
    try:
        services.delete_profile(profile, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("health:profile_detail", pk)
    messages.success(request, _("The profile “%(profile)s” was deleted.") % {"profile": name})
    return redirect("health:profile_list")


@requires("owns_policies")
@require_POST
def profile_move(request: UserRequest, pk: int) -> HttpResponse:
    """One place up or down in the order."""
    profile = get_object_or_404(HealthProfile.objects.editable_by(request.user), pk=pk)
    services.move_profile(profile, up=request.POST.get("to") == "up", actor=request.user)
    messages.success(request, _("The order of the profiles was changed. It counts from the next night on."))
    return redirect("health:profile_list")


def _edit(request: UserRequest, profile: HealthProfile) -> HttpResponse:
    """The form; exceptions are added and removed, and the what-if is computed, without anything being saved."""
    name, is_new, found = str(profile), profile.pk is None, None  # as it is stored: the form changes `profile`
    if request.method != "POST":
        form, formset = ProfileForm(instance=profile), ExceptionFormSet(initial=exception_values(profile.exceptions))
    elif CHANGED & set(request.POST):
        form, formset = ProfileForm(request.POST, instance=profile), ExceptionFormSet(changed_exceptions(request.POST))
        form.full_clean()
        form.errors.clear()
    else:
        form, formset = ProfileForm(request.POST, instance=profile), ExceptionFormSet(request.POST)
        if _taken(form, formset):
            if "preview" in request.POST:
                found = _what_if(form)
            elif _save(request, form):
                return redirect(profile)
    scope_form(form, request.user)
    context = {"form": form, "formset": formset, "profile": profile, "name": name, "is_new": is_new, "found": found}
    return render(request, "health/profile_form.html", context)


def _taken(form: ProfileForm, formset: Any) -> bool:
    valid = form.is_valid()
    if not formset.is_valid() or not valid:
        return False
    form.instance.exceptions = [row.exception() for row in formset.forms]
    return True


def _save(request: UserRequest, form: ProfileForm) -> bool:
    try:
        saved = services.save_profile(form.instance, actor=request.user)
    except ValidationError as error:
        _tell(form, error)
        return False
    words = _("The profile “%(profile)s” was saved. Scores follow with the next night.")
    messages.success(request, words % {"profile": saved})
    return True


def _what_if(form: ProfileForm) -> dict[str, Any] | None:
    """Accounts by band before and after, by tier, and those that would change their band."""
    try:
        found = services.what_if(form.instance)
    except ValidationError as error:
        _tell(form, error)
        return None
    bands = [*Band.values, ""]
    tiers = [tier for tier in (*Tier.values, "") if tier in found.by_tier]
    return {
        "result": found,
        "bands": [(band, found.before[band], found.after[band], found.after[band] - found.before[band])
                  for band in bands],
        "tiers": [(tier, _counts(found.by_tier[tier], bands)) for tier in tiers],
        "columns": bands,
        "groups": weighed(form.instance),
    }  # fmt: skip


def _counts(moves: Any, bands: list[str]) -> list[tuple[int, int]]:
    """For each band: accounts before and after."""
    before, after = Counter[str](), Counter[str]()
    for (was, now), count in moves.items():
        before[was] += count
        after[now] += count
    return [(before[band], after[band]) for band in bands]


def _tell(form: ProfileForm, error: ValidationError) -> None:
    """What the service found wrong, above the form; fields that the form has get their own."""
    for name, texts in error.message_dict.items():
        form.add_error(name if name in form.fields else None, texts)
