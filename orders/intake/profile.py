"""A profile: which column is which field, how the file writes things, and which rows count. Data, not code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.money import CURRENCIES
from orders.errors import BadProfile, UnknownCurrency
from orders.intake.columns import FIELDS

SHIPPED = Path(__file__).resolve().parent.parent / "profiles"
ENCODINGS = ("auto", "utf-8", "gb18030", "utf-16", "big5", "cp1252")
CHOICES = {
    "encoding": ENCODINGS,
    "delimiter": ("auto", ",", ";", "\t", "|"),
    "numbers": ("auto", "point", "comma"),
    "dates": ("auto", "ymd", "dmy", "mdy"),
    "without_account": ("reject", "skip"),
    "zero_price": ("accept", "skip"),
    "negative_quantity": ("return", "skip"),
}
_MAX_PATTERN = 300
_PREFIX = re.compile(r"\S{1,10}")


@dataclass(frozen=True)
class LineRule:
    """A product line, given to products whose name matches `pattern` (a regular expression, any case)."""

    code: str
    name: str
    name_en: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Rules:
    """What is read how, and which rows count.

    `goods`: product codes that match from their start are goods, others are left out (empty: all are).
    `credit_prefixes`: order numbers that begin so are credit notes: their lines count as negative, their orders as
    returns. `ignored_prefixes`: adjustments, left out. `void_hours`: a line is void together with a credit of the same
    account, product, quantity and price within so many hours after it (0: never). `duplicates`: whether a row equal
    in every cell to one above is left out. `product_lines`: the first rule whose pattern fits gives the product line.
    """

    encoding: str = "auto"
    delimiter: str = "auto"
    numbers: str = "auto"
    dates: str = "auto"
    currency: str = ""
    source: str = ""
    goods: str = ""
    without_account: str = "reject"
    zero_price: str = "accept"
    negative_quantity: str = "return"
    credit_prefixes: tuple[str, ...] = ()
    ignored_prefixes: tuple[str, ...] = ()
    duplicates: bool = False
    void_hours: int = 0
    product_lines: tuple[LineRule, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Profile:
    """A named mapping (field -> heading; empty: guess) with its rules."""

    name: str
    columns: dict[str, str] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def with_columns(self, **columns: str) -> Profile:
        """The same profile with some columns mapped otherwise; an empty heading unmaps the field."""
        merged = {name: heading for name, heading in (self.columns | columns).items() if heading}
        return make_profile(self.name, merged, asdict(self.rules))

    def with_rules(self, **changes: Any) -> Profile:
        """The same profile with some rules changed."""
        return replace(self, rules=make_rules(asdict(self.rules) | changes))


def make_profile(name: str, columns: Mapping[str, Any], rules: Mapping[str, Any]) -> Profile:
    """A checked profile from plain data (TOML, JSON, a form). Raises BadProfile, UnknownCurrency."""
    unknown = sorted(set(columns).difference(FIELDS))
    if unknown:
        detail = _("there is no field “%(field)s”; there are: %(fields)s.")
        raise BadProfile(field="columns", detail=detail % {"field": unknown[0], "fields": ", ".join(FIELDS)})
    if not all(isinstance(heading, str) and heading.strip() for heading in columns.values()):
        raise BadProfile(field="columns", detail=_("a heading is text."))
    return Profile(name, {key: heading.strip() for key, heading in columns.items()}, make_rules(rules))


def make_rules(data: Mapping[str, Any]) -> Rules:
    """Checked rules from plain data. Raises BadProfile (naming the rule as field), UnknownCurrency."""
    known = {item.name: item for item in fields(Rules)}
    for name, value in data.items():
        if name not in known:
            raise BadProfile(field=name, detail=_("there is no rule “%(rule)s”.") % {"rule": name})
        _check_rule(name, value)
    tuples: dict[str, tuple[Any, ...]] = {
        name: tuple(data.get(name, ())) for name in ("credit_prefixes", "ignored_prefixes")
    }
    lines = tuple(_line_rule(item) for item in data.get("product_lines", ()))
    return Rules(**{**data, **tuples, "product_lines": lines})


def shipped_names() -> list[str]:
    """The names of the profiles that KAM ships with."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


@cache
def shipped_profile(name: str) -> Profile:
    """A profile that KAM ships with. Raises KeyError if there is none of that name."""
    if name not in shipped_names():
        raise KeyError(name)
    data = tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))
    return make_profile(name, data.get("columns", {}), data.get("rules", {}))


def _check_rule(name: str, value: Any) -> None:
    if name in CHOICES and value not in CHOICES[name]:
        detail = _("“%(value)s” is none of: %(choices)s.")
        raise BadProfile(field=name, detail=detail % {"value": value, "choices": ", ".join(CHOICES[name])})
    if name == "currency" and value and value not in CURRENCIES:
        raise UnknownCurrency(field="currency", currency=value)
    if name == "goods":
        _check_pattern(name, value)
    if name == "source" and not (isinstance(value, str) and len(value) <= 40):
        raise BadProfile(field=name, detail=_("the source is up to 40 characters."))
    if name.endswith("_prefixes") and not all(isinstance(item, str) and _PREFIX.fullmatch(item) for item in value):
        raise BadProfile(field=name, detail=_("a prefix is up to 10 characters without spaces."))
    if name == "void_hours" and not (type(value) is int and 0 <= value <= 24 * 90):
        raise BadProfile(field=name, detail=_("hours are a whole number from 0 to 2160."))
    if name == "duplicates" and type(value) is not bool:
        raise BadProfile(field=name, detail=_("yes or no."))


def _check_pattern(name: str, value: Any) -> None:
    try:
        if not isinstance(value, str) or len(value) > _MAX_PATTERN:
            raise BadProfile(field=name, detail=_("a pattern is text of up to 300 characters."))
        re.compile(value)
    except re.error as error:
        detail = _("“%(value)s” is not a regular expression: %(error)s.")
        raise BadProfile(field=name, detail=detail % {"value": value, "error": error}) from error


def _line_rule(item: Any) -> LineRule:
    if isinstance(item, LineRule):
        return item
    try:
        rule = LineRule(**item)
    except TypeError as error:
        raise BadProfile(field="product_lines", detail=str(error)) from error
    texts = (rule.code, rule.name, rule.name_en, rule.pattern)
    if not all(isinstance(text, str) for text in texts) or not (0 < len(rule.code) <= 40 and 0 < len(rule.name) <= 120):
        raise BadProfile(field="product_lines", detail=_("a product line has a code and a name."))
    _check_pattern("product_lines", rule.pattern)
    return rule
