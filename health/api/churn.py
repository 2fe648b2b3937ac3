"""The REST API of churn models and backtests."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import FileResponse, Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import NamedRelatedField, ScopedModelSerializer
from core.api.views import ReadOnlyScopedViewSet
from core.http import attachment
from core.paging import Sort
from health import tasks
from health.choices import JobStatus
from health.errors import BacktestForbidden
from health.models import Backtest, ChurnModel
from health.services.backtests import ask_backtest, record_download
from health.services.training import WAITING, ask_training
from health.verdicts import verdict_words

MEASURES = {"type": "object", "additionalProperties": {}}


class ChurnModelSerializer(ScopedModelSerializer):
    """A training: from which orders, how good on months that it had not seen, whether it was kept."""

    verdict_text = serializers.SerializerMethodField(help_text="The verdict in words.")
    measures = serializers.SerializerMethodField(
        help_text="By `model`, `rule`, `before`: `pooled` and `snapshots` with `auc`, `precision`, `recall`, `lift` "
        "(top tenth), `brier`, `predicted`, `base_rate`, `curve`."
    )

    class Meta:
        model = ChurnModel
        fields = [
            "id", "kind", "as_of", "trained_at", "first_snapshot", "last_snapshot", "rows", "horizon_days", "in_use",
            "verdict", "verdict_text", "measures",
        ]  # fmt: skip
        read_only_fields = fields

    def get_verdict_text(self, row: ChurnModel) -> str:
        return verdict_words(row.verdict)

    @extend_schema_field(MEASURES)
    def get_measures(self, row: ChurnModel) -> dict[str, Any]:
        return row.measures


class ChurnModelViewSet(ReadOnlyScopedViewSet):
    """Churn models: every training, the one in use, and why."""

    tag = "Health"
    scope = "health"
    serializer_class = ChurnModelSerializer
    sorts = {"as_of": Sort("as_of"), "id": Sort("pk")}
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        return ChurnModel.objects.visible_to(self.request.user).exclude(verdict__in=WAITING).defer("document")

    @extend_schema(request=None, responses={202: None})
    @action(detail=False, methods=["post"])
    def train(self, request: Request) -> Response:
        """Have the model learnt anew, by a worker. For those who own the policies: 403 `training_forbidden`."""
        now = timezone.now()
        row = ask_training(timezone.localdate(now), now, actor=request.user)
        tasks.train_model.delay_on_commit(row.pk)
        return Response(status=status.HTTP_202_ACCEPTED)


class BacktestSerializer(ScopedModelSerializer):
    """A question to the past, and its answer."""

    status = serializers.ChoiceField(choices=JobStatus.choices, read_only=True)
    what_if = serializers.DictField(
        required=False,
        help_text="`profile`: the fields `groups`, `signals`, `exceptions` of a health profile that counts for all "
        "accounts; its scores are judged beside those of the current profiles. `rules`: alert rules with `reason`, "
        "`tiers`, `any_of`, `conditions`, judged beside those in force.",
    )
    results = serializers.SerializerMethodField(
        help_text="When done. `scorers` by name (`model`, `rule`, `score`, `rules`, `what_if`, `what_if_rules`): "
        "`pooled`, `snapshots`, `early` "
        "(by days since the last order, a fifth of each span flagged: `lost`, `caught`, `share`, `precision`), `lead` "
        "(by days after the last order, a fifth of all flagged), `lead_precision`. `not_over`: snapshots whose "
        "horizon the orders do not reach."
    )
    created_by = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Backtest
        fields = [
            "id", "from_date", "to_date", "horizon_days", "every", "what_if", "status", "progress", "error", "results",
            "created_by", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = ["progress", "error", "created_at", "finished_at"]

    @extend_schema_field(MEASURES)
    def get_results(self, row: Backtest) -> dict[str, Any]:
        return row.results


class BacktestViewSet(ReadOnlyScopedViewSet):
    """Backtests, for those who see all accounts: 403 `backtest_forbidden`."""

    tag = "Health"
    scope = "health"
    serializer_class = BacktestSerializer
    sorts = {"id": Sort("pk")}
    default_sort = "-id"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.user.sees_everything:
            raise BacktestForbidden

    def get_queryset(self) -> models.QuerySet[Any]:
        return Backtest.objects.visible_to(self.request.user).select_related("created_by")

    def create(self, request: Request) -> Response:
        """Ask for a backtest; poll it until it is done. 400 `backtest_too_long`."""
        backtest = ask_backtest(self.validated().build(), actor=request.user)
        tasks.run_backtest.delay_on_commit(backtest.pk)
        return self.shown(backtest, status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, pk: int) -> FileResponse:
        """The rows as CSV: account_code, snapshot, score, probability, tier."""
        backtest = self.get_object()
        if not backtest.rows_file:
            raise Http404
        record_download(backtest, actor=request.user)
        return attachment(backtest.rows_file.open("rb"), f"backtest-{pk}.csv", "text/csv; charset=utf-8")
