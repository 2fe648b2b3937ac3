"""The answer page behind an invitation's link, and the way out of surveys: the two pages that need no login.

The token in the address is the only key, so nothing may keep or pass it on; without a session there is nothing that
another site could forge a request with, hence no CSRF token. Everything works without scripts: a page of the
questionnaire is a form, which keeps what was answered with every step. Style and script stand in the page itself, so
that one request shows it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.api.throttling import TokenThrottle
from core.http import client_network
from surveys import answering, tokens
from surveys.answer_assets import content_security_policy, script, style
from surveys.conditions import questions_of, shown
from surveys.definition import LANGUAGES
from surveys.editing import hours_left
from surveys.errors import AnswerComplete, AnswersRefused, LinkOver, TokenUnknown
from surveys.forms.answers import Field, fields_of, given_in
from surveys.services import optouts, responses
from surveys.steps import Step, page_after, page_named, step_at, steps, whole

MOST_BYTES = 512 * 1024
"""Of a form: ten answers of 5,000 Chinese characters each fit in."""
NETWORK_RATE, LINK_RATE = "1200/min", "120/min"
"""A whole office may answer at once behind one address; one person saves with every answer."""
PublicView = Callable[[HttpRequest, str], HttpResponse]


class AnswerThrottle(TokenThrottle):
    """Requests per link, and per network."""

    def __init__(self, scope: str, ident: str, rate: str) -> None:
        self.scope, self.ident, self.rate = scope, ident, rate
        super().__init__()

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.ident}


@dataclass
class Visit:
    """One request to a link that takes answers: whose it is, in which language, what is shown of it."""

    request: HttpRequest
    token: str
    opened: responses.Opened
    language: str
    editing: bool
    faults: Mapping[str, answering.Fault] = field(default_factory=dict)

    @property
    def form(self) -> Any:
        return self.request.POST

    def address(self, **query: str) -> str:
        """Of this link, in this language."""
        query = {"lang": self.language, **query, **({"edit": "1"} if self.editing else {})}
        return f"{reverse('survey_answer', args=[self.token])}?{urlencode(query)}"


def public(view: PublicView) -> PublicView:
    """A page for whoever has the link: bounded in size and rate, kept by nobody, refusals said kindly."""

    @csrf_exempt
    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        language = request.GET.get("lang", "")
        with translation.override(language if language in LANGUAGES else translation.get_language()):
            response = _refused_early(request, token)
            if response is None:
                try:
                    response = view(request, token)
                except LinkOver as over:
                    response = _over(request, token, over)
                except TokenUnknown:
                    response = notice(request, "unknown", 404)
        return _closed(response)

    return guarded


@public
def survey_answer(request: HttpRequest, token: str) -> HttpResponse:
    """GET: the page that is next, or the thanks. POST: keep what was answered and go on; at the end take it all."""
    now = timezone.now()
    if request.method == "POST":
        with responses.held(token, now=now) as opened:
            return _in_language(_visit(request, token, opened), _answered)
    opened = responses.open_invitation(token, now=now, mark=request.method == "GET")
    return _in_language(_visit(request, token, opened), _shown)


def _visit(request: HttpRequest, token: str, opened: responses.Opened) -> Visit:
    asked = request.POST.get("lang") or request.GET.get("lang", "")
    wants_change = "edit" in request.POST or "edit" in request.GET
    language = asked if asked in LANGUAGES else opened.language
    return Visit(request, token, opened, language, editing=opened.is_complete and wants_change)


def _in_language(visit: Visit, do: Callable[[Visit], HttpResponse]) -> HttpResponse:
    with translation.override(visit.language):
        response = do(visit)
        response.headers["Content-Language"] = visit.language
    return response


def _shown(visit: Visit) -> HttpResponse:
    """The page that is next, or the thanks."""
    if visit.opened.is_complete and not visit.editing:
        return _thanks(visit)
    query = visit.request.GET
    return _page(visit, _step(visit, query.get("page", "")), visit.opened.answers, check="check" in query)


@public
def survey_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST does it: mail programs open every link, but press no button (and press this one with RFC 8058)."""
    sender = optouts.check_token(token).campaign.sender_name
    if request.method == "POST":
        optouts.unsubscribe(token)
        return notice(request, "unsubscribed", 200, sender=sender)
    return render(request, "surveys/answer/unsubscribe.html", _frame(request, token, sender=sender))


