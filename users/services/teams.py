"""Teams: a tree whose paths are kept in sets."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Max, ProtectedError, Value
from django.db.models.functions import Concat, Length, Substr

from audit.services import diff, record, snapshot
from users.access import require_administrator
from users.errors import TeamCycle, TeamInUse, TeamNotEmpty, TeamTooDeep
from users.models import Team, User

MAX_DEPTH = 20


@transaction.atomic
def create_team(team: Team, *, actor: User | None) -> Team:
    """Save a new team below its parent. Raises NotAdministrator, ValidationError, TeamTooDeep."""
    require_administrator(actor)
    # The lock keeps the parent where it is until this commits: a move waits for it, then takes the new team along.
    parent = team.parent_id and Team.objects.select_for_update(of=("self",)).get(pk=team.parent_id)
    team.full_clean()
    team.save()
    team.path = f"{parent.path if parent else ''}{team.step}"
    _check_depth(team.path)
    team.save(update_fields=["path"])
    values = {"name": team.name, "name_en": team.name_en, "parent": team.parent_id}
    record("team.created", team, actor=actor, changes={name: (None, value) for name, value in values.items() if value})
    return team


@transaction.atomic
def update_team(team: Team, *, actor: User | None) -> Team:
    """Save the changed fields of `team`; a new parent moves its whole subtree.

    Raises NotAdministrator, ValidationError, TeamCycle, TeamTooDeep.
    """
    require_administrator(actor)
    stored = Team.objects.get(pk=team.pk)
    if team.parent_id != stored.parent_id:
        # The whole (small) table, in order: two moves at the same moment cannot close a circle between them.
        tree = {row.pk: row for row in Team.objects.select_for_update(of=("self",)).order_by("pk")}
        stored = tree[team.pk]
        _move(stored, tree[team.parent_id] if team.parent_id else None)
    else:
        stored = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    before = snapshot(stored)
    team.full_clean()
    team.save(update_fields=["name", "name_en", "parent", "updated_at"])
    team.refresh_from_db(fields=["path"])
    if changes := diff(before, team):
        record("team.moved" if "parent" in changes else "team.updated", team, actor=actor, changes=changes)
    return team


@transaction.atomic
def delete_team(team: Team, *, actor: User | None) -> None:
    """Delete an empty team. Raises NotAdministrator, TeamNotEmpty, TeamInUse."""
    require_administrator(actor)
    stored = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    members, teams = stored.members.count(), stored.children.count()
    if members or teams:
        raise TeamNotEmpty(members=members, teams=teams)
    record("team.deleted", stored, actor=actor, changes={"name": (stored.name, None)})
    try:
        with transaction.atomic():
            stored.delete()
    except ProtectedError as error:
        raise TeamInUse from error


def _move(team: Team, parent: Team | None) -> None:
    """Re-path the subtree of `team` under `parent`; both rows are locked and fresh."""
    if parent is not None and parent.path.startswith(team.path):
        raise TeamCycle(field="parent")
    new_path = f"{parent.path if parent else ''}{team.step}"
    subtree = Team.objects.subtree(team)
    longest = subtree.aggregate(longest=Max(Length("path")))["longest"]
    _check_depth(new_path + "x" * (longest - len(team.path)))
    subtree.update(path=Concat(Value(new_path), Substr(F("path"), len(team.path) + 1)))


def _check_depth(path: str) -> None:
    if len(path) > MAX_DEPTH * len(Team.STEP % 0):
        raise TeamTooDeep(field="parent", limit=MAX_DEPTH)
