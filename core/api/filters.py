"""The pages' filters in the API, where an unknown or wrong parameter is an error and not ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.widgets import SuffixedMultiWidget
from rest_framework.request import Request

from core.errors import DomainError
from core.forms import scope_form

PAGING = ("cursor", "ordering", "page_size")


class UnknownParameter(DomainError):
    code = "unknown_parameter"
    message = _("There is no parameter “%(name)s” here. Possible are: %(known)s.")


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter on lists only, with choices limited to what the user may see."""

    def filter_queryset(self, request: Request, queryset: models.QuerySet[Any], view: Any) -> models.QuerySet[Any]:
        """Raises ValidationError for values that the filters refuse."""
        if view.detail:
            return queryset
        return super().filter_queryset(request, queryset, view)

    def get_filterset(self, request: Request, queryset: models.QuerySet[Any], view: Any) -> Any:
        filterset = super().get_filterset(request, queryset, view)
        if filterset is not None:
            scope_form(filterset.form, request.user)
        return filterset


def check_parameters(request: Request, view: Any) -> None:
    """Raises UnknownParameter for a query parameter that the view does not know."""
    require_known(request, set(known_parameters(request, view)))


def require_known(request: Request, known: set[str]) -> None:
    """Raises UnknownParameter for a query parameter that is not among `known`."""
    for name in request.query_params:
        if name not in known:
            raise UnknownParameter(field=name[:80], name=name[:80], known=", ".join(sorted(known)) or "–")


def known_parameters(request: Request, view: Any) -> Iterator[str]:
    """The names of the query parameters of this request's action: its own, filters and paging on lists."""
    paginated = not view.detail if view.paginated is None else view.paginated
    if request.method not in ("GET", "HEAD"):
        return
    yield from view.parameters
    if not paginated:
        return
    yield from PAGING
    filterset_class = None if view.detail else getattr(view, "filterset_class", None)
    if filterset_class is None:
        return
    for name, found in filterset_class.base_filters.items():
        widget = found.field.widget
        if isinstance(widget, SuffixedMultiWidget):
            yield from (widget.suffixed(name, suffix) for suffix in widget.suffixes)
        else:
            yield name
