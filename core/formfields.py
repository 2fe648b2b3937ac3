"""How a form's fields look: the control's kind and classes, the form's sections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_filters.fields import DateRangeField
from django_filters.widgets import BooleanWidget

CHECK, SELECT, TEXT, GROUP = "check", "select", "text", "group"
_CLASSES = {CHECK: "form-check-input", SELECT: "form-select", TEXT: "form-control"}


def control_kind(bound: BoundField) -> str:
    """How the control is laid out: a single tick, a select, a group of ticks or radios, or a text-like input."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return CHECK
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return GROUP
    return SELECT if isinstance(widget, forms.Select) else TEXT


def render_control(bound: BoundField, *, small: bool = False, bare: bool = False) -> SafeString:
    """The input with the classes of our design; dates become native date inputs; `bare` leaves the placeholder out."""
    widget, kind = bound.field.widget, control_kind(bound)
    _make_dates_native(bound)
    if kind == SELECT:
        _name_the_empty_choice(bound.field, _("Any") if small else "–")
    if bare:
        widget.attrs.pop("placeholder", None)
    attrs: dict[str, Any] = {}
    if kind in _CLASSES:
        classes = [widget.attrs.get("class", ""), _CLASSES[kind]]
        classes += [f"{_CLASSES[kind]}-sm"] if small and kind != CHECK else []
        classes += ["is-invalid"] if bound.errors else []
        attrs["class"] = " ".join(filter(None, classes))
    if widget.template_name == forms.Select.template_name:
        return _select(bound, attrs)
    return bound.as_widget(attrs=attrs)


def _select(bound: BoundField, attrs: dict[str, Any]) -> SafeString:
    """What Django's template of a select writes; that one takes a template of its own for each option."""
    widget = bound.field.widget
    attrs = bound.build_widget_attrs(attrs, widget)
    if bound.auto_id and "id" not in widget.attrs:
        attrs.setdefault("id", bound.auto_id)
    context = widget.get_context(bound.html_name, bound.value(), attrs)["widget"]
    parts = []
    for group, options, _index in context["optgroups"]:
        inner = format_html_join(
            "", '<option value="{}"{}>{}</option>', ((o["value"], flatatt(o["attrs"]), o["label"]) for o in options)
        )
        parts.append(format_html('<optgroup label="{}">{}</optgroup>', group, inner) if group else inner)
    options = format_html_join("", "{}", ((part,) for part in parts))
    return format_html('<select name="{}"{}>{}</select>', context["name"], flatatt(context["attrs"]), options)


def choices_of(bound: BoundField) -> list[Any]:
    """The ticks or radios of a field, each with `tag` and `choice_label`, in the design's classes."""
    bound.field.widget.attrs["class"] = "form-check-input"
    return list(bound)


def _make_dates_native(bound: BoundField) -> None:
    """Date inputs become the browser's own; the two ends of a range say which end they are."""
    widget = bound.field.widget
    parts = getattr(widget, "widgets", [])
    for part in (widget, *parts):
        if isinstance(part, forms.DateInput):
            part.input_type, part.format = "date", "%Y-%m-%d"
        elif isinstance(bound.field, DateRangeField) and isinstance(part, forms.TextInput):
            part.input_type = "date"
    for part, end in zip(parts, (_("from"), _("until")), strict=False):
        part.attrs["aria-label"] = f"{bound.label}: {end}"


def _name_the_empty_choice(field: forms.Field, label: str) -> None:
    """A word instead of Django's row of dashes."""
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label in ("---------", None) and not field.required:
            field.empty_label = label
        return
    choices = list(field.widget.choices)
    if (
        choices
        and choices[0][0] in ("", None)
        and (isinstance(field.widget, BooleanWidget) or str(choices[0][1]).startswith("---"))
    ):
        field.widget.choices = [("", label), *choices[1:]]


def is_wide(bound: BoundField) -> bool:
    """Whether the field takes the whole width of the form's grid."""
    return (
        isinstance(bound.field.widget, forms.Textarea | forms.CheckboxSelectMultiple | forms.RadioSelect)
        or bound.name in getattr(bound.form, "wide", ())
        or len(bound.form.fields) == 1
    )


@dataclass
class Section:
    """Some fields of a form under a heading (none for the first, unnamed one)."""

    title: Any
    fields: list[BoundField] = field(default_factory=list)


def sections(form: forms.BaseForm) -> list[Section]:
    """The form's `sections` as (title, names); fields that no section names come first, without a title."""
    named = [Section(title, [form[name] for name in names if name in form.fields]) for title, names in _declared(form)]
    listed = {bound.name for section in named for bound in section.fields}
    rest = [bound for bound in form.visible_fields() if bound.name not in listed]
    visible = [Section(s.title, [bound for bound in s.fields if not bound.is_hidden]) for s in named]
    return [section for section in [Section("", rest), *visible] if section.fields]


def _declared(form: forms.BaseForm) -> list[tuple[Any, Any]]:
    return list(getattr(form, "sections", ()))
