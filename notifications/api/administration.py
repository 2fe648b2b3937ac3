"""The REST API of what administrators own: the defaults of each role, and messages on their way."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import ScopedModelSerializer, StrictSerializer
from core.api.views import ReadOnlyScopedViewSet, ScopedViewSet
from core.paging import Sort
from notifications import services
from notifications.api.serializers import EventChoiceSerializer
from notifications.choices import DeliveryStatus
from notifications.desk import default_of, rules_now
from notifications.errors import MayNotOwnNotifications
from notifications.events import GROUPS, LEADING, Choice
from notifications.filters import DeliveryFilter
from notifications.models import Delivery
from users.models import Role

Rules = dict[tuple[str, str], Choice]


class DefaultChoiceSerializer(EventChoiceSerializer):
    """`copied`: those who lead are told of what concerns the people below them too, where they see what it is about;
    false for other roles."""

    copied = serializers.BooleanField(default=False)


class DefaultEventsSerializer(StrictSerializer):
    """All events, each with how it reaches users of the role who have not chosen otherwise."""

    def get_fields(self) -> dict[str, Any]:
        return {code: DefaultChoiceSerializer() for code in GROUPS}


class NotificationDefaultSerializer(StrictSerializer):
    """The defaults of one role; `changed` tells whether administrators have decided anything of it."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True)
    changed = serializers.BooleanField(read_only=True)
    events = DefaultEventsSerializer()

    def chosen(self, role: str) -> dict[str, Choice]:
        """By group; the serializer is valid."""
        events = self.validated_data["events"]
        return {
            code: Choice(event["email"], frozenset(event["robots"]), event["copied"] and role in LEADING)
            for code, event in events.items()
        }


class _AdministratorsOnly(ScopedViewSet):
    """403 `not_notification_owner` for everybody else."""

    tag = "Notifications"
    scope = "notifications"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.user.is_administrator:
            raise MayNotOwnNotifications


class NotificationDefaultViewSet(_AdministratorsOnly):
    """What users of each role get where they have not chosen otherwise. For administrators."""

    serializer_class = NotificationDefaultSerializer
    pagination_class = None
    filter_backends = ()
    lookup_field = "role"
    lookup_value_converter = "str"

    @extend_schema(responses={200: NotificationDefaultSerializer(many=True)})
    def list(self, request: Request) -> Response:
        """The defaults of every role."""
        rules = rules_now()
        return Response(self.get_serializer([_defaults(role, rules) for role in Role.values], many=True).data)

    def retrieve(self, request: Request, role: str) -> Response:
        """The defaults of one role."""
        return self._answer(_known(role))

    def update(self, request: Request, role: str) -> Response:
        """Decide them; all events are given. Each change is recorded."""
        role, serializer = _known(role), self.validated()
        services.save_rules(role, serializer.chosen(role), actor=request.user)
        return self._answer(role)

    @extend_schema(responses={200: NotificationDefaultSerializer})
    def destroy(self, request: Request, role: str) -> Response:
        """What comes with KAM counts again."""
        services.reset_rules(_known(role), actor=request.user)
        return self._answer(role)

    def _answer(self, role: str) -> Response:
        return Response(self.get_serializer(_defaults(role, rules_now())).data)

    def get_object(self) -> Any:
        """Asked for by OPTIONS."""
        return _defaults(_known(self.kwargs["role"]), rules_now())


def _known(role: str) -> str:
    if role not in Role.values:
        raise Http404
    return role


def _defaults(role: str, rules: Rules) -> dict[str, Any]:
    """As NotificationDefaultSerializer shows it."""
    found = {code: default_of(rules, role, group) for code, group in GROUPS.items()}
    return {
        "role": role,
        "changed": any(key[0] == role for key in rules),
        "events": {
            code: {"email": str(choice.email), "robots": sorted(choice.robots), "copied": choice.copied}
            for code, choice in found.items()
        },
    }


class DeliverySerializer(ScopedModelSerializer):
    """A message on its way. `text` is what it tells in the caller's language, the first thing where it tells several
    (`size`, null before it was put together); `reason` says in words why it did not arrive."""

    text = serializers.CharField(source="notification.sentence", read_only=True)
    kind = serializers.CharField(source="notification.kind", read_only=True)
    size = serializers.IntegerField(read_only=True, allow_null=True)
    status = serializers.ChoiceField(choices=DeliveryStatus.choices, read_only=True)
    reason = serializers.CharField(source="why", read_only=True)

    class Meta:
        model = Delivery
        fields = (
            "id", "user", "channel", "target", "mode", "kind", "text", "size", "status", "reason", "attempts", "due_at",
            "created_at", "sent_at",
        )  # fmt: skip
        read_only_fields = fields


class SendAgainSerializer(StrictSerializer):
    """Which messages."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=services.MOST_AGAIN
    )


class SentAgainSerializer(serializers.Serializer):
    """How many messages go out again."""

    messages = serializers.IntegerField()


class DeliveryViewSet(_AdministratorsOnly, ReadOnlyScopedViewSet):
    """Messages on their way, one row for each, and what became of them. For administrators."""

    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    sorts = {"id": Sort("pk"), "created_at": Sort("pk")}
    default_sort = "-created_at"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Delivery.objects.visible_to(self.request.user).messages().with_size()
        return rows.select_related("user", "notification", "robot")

    @extend_schema(request=None, responses={200: SentAgainSerializer})
    @action(detail=True, methods=["post"], url_path="send-again")
    def send_again(self, request: Request, pk: int) -> Response:
        """Send a dead letter or an uncertain message again, under the key that it had. 409 `nothing_to_send_again`."""
        return self._again([self.get_object().pk])

    @extend_schema(request=SendAgainSerializer, responses={200: SentAgainSerializer})
    @action(
        detail=False, methods=["post"], url_path="send-many", url_name="send-many", filterset_class=None,
        pagination_class=None, serializer_class=SendAgainSerializer,
    )  # fmt: skip
    def send_many(self, request: Request) -> Response:
        """The same for several; those that arrived are left out. 409 `nothing_to_send_again` where none is left."""
        wanted = self.validated().validated_data["ids"]
        rows = Delivery.objects.editable_by(request.user).filter(pk__in=wanted)
        return self._again(list(rows.values_list("pk", flat=True)))

    def _again(self, pks: list[int]) -> Response:
        number = services.send_again(pks, actor=self.request.user, now=timezone.now())
        services.ring()
        return Response({"messages": number})
