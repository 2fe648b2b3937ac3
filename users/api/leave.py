"""Leave and the working calendar as JSON."""

from __future__ import annotations

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet
from core.models import CalendarDay
from core.paging import Sort
from users import services
from users.api.serializers import CalendarDaySerializer, LeaveSerializer
from users.calendars import entered_days
from users.filters import LEAVE_DEFAULT_SORT, LEAVE_SORTS, LeaveFilter
from users.models import Leave


class LeaveViewSet(ReadOnlyScopedViewSet):
    """Absences: one's own, for supervisors their people's, for directors everybody's."""

    tag = "People"
    scope = "leave"
    serializer_class = LeaveSerializer
    filterset_class = LeaveFilter
    sorts = LEAVE_SORTS
    default_sort = LEAVE_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return Leave.objects.visible_to(self.request.user).select_related("user", "delegate")

    def create(self, request: Request) -> Response:
        """Enter an absence."""
        leave = services.add_leave(self.validated().build(), actor=request.user)
        return self.shown(leave, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change an absence; it stays the same person's."""
        leave = self.get_object()
        serializer = self.validated(leave, partial=partial)
        if serializer.validated_data.get("user", leave.user) != leave.user:
            raise ValidationError({"user": _("An absence stays its person's.")})
        return self.shown(services.update_leave(serializer.apply(), actor=request.user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of an absence."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Take an absence away."""
        services.remove_leave(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CalendarDayFilter(django_filters.FilterSet):
    """By country and days."""

    country = django_filters.CharFilter(label=_("country"))
    date = django_filters.DateFromToRangeFilter(label=_("date"))

    class Meta:
        model = CalendarDay
        fields: list[str] = []


class CalendarDayViewSet(ReadOnlyScopedViewSet):
    """What administrators entered; holidays of the programme's own list are not among them."""

    tag = "People"
    scope = "calendars"
    serializer_class = CalendarDaySerializer
    filterset_class = CalendarDayFilter
    sorts = {"date": Sort("date"), "country": Sort("country"), "id": Sort("pk")}
    default_sort = "date"

    def get_queryset(self) -> models.QuerySet[Any]:
        return entered_days()

    def create(self, request: Request) -> Response:
        """Enter a day; the same country and date again is a correction. For administrators."""
        day = services.set_calendar_day(self.validated().build(), actor=request.user)
        return self.shown(day, status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: int) -> Response:
        """Take an entered day away: the programme's own list counts again. For administrators."""
        services.remove_calendar_day(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
