"""Robots of one's own, and of the teams that one leads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, back_to, requires
from notifications import services
from notifications.channels import Sent
from notifications.channels.words import in_words
from notifications.events import GROUPS
from notifications.forms import RobotChangeForm, RobotForm, TeamRobotChangeForm, TeamRobotForm
from notifications.models import Robot

OWN, OF_TEAMS = "notifications:preferences", "notifications:robot_list"


@requires("leads")
@require_GET
def robot_list(request: UserRequest) -> HttpResponse:
    """The robots of the teams that the reader leads; administrators see everybody's own too."""
    robots = Robot.objects.visible_to(request.user).select_related("team", "user").order_by("team__path", "pk")
    if not request.user.is_administrator:
        robots = robots.filter(team__isnull=False)
    lines = [(robot, [GROUPS[code].label for code in robot.groups if code in GROUPS]) for robot in robots[:500]]
    return render(request, "notifications/robot_list.html", {"lines": lines})


@never_cache
@require_http_methods(["GET", "POST"])
def robot_create(request: UserRequest) -> HttpResponse:
    """A robot of one's own."""
    return _create(request, RobotForm(request.POST or None))


@requires("leads")
@never_cache
@require_http_methods(["GET", "POST"])
def team_robot_create(request: UserRequest) -> HttpResponse:
    """A robot of a team."""
    form = TeamRobotForm(request.POST or None, initial={"language": request.user.language})
    scope_form(form, request.user)
    form.limit_to(request.user)
    return _create(request, form)


@require_http_methods(["GET", "POST"])
def robot_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a robot: its name, its events, whether it is active; another address or secret."""
    robot = get_object_or_404(Robot.objects.editable_by(request.user).select_related("team"), pk=pk)
    form = (TeamRobotChangeForm if robot.team_id else RobotChangeForm)(request.POST or None, instance=robot)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_robot(form.save(commit=False), **form.target(), actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(robot)s was saved.") % {"robot": robot})
            return redirect(OF_TEAMS if robot.team_id else OWN)
    return render(request, "notifications/robot_form.html", {"form": form, "robot": robot, "of_team": robot.team_id})


@require_POST
def robot_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Remove a robot: one that is seen can be stopped."""
    robot = get_object_or_404(Robot.objects.visible_to(request.user), pk=pk)
    services.remove_robot(robot, actor=request.user)
    messages.success(request, _("%(robot)s was removed.") % {"robot": robot})
    return back_to(request, OWN)


@require_POST
def robot_try(request: UserRequest, pk: int) -> HttpResponse:
    """Send a word, to see whether it arrives."""
    robot = get_object_or_404(Robot.objects.editable_by(request.user), pk=pk)
    outcome = services.try_robot(robot, now=timezone.now())
    if isinstance(outcome, Sent):
        messages.success(request, _("%(robot)s took the message.") % {"robot": robot})
    else:
        words = {"robot": robot, "reason": in_words(outcome.reason)}
        messages.error(request, _("%(robot)s did not take the message: %(reason)s") % words)
    return back_to(request, OWN)


def _create(request: UserRequest, form: RobotForm) -> HttpResponse:
    """Make it. A secret that KAM makes is shown in the answer, once: there is no redirect, for nothing keeps it."""
    of_team = isinstance(form, TeamRobotForm)
    if request.method == "POST" and form.is_valid():
        typed = form.target()
        made = "" if typed["secret"] else services.secret_for(form.cleaned_data["channel"])
        try:
            robot = services.add_robot(
                form.save(commit=False), url=typed["url"], secret=typed["secret"] or made, actor=request.user
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            if made:
                context = {"robot": robot, "secret": made, "of_team": of_team}
                return render(request, "notifications/robot_secret.html", context)
            messages.success(
                request, _("%(robot)s was added. Send a test message to see whether it arrives.") % {"robot": robot}
            )
            return redirect(OF_TEAMS if of_team else OWN)
    return render(request, "notifications/robot_form.html", {"form": form, "of_team": of_team})
