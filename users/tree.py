"""The tree of teams with its totals, as pages show it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils.functional import Promise

from users.duties import counts_by_user
from users.models import Team, User
from users.querysets import TeamQuerySet


@dataclass
class Node:
    """A team with its own active members and its totals over the subtree; `level` counts from the tree shown."""

    team: Team
    members: int
    duties: list[int]
    level: int = 0
    children: list[Node] = field(default_factory=list)
    members_below: int = 0
    duties_below: list[int] = field(default_factory=list)

    @property
    def indent(self) -> str:
        """Wide spaces, one for each level below the second."""
        return "\u2003" * (self.level - 1)


@dataclass
class Tree:
    """Nodes in the order of the tree, siblings by name; `labels` name the columns of `duties_below`."""

    labels: list[str | Promise]
    nodes: list[Node]


def team_tree(teams: TeamQuerySet, viewer: User) -> Tree:
    """The tree of `teams`, which are whole subtrees; duties are those that `viewer` may see. One query a column."""
    rows = teams.order_by("path").annotate(active_members=Count("members", filter=Q(members__is_active=True)))
    team_of = dict(User.objects.filter(team__isnull=False).values_list("pk", "team"))
    columns = [(label, _by_team(found, team_of)) for label, found in counts_by_user(list(team_of), viewer)]
    nodes: dict[int, Node] = {}
    tops: list[Node] = []
    for team in rows:  # parents come before their children: a path begins with its parent's
        node = Node(team, team.active_members, [column[team.pk] for _label, column in columns])
        nodes[team.pk] = node
        parent = nodes.get(team.parent_id or 0)
        node.level = parent.level + 1 if parent else 0
        (parent.children if parent else tops).append(node)
    return Tree([label for label, _column in columns], _flatten(tops))


def _by_team(count_of_user: dict[int, int], team_of: dict[int, int]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for user_id, count in count_of_user.items():
        counts[team_of[user_id]] += count
    return counts


def _flatten(nodes: list[Node]) -> list[Node]:
    """Depth first, siblings by name; the totals are added up on the way."""
    flat = []
    for node in sorted(nodes, key=lambda node: (node.team.local_name, node.team.pk)):
        below = _flatten(node.children)
        node.members_below = node.members + sum(child.members_below for child in node.children)
        columns = zip(node.duties, *(child.duties_below for child in node.children), strict=True)
        node.duties_below = [sum(column) for column in columns]
        flat += [node, *below]
    return flat
