"""Forms: our widget templates, and choices limited to what the user may see."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class KamFormRenderer(TemplatesSetting):
    """Renders every form and field with the templates in templates/components/."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class DayInput(forms.DateInput):
    """The browser's own date picker, which reads and writes ISO dates in any language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class YesNoSelect(forms.NullBooleanSelect):
    """Any, yes or no, for filters. Django's own sends a word where nothing is chosen, which is then a filter of its
    own."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = [("", _("Any")), ("true", _("Yes")), ("false", _("No"))]

    def format_value(self, value: Any) -> str:  # type: ignore[override]  # the stubs know selects of several only
        chosen = super().format_value(value)
        return "" if chosen == "unknown" else str(chosen)


class LookupSelect(forms.Select):
    """A select of related rows: all of them where they are few, else the chosen one and a search on the server.

    `lookup` names the URL that answers `?q=` with `{"results": [{"value", "text"}]}`. A page with such a select costs
    the same in a company of ten people and of ten thousand.
    """

    few = 100

    def __init__(self, lookup: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.lookup = lookup

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Django's, with the rows fetched once and no more than are shown."""
        related = self.choices
        rows = list(related.queryset[: self.few + 1])
        attribute = ("data-search", "")
        if len(rows) > self.few:
            rows = list(related.queryset.filter(pk__in=[key for key in self.format_value(value) if key.isdigit()]))
            attribute = ("data-lookup", reverse(self.lookup))
        empty = related.field.empty_label
        self.choices = [*([] if empty is None else [("", empty)]), *(related.choice(row) for row in rows)]
        try:
            context = super().get_context(name, value, attrs)
        finally:
            self.choices = related
        context["widget"]["attrs"].setdefault(*attribute)
        return context


def add_domain_error(form: forms.BaseForm, error: DomainError) -> None:
    """Show a refusal of a service beside the field it names, or above the form; what was typed stays."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def scope_form(form: forms.BaseForm, user: Any) -> None:
    """Limit every choice of related rows to those that `user` may see.

    A field whose queryset has `visible_to` is narrowed to `visible_to(user)`; rows outside are then invalid choices,
    exactly as if they did not exist.
    """
    for field in form.fields.values():
        queryset = getattr(field, "queryset", None)
        if queryset is not None and hasattr(queryset, "visible_to"):
            field.queryset = queryset.visible_to(user)
