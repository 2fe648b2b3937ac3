"""Pages of questionnaires: the list, one with its versions, begin, build, preview, publish, rename, archive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.forms import add_domain_error
from core.http import UserRequest, is_fragment, panel, requires
from core.paging import Sort, bounded_count, keyset_page
from surveys.checking import problems
from surveys.choices import QuestionKind, VersionStatus
from surveys.definition import Definition, read
from surveys.errors import QuestionnaireIncomplete
from surveys.filters.questionnaires import QUESTIONNAIRE_DEFAULT_SORT, QUESTIONNAIRE_SORTS, QuestionnaireFilter
from surveys.forms.questionnaires import NewQuestionnaireForm, QuestionnaireForm
from surveys.history import of_questionnaire
from surveys.models import Campaign, Questionnaire, QuestionnaireVersion
from surveys.preview import pages_of
from surveys.services import questionnaires as services
from surveys.shipped import TEMPLATES

CAMPAIGNS_SHOWN, ENTRIES_SHOWN = 10, 10


@require_GET
def questionnaire_list(request: UserRequest) -> HttpResponse:
    """The company's questionnaires, by name; archived ones where asked for."""
    rows = Questionnaire.objects.visible_to(request.user)
    if not request.GET.get("archived"):
        rows = rows.filter(archived=False)
    found = QuestionnaireFilter(request.GET, queryset=rows)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), QUESTIONNAIRE_SORTS, QUESTIONNAIRE_DEFAULT_SORT)
    versions = QuestionnaireVersion.objects.visible_to(request.user).defer("definition")
    shown = found.qs.prefetch_related(Prefetch("versions", versions, to_attr="all_versions"))
    page = keyset_page(shown.annotate(campaign_count=Count("versions__campaigns")), sort, request.GET.get("cursor"))
    for row in page.rows:
        row.published, row.draft = _newest(row.all_versions)
        row.template_label = TEMPLATES[row.template].label if row.template in TEMPLATES else ""
    context = {
        "filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key,
        "is_fragment": is_fragment(request), "is_filtered": bool(request.GET.get("q") or request.GET.get("archived")),
    }  # fmt: skip
    return render(request, panel(request, "surveys/questionnaire_list.html", "rows"), context)


