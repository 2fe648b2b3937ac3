"""Manager scorecards: the list, a card with its arithmetic, targets, comments, signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel, requires
from core.paging import Sort, bounded_count, keyset_page
from dashboards.filters import SCORECARD_DEFAULT_SORT, SCORECARD_SORTS, ScorecardFilter
from dashboards.forms import ReopenScorecardForm, ScorecardCommentForm, ScorecardForm, TargetsForm
from dashboards.models import Scorecard
from dashboards.scorecards.rules import team_median
from dashboards.scorecards.words import PAST, shown_lines, trend
from dashboards.services import scorecards as services


@require_GET
def scorecard_list(request: UserRequest) -> HttpResponse:
    """The cards that the reader sees, the newest period first."""
    rows = Scorecard.objects.visible_to(request.user).select_related("person", "team", "signed_by")
    found = ScorecardFilter(request.GET, queryset=rows, request=request)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), SCORECARD_SORTS, SCORECARD_DEFAULT_SORT)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    context = {
        "filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key,
        "cards": [(card, shown_lines(card)) for card in page.rows],
    }  # fmt: skip
    return render(request, panel(request, "dashboards/scorecard_list.html", "rows"), context)


@require_GET
def scorecard_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One card: each measure with its arithmetic, the trend, the team's median, comments, what can be done."""
    return _page(request, _card(request, pk))


@requires("leads")
@require_http_methods(["GET", "POST"])
def scorecard_create(request: UserRequest) -> HttpResponse:
    """Agree on targets."""
    form = ScorecardForm(request.POST or None)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        card = Scorecard(**{name: form.cleaned_data[name] for name in ("person", "team", "kind", "first_day")})
        today, now = timezone.localdate(), timezone.now()
        try:
            services.create_scorecard(card, form.wanted, actor=request.user, today=today, now=now)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("The scorecard was saved."))
            return redirect(card)
    return render(request, "dashboards/scorecard_form.html", {"form": form, "card": None})


@requires("leads")
@require_http_methods(["GET", "POST"])
def scorecard_update(request: UserRequest, pk: int) -> HttpResponse:
    """Agree on other targets."""
    card = get_object_or_404(Scorecard.objects.editable_by(request.user).select_related("person", "team"), pk=pk)
    form = TargetsForm(request.POST or None, targets=card.targets.all())
    if request.method == "POST" and form.is_valid():
        today, now = timezone.localdate(), timezone.now()
        try:
            services.set_targets(card, form.wanted, actor=request.user, today=today, now=now)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("The targets were saved."))
            return redirect(card)
    return render(request, "dashboards/scorecard_form.html", {"form": form, "card": card})


@require_POST
def scorecard_compute(request: UserRequest, pk: int) -> HttpResponse:
    """Bring the numbers up to date now instead of at night."""
    card, today, now = _card(request, pk), timezone.localdate(), timezone.now()
    return _act(request, card, lambda: services.compute_scorecard(card, today=today, now=now))


@require_POST
def scorecard_comment(request: UserRequest, pk: int) -> HttpResponse:
    """A note that both sides see."""
    card, form, now = _card(request, pk), ScorecardCommentForm(request.POST), timezone.now()
    if not form.is_valid():
        return _page(request, card, comment=form)
    return _act(
        request, card, lambda: services.add_comment(card, form.cleaned_data["text"], actor=request.user, now=now)
    )


@require_POST
def scorecard_sign(request: UserRequest, pk: int) -> HttpResponse:
    """Compute for the last time and freeze."""
    card, today, now = _card(request, pk), timezone.localdate(), timezone.now()
    done = _("The scorecard is signed; its numbers stay as they are.")
    return _act(request, card, lambda: services.sign_scorecard(card, actor=request.user, today=today, now=now), done)


@require_POST
def scorecard_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """Take the signature back, with the reason."""
    card, form, now = _card(request, pk), ReopenScorecardForm(request.POST), timezone.now()
    if not form.is_valid():
        return _page(request, card, reopen=form)
    reason, done = form.cleaned_data["reason"], _("The scorecard is open again.")
    return _act(request, card, lambda: services.reopen_scorecard(card, reason, actor=request.user, now=now), done)


def _card(request: UserRequest, pk: int) -> Scorecard:
    rows = Scorecard.objects.visible_to(request.user).select_related("person", "team", "signed_by", "set_by")
    return get_object_or_404(rows, pk=pk)


def _page(request: UserRequest, card: Scorecard, **forms: Any) -> HttpResponse:
    seen = Scorecard.objects.visible_to(request.user)
    past = seen.filter(person=card.person) if card.person_id else seen.filter(person=None, team=card.team)
    past = past.filter(kind=card.kind, first_day__lte=card.first_day).order_by("-first_day")[:PAST]
    context = {
        "card": card,
        "lines": shown_lines(card),
        "median": team_median(services.peer_scores(card)),
        "trend": trend(list(past)[::-1]),
        "comments": card.comments.select_related("author"),
        "may_edit": Scorecard.objects.editable_by(request.user).filter(pk=card.pk).exists(),
        "is_over": card.is_over(timezone.localdate()),
        "currency": settings.REPORTING_CURRENCY,
        "comment": forms.get("comment") or ScorecardCommentForm(),
        "reopen": forms.get("reopen") or ReopenScorecardForm(),
    }
    return render(request, "dashboards/scorecard_detail.html", context)


def _act(request: UserRequest, card: Scorecard, act: Callable[[], object], done: str = "") -> HttpResponse:
    """Do it and show the card; what was refused is said."""
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if done:
            messages.success(request, done)
    return redirect(card)
