"""Serializers that show and accept only what the user may see, and refuse what they do not know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


class ScopedRelatedField(serializers.PrimaryKeyRelatedField):
    """A related row by id: a whole number, and one of the rows that the user sees.

    The row that is there already stays acceptable even where the user does not see it, so that what was read can be
    sent back.
    """

    def get_queryset(self) -> Any:
        queryset = super().get_queryset()
        request = self.context.get("request")
        if request is not None and hasattr(queryset, "visible_to"):
            queryset = queryset.visible_to(request.user)
        return queryset

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and data.isascii() and data.isdigit() and len(data) < 20:
            data = int(data)
        if type(data) is not int:
            self.fail("incorrect_type", data_type=type(data).__name__)
        current = self._current()
        return current if current is not None and current.pk == data else super().to_internal_value(data)

    def _current(self) -> models.Model | None:
        instance = getattr(self.parent, "instance", None)
        if not isinstance(instance, models.Model) or getattr(instance, f"{self.source}_id", None) is None:
            return None
        return getattr(instance, self.source, None)


class NamedRelatedField(ScopedRelatedField):
    """Read as `{"id": 7, "name": "…"}`, written as the id alone."""

    def use_pk_only_optimization(self) -> bool:
        return False

    def to_representation(self, value: Any) -> dict[str, Any]:
        return {"id": value.pk, "name": str(value)}

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data["id"] if isinstance(data, Mapping) and "id" in data else data)

    def get_choices(self, cutoff: int | None = None) -> dict[Any, str]:
        return {}


class NamedRelatedSchema(OpenApiSerializerFieldExtension):
    """How the OpenAPI document describes NamedRelatedField: an object in responses, a number in requests."""

    target_class = NamedRelatedField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "request":
            return {"type": "integer"}
        return {
            "type": "object",
            "required": ["id", "name"],
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        }


class StrictSerializer(serializers.Serializer):
    """Refuses fields that it does not have.

    A field that is only read may come back as it was read, so that what was got can be changed and put; any other
    value for it is refused, not ignored.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            strange = {str(name): [error] for name in data if (error := self._objection(name, data[name]))}
            if strange:
                raise ValidationError(strange)
        return super().to_internal_value(data)

    def _objection(self, name: Any, value: Any) -> ErrorDetail | None:
        field = self.fields.get(name)
        if field is None:
            return ErrorDetail(_("There is no such field."), code="unknown_field")
        if field.read_only and not (isinstance(self.instance, models.Model) and self._shown(name) == value):
            return ErrorDetail(_("This field can only be read."), code="read_only")
        return None

    def _shown(self, name: str) -> Any:
        if not hasattr(self, "_representation"):
            self._representation = self.to_representation(self.instance)
        return self._representation.get(name)


class UtcDateTimeField(serializers.DateTimeField):
    """A moment in UTC, whatever time zone the caller reads pages in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default_timezone": dt.UTC, **kwargs})


class ScopedModelSerializer(StrictSerializer, serializers.ModelSerializer):
    """For rows: related rows are limited to those that the user sees. Saving is a service's matter (see views)."""

    serializer_related_field = ScopedRelatedField
    serializer_field_mapping: ClassVar = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """As DRF makes them; fields that are only read also say whether they may be null or blank, for the document."""
        fields = super().get_fields()
        for name, field in fields.items():
            if field.read_only and name not in self._declared_fields:
                column = self.Meta.model._meta.get_field(name)
                field.allow_null = column.null
                if isinstance(field, serializers.ChoiceField):
                    field.allow_blank = column.blank
        return fields

    def build(self) -> Any:
        """The new row with the validated values, unsaved."""
        return self.Meta.model(**self.validated_data)

    def apply(self) -> Any:
        """The row with the validated values set, unsaved."""
        for name, value in self.validated_data.items():
            setattr(self.instance, name, value)
        return self.instance
