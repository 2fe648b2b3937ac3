"""The REST API of the company: the panels' numbers, each with where its rows are, and the accounts behind a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from core.api.serializers import ScopedModelSerializer
from core.api.views import ReadOnlyScopedViewSet, ScopedViewSet
from core.forms import scope_form
from dashboards.director.links import NONE
from dashboards.director.panels import PANELS, Company, Panel
from dashboards.filters import COMPANY_DEFAULT_SORT, COMPANY_SORTS, CompanyAccountFilter, CompanyFilter

Numbers = Iterable[dict[str, Any]]
KINDS = ("count", "money", "share", "points", "days")


class CompanyNumberSerializer(serializers.Serializer):
    """A number and its rows: `page` shows them, and where it is the list of accounts, its query is that of
    `company-accounts`."""

    code = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    value = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    page = serializers.CharField(allow_blank=True, help_text="Empty: it is made of the numbers beside it.")


class CompanyRowSerializer(serializers.Serializer):
    """A month, cohort, move, region, product line, outcome or playbook."""

    key = serializers.CharField()
    label = serializers.CharField()
    numbers = CompanyNumberSerializer(many=True)


class CompanyPanelSerializer(serializers.Serializer):
    """One panel. `counted_at`: of the night's sums that the numbers are from; null: counted for this answer."""

    panel = serializers.ChoiceField(choices=list(PANELS))
    currency = serializers.CharField(help_text="The reporting currency.")
    counted_at = serializers.DateTimeField(allow_null=True)
    rows = CompanyRowSerializer(many=True)


class CompanyPanelViewSet(ScopedViewSet):
    """The company as a whole: `months`, `cohorts` (`by=month`: of a month, else of a quarter), moves between `tiers`,
    `regions`, product `lines`, `churn`, and playbooks at work (`actions`). Callers get the accounts that they see."""

    tag = "Dashboards"
    scope = "dashboards"
    serializer_class = CompanyPanelSerializer
    filterset_class = CompanyFilter
    pagination_class = None
    filter_backends = ()
    parameters = ("by",)
    lookup_field = "panel"
    lookup_value_converter = "slug"
    paginated = False

    def get_queryset(self) -> models.QuerySet[Any]:
        return Account.objects.visible_to(self.request.user).order_by()

    @extend_schema(responses={200: CompanyPanelSerializer})
    def retrieve(self, request: Request, panel: str) -> Response:
        """The numbers of one panel."""
        if panel not in PANELS:
            raise Http404
        query = request.query_params
        found = CompanyFilter(query, queryset=self.get_queryset(), request=request)
        scope_form(found.form, request.user)
        if not found.form.is_valid():
            raise ValidationError(found.form.errors)
        shown = PANELS[panel](Company(request.user, query, found, timezone.localdate()))
        count = shown.get("count") or shown.get("counted")
        answer = {
            "panel": panel, "currency": settings.REPORTING_CURRENCY, "counted_at": count and count.counted_at,
            "rows": [
                {"key": key, "label": label, "numbers": list(numbers)} for key, label, numbers in _ROWS[panel](shown)
            ],
        }  # fmt: skip
        return Response(CompanyPanelSerializer(answer).data)


class CompanyAccountSerializer(ScopedModelSerializer):
    """An account behind a number."""

    revenue = serializers.DecimalField(
        source="summary.revenue_12m_amount", max_digits=18, decimal_places=2, read_only=True, allow_null=True,
        help_text="Of 12 months, in the reporting currency.",
    )  # fmt: skip

    class Meta:
        model = Account
        fields = ("id", "code", "name", "name_en", "tier", "region", "manager", "revenue")
        read_only_fields = fields


class CompanyAccountViewSet(ReadOnlyScopedViewSet):
    """The accounts behind a number of a panel: `GET` with the query of its `page`."""

    tag = "Dashboards"
    scope = "dashboards"
    serializer_class = CompanyAccountSerializer
    filterset_class = CompanyAccountFilter
    sorts = COMPANY_SORTS
    default_sort = COMPANY_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return Account.objects.visible_to(self.request.user).select_related("summary")


