"""The builder of a draft: the page, saving, and the preview beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.http import UserRequest, requires
from core.languages import LANGUAGE_CHOICES
from surveys.answering import clean
from surveys.builder_words import WORDS
from surveys.checking import MAX_CHOICES, MAX_PAGES, MAX_QUESTIONS, Problem, malformed, problems
from surveys.checking.comparing import FITTING
from surveys.checking.rules import FITS
from surveys.checking.shape import CHOICE_SIZE, TEXT_SIZES
from surveys.choices import QuestionKind, VersionStatus
from surveys.condition_words import OPERATORS, in_words
from surveys.conditions import WITHOUT_VALUE
from surveys.definition import LANGUAGES, SCALES, Definition
from surveys.forms.answers import field_of, given_in
from surveys.forms.questionnaires import BuilderForm
from surveys.models import QuestionnaireVersion
from surveys.preview import PreviewPage, pages_of, readable
from surveys.services import questionnaires as services
from surveys.views.questionnaires import get_version

KIND_ICONS = {
    "nps": "gauge", "csat": "mood-smile", "ces": "feather", "matrix": "grid-dots", "single": "circle-dot",
    "multiple": "checkbox", "ranking": "list-numbers", "number": "number-123", "date": "calendar", "text": "align-left",
}  # fmt: skip
# icons: gauge mood-smile feather grid-dots circle-dot checkbox list-numbers number-123 calendar align-left


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def questionnaire_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Build a draft. What could not be saved stays on the page, whatever the reason."""
    version = get_version(request, pk)
    form = BuilderForm(request.POST) if request.method == "POST" else None
    if form is None and version.status != VersionStatus.DRAFT:
        return redirect(version.questionnaire)
    error: DomainError | None = None
    if form and form.is_valid():
        seen = form.cleaned_data["seen"] or None
        try:
            saved = services.save_draft(version, form.cleaned_data["definition"], actor=request.user, seen=seen)
        except DomainError as refused:
            error = refused
        else:
            return _saved(request, saved)
    status = (error.status if error else 400) if form else 200
    if form and request.accepts("application/json") and not request.accepts("text/html"):
        return _refused(form, error, version, status)
    return render(request, "surveys/questionnaire_edit.html", _context(version, form, error), status=status)


@require_http_methods(["GET", "POST"])
def questionnaire_preview(request: UserRequest, pk: int) -> HttpResponse:
    """GET: the page on which anybody tries a version out. POST: the preview of the definition sent along, as JSON with
    its problems and its conditions in words; nothing is saved."""
    version = get_version(request, pk)
    if request.method == "GET":
        language = _language(request.GET.get("language", ""))
        context = {"version": version, "languages": _languages(), "language": language}
        return render(
            request, "surveys/questionnaire_preview.html", context | _preview(version.definition, request.GET)
        )
    form = BuilderForm(request.POST)
    data = form.cleaned_data["definition"] if form.is_valid() else None
    if data is None or (found := malformed(data)):
        detail = found[0].message if data is not None else _("This is not JSON.")
        return JsonResponse({"detail": detail}, status=400)
    shown: dict[str, Any] = _preview(data, request.POST)
    html = render_to_string("surveys/questionnaire_preview_pages.html", shown, request)
    answer = {"html": html, "problems": _as_json(shown["problems"]), "words": _words(shown["definition"])}
    return JsonResponse(answer)


def _saved(request: HttpRequest, version: QuestionnaireVersion) -> HttpResponse:
    """The new mark for the builder; without JavaScript, the page again or the step to publish."""
    if not request.accepts("text/html"):
        found = problems(version.definition)
        return JsonResponse({"seen": services.mark_of(version), "problems": _as_json(found)})
    messages.success(request, _("The draft was saved."))
    name = "surveys:questionnaire_publish" if "publish" in request.POST else "surveys:questionnaire_edit"
    return redirect(name, version.pk)


def _refused(form: BuilderForm, error: DomainError | None, version: QuestionnaireVersion, status: int) -> JsonResponse:
    """Why nothing was saved; `seen` is the state that somebody else has left, to be overwritten on purpose only."""
    detail = str(error) if error else " ".join(str(text) for texts in form.errors.values() for text in texts)
    found = _as_json(getattr(error, "problems", []))
    answer = {"detail": detail, "code": error.code if error else "invalid", "problems": found}
    return JsonResponse({**answer, "seen": services.mark_of(version)}, status=status)


