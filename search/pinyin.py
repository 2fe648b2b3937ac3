"""Pinyin of Chinese names, with the readings that surnames have of their own."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import lazy_pinyin

# Read differently as a surname than as a word; one syllable per character.
SURNAMES = {
    surname: tuple(reading.split())
    for surname, reading in {
        "曾": "zeng",
        "单": "shan",
        "仇": "qiu",
        "解": "xie",
        "查": "zha",
        "盖": "ge",
        "任": "ren",
        "区": "ou",
        "朴": "piao",
        "翟": "zhai",
        "覃": "qin",
        "缪": "miao",
        "冼": "xian",
        "逄": "pang",
        "宓": "fu",
        "乜": "nie",
        "员": "yun",
        "召": "shao",
        "秘": "bi",
        "种": "chong",
        "繁": "po",
        "黑": "he",
        "折": "she",
        "乐": "yue",
        "燕": "yan",
        "宁": "ning",
        "葛": "ge",
        "谌": "chen",
        "过": "guo",
        "尉迟": "yu chi",
        "万俟": "mo qi",
        "令狐": "ling hu",
        "长孙": "zhang sun",
        "澹台": "tan tai",
    }.items()
}


def is_chinese(char: str) -> bool:
    """True for a Han character (CJK ideographs with their extensions and compatibility forms)."""
    return "㐀" <= char <= "鿿" or "豈" <= char <= "﫿" or "\U00020000" <= char <= "\U0003ffff" or char == "〇"


@lru_cache(maxsize=4096)
def syllables(name: str) -> tuple[str, ...]:
    """One entry per Han character of `name` and per run of anything else; no tones, `v` for ü."""
    return tuple(lazy_pinyin(name))


def readings(name: str) -> list[tuple[str, ...]]:
    """The ways in which `name` (simplified) is read: as words and, where it has one, with the surname read as such.

    A surname stands at the beginning, or before 氏 (the house of …).
    """
    found = [syllables(name)]
    house = name.find("氏") - 1
    for start in (0, house):
        surname = next((name[start : start + n] for n in (2, 1) if name[start : start + n] in SURNAMES), None)
        if start >= 0 and surname is not None:
            before, after = name[:start], name[start + len(surname) :]
            reading = (*(syllables(before) if before else ()), *SURNAMES[surname], *(syllables(after) if after else ()))
            if reading not in found:
                found.append(reading)
    return found
