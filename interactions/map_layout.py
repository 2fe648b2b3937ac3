"""Where the people of a relationship map stand: an org chart as a tidy forest, computed from who reports to whom.

Pure: ids in, coordinates out. Nothing recurses, so a chain of a thousand superiors is no deeper than one of three.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

CARD_WIDTH, CARD_HEIGHT = 212, 108
GAP_X, GAP_Y = 28, 52
STACK_GAP, STACK_INDENT = 14, 26
MARGIN = 24
ROW_WIDTH = 2600  # where a forest breaks into a further row
SINGLES_IN_ROW = 5  # at least, of the people without superior and without reports
STACKED_FROM = 3  # so many reports without reports of their own stand below each other


@dataclass(frozen=True)
class Spot:
    """The top left corner of a card; `stacked`: the line from the superior comes in from the left, not from above."""

    x: int
    y: int
    stacked: bool = False


@dataclass
class _Block:
    """A subtree: who stands at its top and where in it, its size, and the blocks in it with their corners."""

    person: int | None
    at: Spot
    width: int
    height: int
    parts: list[tuple[_Block, int, int]] = field(default_factory=list)


def place_people(order: Sequence[int], superior: Mapping[int, int | None]) -> dict[int, Spot]:
    """Person -> spot. `order` is who is shown, the first first; `superior` whom each reports to (unknown: nobody).

    Trees stand beside each other, those without superior and reports in rows below. A cycle is cut where it is met.
    """
    reports, roots = _forest(order, superior)
    trees = [root for root in roots if reports[root]]
    singles = [root for root in roots if not reports[root]]
    blocks = _blocks(trees, reports)
    spots: dict[int, Spot] = {}
    width, bottom, parts = _in_rows([blocks[root] for root in trees])
    for block, x, y in parts:
        spots |= _resolved(block, x, y)
    per_row = max(SINGLES_IN_ROW, (width + GAP_X) // (CARD_WIDTH + GAP_X))
    for number, single in enumerate(singles):
        column, row = number % per_row, number // per_row
        spots[single] = Spot(MARGIN + column * (CARD_WIDTH + GAP_X), bottom + row * (CARD_HEIGHT + GAP_X))
    return spots


def _forest(order: Sequence[int], superior: Mapping[int, int | None]) -> tuple[dict[int, list[int]], list[int]]:
    """Reports of everybody, and the roots; whoever closes a cycle becomes a root."""
    shown, boss = set(order), {}
    for person in order:
        above = superior.get(person)
        boss[person] = above if above in shown and above != person else None
    for person in order:
        seen, at = {person}, boss[person]
        while at is not None and at not in seen:
            seen.add(at)
            at = boss[at]
        if at == person:
            boss[person] = None
    reports: dict[int, list[int]] = {person: [] for person in order}
    roots = []
    for person in order:
        above = boss[person]
        if above is None:
            roots.append(person)
        else:
            reports[above].append(person)
    return reports, roots


def _blocks(roots: Iterable[int], reports: Mapping[int, Sequence[int]]) -> dict[int, _Block]:
    """The block of every root, built from the leaves up."""
    blocks: dict[int, _Block] = {}
    waiting = [(root, False) for root in roots]
    while waiting:
        person, ready = waiting.pop()
        if not ready:
            waiting.append((person, True))
            waiting += [(report, False) for report in reports[person]]
            continue
        leaves = [report for report in reports[person] if not reports[report]]
        branches = [blocks.pop(report) for report in reports[person] if reports[report]]
        below = branches + (_stack(leaves) if len(leaves) >= STACKED_FROM else [blocks.pop(one) for one in leaves])
        if len(leaves) >= STACKED_FROM:
            for leaf in leaves:
                blocks.pop(leaf)
        blocks[person] = _under(person, below)
    return blocks


def _stack(leaves: Sequence[int]) -> list[_Block]:
    """Columns of people below each other, about as high as the stack is wide."""
    columns = max(1, round(math.sqrt(len(leaves) / 3)))
    height = math.ceil(len(leaves) / columns)
    step = CARD_HEIGHT + STACK_GAP
    blocks = []
    for at in range(0, len(leaves), height):
        column = leaves[at : at + height]
        cards = [
            (_Block(leaf, Spot(STACK_INDENT, 0, stacked=True), CARD_WIDTH, CARD_HEIGHT), 0, row * step)
            for row, leaf in enumerate(column)
        ]
        blocks.append(_Block(None, Spot(0, 0), CARD_WIDTH + STACK_INDENT, len(column) * step - STACK_GAP, cards))
    return blocks


def _under(person: int, below: Sequence[_Block]) -> _Block:
    """One person above the blocks of their reports, in the middle."""
    if not below:
        return _Block(person, Spot(0, 0), CARD_WIDTH, CARD_HEIGHT)
    inner = sum(block.width for block in below) + GAP_X * (len(below) - 1)
    width = max(inner, CARD_WIDTH)
    parts, left, top = [], (width - inner) // 2, CARD_HEIGHT + GAP_Y
    for block in below:
        parts.append((block, left, top))
        left += block.width + GAP_X
    return _Block(person, Spot((width - CARD_WIDTH) // 2, 0), width, top + max(b.height for b in below), parts)


def _in_rows(blocks: Sequence[_Block]) -> tuple[int, int, list[tuple[_Block, int, int]]]:
    """Trees beside each other, in a new row where one is full: the width, where the next row begins, the corners."""
    left, top, height, width = MARGIN, MARGIN, 0, 0
    parts = []
    for block in blocks:
        if left > MARGIN and left + block.width > ROW_WIDTH:
            left, top, height = MARGIN, top + height + GAP_Y, 0
        parts.append((block, left, top))
        left, height = left + block.width + 2 * GAP_X, max(height, block.height)
        width = max(width, left - 2 * GAP_X - MARGIN)
    return width, top + height + (GAP_Y if blocks else 0), parts


def _resolved(block: _Block, x: int, y: int) -> dict[int, Spot]:
    """The spots of everybody in a block whose corner is at x, y."""
    spots, waiting = {}, [(block, x, y)]
    while waiting:
        block, x, y = waiting.pop()
        if block.person is not None:
            spots[block.person] = Spot(block.at.x + x, block.at.y + y, block.at.stacked)
        waiting += [(part, x + dx, y + dy) for part, dx, dy in block.parts]
    return spots
