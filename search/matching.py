"""Conditions that find entries: by the token index of the database, rechecked in the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import BooleanField, Case, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from search.models import SearchEntry
from search.text import term_tokens


def entries_of(kind: str, terms: Sequence[str], marks: Sequence[str] = ()) -> QuerySet[SearchEntry]:
    """The entries of `kind` that have every term and every mark, by way of the token index."""
    tokens_of = {term: term_tokens(term) for term in terms}
    tokens = sorted(set(marks).union(*tokens_of.values()))
    # A term that is a token itself needs no recheck; without one the planner knows how many rows to expect.
    doubtful = [term for term, pieces in tokens_of.items() if pieces != {term}]
    return containing(SearchEntry.objects.filter(_by_tokens(tokens), kind=kind), doubtful)


def containing(entries: QuerySet[SearchEntry], terms: Iterable[str]) -> QuerySet[SearchEntry]:
    """The recheck alone, for entries that are few already."""
    # Not LIKE, of which PostgreSQL believes that one row in a hundred has it, whatever the term.
    return entries.filter(*(GreaterThan(StrIndex(F("text"), Value(term)), 0) for term in terms))


def begins_with(term: str) -> Case:
    """0 for entries of which a name, its pinyin, its initials or a code begins with `term`, 1 for the rest."""
    begins = Q(text__startswith=term) | Q(text__contains=f"\n{term}")
    return Case(When(begins, then=Value(0)), default=Value(1), output_field=IntegerField())


def _by_tokens(tokens: list[str]) -> Q:
    if connection.vendor == "postgresql":
        # The expression is that of the GIN index in migration 0001.
        pieces = Func(F("tokens"), template="string_to_array(%(expressions)s, ' ')")
        return Q(
            Func(pieces, Value(tokens), template="%(expressions)s", arg_joiner=" @> ", output_field=BooleanField())
        )
    # Tokens are letters and digits only; the quotes keep FTS5 from reading AND, OR, NOT and NEAR as operators.
    match = " AND ".join(f'"{token}"' for token in tokens)
    found = RawSQL("SELECT rowid FROM search_tokens WHERE search_tokens MATCH %s", (match,))
    return Q(pk__in=found)
