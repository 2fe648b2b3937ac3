"""Names and codes of the demo, each from a number. Nothing is kept, so any million of them costs no memory."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import NamedTuple

from accounts.credit_code import ALPHABET, check_character
from kam.demo import words
from kam.demo.words import City, Country, Trade

FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司")
# GB 11714: the alphabet and weights of the nine-character organisation code inside the credit code.
_ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY = list(ALPHABET)


class Named(NamedTuple):
    """A company's two names and the Latin brand."""

    name: str
    english: str
    brand: str


@cache
def brands() -> list[tuple[str, str]]:
    """Every Chinese brand with its Latin form."""
    return [
        (first + second, latin + tail)
        for first, latin in words.BRAND_FIRST.items()
        for second, tail in words.BRAND_SECOND.items()
    ]


def brand_of(number: int, seed: int) -> tuple[str, str]:
    """The brand of company `number`; it comes again only after every other."""
    pool = brands()
    return pool[_shuffled(number % len(pool), len(pool), seed)]


def place_and_trade(number: int, seed: int) -> tuple[City, Trade]:
    """Where company `number` is and what it does. With its brand this is never the same for two."""
    pool = len(brands())
    block, offset = number // pool, _mixed(number % pool, seed)
    combination = _shuffled((block + offset) % _combinations(), _combinations(), seed)
    return words.CITIES[combination % len(words.CITIES)], words.TRADES[combination // len(words.CITIES)]


def domestic(number: int, seed: int, rng: Random) -> Named:
    """A company of mainland China."""
    (brand, latin), (city, trade) = brand_of(number, seed), place_and_trade(number, seed)
    name = f"{city.name}{brand}{trade.word}{rng.choice(FORMS)}"
    return Named(name, f"{latin} {trade.english} ({city.english}) Co., Ltd.", latin)


def group_head(number: int, seed: int) -> Named:
    """The holding company of a group."""
    (brand, latin), (city, _trade) = brand_of(number, seed), place_and_trade(number, seed)
    return Named(f"{city.name}{brand}控股集团有限公司", f"{latin} Holding Group ({city.english}) Co., Ltd.", latin)


def subsidiary(head: int, number: int, seed: int) -> Named:
    """A company of the group of `head`, with its brand, in a place of its own."""
    (brand, latin), (city, trade) = brand_of(head, seed), place_and_trade(number, seed)
    return Named(
        f"{brand}（{city.name}）{trade.word}有限公司", f"{latin} {trade.english} {city.english} Co., Ltd.", latin
    )


def strait(number: int, seed: int) -> Named:
    """A company of Hong Kong or Taiwan, in traditional characters."""
    (brand, latin), (_city, trade) = brand_of(number, seed), place_and_trade(number, seed)
    name = f"{brand}{trade.word}股份有限公司".translate(words.TRADITIONAL)
    return Named(name, f"{latin} {trade.english} Ltd.", latin)


def overseas(number: int, seed: int, country: Country) -> Named:
    """A company abroad."""
    trade = words.TRADES[_mixed(number, seed) % len(words.TRADES)]
    if country.currency == "JPY":
        kana, latin = words.KANA[number % len(words.KANA)]
        return Named(f"{kana}工業株式会社", f"{latin} {trade.english} {country.form}", latin)
    first, middle, last = words.LATIN_FIRST, words.LATIN_MIDDLE, words.LATIN_LAST
    pool = len(first) * len(middle) * len(last)
    chosen = _shuffled(number % pool, pool, seed)
    latin = first[chosen % len(first)] + middle[chosen // len(first) % len(middle)] + last[chosen // 160]
    name = f"{latin} {trade.english} {country.form}"
    return Named(name, name, latin)


def credit_code(number: int, division: str) -> str:
    """A valid unified social credit code: category 91, the division, the organisation code, its check characters."""
    body, rest = "MA", number
    for _position in range(6):
        rest, digit = divmod(rest, len(_BODY))
        body += _BODY[digit]
    check = -sum(_ORGANISATION.index(char) * weight for char, weight in zip(body, _WEIGHTS, strict=True)) % 11
    first17 = f"91{division}{body}{'X' if check == 10 else check}"
    return first17 + check_character(first17)


def person(number: int) -> tuple[str, str]:
    """A person's name, family name first, and a login made of it."""
    surnames, given = words.SURNAMES.split("|"), words.GIVEN.split("|")
    surname, surname_latin = surnames[number % len(surnames)].split()
    name, name_latin = given[(number * 7 + number // len(surnames)) % len(given)].split()
    return surname + name, f"{surname_latin}.{name_latin}"


def _combinations() -> int:
    return len(words.CITIES) * len(words.TRADES)


@cache
def _step(size: int, seed: int) -> tuple[int, int]:
    """A stride prime to `size`, and where to start."""
    rng = Random(f"{seed}/{size}")  # noqa: S311  a demo, no secret
    while True:
        stride = rng.randrange(size // 3, size) | 1
        if _greatest_common_divisor(stride, size) == 1:
            return stride, rng.randrange(size)


def _greatest_common_divisor(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _shuffled(number: int, size: int, seed: int) -> int:
    """`number` below `size` sent to another number below `size`, each to its own."""
    stride, start = _step(size, seed)
    return (number * stride + start) % size


def _mixed(number: int, seed: int) -> int:
    """A number that looks like chance, always the same for the same two."""
    value = (number + 1) * 0x9E3779B97F4A7C15 + seed * 0xBF58476D1CE4E5B9
    return (value ^ (value >> 29)) * 0x94D049BB133111EB >> 20 & 0xFFFFFFFF