def _answered(visit: Visit) -> HttpResponse:
    """What was sent is kept, and the next page shown."""
    go = visit.form.get("go", "next")
    step = _posted_step(visit)
    given = given_in(visit.form, visit.opened.definition, step.questions)
    if not step.key and not visit.editing:  # a client that sends what it has
        given = {key: value for key, value in given.items() if value is not None}
    try:
        if visit.opened.is_complete and not visit.editing:
            raise AnswerComplete
        if go in ("save", "back") or go[5:] in LANGUAGES:
            _keep(visit, given)
            return _stay(visit, go, step, given)
        return _go_on(visit, step, given)
    except AnswerComplete:  # sent twice, or from another window: what counts is there
        return HttpResponse(status=409) if go == "save" else HttpResponseRedirect(visit.address())


def _keep(visit: Visit, given: Mapping[str, Any]) -> None:
    """Keep a part of the answer. What is changed of a whole one is kept by the browser until it is sent."""
    if not visit.editing:
        visit.opened = responses.keep(visit.opened, given, language=visit.language).opened


def _stay(visit: Visit, go: str, step: Step, given: Mapping[str, Any]) -> HttpResponse:
    """Saved meanwhile; one page back; the same page in another language, with what was typed."""
    if go == "save":
        return HttpResponse(status=204)
    if go == "back":
        return HttpResponseRedirect(visit.address(page=step.before or step.key))
    visit.language = go[5:]
    with translation.override(visit.language):
        return _page(visit, step, {**visit.opened.answers, **given})


def _go_on(visit: Visit, step: Step, given: Mapping[str, Any]) -> HttpResponse:
    """To what this page has still open, to the next page, or to the end."""
    definition, typed = visit.opened.definition, {**visit.opened.answers, **given}
    cleaned = answering.clean(definition, typed)
    here = {question.key for question in step.questions}
    visit.faults = {key: fault for key, fault in cleaned.faults.items() if key in here or key in given}
    seen = visit.form.get("seen", "").split()
    fresh = [q.key for q in shown(definition, cleaned.values) if q.key in here and q.key not in seen] if seen else []
    if visit.faults or fresh:
        _keep(visit, given)
        return _page(visit, step, typed, status=422 if visit.faults else 200, fresh=fresh[:1])
    after = None if visit.editing or not step.key else page_after(definition, cleaned.values, step.key)
    if after:
        _keep(visit, given)
        return HttpResponseRedirect(visit.address(page=after))
    try:
        responses.take(visit.opened, given, language=visit.language, now=timezone.now())
    except AnswersRefused as refused:
        _keep(visit, given)
        return _back_to_fault(visit, refused)
    visit.editing = False
    return HttpResponseRedirect(visit.address())


def _back_to_fault(visit: Visit, refused: AnswersRefused) -> HttpResponse:
    """To the page of the first question that is still wrong or missing."""
    for step in steps(visit.opened.definition, visit.opened.answers):
        if any(question.key in refused.faults for question in step.questions):
            return HttpResponseRedirect(visit.address(page=step.key, check="1"))
    visit.faults = refused.faults
    return _page(visit, whole(visit.opened.definition), refused.given, status=422)


def _step(visit: Visit, key: str) -> Step:
    definition = visit.opened.definition
    return whole(definition) if visit.editing else step_at(definition, visit.opened.answers, key)


def _posted_step(visit: Visit) -> Step:
    """The page that was sent, also where it is not shown any more; without a name it was everything."""
    definition = visit.opened.definition
    return (
        whole(definition) if visit.editing else page_named(definition, visit.opened.answers, visit.form.get("page", ""))
    )


