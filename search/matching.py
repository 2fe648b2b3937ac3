"""Conditions that find entries: by the token index of the database, rechecked with LIKE."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import BooleanField, Case, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from search.models import SearchEntry
from search.text import term_tokens


def entries_of(kind: str, terms: Iterable[str]) -> QuerySet[SearchEntry]:
    """The entries of `kind` that have every term, by way of the token index."""
    terms = list(terms)
    tokens = sorted({token for term in terms for token in term_tokens(term)})
    return containing(SearchEntry.objects.filter(_by_tokens(tokens), kind=kind), terms)


def containing(entries: QuerySet[SearchEntry], terms: Iterable[str]) -> QuerySet[SearchEntry]:
    """The recheck alone, for entries that are few already. Terms are letters and digits, so LIKE has no wildcards."""
    for term in terms:
        entries = entries.filter(text__contains=term)
    return entries


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
