"""What users choose for themselves: which events reach them how and when, and their robots."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.http import UserRequest
from notifications import services
from notifications.desk import choices_of, robot_channels
from notifications.forms import ChoicesForm, PreferenceForm
from notifications.models import Robot


@require_http_methods(["GET", "POST"])
def preferences(request: UserRequest) -> HttpResponse:
    """The table of events, quiet hours, and the own robots."""
    stored = services.preference_of(request.user)
    has_own = stored.pk is not None
    robots = Robot.objects.visible_to(request.user).filter(user=request.user)
    used = {robot.channel for robot in robots}
    channels = [(code, label) for code, label in robot_channels() if code in used]
    form = PreferenceForm(request.POST or None, instance=stored)
    table = ChoicesForm(request.POST or None, choices_of(request.user, stored), channels)
    if request.method == "POST" and form.is_valid() and table.is_valid():
        services.save_preference(form.save(commit=False), table.chosen(), actor=request.user)
        messages.success(request, _("Your settings of notifications were saved."))
        return redirect("notifications:preferences")
    context = {"form": form, "table": table, "robots": robots, "has_own": has_own, "can_add": bool(robot_channels())}
    return render(request, "notifications/preferences.html", context)


@require_POST
def preferences_reset(request: UserRequest) -> HttpResponse:
    """Back to the defaults."""
    services.reset_preference(actor=request.user)
    messages.success(request, _("The defaults of your role count again."))
    return redirect("notifications:preferences")