def _page(
    visit: Visit,
    step: Step,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    check: bool = False,
    fresh: list[str] | None = None,
) -> HttpResponse:
    """One page of questions. `check`: say what is missing of it; `fresh`: the question that an answer has opened."""
    opened, definition = visit.opened, visit.opened.definition
    faults = answering.clean(definition, values).faults if check else visit.faults
    counted = answering.clean(definition, values, partial=True).values
    seed = opened.invitation.seed
    fields = fields_of(step.questions, definition, values, counted, visit.language, faults=faults, seed=seed)
    here = {question.key for question in step.questions}
    asked = {key for question in step.questions for key in questions_of(question.show_if)}
    context = {
        **_frame(visit.request, visit.token, visit),
        "title": definition.title.into(visit.language),
        "intro": definition.intro.into(visit.language) if step.number == 1 and not visit.editing else "",
        "step": step,
        "step_title": step.title.into(visit.language),
        "questions": _drawn(visit, step, fields, is_blank=not values and not faults),
        "seen": " ".join(f.key for f in fields if not f.hidden),
        "known": json.dumps({key: counted[key] for key in sorted(asked - here) if key in counted}),
        "faults": [f for f in fields if f.fault and not f.hidden],
        "unknown": any(key not in definition.by_key for key in faults),
        "fresh": fresh[0] if fresh else "",
        "editing": visit.editing,
        "anonymous": opened.invitation.campaign.anonymous,
        "script": script(),
    }
    return render(visit.request, "surveys/answer/page.html", context, status=status)


def _drawn(visit: Visit, step: Step, fields: list[Field], *, is_blank: bool) -> SafeString:
    """The questions as HTML. Most pages are opened before anything is answered: those are drawn once."""
    if is_blank and not any(question.randomise for question in step.questions):
        return _blank(responses.frozen_key(visit.opened.invitation.campaign), step.key, visit.language)
    return _draw(fields)


@lru_cache(maxsize=512)
def _blank(key: responses.FrozenKey, step_key: str, language: str) -> SafeString:
    definition = responses.definition_at(key)
    return _draw(fields_of(page_named(definition, {}, step_key).questions, definition, {}, {}, language))


def _draw(fields: list[Field]) -> SafeString:
    template = get_template("surveys/answer/question.html")
    return SafeString("".join(template.render({"field": field}) for field in fields))


def _thanks(visit: Visit) -> HttpResponse:
    """That the answer has arrived, and how long it can be changed."""
    response = visit.opened.response
    context = {
        **_frame(visit.request, visit.token, visit),
        "thanks": visit.opened.definition.thanks.into(visit.language),
        "edit": f"{visit.address()}&edit=1",
    }
    if response is not None and response.completed_at is not None:
        anonymous = visit.opened.invitation.campaign.anonymous
        context["hours"] = hours_left(response.completed_at, anonymous=anonymous, now=timezone.now())
    return render(visit.request, "surveys/answer/thanks.html", context)


def _over(request: HttpRequest, token: str, over: LinkOver) -> HttpResponse:
    """Said in the language of the person, where the address names no other."""
    language = request.GET.get("lang", "")
    with translation.override(language if language in LANGUAGES else over.language or translation.get_language()):
        return notice(request, over.code, 410, token, over.sender)


def notice(request: HttpRequest, kind: str, status: int, token: str = "", sender: str = "") -> HttpResponse:
    """A page that says what is the matter. `kind` is one of those of the template."""
    return render(
        request, "surveys/answer/notice.html", {**_frame(request, token, sender=sender), "kind": kind}, status=status
    )


def _frame(request: HttpRequest, token: str, visit: Visit | None = None, *, sender: str = "") -> dict[str, Any]:
    """What every page here has around it."""
    language = visit.language if visit else translation.get_language()
    return {
        "brand": _brand(visit.opened.invitation.campaign.sender_name if visit else sender),
        "style": style(),
        "languages": [(code, name, code == language) for code, name in settings.LANGUAGES],
        "language": language,
        "token": token,
        "address": visit.address() if visit else request.path,
    }


def _brand(sender: str) -> str:
    """Who asks: the sender of the campaign's mails."""
    return " ".join(sender.split()) or parseaddr(settings.DEFAULT_FROM_EMAIL)[0]


def _refused_early(request: HttpRequest, token: str) -> HttpResponse | None:
    """Too much at once, or too often: before anything is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return notice(request, "too_long", 413)
    limits = [AnswerThrottle("survey-network", client_network(request), NETWORK_RATE)]
    if tokens.is_genuine(token):
        limits.append(AnswerThrottle("survey-link", tokens.token_hash(token), LINK_RATE))
    for throttle in limits:
        if not throttle.allow_request(request, None):  # type: ignore[arg-type]
            response = notice(request, "too_often", 429)
            response.headers["Retry-After"] = str(int(throttle.wait()) + 1)
            return response
    return None


def _closed(response: HttpResponse) -> HttpResponse:
    """The address is a key: nothing keeps it, sends it on or frames it."""
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Content-Security-Policy"] = content_security_policy()
    return response
