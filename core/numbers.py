"""Writing numbers for people: 万/亿 for readers of Chinese, K/M/B for readers of English, and all digits on demand."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from core.money import CURRENCIES, minor_digits

MINUS = "\u2212"
_LATIN = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K"))
_UNITS = {
    "zh-hans": ((Decimal(10**8), "亿"), (Decimal(10**4), "万")),
    "zh-hant": ((Decimal(10**8), "億"), (Decimal(10**4), "萬")),
}
_COMPACT_FROM = 10_000
_SYMBOLS = {"CNY": "¥"}


def plain(value: Decimal | float, digits: int = 0) -> str:
    """`value` with `digits` decimals, grouped by thousands, with a real minus sign: −1,234.50."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{abs(rounded):,.{digits}f}" if rounded >= 0 else f"{MINUS}{abs(rounded):,.{digits}f}"


def compact(value: Decimal | float, language: str) -> str:
    """About three significant digits with the language's unit: 1.23M, 123万; below 10,000 the whole number."""
    value = Decimal(value)
    if abs(value) < _COMPACT_FROM:
        return plain(value)
    for size, unit in _UNITS.get(language, _LATIN):
        mantissa = value / size
        # 999,999 is 1.00M, not 1,000K.
        if abs(mantissa) >= Decimal("0.9995"):
            digits = 2 if abs(mantissa) < Decimal("9.995") else 1 if abs(mantissa) < Decimal("99.95") else 0
            return plain(mantissa, digits) + unit
    return plain(value)


def full_money(amount: Decimal, currency: str) -> str:
    """All digits with the currency's code: CNY 1,234.50."""
    return f"{currency}\u00a0{plain(amount, minor_digits(currency) if currency in CURRENCIES else 2)}"


def short_money(amount: Decimal, currency: str, language: str) -> str:
    """The compact amount with its currency: ¥1.23M, GBP 12.3K; small amounts keep their minor unit (¥8.50)."""
    digits = minor_digits(currency) if currency in CURRENCIES else 2
    text = plain(amount, digits) if 0 < abs(amount) < 100 else compact(amount, language)
    symbol = _SYMBOLS.get(currency)
    if symbol is None:
        return f"{currency}\u00a0{text}"
    return f"{MINUS}{symbol}{text.removeprefix(MINUS)}" if text.startswith(MINUS) else symbol + text


def percent(share: Decimal | float, digits: int = 1, *, sign: bool = False) -> str:
    """A share as per cent: 0.123 is 12.3%; with `sign` +12.3%."""
    text = plain(Decimal(share) * 100, digits) + "%"
    return f"+{text}" if sign and not text.startswith(MINUS) and Decimal(share) > 0 else text