def _context(version: QuestionnaireVersion, form: BuilderForm | None, error: DomainError | None) -> dict[str, Any]:
    """The builder with what was typed, if that can be read, else with what is stored."""
    typed = form.cleaned_data.get("definition") if form and form.is_valid() else None
    data = typed if typed is not None and not malformed(typed) else version.definition
    if form is None:
        form = BuilderForm(initial={"definition": _pretty(version.definition), "seen": services.mark_of(version)})
    return {
        "version": version, "form": form, "error": error, "definition": data, "languages": _languages(),
        "config": _config(version), "problems": getattr(error, "problems", None) or problems(data),
    }  # fmt: skip


def _pretty(data: Any) -> str:
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1}).content.decode()


def _config(version: QuestionnaireVersion) -> dict[str, Any]:
    """What the builder's script knows of the rules."""
    return {
        "seen": services.mark_of(version),
        "language": _language(translation.get_language() or ""),
        "languages": dict(_languages()),
        "scales": {kind.value: list(bounds) for kind, bounds in SCALES.items()},
        "fits": {name: sorted(kinds) for name, kinds in FITS.items()},
        "operators": {kind: [*fitting, *WITHOUT_VALUE] for kind, fitting in FITTING.items()},
        "operatorWords": {op: str(label) for op, label in OPERATORS.items()},
        "kinds": {kind.value: str(kind.label) for kind in QuestionKind},
        "icons": KIND_ICONS,
        "words": {name: str(text) for name, text in WORDS.items()},
        "limits": {"pages": MAX_PAGES, "questions": MAX_QUESTIONS, "choices": MAX_CHOICES},
        "sizes": TEXT_SIZES | {"choice": CHOICE_SIZE},
        "sprite": static("build/icons.svg"),
        "detailUrl": version.questionnaire.get_absolute_url(),
        "previewUrl": reverse("surveys:questionnaire_preview", args=[version.pk]),
        "publishUrl": reverse("surveys:questionnaire_publish", args=[version.pk]),
    }


def _preview(data: Any, given: QueryDict) -> dict[str, Any]:
    """The pages of a well-formed definition in the language asked for, with the answers tried so far."""
    found = problems(data)
    definition, language = readable(data, found), _language(given.get("language", ""))
    typed = given_in(given, definition, definition.questions)
    values = clean(definition, {key: typed[key] for key in typed if key in definition.by_key}, partial=True).values
    reader = translation.get_language() or "en"
    pages = pages_of(definition, language, values if given.get("try") else None, reader=reader)
    return {
        "definition": definition, "problems": found, "pages": [_drawn(page, language, typed) for page in pages],
        "title": definition.title.into(language), "intro": definition.intro.into(language),
        "thanks": definition.thanks.into(language), "preview_language": language, "tried": bool(given.get("try")),
        "is_empty": not definition.questions,
    }  # fmt: skip


def _drawn(page: PreviewPage, language: str, typed: dict[str, Any]) -> dict[str, Any]:
    """A page with its questions as fields, drawn in `language`."""
    rows = [
        {"field": field_of(row.question, language, typed.get(row.question.key), seed="preview"), "row": row}
        for row in page.questions
    ]
    return {"page": page, "rows": rows}


def _words(definition: Definition) -> dict[str, str]:
    """Each condition in words, by the place of its page or question."""
    language = translation.get_language() or "en"
    words = {}
    for number, page in enumerate(definition.pages):
        words[f"pages.{number}"] = in_words(page.show_if, definition, language)
        for position, question in enumerate(page.questions):
            words[f"pages.{number}.questions.{position}"] = in_words(question.show_if, definition, language)
    return {place: text for place, text in words.items() if text}


def _as_json(found: list[Problem]) -> list[dict[str, str]]:
    return [{"place": problem.place, "code": problem.code, "message": problem.message} for problem in found]


def _languages() -> list[tuple[str, str]]:
    """The three, by their own names."""
    return [(code, name) for code, name in LANGUAGE_CHOICES if code in LANGUAGES]


def _language(asked: str) -> str:
    """One of the three; else that of the reader."""
    own = translation.get_language() or "en"
    return next((code for code in (asked, own) if code in LANGUAGES), "en")
