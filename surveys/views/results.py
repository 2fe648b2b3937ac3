"""Results of a campaign, and of a questionnaire over its campaigns; the list of those that have results."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from core.http import UserRequest, attachment, is_fragment, panel
from core.paging import Sort, bounded_count, keyset_page
from core.sheets import CSV_TYPE, WORKBOOK_TYPE, csv_lines
from surveys import exporting, reports, result_pdf
from surveys.choices import CampaignStatus, Cut
from surveys.filters.results import ResultFilter
from surveys.models import Campaign, Questionnaire
from surveys.overview import headlines
from surveys.rates import response_rates
from surveys.reports import Report
from surveys.result_links import Links
from surveys.result_words import trend_option
from surveys.results import Scope
from surveys.services.exports import record_export

LISTED = 20
CUT_ALONE = "cut"


@dataclass
class Asked:
    """What a results page is about, and what was asked of it."""

    found: ResultFilter
    report: Report
    links: Links


@require_GET
def results_list(request: UserRequest) -> HttpResponse:
    """Every campaign that began, the newest first, with its answers and first scores."""
    campaigns = Campaign.objects.visible_to(request.user).exclude(status=CampaignStatus.DRAFT)
    campaigns = campaigns.select_related("questionnaire_version__questionnaire").order_by()
    page = keyset_page(campaigns, Sort("pk", descending=True), request.GET.get("cursor"), size=LISTED)
    context = {
        "page": page,
        "count": bounded_count(campaigns),
        "rows": headlines(request.user, page.rows),
    }
    return render(request, panel(request, "surveys/result_list.html", "rows"), context)


@require_GET
def results(request: UserRequest, pk: int) -> HttpResponse:
    """The results of one campaign."""
    campaign = _campaign(request, pk)
    return _page(request, [campaign], {"campaign": campaign, "subject": campaign})


@require_GET
def questionnaire_results(request: UserRequest, pk: int) -> HttpResponse:
    """The results of a questionnaire over all its campaigns but the anonymous ones, which are seen by themselves."""
    questionnaire = get_object_or_404(Questionnaire.objects.visible_to(request.user), pk=pk)
    campaigns = Campaign.objects.visible_to(request.user).exclude(status=CampaignStatus.DRAFT)
    campaigns = campaigns.filter(questionnaire_version__questionnaire=questionnaire, anonymous=False)
    return _page(request, list(campaigns), {"questionnaire": questionnaire, "subject": questionnaire})


@require_GET
def results_rate(request: UserRequest, pk: int) -> HttpResponse:
    """How many of those who were asked have answered, by tier: a part of the page; without JavaScript, a page."""
    campaign = _campaign(request, pk)
    context = {"campaign": campaign, "rates": response_rates(campaign, request.user)}
    return render(request, panel(request, "surveys/result_rate.html"), context)


@require_POST
def results_export(request: UserRequest, pk: int) -> HttpResponseBase:
    """The answers that the reader sees as a workbook or as CSV; of an anonymous campaign its sums. Recorded."""
    campaign = _campaign(request, pk)
    if not request.user.may_export:
        raise PermissionDenied
    asked = _asked(request, [campaign], {"campaign": campaign.pk})
    form = "csv" if request.POST.get("format") == "csv" else "xlsx"
    language, report = get_language() or "en", asked.report
    record_export(campaign, form=form, about=exporting.scope_words(report), actor=request.user)
    name = f"{campaign.name}.{form}"
    if form == "xlsx":
        reader, today = request.user.name, timezone.localdate()
        book = exporting.workbook(report, language=language, title=campaign.name, reader=reader, today=today)
        return attachment(book, name, WORKBOOK_TYPE)
    rows = exporting.sums(report) if campaign.anonymous else exporting.answers(report, language=language)
    return download(csv_lines(rows), name, CSV_TYPE)


@require_GET
def results_pdf(request: UserRequest, pk: int) -> FileResponse:
    """The summary on paper."""
    campaign = _campaign(request, pk)
    asked = _asked(request, [campaign], {"campaign": campaign.pk})
    content = result_pdf.render(
        asked.report,
        title=campaign.name,
        reader=request.user.name,
        today=timezone.localdate(),
        language=get_language() or "en",
    )
    return attachment(io.BytesIO(content), f"{campaign.name}.pdf", "application/pdf")


def download(lines: Iterator[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """A file that is written while it is sent, to be kept and never to be run in a page."""
    response = StreamingHttpResponse(lines, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _campaign(request: UserRequest, pk: int) -> Campaign:
    campaigns = Campaign.objects.visible_to(request.user).select_related("questionnaire_version__questionnaire")
    return get_object_or_404(campaigns, pk=pk)


def _page(request: UserRequest, campaigns: Sequence[Campaign], context: dict[str, Any]) -> HttpResponse:
    begun = [campaign for campaign in campaigns if campaign.definition]
    if not begun:
        return render(request, panel(request, "surveys/results_none.html", "rows"), context)
    name = "campaign" if "campaign" in context else "questionnaire"
    asked = _asked(request, begun, {name: context["subject"].pk})
    report, selected = asked.report, asked.report.selected
    context |= {
        "filter": asked.found,
        "report": report,
        "links": asked.links,
        "anonymous": report.scope.anonymous,
        "cuts": [cut for cut in Cut.choices[1:] if not report.scope.anonymous or cut[0] in reports.CUTS],
        "by": report.cut.by if report.cut else "",
        "query": request.GET.urlencode(),
        "campaigns": begun,
        "lazy_cut": report.cut is None and _waits(request, report.scope),
    }
    if request.GET.get("show") == CUT_ALONE and is_fragment(request):
        return render(request, "surveys/result_cut.html", context)
    if selected and report.trend:
        names = [f"{point.first:%Y-%m}" for point in report.trend]
        context["option"] = trend_option(report.trend, selected.kind, names)
    return render(request, panel(request, "surveys/results.html", "rows"), context)


def _waits(request: UserRequest, scope: Scope) -> bool:
    """Whether the table of the cut is fetched after the page: who sees a part of the company has it counted or
    corrected answer by answer."""
    return not (request.user.sees_everything or scope.anonymous or request.GET.get("show") == CUT_ALONE)


def _asked(request: UserRequest, campaigns: Sequence[Campaign], base: dict[str, Any]) -> Asked:
    language = get_language() or "en"
    scope = Scope(request.user, campaigns)
    rated = [one for one in reports.asked_in(scope).questions if one.kind in reports.RATED]
    questions = [(one.key, one.text.into(language)) for one in rated]
    found = ResultFilter(request.GET, questions=questions, anonymous=scope.anonymous)
    cut, key = found.cut_and_key
    months, other = found.periods(timezone.localdate())
    report = reports.build(
        Scope(request.user, campaigns, cut, key),
        language=language,
        months=months,
        other=other,
        question=found.chosen("question"),
        by=found.chosen("by") or ("" if _waits(request, scope) else Cut.TIER),
    )
    links = Links(base, months, found.chosen("slice"), anonymous=scope.anonymous, other=other)
    return Asked(found, report, links)
