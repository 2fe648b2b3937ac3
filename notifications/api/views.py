"""The REST API of the caller's own notifications and how they are delivered."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet, ScopedViewSet
from core.paging import Sort
from notifications import services
from notifications.api.serializers import (
    NotificationSerializer,
    PreferenceSerializer,
    ReadAllSerializer,
    UnreadSerializer,
    preference_data,
)
from notifications.desk import choices_of
from notifications.filters import NotificationFilter
from notifications.models import Notification


class NotificationViewSet(ReadOnlyScopedViewSet):
    """The caller's own notifications, as the bell has them."""

    tag = "Notifications"
    scope = "notifications"
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    sorts = {"id": Sort("pk"), "created_at": Sort("pk")}
    default_sort = "-created_at"

    def get_queryset(self) -> models.QuerySet[Any]:
        return Notification.objects.visible_to(self.request.user)

    @extend_schema(request=None, responses={200: NotificationSerializer})
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: int) -> Response:
        """Mark it read, with what it repeats. The first reading counts."""
        note = self.get_object()
        services.mark_read(note, now=timezone.now())
        return self.shown(note)

    @extend_schema(request=None, responses={200: ReadAllSerializer})
    @action(detail=False, methods=["post"], url_path="read-all", filterset_class=None, pagination_class=None)
    def read_all(self, request: Request) -> Response:
        """Mark all of them read."""
        return Response({"read": services.mark_all_read(request.user, now=timezone.now())})

    @extend_schema(responses={200: UnreadSerializer})
    @action(detail=False, methods=["get"], url_path="unread-count", filterset_class=None, pagination_class=None)
    def unread_count(self, request: Request) -> Response:
        """How many are unread."""
        return Response({"unread": self.get_queryset().unread().order_by().count()})


class NotificationPreferenceViewSet(ScopedViewSet):
    """How notifications reach the caller."""

    tag = "Notifications"
    scope = "notifications"
    serializer_class = PreferenceSerializer
    paginated = False
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses={200: PreferenceSerializer})
    def show(self, request: Request) -> Response:
        """The settings as they count: the caller's own, and the defaults of their role."""
        return self._answer(request)

    @extend_schema(responses={200: PreferenceSerializer})
    def replace(self, request: Request) -> Response:
        """Change the settings. What equals the default of the role goes on following it."""
        serializer = self.validated()
        preference, choices = serializer.apply()
        services.save_preference(preference, choices, actor=request.user)
        return self._answer(request)

    @extend_schema(responses={200: PreferenceSerializer})
    def reset(self, request: Request) -> Response:
        """Back to the defaults of the role."""
        services.reset_preference(actor=request.user)
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        preference = services.preference_of(request.user)
        data = preference_data(preference, choices_of(request.user, preference))
        return Response(self.get_serializer(data).data)

    def get_object(self) -> Any:
        """There is one; asked for by OPTIONS."""
        return services.preference_of(self.request.user)
