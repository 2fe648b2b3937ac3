"""The relationship map of an account: its people with facts and gaps, where each stands, and the lines between."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Case, F, QuerySet, Value, When

from accounts.models import Account
from contacts.choices import DECIDERS, Attitude, DecisionRole, LinkKind
from contacts.models import ContactLink, Employment
from interactions.map_layout import CARD_HEIGHT, CARD_WIDTH, GAP_Y, MARGIN, STACK_INDENT, Spot, place_people
from interactions.relations import LEFT_DAYS, NOTHING, Facts, Gap, contact_facts, find_gaps, person_of

MAX_PEOPLE, MAX_LEFT, MAX_LINES = 150, 20, 300
MIN_WIDTH, MIN_HEIGHT = 900, 320

# icons: star thumb-up minus thumb-down hand-stop help
ATTITUDE_ICONS = {
    Attitude.MENTOR: "star",
    Attitude.SUPPORTER: "thumb-up",
    Attitude.NEUTRAL: "minus",
    Attitude.CRITIC: "thumb-down",
    Attitude.OPPONENT: "hand-stop",
    "": "help",
}


@dataclass
class Node:
    """One person on the map. `moved`: somebody dragged them there; `left`: they are there no more."""

    employment: Employment
    spot: Spot
    facts: Facts = NOTHING
    left: bool = False
    superior: Node | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def pk(self) -> int:
        return self.employment.pk

    @property
    def name(self) -> str:
        return self.employment.contact.local_name

    @property
    def moved(self) -> bool:
        return self.employment.map_x is not None

    @property
    def attitude_icon(self) -> str:
        return ATTITUDE_ICONS.get(self.employment.attitude, "help")

    @property
    def middle(self) -> tuple[float, float]:
        return self.spot.x + CARD_WIDTH / 2, self.spot.y + CARD_HEIGHT / 2


@dataclass
class Line:
    """A line of influence or conflict, with its path."""

    link: ContactLink
    source: Node
    target: Node

    @property
    def path(self) -> str:
        draw = zigzag_path if self.link.kind == LinkKind.CONFLICT else straight_path
        return draw(self.source.middle, self.target.middle)


@dataclass
class Map:
    """What the page shows. `known` counts the people there today, of whom `nodes` may be only the most important."""

    nodes: list[Node]
    gone: list[Node]
    lines: list[Line]
    gaps: list[Gap]
    known: int

    @property
    def everybody(self) -> list[Node]:
        return [*self.nodes, *self.gone]

    @property
    def hidden(self) -> int:
        return self.known - len(self.nodes)

    @property
    def reports(self) -> list[tuple[Node, str]]:
        """Everybody with a superior on the map, and the path from there."""
        return [(node, reports_path(node.superior.spot, node.spot)) for node in self.everybody if node.superior]

    @property
    def width(self) -> int:
        return max([MIN_WIDTH, *(node.spot.x + CARD_WIDTH + MARGIN for node in self.everybody)])

    @property
    def height(self) -> int:
        return max([MIN_HEIGHT, *(node.spot.y + CARD_HEIGHT + MARGIN for node in self.everybody)])


def load_map(account: Account, *, today: dt.date) -> Map:
    """The map of an account as of `today`: at most 150 people, the most important first, and 20 who left.

    Seven statements at most, however many people there are.
    """
    current = Employment.objects.filter(account=account).current(today)
    people = list(_by_importance(current)[: MAX_PEOPLE + 1])
    facts = contact_facts(account, today=today)
    known, alive = len(people), None
    if known > MAX_PEOPLE:
        people = people[:MAX_PEOPLE]
        contacts = current.order_by().values("contact").distinct()
        known = contacts.count()
        alive = contacts.filter(contact__in=[pk for pk, fact in facts.items() if fact.recent]).count()
    since = today - dt.timedelta(days=LEFT_DAYS)
    ended = Employment.objects.filter(account=account, until_date__gte=since).ended(today)
    gone = list(_by_importance(ended.exclude(contact__in=current.values("contact")))[:MAX_LEFT])
    links = ContactLink.objects.filter(account=account).order_by("pk")[:MAX_LINES]
    nodes = _nodes(people, gone, facts)
    lines = _lines(links, nodes)
    return Map(
        nodes=[node for node in nodes.values() if not node.left],
        gone=[node for node in nodes.values() if node.left],
        lines=lines,
        gaps=find_gaps(
            [person_of(row, facts) for row in people],
            [person_of(row, facts) for row in gone],
            today=today,
            known=known,
            alive=alive,
        ),
        known=known,
    )


def _by_importance(rows: QuerySet[Employment]) -> QuerySet[Employment]:
    """Who decides, who is for us, who has a role at all; then by influence and level."""
    rank = Case(
        When(decision_role__in=DECIDERS, then=Value(0)),
        When(decision_role=DecisionRole.CHAMPION, then=Value(1)),
        When(decision_role="", then=Value(3)),
        default=Value(2),
    )
    influence = F("influence").desc(nulls_last=True)
    return rows.select_related("contact", "owner").order_by(rank, influence, "-seniority", "pk")


def _nodes(people: Sequence[Employment], gone: Sequence[Employment], facts: Mapping[int, Facts]) -> dict[int, Node]:
    rows = [*people, *gone]
    superiors = {row.pk: row.reports_to_id for row in rows}
    spots = place_people([row.pk for row in rows], superiors)
    left = {row.pk for row in gone}
    nodes = {
        row.pk: Node(
            row,
            spots[row.pk] if row.map_x is None or row.map_y is None else Spot(row.map_x, row.map_y),
            facts.get(row.contact_id, NOTHING),
            left=row.pk in left,
        )
        for row in rows
    }
    for node in nodes.values():
        node.superior = nodes.get(superiors[node.pk] or 0)
    return nodes


def _lines(links: Iterable[ContactLink], nodes: Mapping[int, Node]) -> list[Line]:
    """The lines between people who are on the map."""
    lines = [
        Line(link, nodes[link.source_id], nodes[link.target_id])
        for link in links
        if link.source_id in nodes and link.target_id in nodes
    ]
    for line in lines:
        line.source.lines.append(line)
    return lines


# Paths. static/src/map.js draws the same ones while a person is dragged.
def reports_path(above: Spot, below: Spot) -> str:
    """Down from the superior, along, and into the card from above or, in a stack, from the left."""
    start_x, start_y = above.x + CARD_WIDTH // 2, above.y + CARD_HEIGHT
    if below.y < start_y + 12:
        return f"M{start_x} {above.y + CARD_HEIGHT // 2}L{below.x + CARD_WIDTH // 2} {below.y + CARD_HEIGHT // 2}"
    if below.stacked:
        middle = start_y + GAP_Y // 2
        return f"M{start_x} {start_y}V{middle}H{below.x - STACK_INDENT // 2}V{below.y + CARD_HEIGHT // 2}H{below.x}"
    return f"M{start_x} {start_y}V{below.y - min(GAP_Y // 2, 26)}H{below.x + CARD_WIDTH // 2}V{below.y}"


def _ends(source: tuple[float, float], target: tuple[float, float]) -> tuple[float, float, float, float]:
    """The line between two middles, cut at the borders of the cards."""
    dx, dy = target[0] - source[0], target[1] - source[1]
    reach = min(
        CARD_WIDTH / 2 / abs(dx) if dx else math.inf,
        CARD_HEIGHT / 2 / abs(dy) if dy else math.inf,
        0.5,
    )
    return source[0] + dx * reach, source[1] + dy * reach, target[0] - dx * reach, target[1] - dy * reach


def straight_path(source: tuple[float, float], target: tuple[float, float]) -> str:
    """From border to border."""
    x1, y1, x2, y2 = _ends(source, target)
    return f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}"


def zigzag_path(source: tuple[float, float], target: tuple[float, float]) -> str:
    """From border to border with teeth."""
    x1, y1, x2, y2 = _ends(source, target)
    length = math.hypot(x2 - x1, y2 - y1)
    if length < 1:
        return f"M{x1:.0f} {y1:.0f}"
    teeth = max(2, round(length / 12))
    step_x, step_y = (x2 - x1) / teeth, (y2 - y1) / teeth
    side_x, side_y = -(y2 - y1) / length * 5, (x2 - x1) / length * 5
    points = [
        f"{x1 + step_x * (n + 0.5) + side_x * (-1) ** n:.0f} {y1 + step_y * (n + 0.5) + side_y * (-1) ** n:.0f}"
        for n in range(teeth)
    ]
    return f"M{x1:.0f} {y1:.0f}L{'L'.join(points)}L{x2:.0f} {y2:.0f}"
