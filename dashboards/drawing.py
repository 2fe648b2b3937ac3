"""The geometry of small charts, the same on the page and in the PDF: pure functions of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

Box = tuple[float, float, float, float]
GAP = 0.3  # of a bar's place


def bar_boxes(amounts: Sequence[Decimal], width: float, height: float) -> list[Box]:
    """(x, y, width, height) of a bar for each amount, from the top left; together they take the whole height."""
    if not amounts:
        return []
    top, bottom = max(*amounts, Decimal(0)), min(*amounts, Decimal(0))
    scale = height / float(top - bottom) if top != bottom else 0.0
    place, zero = width / len(amounts), float(top) * scale
    boxes = []
    for number, amount in enumerate(amounts):
        size = abs(float(amount)) * scale
        boxes.append((place * (number + GAP / 2), zero - size if amount > 0 else zero, place * (1 - GAP), size))
    return boxes


def line_points(
    amounts: Sequence[Decimal], width: float, height: float, margin: float = 0.0
) -> list[tuple[float, float]]:
    """(x, y) of each amount, from the top left, zero included in the scale; nothing for fewer than two."""
    if len(amounts) < 2:
        return []
    top, bottom = max(*amounts, Decimal(0)), min(*amounts, Decimal(0))
    span = float(top - bottom) or 1.0
    step, room = (width - 2 * margin) / (len(amounts) - 1), height - 2 * margin
    return [
        (margin + number * step, margin + float(top - amount) / span * room) for number, amount in enumerate(amounts)
    ]
