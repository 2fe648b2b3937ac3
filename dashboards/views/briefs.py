"""Briefs: on the screen, in the drawer, and as PDF; of one visit, one account, or all visits of a day."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Account
from core.agenda import link
from core.http import UserRequest, panel
from dashboards import brief, pdf, wording
from dashboards.views.asking import asked_day
from interactions.choices import VisitStatus
from interactions.models import Visit
from interactions.querysets import VisitQuerySet

MOST_BRIEFS = 40


@require_GET
def visit_brief(request: UserRequest, pk: int) -> HttpResponse:
    """The page to read before a visit."""
    found = _of_visit(request, pk)
    return _page(request, found, link("dashboards:visit_brief_pdf", pk))


@require_GET
def account_brief(request: UserRequest, pk: int) -> HttpResponse:
    """The page to read before meeting a customer."""
    found = _of_account(request, pk)
    return _page(request, found, link("dashboards:account_brief_pdf", pk))


@require_GET
def visit_brief_pdf(request: UserRequest, pk: int) -> HttpResponse:
    return _pdf(request, [_of_visit(request, pk)])


@require_GET
def account_brief_pdf(request: UserRequest, pk: int) -> HttpResponse:
    return _pdf(request, [_of_account(request, pk)])


@require_GET
def day_briefs_pdf(request: UserRequest) -> HttpResponse:
    """The briefs of all visits that are planned for a day, a page each, to print in the morning."""
    day = asked_day(request)
    visits = _visits(request).planned().between(day.date, day.date).filter(day.question.whose("owner"))
    rows = list(visits.order_by("planned_date", "start_time", "pk")[:MOST_BRIEFS])
    return _pdf(request, brief.of_visits(rows, day.today)) if rows else redirect(day.url)


def _visits(request: UserRequest) -> VisitQuerySet:
    """Visits that the user sees, with all that a brief takes from them."""
    editable = Account.objects.order_by().editable_by(request.user).filter(pk=OuterRef("account_id"))
    visits = Visit.objects.visible_to(request.user).annotate(may_edit=Exists(editable))
    return visits.select_related("owner", "account__summary", "account__manager").prefetch_related("contacts")


def _of_visit(request: UserRequest, pk: int) -> brief.Brief:
    visit = get_object_or_404(_visits(request), pk=pk)
    return brief.of_visits([visit], timezone.localdate())[0]


def _of_account(request: UserRequest, pk: int) -> brief.Brief:
    account = get_object_or_404(Account.objects.visible_to(request.user).with_list_columns(), pk=pk)
    return brief.of_account(account, timezone.localdate())


def _page(request: UserRequest, found: brief.Brief, pdf_url: str) -> HttpResponse:
    context = {
        "brief": found,
        "words": wording.lines(found),
        "pdf_url": pdf_url,
        "may_edit": _may_edit(request, found),
        "currency": settings.REPORTING_CURRENCY,
    }
    return render(request, panel(request, "dashboards/brief.html"), context)


def _may_edit(request: UserRequest, found: brief.Brief) -> bool:
    if found.visit is None:
        return Account.objects.editable_by(request.user).filter(pk=found.account.pk).exists()
    return found.visit.may_edit and found.visit.status in (VisitStatus.PLANNED, VisitStatus.MISSED)


def _pdf(request: UserRequest, briefs: list[brief.Brief]) -> HttpResponse:
    name = briefs[0].account.local_name if len(briefs) == 1 else _("Briefs")
    data = pdf.render(briefs, language=get_language() or "en", reader=str(request.user))
    filename = f"{name} {briefs[0].today:%Y-%m-%d}.pdf"
    disposition = content_disposition_header(as_attachment=False, filename=filename)
    return HttpResponse(data, content_type="application/pdf", headers={"Content-Disposition": disposition})