def _number(code: str, kind: str, value: Any, page: str = "") -> dict[str, Any]:
    return {"code": code, "kind": kind, "value": None if value is None else round(Decimal(str(value)), 6), "page": page}


def _months(panel: Panel) -> Iterable[tuple[str, str, Numbers]]:
    for day, month, links in panel["rows"]:
        name = f"{day:%Y-%m}"
        yield (
            name,
            name,
            [
                _number("revenue", "money", month.revenue_amount, links["booked"]),
                _number("buyers", "count", month.buyers, links["bought"]),
                _number("coverage", "share", month.coverage),
                _number("covered", "count", month.covered, links["covered"]),
                _number("with_cadence", "count", month.rhythm),
                _number("health", "points", month.health),
                _number("scored", "count", month.scored, links["scored"]),
                _number("nps", "points", month.nps),
                _number("answered", "count", month.answered, links["answered"]),
            ],
        )


def _cohorts(panel: Panel) -> Iterable[tuple[str, str, Numbers]]:
    for row in panel["table"]:
        cells = [
            _number(f"back_{step}", "count", cell.count, cell.url)
            for step, cell in enumerate(row.cells, 1)
        ]  # fmt: skip
        yield row.cohort.name, row.cohort.name, [_number("accounts", "count", row.size, row.url), *cells]


def _tiers(panel: Panel) -> Iterable[tuple[str, str, Numbers]]:
    for then, after, number, url in panel["rows"]:
        key = f"{then or NONE}-{after or NONE}"
        yield key, f"{then or '–'} → {after or '–'}", [_number("accounts", "count", number, url)]


def _regions(panel: Panel) -> Iterable[tuple[str, str, Numbers]]:
    for place in panel["places"]:
        yield (
            place.region or NONE,
            place.label,
            [
                _number("accounts", "count", place.accounts, place.url),
                _number("revenue", "money", place.revenue, place.url),
                _number("revenue_before", "money", place.prior),
                _number("share", "share", place.share),
                _number("change", "share", place.change),
                _number("coverage", "share", place.coverage),
                _number("at_risk", "count", place.at_risk, place.risk_url),
            ],
        )


def _lines(panel: Panel) -> Iterable[tuple[str, str, Numbers]]:
    for line, total, url in panel["rows"]:
        tiers = [
            number
            for tier, amounts in line.tiers.items()
            for number in (
                _number(f"revenue_{tier or NONE}", "money", amounts.revenue),
                _number(f"buyers_{tier or NONE}", "count", amounts.buyers, amounts.url),
            )
        ]
        yield (
            str(line.pk),
            line.name,
            [
                _number("revenue", "money", total.revenue),
                _number("revenue_before", "money", total.prior),
                _number("change", "share", total.change),
                _number("buyers", "count", total.buyers, url),
                *tiers,
            ],
        )


def _churn(panel: Panel) -> Iterable[tuple[str, str, Numbers]]:
    groups = (("outcomes", "alerts"), ("causes", "alerts"), ("interruptions", "accounts"))
    for group, code in groups:
        for key, label, number, url in panel[group]:
            yield f"{group}:{key}", label, [_number(code, "count", number, url)]


def _actions(panel: Panel) -> Iterable[tuple[str, str, Numbers]]:
    for tally, urls in panel["rows"]:
        yield (
            str(tally.playbook.pk),
            str(tally.playbook),
            [
                _number("started", "count", tally.started, urls["all"]),
                _number("running", "count", tally.running, urls["running"]),
                _number("done", "count", tally.finished, urls["done"]),
                _number("stopped", "count", tally.stopped, urls["stopped"]),
                _number("median_days", "days", tally.median_days),
            ],
        )


_ROWS: dict[str, Callable[[Panel], Iterable[tuple[str, str, Numbers]]]] = {
    "months": _months, "cohorts": _cohorts, "tiers": _tiers, "regions": _regions, "lines": _lines, "churn": _churn,
    "actions": _actions,
}  # fmt: skip
