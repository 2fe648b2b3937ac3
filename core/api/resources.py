"""The resources of the API by name: what reads across all of them finds them here."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.routers import SimpleRouter

from core.api.views import ScopedViewSet

RESOURCES: dict[str, type[ScopedViewSet]] = {}
"""Name in the address (`orders`) -> view set, in the order of the router."""


class ResourceRouter(SimpleRouter):
    """DRF's own, which remembers what it routes."""

    def register(self, prefix: str, viewset: Any, basename: str | None = None) -> None:
        super().register(prefix, viewset, basename)
        RESOURCES[prefix] = viewset


def view_for(name: str, request: Request, action: str = "retrieve") -> ScopedViewSet:
    """The view set `name` as it would answer this user's GET of one row, or of its `list`."""
    view = RESOURCES[name]()
    view.request, view.action, view.detail = request, action, action != "list"
    view.args, view.kwargs, view.format_kwarg = (), {}, None
    return view
