"""The REST API of people, where they work, and the lines of the relationship map."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Prefetch
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from contacts import services
from contacts.api.serializers import (
    ContactCreateSerializer,
    ContactLinkSerializer,
    ContactSerializer,
    EmploymentSerializer,
    EmploymentUpdateSerializer,
    EndSerializer,
    NewEmploymentSerializer,
)
from contacts.errors import ContactReadOnly
from contacts.filters import DEFAULT_SORT, SORTS, ContactFilter, ContactLinkFilter, EmploymentFilter
from contacts.models import Contact, ContactLink, Employment
from core.api.views import ReadOnlyScopedViewSet

CONTACT_EXAMPLE = OpenApiExample(
    "A head of purchasing",
    request_only=True,
    value={
        "name": "王建国",
        "form_of_address": "王总",
        "mobile": "+8613800138000",
        "birthday_calendar": "lunar",
        "birthday_month": 12,
        "birthday_day": 30,
        "employment": {"account": 42, "position": "采购总监", "seniority": 3, "decision_role": "decision_maker"},
    },
)
MOVE_EXAMPLE = OpenApiExample(
    "To another account", request_only=True, value={"account": 43, "position": "副总经理", "from_date": "2026-04-01"}
)


def seen_jobs(request: Request) -> models.QuerySet[Any]:
    """The employments that the caller sees, the present ones first."""
    jobs = Employment.objects.visible_to(request.user).select_related("account", "owner", "contact")
    return jobs.order_by(F("until_date").desc(nulls_first=True), "-pk")


class ContactViewSet(ReadOnlyScopedViewSet):
    """People at the accounts that the caller sees."""

    tag = "Contacts"
    scope = "contacts"
    serializer_class = ContactSerializer
    filterset_class = ContactFilter
    sorts = SORTS
    default_sort = DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        jobs = Prefetch("employments", queryset=seen_jobs(self.request), to_attr="jobs")
        return Contact.objects.visible_to(self.request.user).prefetch_related(jobs)

    @extend_schema(request=ContactCreateSerializer, responses={201: ContactSerializer}, examples=[CONTACT_EXAMPLE])
    def create(self, request: Request) -> Response:
        """Make a contact with the employment that they begin with."""
        serializer = ContactCreateSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        employment = Employment(**serializer.validated_data.pop("employment"))
        require_editable(request.user, employment.account_id)
        contact = services.create_contact(
            serializer.build(), employment, actor=request.user, today=timezone.localdate()
        )
        return self.shown(contact, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a person. Employments have operations of their own."""
        contact = self.get_object()
        if not Contact.objects.editable_by(request.user).filter(pk=contact.pk).exists():
            raise ContactReadOnly
        serializer = self.validated(contact, partial=partial)
        services.update_contact(serializer.apply(), actor=request.user, today=timezone.localdate())
        return self.shown(contact)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a person."""
        return self.update(request, pk, partial=True)


class EmploymentViewSet(ReadOnlyScopedViewSet):
    """Where people work, from when until when, and their part in decisions there."""

    tag = "Contacts"
    scope = "contacts"
    serializer_class = EmploymentSerializer
    filterset_class = EmploymentFilter

    def get_queryset(self) -> models.QuerySet[Any]:
        return seen_jobs(self.request)

    def get_serializer_class(self) -> type[EmploymentSerializer]:
        return EmploymentUpdateSerializer if self.action in ("update", "partial_update") else EmploymentSerializer

    def create(self, request: Request) -> Response:
        """Let a person work at one more account."""
        serializer = self.validated()
        require_editable(request.user, serializer.validated_data["account"].pk)
        job = services.add_employment(serializer.build(), actor=request.user, today=timezone.localdate())
        return self.shown(job, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change an employment; person and account stay."""
        job = self.get_object()
        require_editable(request.user, job.account_id)
        serializer = self.validated(job, partial=partial)
        services.update_employment(serializer.apply(), actor=request.user, today=timezone.localdate())
        return self.shown(job)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of an employment."""
        return self.update(request, pk, partial=True)

    @extend_schema(request=EndSerializer, responses=EmploymentSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """The person leaves the account after the last day; they and what happened with them stay."""
        job = self.get_object()
        require_editable(request.user, job.account_id)
        serializer = EndSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.end_employment(job, serializer.validated_data["last_day"], actor=request.user)
        return self.shown(job)

    @extend_schema(request=NewEmploymentSerializer, responses={201: EmploymentSerializer}, examples=[MOVE_EXAMPLE])
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: int) -> Response:
        """The person goes to another account: this employment ends, the new one begins and is the answer."""
        job = self.get_object()
        require_editable(request.user, job.account_id)
        serializer = NewEmploymentSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        new_job = serializer.build()
        require_editable(request.user, new_job.account_id)
        services.move_contact(job, new_job, actor=request.user, today=timezone.localdate())
        return self.shown(new_job, status.HTTP_201_CREATED)


class ContactLinkViewSet(ReadOnlyScopedViewSet):
    """Lines of the relationship map beside reports-to."""

    tag = "Contacts"
    scope = "contacts"
    serializer_class = ContactLinkSerializer
    filterset_class = ContactLinkFilter

    def get_queryset(self) -> models.QuerySet[Any]:
        return ContactLink.objects.visible_to(self.request.user).select_related("account")

    def create(self, request: Request) -> Response:
        """Draw a line."""
        serializer = self.validated()
        require_editable(request.user, serializer.validated_data["account"].pk)
        return self.shown(services.add_link(serializer.build(), actor=request.user), status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: int) -> Response:
        """Take a line off the map."""
        link = self.get_object()
        require_editable(request.user, link.account_id)
        services.remove_link(link, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
