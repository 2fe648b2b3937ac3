"""What can be searched: every app registers its kinds in `<app>/search.py`, which is found by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise


@dataclass(frozen=True)
class Document:
    """What is indexed of a row: found by any part of its names, their pinyin and initials, its codes and its texts.

    `marks` are words of letters and digits, longer than three, that a search can be narrowed to: `account17`.
    """

    pk: int
    title: str
    names: Sequence[str]
    codes: Sequence[str] = ()
    texts: Sequence[str] = ()
    marks: Sequence[str] = ()


@dataclass(frozen=True)
class Hit:
    """One result as it is shown."""

    title: str
    detail: str
    url: str
    tier: str = ""
    own: bool = False


class SearchIndex(ABC):
    """One kind of row. `kind` is stored; `list_url_name` names a list page that takes `?q=` for all results."""

    kind: ClassVar[str]
    label: ClassVar[str | Promise]
    list_url_name: ClassVar[str] = ""

    @abstractmethod
    def all_rows(self) -> models.QuerySet[Any]:
        """Every row that is indexed."""

    @abstractmethod
    def document(self, row: Any) -> Document:
        """What is indexed of a row of `all_rows`."""

    @abstractmethod
    def visible_to(self, user: Any) -> models.QuerySet[Any]:
        """The rows that `user` may find."""

    @abstractmethod
    def ranks(self, user: Any) -> list[models.Q]:
        """Conditions that sort `user`'s results, best first; what fits none comes last."""

    @abstractmethod
    def samples(self, user: Any) -> list[models.Q]:
        """Conditions of the rows among which a term that very many rows have is looked for first."""

    @abstractmethod
    def hits(self, ids: Sequence[int], user: Any) -> list[Hit]:
        """What is shown of these rows, in this order."""

    def recent(self, user: Any, limit: int) -> list[Hit]:
        """What the empty box offers."""
        return []


_indexes: dict[str, SearchIndex] = {}


def register(index: type[SearchIndex]) -> type[SearchIndex]:
    """Class decorator that makes a kind known."""
    _indexes[index.kind] = index()
    return index


def get_index(kind: str) -> SearchIndex:
    """Raises KeyError if no app has registered `kind`."""
    return _indexes[kind]


def all_indexes() -> Iterator[SearchIndex]:
    """Every registered kind, in the order of INSTALLED_APPS."""
    return iter(list(_indexes.values()))
