"""What is stored of a name, and what is looked for: the same normal form and the same tokens on both sides.

The normal form is NFKC, case-folded, without accents, in simplified characters, with a space for everything that is
neither a letter nor a digit. Tokens are the small pieces by which the index finds a row: a Chinese text's single
characters and pairs, a Latin word's triples and first letters, the same of pinyin and initials. A row found by its
tokens is rechecked against the whole term, so tokens may say too much and never too little.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from search.pinyin import is_chinese, readings
from search.variants import TO_SIMPLIFIED

MAX_QUERY = 100
MAX_TERMS = 6


def normalise(text: str) -> str:
    """The normal form of `text`; only letters, digits and single spaces are left, so it is safe in any query."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = unicodedata.normalize("NFKC", "".join(c for c in folded if not unicodedata.combining(c)))
    spaced = "".join(c if c.isalnum() else " " for c in plain)
    return " ".join(spaced.split()).translate(TO_SIMPLIFIED)


def query_terms(text: str) -> list[str]:
    """The words of what somebody typed, at most six; a row must have them all. Empty: nothing to look for."""
    return normalise(text[:MAX_QUERY]).split()[:MAX_TERMS]


def term_tokens(term: str) -> set[str]:
    """The tokens that a row with `term` in it is sure to have, the most selective ones."""
    found: set[str] = set()
    runs = list(_runs(term))
    for position, (chinese, run) in enumerate(runs):
        # "te华" may be the end of a Latin word, whose short pieces are indexed at its beginning only.
        if chinese or len(run) > 2 or position > 0 or len(runs) == 1:
            found.update(_grams(run, 2 if chinese else 3))
    return found


def document(
    names: Iterable[str], codes: Iterable[str], texts: Iterable[str] = (), marks: Iterable[str] = ()
) -> tuple[str, str]:
    """The text (fields on lines of their own, for the recheck) and the tokens (sorted, separated by spaces) of a row.

    Names are found in the middle, by pinyin and by initials; codes and running texts in the middle; marks as a whole.
    """
    lines: list[str] = []
    tokens: set[str] = set(marks)
    for text in filter(None, map(normalise, texts)):
        lines.append(text)
        tokens |= _word_tokens(text)
    for name in filter(None, map(normalise, names)):
        lines.append(name)
        tokens |= _word_tokens(name)
        if " " in name and any(map(is_chinese, name)):
            compact = name.replace(" ", "")
            lines.append(compact)
            tokens |= _word_tokens(compact)
        for line, pieces in _pinyin(name.replace(" ", "")):
            lines.append(line)
            tokens |= pieces
    for code in filter(None, map(normalise, codes)):
        lines += [code, code.replace(" ", "")]
        for word in {*code.split(), code.replace(" ", "")}:
            tokens |= _latin_tokens(word)
    return "\n".join(dict.fromkeys(lines)), " ".join(sorted(tokens))


def _word_tokens(name: str) -> set[str]:
    found: set[str] = set()
    for word in name.split():
        for chinese, run in _runs(word):
            if chinese:
                found.update(run)
                found.update(_grams(run, 2))
            else:
                found |= _latin_tokens(run)
    return found


@lru_cache(maxsize=8192)
def _latin_tokens(word: str) -> frozenset[str]:
    return frozenset({word[0], word[:2], *_grams(word, 3)})


def _pinyin(name: str) -> Iterator[tuple[str, set[str]]]:
    """A line and its tokens for the full pinyin and for the initials of each reading of a name with Han in it."""
    if not any(map(is_chinese, name)):
        return
    for reading in readings(name):
        parts = [part for part in reading if part]
        full, initials = "".join(parts), "".join(part[0] for part in parts)
        starts = {part[:length] for part in parts for length in (1, 2)}
        yield full, {*_grams(full, 3), *starts}
        yield initials, {*_grams(initials, 2), *_grams(initials, 3)}


def _runs(word: str) -> Iterator[tuple[bool, str]]:
    """The stretches of Han and of other characters in a word."""
    for chinese, chars in groupby(word, key=is_chinese):
        yield chinese, "".join(chars)


def _grams(run: str, size: int) -> set[str]:
    """Every piece of `size` characters; the run itself if it is shorter."""
    return {run[i : i + size] for i in range(len(run) - size + 1)} if len(run) > size else {run}
