"""The unified social credit code (统一社会信用代码) of GB 32100-2015: 18 characters, the last a check character."""

import re

# GB 32100-2015, table 1: the 31 characters and their values; I, O, S, V and Z are not used.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Section 5.1: the weight of position i is 3**(i-1) mod 31.
WEIGHTS = [pow(3, position, 31) for position in range(17)]
PATTERN = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")


def normalise(code: str) -> str:
    """`code` in half-width capitals without spaces and hyphens."""
    half_width = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in code)
    return re.sub(r"[\s-]", "", half_width).upper()


def check_character(first17: str) -> str:
    """The 18th character for the first 17: 31 minus the weighted sum modulo 31 (GB 32100-2015, 5.1)."""
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """True if the normalised `code` has the right form and check character."""
    return bool(PATTERN.fullmatch(code)) and check_character(code[:17]) == code[17]
