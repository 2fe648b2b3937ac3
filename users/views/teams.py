"""Pages about the tree of teams."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, requires
from users import services
from users.forms import TeamForm
from users.models import Team, User
from users.tree import team_tree

HISTORY = 50


@require_GET
def team_list(request: UserRequest) -> HttpResponse:
    """The tree with the number of people in each team, and of the viewer's accounts that they look after."""
    tree = team_tree(Team.objects.visible_to(request.user), request.user)
    return render(request, "users/team_list.html", {"tree": tree})


@require_GET
def team_detail(request: UserRequest, pk: int) -> HttpResponse:
    """A team: its place, its people, the teams below it."""
    team = get_object_or_404(Team.objects.visible_to(request.user).select_related("parent"), pk=pk)
    subtree = Team.objects.visible_to(request.user).subtree(team)
    context = {
        "team": team,
        "ancestors": Team.objects.visible_to(request.user).above(team),
        "tree": team_tree(subtree, request.user),
        "people": User.objects.visible_to(request.user).active().filter(team=team).order_by("name", "pk"),
    }
    if request.user.sees_everything:
        context["entries"] = AuditEntry.objects.of(team).with_names(request.user)[:HISTORY]
    return render(request, "users/team_detail.html", context)


@requires("is_administrator")
@require_http_methods(["GET", "POST"])
def team_create(request: UserRequest) -> HttpResponse:
    """A new team, below `?parent=` where that is given."""
    form = TeamForm(request.POST or None, initial={"parent": request.GET.get("parent")})
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            team = services.create_team(form.save(commit=False), actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": team})
            return redirect(team)
    return render(request, "users/team_form.html", {"form": form})


@requires("is_administrator")
@require_http_methods(["GET", "POST"])
def team_update(request: UserRequest, pk: int) -> HttpResponse:
    """Rename or move a team."""
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=pk)
    form = TeamForm(request.POST or None, instance=team)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_team(form.save(commit=False), actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": team})
            return redirect(team)
    title = Team.objects.visible_to(request.user).get(pk=pk)  # as it is stored: the form has changed `team`
    return render(request, "users/team_form.html", {"form": form, "team": title})


@requires("is_administrator")
@require_POST
def team_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete an empty team."""
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=pk)
    try:
        services.delete_team(team, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(team)
    messages.success(request, _("%(name)s was deleted.") % {"name": team})
    return redirect("users:team_list")
