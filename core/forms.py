"""Forms: our widget templates, and choices limited to what the user may see."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

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
