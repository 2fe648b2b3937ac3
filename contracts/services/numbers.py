"""Numbers of contracts: gap-free in each year, whoever drafts at the same time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from contracts.models import NumberSequence


@transaction.atomic
def take_numbers(year: int, count: int = 1) -> range:
    """The next `count` numbers of the year.

    The update locks the year's row until the transaction around it ends: others wait, and what is rolled back gives
    its numbers back. So the numbers must be used in the same transaction.
    """
    sequence = NumberSequence.objects.filter(year=year)
    if not sequence.update(last=F("last") + count):
        NumberSequence.objects.get_or_create(year=year)
        sequence.update(last=F("last") + count)
    last = sequence.values_list("last", flat=True).get()
    return range(last - count + 1, last + 1)


def number_text(year: int, sequence: int) -> str:
    """As people write it: 2026-00001."""
    return f"{year}-{sequence:05d}"
