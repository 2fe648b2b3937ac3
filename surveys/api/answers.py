"""Answers through the token of an invitation's link: for forms that stand on other sites. No login.

Whoever holds the token may read the questions and answer them, as on the answer page; nothing else is told. A browser
on another site may ask, since there is neither a session nor a cookie that it could borrow.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.filters import check_parameters
from core.api.parsers import StrictJSONParser, TooLarge
from core.api.problems import MEDIA_TYPE, problem_details
from core.api.serializers import StrictSerializer, UtcDateTimeField
from core.api.throttling import TokenThrottle
from core.http import client_network
from core.languages import LANGUAGE_CHOICES
from surveys import tokens
from surveys.choices import ResponseSource, ResponseStatus
from surveys.editing import editable_until
from surveys.errors import AnswersRefused
from surveys.services import responses
from surveys.services.responses import Opened

MOST_BYTES = 512 * 1024
"""Of a body, as on the answer page."""
ANSWER_EXAMPLE = OpenApiExample(
    "The whole answer",
    request_only=True,
    value={
        "token": "9f0bqfY…",
        "language": "zh-hans",
        "answers": {"recommend": 9, "reasons": ["delivery", "people"], "comment": "交货准时。"},
    },
)


class SmallJSONParser(StrictJSONParser):
    """Refuses what is far too long before reading it."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Raises ParseError and TooLarge."""
        length = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES:
            raise TooLarge(_("The body is larger than %(most)s KB.") % {"most": MOST_BYTES // 1024})
        return super().parse(stream, media_type, parser_context)


class NetworkThrottle(TokenThrottle):
    """Requests of a network: a whole office may answer behind one address."""

    scope = "survey-network"
    rate = "1200/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": client_network(request)}


class LinkThrottle(TokenThrottle):
    """Requests with one token."""

    scope = "survey-link"
    rate = "120/min"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        token = view.token_of(request)
        ident = tokens.token_hash(token) if tokens.is_genuine(token) else None
        return self.cache_format % {"scope": self.scope, "ident": ident} if ident else None


class AnswerRequestSerializer(StrictSerializer):
    """`answers` by the question's key: a number, text, `{"choice": key}`, `{"choices": [keys]}` or `{row: number}`.
    They are laid over what is kept; null takes one back."""

    token = serializers.CharField(max_length=100)
    answers = serializers.DictField()
    language = serializers.ChoiceField(choices=LANGUAGE_CHOICES, required=False)
    partial = serializers.BooleanField(default=False, help_text="Keep them; the rest comes later.")


class AnswerFaultSerializer(serializers.Serializer):
    """What of a part was not kept."""

    question = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class AnswerStateSerializer(serializers.Serializer):
    """What is kept. `status` is empty before the first answer."""

    status = serializers.ChoiceField(choices=ResponseStatus.choices, allow_blank=True)
    language = serializers.ChoiceField(choices=LANGUAGE_CHOICES)
    answers = serializers.DictField()
    editable_until = UtcDateTimeField(allow_null=True, help_text="Of a whole answer: until then it can change.")
    faults = AnswerFaultSerializer(many=True, help_text="Of a part: what was not kept.")


class AnswerFormSerializer(AnswerStateSerializer):
    """The questions behind a token, in every language, and what is kept of the answers."""

    definition = serializers.DictField()
    anonymous = serializers.BooleanField()
    expires_on = serializers.DateField()


class SurveyAnswerView(APIView):
    """The questions of an invitation and its answer, by the token of its link."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (NetworkThrottle, LinkThrottle)
    parser_classes = (SmallJSONParser,)
    tag = "Surveys"
    detail, paginated, parameters = False, False, ("token",)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_parameters(request, self)

    @extend_schema(
        responses={200: AnswerFormSerializer},
        parameters=[OpenApiParameter("token", str, required=True)],
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """What is asked, and what is kept of the answer.

        404 `token_unknown`; 410 `link_expired`, `campaign_ended`, `link_withdrawn`, `answer_final`.
        """
        opened = responses.open_invitation(request.query_params.get("token", ""), now=timezone.now())
        campaign = opened.invitation.campaign
        form = {
            **_state(opened),
            "definition": campaign.definition,
            "anonymous": campaign.anonymous,
            "expires_on": opened.invitation.expires_on,
        }
        return Response(AnswerFormSerializer(form).data)

    @extend_schema(
        request=AnswerRequestSerializer, responses={200: AnswerStateSerializer}, examples=[ANSWER_EXAMPLE], auth=[]
    )
    def post(self, request: Request) -> Response:
        """Keep a part of the answer, or take the whole; within 24 hours the whole can be sent again.

        400 `answers_refused` names each question (`answers.recommend`) with a code; 404 and 410 as for reading.
        """
        serializer = AnswerRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values, now = serializer.validated_data, timezone.now()
        sent = {"given": values["answers"], "language": values.get("language", ""), "now": now}
        if values["partial"]:
            saved = responses.save_partial(values["token"], **sent)
            return Response(AnswerStateSerializer(_state(saved.opened, saved.faults)).data)
        try:
            responses.submit(values["token"], **sent, source=ResponseSource.API)
        except AnswersRefused as refused:
            return _refused(refused)
        opened = responses.open_invitation(values["token"], now=now, mark=False)
        return Response(AnswerStateSerializer(_state(opened)).data)

    def token_of(self, request: Request) -> str:
        """The token of a request; "" where it has none."""
        if request.method == "POST":
            token = request.data.get("token", "") if isinstance(request.data, dict) else ""
        else:
            token = request.query_params.get("token", "")
        return token if isinstance(token, str) else ""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The token is a key: nothing on the way keeps the answer."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, Accept-Language"
        return response


def _state(opened: Opened, faults: Any = None) -> dict[str, Any]:
    response = opened.response
    until = None
    if opened.is_complete and response is not None and response.completed_at is not None:
        until = editable_until(response.completed_at, anonymous=opened.invitation.campaign.anonymous)
    return {
        "status": response.status if response else "",
        "language": opened.language,
        "answers": opened.answers,
        "editable_until": until,
        "faults": [
            {"question": key, "code": fault.code, "message": fault.text} for key, fault in (faults or {}).items()
        ],
    }


def _refused(refused: AnswersRefused) -> Response:
    """Every fault with its question, as a problem."""
    errors = [
        {"field": f"answers.{key}"[:200], "code": fault.code, "message": fault.text}
        for key, fault in refused.faults.items()
    ]
    problem = problem_details(refused.code, str(refused), refused.status, errors)
    return Response(problem, status=refused.status, content_type=MEDIA_TYPE)
