"""Options for selects that are too long to be written out: colleagues and teams by a part of their name."""

from __future__ import annotations

from django.db.models import Q
from django.http import JsonResponse
from django.views.decorators.http import require_GET

from core.http import UserRequest
from users.models import Team, User

SHOWN = 20


@require_GET
def user_lookup(request: UserRequest) -> JsonResponse:
    """Active colleagues whose name or user name has `q` in it."""
    text = request.GET.get("q", "").strip()[:80].replace("\x00", "")
    people = User.objects.visible_to(request.user).active().select_related("team").order_by("name", "pk")
    found = people.filter(Q(name__icontains=text) | Q(username__icontains=text))[:SHOWN]
    results = [{"value": user.pk, "text": str(user), "hint": str(user.team or "")} for user in found]
    return JsonResponse({"results": results})


@require_GET
def team_lookup(request: UserRequest) -> JsonResponse:
    """Teams whose name in either language has `q` in it."""
    text = request.GET.get("q", "").strip()[:80].replace("\x00", "")
    teams = Team.objects.visible_to(request.user).order_by("path")
    found = teams.filter(Q(name__icontains=text) | Q(name_en__icontains=text))[:SHOWN]
    return JsonResponse({"results": [{"value": team.pk, "text": str(team)} for team in found]})
