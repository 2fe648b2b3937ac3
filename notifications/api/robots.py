"""The REST API of the caller's own robots."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import ScopedModelSerializer
from core.api.views import ReadOnlyScopedViewSet
from core.outgoing import MAX_URL
from core.paging import Sort
from notifications import services
from notifications.channels import ROBOT_CHOICES, Sent
from notifications.channels.words import in_words
from notifications.models import Robot


class RobotSerializer(ScopedModelSerializer):
    """A robot of one's own. `url` and `secret` are written and never read; `last_error` is a code and what the other
    side said, empty where it took the last message."""

    channel = serializers.ChoiceField(choices=ROBOT_CHOICES)
    url = serializers.CharField(max_length=MAX_URL, write_only=True)
    secret = serializers.CharField(max_length=200, write_only=True, required=False, allow_blank=True)

    class Meta:
        model = Robot
        fields = ("id", "channel", "name", "host", "url", "secret", "is_active", "last_at", "last_error", "created_at")
        read_only_fields = ("host", "last_at", "last_error", "created_at")

    def target(self) -> dict[str, str]:
        """Takes what is typed of address and secret out of the values."""
        return {name: str(self.validated_data.pop(name, "")).strip() for name in ("url", "secret")}


class NewRobotSerializer(RobotSerializer):
    """With the secret that KAM made for a webhook, which is told this once; empty where the caller gave one."""

    secret = serializers.CharField(read_only=True)


class TriedSerializer(serializers.Serializer):
    """Whether the robot took the message; `reason` says in words why not."""

    taken = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class RobotViewSet(ReadOnlyScopedViewSet):
    """The caller's own robots of chats, and webhooks."""

    tag = "Notifications"
    scope = "notifications"
    serializer_class = RobotSerializer
    sorts = {"id": Sort("pk")}
    default_sort = "id"

    def get_queryset(self) -> models.QuerySet[Any]:
        return Robot.objects.visible_to(self.request.user).filter(user=self.request.user.pk)

    @extend_schema(responses={201: NewRobotSerializer})
    def create(self, request: Request) -> Response:
        """Add a robot. A webhook without a secret gets one, which only this answer tells."""
        serializer = self.validated()
        target = serializer.target()
        made = "" if target["secret"] else services.secret_for(serializer.validated_data["channel"])
        robot = services.add_robot(
            serializer.build(), url=target["url"], secret=target["secret"] or made, actor=request.user
        )
        robot.secret = made
        return Response(NewRobotSerializer(robot).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change the name, the address, the secret, whether it is active. The channel stays."""
        serializer = self.validated(self.get_object(), partial=True)
        target = serializer.target()
        return self.shown(services.update_robot(serializer.apply(), **target, actor=request.user))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove a robot; what waits for it is not sent."""
        services.remove_robot(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={200: TriedSerializer})
    @action(detail=True, methods=["post"], url_path="try", url_name="try")
    def try_it(self, request: Request, pk: int) -> Response:
        """Send a test message now."""
        outcome = services.try_robot(self.get_object(), now=timezone.now())
        taken = isinstance(outcome, Sent)
        return Response({"taken": taken, "reason": "" if taken else in_words(outcome.reason)})