@require_GET
def questionnaire_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One questionnaire: its versions, what the chosen one asks, the campaigns that ask with it."""
    questionnaire = _get(request, pk)
    versions = list(
        QuestionnaireVersion.objects.visible_to(request.user)
        .filter(questionnaire=questionnaire)
        .select_related("author")
        .annotate(campaign_count=Count("campaigns"))
        .order_by("-number")  # Meta's order does not hold where rows are counted
    )
    published, draft = _newest(versions)
    asked = request.GET.get("version", "")
    version = next((row for row in versions if str(row.number) == asked), published or draft)
    campaigns = Campaign.objects.visible_to(request.user).filter(questionnaire_version__questionnaire=questionnaire)
    language = translation.get_language() or "en"
    definition = read(version.definition) if version else None
    context = {
        "questionnaire": questionnaire, "versions": versions, "version": version,
        "published": published, "draft": draft,
        "pages": pages_of(definition, language) if definition else [], "facts": _facts(definition),
        "title": definition.title.into(language) if definition else "",
        "template_label": TEMPLATES[questionnaire.template].label if questionnaire.template in TEMPLATES else "",
        "campaigns": campaigns.select_related("questionnaire_version")[:CAMPAIGNS_SHOWN],
        "draft_problems": len(problems(draft.definition)) if draft else 0,
        "entries": of_questionnaire(questionnaire, versions).with_names(request.user)[:ENTRIES_SHOWN],
    }  # fmt: skip
    return render(request, "surveys/questionnaire_detail.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def questionnaire_create(request: UserRequest) -> HttpResponse:
    """Begin a questionnaire with a template or empty; the builder opens."""
    form = NewQuestionnaireForm(request.POST or None, initial={"template": request.GET.get("template", "")})
    if request.method == "POST" and form.is_valid():
        try:
            version = services.create_questionnaire(
                Questionnaire(name=form.cleaned_data["name"], name_en=form.cleaned_data["name_en"]),
                template=form.cleaned_data["template"], actor=request.user,
            )  # fmt: skip
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("surveys:questionnaire_edit", version.pk)
    context = {"form": form, "templates": TEMPLATES.values(), "chosen": form["template"].value() or ""}
    return render(request, "surveys/questionnaire_create.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def questionnaire_rename(request: UserRequest, pk: int) -> HttpResponse:
    """Another name."""
    questionnaire = _get(request, pk)
    form = QuestionnaireForm(request.POST or None, instance=questionnaire)
    if request.method == "POST" and form.is_valid():
        name, name_en = form.cleaned_data["name"], form.cleaned_data["name_en"]
        try:
            services.rename(questionnaire, name=name, name_en=name_en, actor=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": name})
            return redirect(questionnaire)
    return render(request, "surveys/questionnaire_rename.html", {"form": form, "questionnaire": _get(request, pk)})


@requires("owns_policies")
@require_POST
def questionnaire_archive(request: UserRequest, pk: int) -> HttpResponse:
    """Into the archive, or back (`restore`)."""
    questionnaire = _get(request, pk)
    archived = "restore" not in request.POST
    services.archive(questionnaire, archived=archived, actor=request.user)
    text = _("%(name)s is archived.") if archived else _("%(name)s is offered to campaigns again.")
    messages.success(request, text % {"name": questionnaire})
    return redirect(questionnaire)


@requires("owns_policies")
@require_POST
def questionnaire_draft(request: UserRequest, pk: int) -> HttpResponse:
    """Begin the next version; the builder opens."""
    questionnaire = _get(request, pk)
    try:
        version = services.new_draft(questionnaire, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(questionnaire)
    return redirect("surveys:questionnaire_edit", version.pk)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def questionnaire_publish(request: UserRequest, pk: int) -> HttpResponse:
    """Say what publishing does and what stands in its way; publish."""
    version = get_version(request, pk)
    found, error, status = problems(version.definition), None, 200
    if request.method == "POST":
        try:
            services.publish(version, actor=request.user, now=timezone.now())
        except QuestionnaireIncomplete as refused:
            found, status = refused.problems, refused.status
        except DomainError as refused:
            error, status = str(refused), refused.status
        else:
            messages.success(request, _("Version %(number)s was published.") % {"number": version.number})
            return redirect(version.questionnaire)
    context = {"version": version, "problems": found, "error": error, "facts": _facts(read(version.definition))}
    return render(request, "surveys/questionnaire_publish.html", context, status=status)


@requires("owns_policies")
@require_POST
def questionnaire_discard(request: UserRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    version = get_version(request, pk)
    try:
        services.discard_draft(version, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Version %(number)s was discarded.") % {"number": version.number})
    return redirect(version.questionnaire)


def get_version(request: UserRequest, pk: int) -> QuestionnaireVersion:
    """The version with its questionnaire, or 404."""
    rows = QuestionnaireVersion.objects.visible_to(request.user).select_related("questionnaire")
    version: QuestionnaireVersion = get_object_or_404(rows, pk=pk)
    return version


def _get(request: UserRequest, pk: int) -> Questionnaire:
    questionnaire: Questionnaire = get_object_or_404(Questionnaire.objects.visible_to(request.user), pk=pk)
    return questionnaire


def _newest(
    versions: Sequence[QuestionnaireVersion],
) -> tuple[QuestionnaireVersion | None, QuestionnaireVersion | None]:
    """The newest published version and the draft; the newest come first."""
    published = next((row for row in versions if row.status == VersionStatus.PUBLISHED), None)
    return published, next((row for row in versions if row.status == VersionStatus.DRAFT), None)


def _facts(definition: Definition | None) -> dict[str, Any]:
    """What a questionnaire measures and how long it is."""
    asked = definition.questions if definition else ()
    rated = (QuestionKind.NPS, QuestionKind.CSAT, QuestionKind.CES)
    return {
        "questions": len(asked),
        "pages": len(definition.pages) if definition else 0,
        "required": sum(question.required for question in asked),
        "conditional": sum(bool(question.show_if) for question in asked),
        "metrics": [kind.value.upper() for kind in rated if any(question.kind == kind for question in asked)],
    }
