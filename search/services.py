"""Keep the search index right; apps call this from their own services."""

from collections.abc import Collection


def index_rows(kind: str, ids: Collection[int]) -> None:
    """Index these rows of `kind` anew."""
