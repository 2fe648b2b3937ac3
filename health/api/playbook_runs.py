"""The REST API of playbooks at work and of their tasks."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from accounts.errors import AccountReadOnly
from accounts.models import Account
from core.api.views import ReadOnlyScopedViewSet
from health.api.playbook_serializers import (
    PlaybookRunSerializer,
    PlaybookTaskSerializer,
    StopSerializer,
    TaskChangeSerializer,
    TaskNoteSerializer,
    TickSerializer,
)
from health.filters_playbooks import (
    RUN_DEFAULT_SORT,
    RUN_SORTS,
    TASK_DEFAULT_SORT,
    TASK_SORTS,
    PlaybookRunFilter,
    PlaybookTaskFilter,
)
from health.models import PlaybookRun, PlaybookTask
from health.services import playbook_runs as services
from health.services import playbook_tasks


class PlaybookRunViewSet(ReadOnlyScopedViewSet):
    """Playbooks at work at the accounts that the caller sees."""

    tag = "Health"
    scope = "health"
    serializer_class = PlaybookRunSerializer
    filterset_class = PlaybookRunFilter
    sorts = RUN_SORTS
    default_sort = RUN_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = PlaybookRun.objects.visible_to(self.request.user)
        return rows.select_related("playbook", "account", "started_by").prefetch_related("tasks__owner")

    def create(self, request: Request) -> Response:
        """Start a playbook. 409 `playbook_running` where it is at work already, `playbook_inactive`; 400
        `alert_elsewhere`."""
        values: dict[str, Any] = self.validated().validated_data
        require_editable(request.user, values["account"].pk)
        run = services.start_playbook(
            values["playbook"],
            values["account"],
            alert=values.get("alert"),
            actor=request.user,
            today=timezone.localdate(),
        )
        return self.shown(run, status.HTTP_201_CREATED)

    @extend_schema(request=StopSerializer, responses=PlaybookRunSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        """It is not gone on with. 409 `playbook_run_ended`."""
        run: PlaybookRun = self.get_object()
        require_editable(request.user, run.account_id)
        serializer = StopSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.stop_playbook(run, serializer.validated_data["reason"], actor=request.user, now=timezone.now())
        return self.shown(run)


class PlaybookTaskViewSet(ReadOnlyScopedViewSet):
    """The tasks of playbooks. Who changes the account works on them, and whose task it is."""

    tag = "Health"
    scope = "health"
    serializer_class = PlaybookTaskSerializer
    filterset_class = PlaybookTaskFilter
    sorts = TASK_SORTS
    default_sort = TASK_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = PlaybookTask.objects.visible_to(self.request.user)
        return rows.select_related("run__playbook", "run__account", "owner", "done_by")

    @extend_schema(request=TaskNoteSerializer, responses=PlaybookTaskSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: int) -> Response:
        """It is done; with the last open task the playbook ends. 409 `task_not_open`, `playbook_run_ended`."""
        task, note = self._workable(), self._body(TaskNoteSerializer).get("note", "")
        playbook_tasks.complete_task(task, note, actor=request.user, now=timezone.now())
        return self.shown(task)

    @extend_schema(request=TaskNoteSerializer, responses=PlaybookTaskSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: int) -> Response:
        """It does not fit this customer. 400 `skip_reason_needed` without a note."""
        task, note = self._workable(), self._body(TaskNoteSerializer).get("note", "")
        playbook_tasks.skip_task(task, note, actor=request.user, now=timezone.now())
        return self.shown(task)

    @extend_schema(request=None, responses=PlaybookTaskSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """It is to be done after all. 409 `task_open`, `playbook_run_ended`."""
        task = self._workable()
        playbook_tasks.reopen_task(task, actor=request.user)
        return self.shown(task)

    @extend_schema(request=TickSerializer, responses=PlaybookTaskSerializer)
    @action(detail=True, methods=["post"])
    def tick(self, request: Request, pk: int) -> Response:
        """Tick an item of the checklist, or take the tick away. 400 `no_such_item`."""
        task, values = self._workable(), self._body(TickSerializer)
        playbook_tasks.tick_item(task, values["item"], done=values["done"], actor=request.user)
        return self.shown(task)

    @extend_schema(request=TaskChangeSerializer, responses=PlaybookTaskSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Give it to somebody else, move it to another day (or the next working day). 400 `owner_sees_nothing`,
        `task_due_in_past`, `task_due_too_far`."""
        task: PlaybookTask = self.get_object()
        require_editable(request.user, task.run.account_id)
        values = self._body(TaskChangeSerializer)
        playbook_tasks.change_task(
            task,
            owner=values.get("owner"),
            due_date=values.get("due_date", task.due_date),
            actor=request.user,
            today=timezone.localdate(),
        )
        return self.shown(task)

    def _workable(self) -> PlaybookTask:
        """Raises Http404, and AccountReadOnly unless the caller changes the account or owns the task."""
        task: PlaybookTask = self.get_object()
        edits = Account.objects.editable_by(self.request.user).filter(pk=task.run.account_id).exists()
        if not playbook_tasks.may_work(task, self.request.user, edits=edits):
            raise AccountReadOnly
        return task

    def _body(self, serializer_class: Any) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values
