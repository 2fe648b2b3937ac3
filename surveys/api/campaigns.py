"""The REST API of campaigns: drafted, started, paused, ended; who would be asked; results."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet
from surveys import reports, tasks
from surveys.api.campaign_serializers import (
    CampaignDetailSerializer,
    CampaignSerializer,
    LoopRulesSerializer,
    NothingSerializer,
    PreviewSerializer,
)
from surveys.api.result_serializers import ResultsSerializer, results_of
from surveys.choices import Cut
from surveys.closing import Rule
from surveys.errors import CampaignNotStarted, MayNotOwnSurveys
from surveys.filters.campaigns import CAMPAIGN_SORTS
from surveys.filters.clients import CampaignFilter
from surveys.filters.results import ResultFilter
from surveys.models import Campaign
from surveys.rates import response_rates
from surveys.reports import Report
from surveys.results import Scope
from surveys.services import campaigns as services
from surveys.services.audience import preview
from surveys.services.loop_rules import set_rules
from surveys.services.policy import policy_now

CAMPAIGN_EXAMPLE = OpenApiExample(
    "Half-yearly for A and B",
    request_only=True,
    value={
        "name": "2026 年度关系调查",
        "questionnaire_version": 3,
        "timing": "recurring",
        "every_months_a": 6,
        "every_months_b": 12,
        "start_date": "2026-04-01",
        "audience": {"tiers": ["A", "B"], "roles": ["decision_maker", "champion"]},
        "sender_name": "禾序工业客户关系部",
        "reminder_days": 7,
    },
)
MONTH = "As `2026-03`."
RESULT_PARAMETERS = {
    "from_month": MONTH,
    "until_month": MONTH,
    "compare": "`previous`, `year` or `own`: with the months before, a year earlier, or `other_from` to `other_until`.",
    "other_from": MONTH,
    "other_until": MONTH,
    "question": "The key of a question that is rated: what `trend` and `cut` are about. Default: the first.",
    "by": "What `cut` cuts by; of an anonymous campaign `tier` or `region`.",
    "slice": "Only the answers of one tier, team, manager, region or product line: `tier:A`, `team:7`.",
}


class CampaignViewSet(ReadOnlyScopedViewSet):
    """Campaigns. Everybody reads them; directors and administrators change them."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = CampaignDetailSerializer
    filterset_class = CampaignFilter
    sorts = CAMPAIGN_SORTS
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Campaign.objects.visible_to(self.request.user)
        rows = rows.select_related("questionnaire_version__questionnaire", "owner", "product_line")
        rows = rows.defer("questionnaire_version__definition")
        return rows.defer("definition") if self.action == "list" else rows.prefetch_related("loop_rules")

    def get_serializer_class(self) -> type[CampaignSerializer]:
        return CampaignSerializer if self.action == "list" else CampaignDetailSerializer

    @extend_schema(examples=[CAMPAIGN_EXAMPLE])
    def create(self, request: Request) -> Response:
        """Draft a campaign, with the usual rules for follow-ups. 400 `audience_unknown`, `texts_unknown`."""
        self._require_owner()
        serializer = self.validated()
        serializer.validated_data.setdefault("owner", request.user)
        campaign = services.create_campaign(serializer.build(), actor=request.user)
        return self.shown(campaign, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a campaign; once it has started, what invitations rest on is fixed: 409 `campaign_fixed`."""
        self._require_owner()
        campaign = self.get_object()
        serializer = self.validated(campaign, partial=partial)
        return self.shown(services.update_campaign(serializer.apply(), actor=request.user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a campaign."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Throw a draft away. 409 `campaign_wrong_status` for any other."""
        self._require_owner()
        services.discard_campaign(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=NothingSerializer, responses=CampaignDetailSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: int) -> Response:
        """Freeze the questions and ask from `start_date` on. 409 `version_not_published`, `audience_empty`."""
        campaign, now = self._owned(), timezone.now()
        services.start_campaign(campaign, actor=request.user, today=timezone.localdate(now), now=now)
        tasks.ask_campaign.delay_on_commit(campaign.pk)
        return self.shown(campaign)

    @extend_schema(request=NothingSerializer, responses=CampaignDetailSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: int) -> Response:
        """Ask nobody and send nothing until it is resumed; links still take answers."""
        return self.shown(services.pause_campaign(self._owned(), actor=request.user))

    @extend_schema(request=NothingSerializer, responses=CampaignDetailSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        """Go on; what was due meanwhile is asked and sent now."""
        campaign = services.resume_campaign(self._owned(), actor=request.user, today=timezone.localdate())
        tasks.ask_campaign.delay_on_commit(campaign.pk)
        return self.shown(campaign)

    @extend_schema(request=NothingSerializer, responses=CampaignDetailSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """End it for good: its links are over at once."""
        return self.shown(services.end_campaign(self._owned(), actor=request.user, now=timezone.now()))

    @extend_schema(request=LoopRulesSerializer, responses=CampaignDetailSerializer)
    @action(detail=True, methods=["put"], url_path="loop-rules")
    def loop_rules(self, request: Request, pk: int) -> Response:
        """Let exactly these rules open follow-ups; answers given before stay as they were judged."""
        self._require_owner()
        campaign = self.get_object()
        serializer = LoopRulesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        rules = [Rule(**rule) for rule in serializer.validated_data["loop_rules"]]
        set_rules(campaign, rules, actor=request.user)
        return self.shown(campaign)

    @extend_schema(responses=PreviewSerializer)
    @action(detail=True, url_path="preview")
    def preview(self, request: Request, pk: int) -> Response:
        """Who would be asked today and who not, by reason, with the first ten of each. Nobody is asked."""
        self._require_owner()
        found = preview(self.get_object(), timezone.localdate(), policy_now())
        return Response(PreviewSerializer(found, context=self.get_serializer_context()).data)

    @extend_schema(
        responses=ResultsSerializer,
        parameters=[OpenApiParameter(name, str, description=text) for name, text in RESULT_PARAMETERS.items()],
    )
    @action(detail=True, parameters=tuple(RESULT_PARAMETERS))
    def results(self, request: Request, pk: int) -> Response:
        """Scores with their intervals, distributions, trend and a cut, over the accounts that the caller sees.

        Of an anonymous campaign over all, from five answers up. 409 `campaign_not_started` of a draft.
        """
        campaign = self.get_object()
        if not campaign.definition:
            raise CampaignNotStarted
        report = self._report(campaign)
        answer = results_of(campaign, report, response_rates(campaign, request.user))
        return Response(ResultsSerializer(answer, context=self.get_serializer_context()).data)

    def _report(self, campaign: Campaign) -> Report:
        """What the parameters ask for. Raises ValidationError, where the page would leave out what is wrong."""
        query, user = self.request.query_params, self.request.user
        rated = [one for one in reports.asked_in(Scope(user, [campaign])).questions if one.kind in reports.RATED]
        keys = [question.key for question in rated]
        if query.get("question", "") not in ("", *keys):
            raise ValidationError({"question": _("Choose a question that is rated.")})
        found = ResultFilter(query, questions=[(key, key) for key in keys], anonymous=campaign.anonymous)
        if found.form.errors:
            raise ValidationError(found.form.errors)
        cut, key = found.cut_and_key
        months, other = found.periods(timezone.localdate())
        return reports.build(
            Scope(user, [campaign], cut, key), language=get_language() or "en", months=months, other=other,
            question=found.chosen("question"), by=found.chosen("by") or Cut.TIER,
        )  # fmt: skip

    def _require_owner(self) -> None:
        """Raises MayNotOwnSurveys."""
        if not self.request.user.owns_policies:
            raise MayNotOwnSurveys

    def _owned(self) -> Campaign:
        """The campaign of an action without a body."""
        self._require_owner()
        campaign: Campaign = self.get_object()
        NothingSerializer(data=self.request.data).is_valid(raise_exception=True)
        return campaign
