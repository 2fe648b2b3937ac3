"""Keep the index right, and find rows in it. Apps call `index_rows` from their own services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from core.bulk import copy_rows
from search.matching import begins_with, containing, entries_of
from search.models import SearchEntry
from search.registry import Hit, SearchIndex, all_indexes, get_index
from search.text import document, query_terms

BATCH = 2000
# The most entries that one look into the index takes. A term that more rows have is found among the searcher's own
# rows, the best ranks and the first rows that have it, so that no search reads a million names.
SCAN = 400


@dataclass(frozen=True)
class Group:
    """The results of one kind; `more` if there are others than these."""

    index: SearchIndex
    hits: list[Hit]
    more: bool


def index_rows(kind: str, ids: Collection[int]) -> None:
    """Index these rows of `kind` anew, in sets; rows that are gone leave it. Raises KeyError for unknown kinds."""
    index, wanted = get_index(kind), sorted(set(ids))
    for start in range(0, len(wanted), BATCH):
        chunk = wanted[start : start + BATCH]
        entries = list(_entries(index, index.all_rows().filter(pk__in=chunk)))
        SearchEntry.objects.bulk_create(
            entries,
            update_conflicts=True,
            unique_fields=["kind", "object_id"],
            update_fields=["title", "text", "tokens"],
        )
        if gone := set(chunk) - {entry.object_id for entry in entries}:
            SearchEntry.objects.filter(kind=kind, object_id__in=gone).delete()


def index_new_rows(kind: str, above: int = 0) -> int:
    """Index the rows of `kind` with a key above `above` that have no entry yet; for bulk loads. Returns how many."""
    index, count = get_index(kind), 0
    columns = ["kind", "object_id", "title", "text", "tokens"]
    while rows := list(index.all_rows().filter(pk__gt=above).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        there = SearchEntry.objects.filter(kind=kind, object_id__gt=above, object_id__lte=last)
        known = set(there.values_list("object_id", flat=True))
        entries = _entries(index, [row for row in rows if row.pk not in known])
        count += copy_rows(SearchEntry, columns, ((e.kind, e.object_id, e.title, e.text, e.tokens) for e in entries))
        above = last
    return count


def reindex(kind: str | None = None) -> int:
    """Index every row of `kind`, or of all kinds, anew, in batches that leave the search usable; returns how many."""
    count = 0
    for index in [get_index(kind)] if kind else all_indexes():
        last = 0
        while ids := list(index.all_rows().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                index_rows(index.kind, ids)
            last, count = ids[-1], count + len(ids)
        gone = SearchEntry.objects.filter(kind=index.kind)
        gone.exclude(object_id__in=index.all_rows().values("pk")).delete()
    return count


def matching_ids(kind: str, text: str, marks: Sequence[str] = ()) -> QuerySet[Any]:
    """The ids of the rows of `kind` that `text` finds, for `filter(pk__in=…)`; none where nothing is asked.

    Only rows that have all `marks`: a word that half of all rows have costs no more than the rows of one mark.
    """
    terms = query_terms(text)
    if not terms:
        return SearchEntry.objects.none().values("object_id")
    return entries_of(kind, terms, marks).values("object_id")


def find(user: Any, text: str, limit: int = 8) -> list[Group]:
    """What `user` may see of what `text` finds, by kind, at most `limit` of each: own rows first, then by the kind's
    ranks, and what begins with the text before what has it in the middle. The work is bounded whatever the text."""
    terms = query_terms(text)
    if not terms:
        return []
    groups = []
    for index in all_indexes():
        ids = _best(index, user, terms, limit + 1)
        if ids:
            groups.append(Group(index, index.hits(ids[:limit], user), len(ids) > limit))
    return groups


def recent(user: Any, limit: int = 8) -> list[Group]:
    """What the empty box offers."""
    found = ((index, index.recent(user, limit)) for index in all_indexes())
    return [Group(index, hits, more=False) for index, hits in found if hits]


def _best(index: SearchIndex, user: Any, terms: Sequence[str], limit: int) -> list[int]:
    """The ids of the first `limit` results in the order of their ranks."""
    candidates = _candidates(entries_of(index.kind, terms), terms)
    if len(candidates) > SCAN:
        for sample in index.samples(user):
            rows = index.visible_to(user).filter(sample).order_by().values("pk")[:SCAN]
            entries = SearchEntry.objects.filter(kind=index.kind, object_id__in=rows)
            candidates |= _candidates(containing(entries, terms), terms)
    return _sorted_by_rank(index, user, candidates)[:limit] if candidates else []


def _candidates(entries: QuerySet[SearchEntry], terms: Sequence[str]) -> dict[int, tuple[int, str]]:
    """Row id -> what sorts it within its rank: what begins with the first term comes before the rest; the title."""
    rows = entries.annotate(infix=begins_with(terms[0])).values_list("object_id", "infix", "title")
    return {pk: (infix, title) for pk, infix, title in rows[: SCAN + 1]}


def _sorted_by_rank(index: SearchIndex, user: Any, candidates: dict[int, tuple[int, str]]) -> list[int]:
    """Those of the candidates that `user` may see, best first."""
    ranks = index.ranks(user)
    cases = [When(condition, then=Value(number)) for number, condition in enumerate(ranks)]
    rows = index.visible_to(user).filter(pk__in=candidates.keys()).order_by()
    found = rows.annotate(rank=Case(*cases, default=Value(len(ranks)))).values_list("rank", "pk")
    return [pk for _rank, _sort, pk in sorted((rank, candidates[pk], pk) for rank, pk in found)]


def _entries(index: SearchIndex, rows: Iterable[Any]) -> Iterator[SearchEntry]:
    for row in rows:
        found = index.document(row)
        text, tokens = document(found.names, found.codes, found.texts, found.marks)
        yield SearchEntry(kind=index.kind, object_id=found.pk, title=found.title[:250], text=text, tokens=tokens)
