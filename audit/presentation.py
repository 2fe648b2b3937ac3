"""An entry's changes in words: labels of fields and choices, names of rows, dates as the reader writes them, amounts.

The currency of an amount is that of its row today: `<what>_currency` beside `<what>_amount`, else the model's
`currency_path` or its field `currency`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch
from django.utils import formats, timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.field_labels import field_label, value_label
from core import numbers
from core.money import CURRENCIES, minor_digits

if TYPE_CHECKING:
    from audit.models import AuditEntry

Names = dict[tuple[str, int], str]


@dataclass(frozen=True)
class Line:
    """One changed field in words; an empty text means that there was nothing."""

    label: str
    old: str
    new: str


def kind_label(object_type: str) -> str:
    """The kind of row in words: the model's name, or its label where the model is gone."""
    model = _model(object_type)
    return str(capfirst(model._meta.verbose_name)) if model else object_type


def row_url(object_type: str, object_id: int) -> str:
    """The page of a row, found without reading it; nothing for kinds that have no page of their own."""
    model: Any = _model(object_type)
    try:
        return model(pk=object_id).get_absolute_url() if model else ""
    except (AttributeError, NoReverseMatch, ObjectDoesNotExist):
        return ""


def kind_choices() -> list[tuple[str, str]]:
    """Every model of ours as (label, words), by the words."""
    ours = [config.label for config in apps.get_app_configs() if not config.name.startswith(("django", "allauth"))]
    found = [model for label in ours for model in apps.get_app_config(label).get_models()]
    return sorted(((m._meta.label_lower, kind_label(m._meta.label_lower)) for m in found), key=lambda kind: kind[1])


def lines(entry: AuditEntry, names: Names) -> list[Line]:
    """The changes of an entry, field by field. `names` knows related rows (see `related_names`)."""
    model = _model(entry.object_type)
    found = []
    for name, pair in entry.changes.items():
        path = _currency_path(model, name)
        currency = names.get((f"{entry.object_type}:{path}", entry.object_id), "") if path else ""
        found.append(_line(model, name, pair, names, currency))
    return found


def related_names(entries: Iterable[AuditEntry], viewer: Any) -> Names:
    """The names of the rows that changes point at, as far as `viewer` may see them, and the currencies of amounts; one
    query for each model."""
    entries = list(entries)
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for entry in entries:
        for related, value in _references(entry):
            wanted[related].add(value)
    names: Names = {}
    for related, ids in wanted.items():
        rows: Any = related._default_manager.all()
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(viewer)
        names.update({(related._meta.label_lower, row.pk): str(row) for row in rows.filter(pk__in=ids)})
    return names | _currencies(entries)


def _currencies(entries: Iterable[AuditEntry]) -> Names:
    """The currencies of the rows whose amounts changed, by kind and path."""
    wanted: dict[tuple[str, str], set[int]] = defaultdict(set)
    for entry in entries:
        model = _model(entry.object_type)
        for path in {path for name in entry.changes if (path := _currency_path(model, name))}:
            wanted[entry.object_type, path].add(entry.object_id)
    names: Names = {}
    for (kind, path), ids in wanted.items():
        if (model := _model(kind)) is not None:
            rows = model._default_manager.filter(pk__in=ids).order_by().values_list("pk", path)
            names.update({(f"{kind}:{path}", pk): str(code) for pk, code in rows})
    return names


def _currency_path(model: type[models.Model] | None, name: str) -> str:
    """Where the currency of the amount `name` stands, seen from the row; nothing for what is no amount."""
    if model is None or not name.endswith("amount"):
        return ""
    own = {field.name for field in model._meta.concrete_fields}
    beside = f"{name.removesuffix('amount')}currency"
    if beside in own:
        return beside
    return str(getattr(model, "currency_path", "currency" if "currency" in own else ""))


def _references(entry: AuditEntry) -> Iterator[tuple[type[models.Model], int]]:
    model = _model(entry.object_type)
    for name, pair in entry.changes.items():
        field = _field(model, name)
        if isinstance(field, models.ForeignKey):
            yield from ((field.related_model, value) for value in pair if type(value) is int)
        elif isinstance(field, models.ManyToManyField):
            lists = [value for value in pair if isinstance(value, list)]
            yield from ((field.related_model, item) for value in lists for item in value if type(item) is int)


def _line(model: type[models.Model] | None, name: str, pair: Any, names: Names, currency: str = "") -> Line:
    field = _field(model, name)
    old, new = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
    if field is None:
        old, new = value_label(name, old), value_label(name, new)
    text = str(getattr(field, "verbose_name", None) or field_label(name))
    return Line(str(capfirst(text)), _words(field, old, names, currency), _words(field, new, names, currency))


def _words(field: Any, value: Any, names: Names, currency: str = "") -> str:
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(_words(field, item, names) for item in value)
    if isinstance(field, models.ForeignKey | models.ManyToManyField) and type(value) is int:
        return names.get((field.related_model._meta.label_lower, value), f"#{value}")
    if getattr(field, "flatchoices", None):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DecimalField):
        return _number_words(value, currency)
    return _date_words(field, value) if isinstance(field, models.DateField) else str(value)


def _number_words(value: Any, currency: str) -> str:
    """Grouped by thousands: an amount with the digits of its currency at least, another number with those it has."""
    try:
        number = Decimal(str(value))
        exponent = number.normalize().as_tuple().exponent
    except InvalidOperation:
        return str(value)
    if not isinstance(exponent, int):  # not a number
        return str(value)
    if currency not in CURRENCIES:
        return numbers.plain(number, max(-exponent, 0))
    return f"{currency}\u00a0{numbers.plain(number, max(-exponent, minor_digits(currency)))}"


def _date_words(field: models.DateField[Any, Any], value: Any) -> str:
    try:
        moment = parse_datetime(str(value)) if isinstance(field, models.DateTimeField) else parse_date(str(value))
    except ValueError:
        moment = None
    if moment is None:
        return str(value)
    if isinstance(moment, dt.datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    kind = "SHORT_DATETIME_FORMAT" if isinstance(moment, dt.datetime) else "SHORT_DATE_FORMAT"
    return formats.date_format(moment, kind)


def _model(object_type: str) -> type[models.Model] | None:
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def _field(model: type[models.Model] | None, name: str) -> Any:
    """The field of this name, of the row's model or else of another one of its app (a policy's version, say)."""
    if model is None:
        return None
    for candidate in (model, *apps.get_app_config(model._meta.app_label).get_models()):
        try:
            return candidate._meta.get_field(name)
        except FieldDoesNotExist:
            continue
    return None
