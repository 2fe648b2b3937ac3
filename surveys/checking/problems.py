"""What is wrong with a questionnaire: where, which code, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.functional import Promise

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """`path` leads through the JSON to what is wrong (`("pages", 0, "questions", 2, "text", "en")`), `code` is stable,
    `message` a sentence in the language that was active when it was found."""

    path: Path
    code: str
    message: str

    @property
    def place(self) -> str:
        """The path as one word: `pages.0.questions.2.text.en`."""
        return ".".join(map(str, self.path))


class Found:
    """Collects problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __len__(self) -> int:
        return len(self.problems)

    def add(self, path: Path, code: str, message: str | Promise, **params: Any) -> None:
        """Note one problem."""
        self.problems.append(Problem(path, code, str(message) % params if params else str(message)))

    def below(self, path: Path) -> bool:
        """Whether something at this place or below it is wrong."""
        return any(problem.path[: len(path)] == path for problem in self.problems)
