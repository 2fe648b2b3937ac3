"""How well the loop is closed, and the rules of a campaign that open follow-ups."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.choices import Tier
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel, requires
from surveys.choices import CampaignStatus, FollowUpKind
from surveys.filters.follow_ups import ALL, NO_TIER, LoopRateFilter
from surveys.forms.follow_ups import RULES, RuleFormSet, changed_rows, first_rows, rated_questions
from surveys.loop_rates import LoopRate, loop_rates, total_rate
from surveys.models import Campaign, FollowUp
from surveys.services import loop_rules as services
from users.models import Team, User

GROUPS = {"owner": "owner", "team": "owner__team", "tier": "account__tier"}
STATES = {"opened": ALL, "closed": "closed", "in_time": "in_time", "late": "late"}


@require_GET
def loop_rates_page(request: UserRequest) -> HttpResponse:
    """Rates and times of the follow-ups opened in a period, by account manager, team or tier."""
    now = timezone.now()
    found = LoopRateFilter(request.GET, queryset=FollowUp.objects.visible_to(request.user), request=request)
    scope_form(found.form, request.user)
    found.form.is_valid()
    query = found.in_list
    by = request.GET.get("by", "")
    by = by if by in GROUPS else "owner"
    total, rates = loop_rates(found.qs, now, GROUPS[by])
    names = _names(by, rates, request.user)
    context = {
        "filter": found,
        "by": by,
        "groups": [(key, _group_label(key)) for key in GROUPS],
        "total": total,
        "since": found.since,
        "total_links": _links(query, {}),
        "rows": [(names(rate.key), rate, _links(query, _narrowing(by, rate.key))) for rate in rates],
    }
    return render(request, panel(request, "surveys/loop_rates.html", "rows"), context)


@require_GET
def loop_panel(request: UserRequest, pk: int) -> HttpResponse:
    """How well the loop is closed for a campaign since its start, in one line: a part of its results."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user).defer("definition", "texts"), pk=pk)
    follow_ups = FollowUp.objects.visible_to(request.user).filter(campaign=campaign, kind=FollowUpKind.RECOVERY)
    query = {"campaign": str(campaign.pk), "kind": FollowUpKind.RECOVERY.value}
    since = {"campaign": campaign.pk, "opened_after": campaign.start_date.isoformat()}
    context = {
        "campaign": campaign,
        "rate": total_rate(follow_ups, timezone.now()),
        "links": _links(query, {}),
        "rates_url": f"{reverse('surveys:loop_rates')}?{urlencode(since)}",
    }
    return render(request, panel(request, "surveys/loop_panel.html"), context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def loop_rules_update(request: UserRequest, pk: int) -> HttpResponse:
    """Which answers open a follow-up; rows are added and removed without anything being saved."""
    campaigns = Campaign.objects.visible_to(request.user).select_related("questionnaire_version")
    campaign = get_object_or_404(campaigns, pk=pk)
    if campaign.status == CampaignStatus.ENDED:
        messages.error(request, _("The campaign has ended: its rules stay as they were."))
        return redirect(campaign)
    questions = rated_questions(services.definition_of(campaign), get_language() or "en")
    options: dict[str, Any] = {"prefix": RULES, "form_kwargs": {"questions": questions}}
    if request.method == "POST" and not {"add", "remove"} & set(request.POST):
        formset = RuleFormSet(request.POST, **options)
        if formset.is_valid() and _save(request, campaign, formset):
            return redirect(campaign)
    elif request.method == "POST":
        formset = RuleFormSet(initial=changed_rows(request.POST, questions), **options)
    else:
        formset = RuleFormSet(initial=first_rows(services.rules_of(campaign)), **options)
    context = {"campaign": campaign, "formset": formset, "has_questions": bool(questions)}
    return render(request, "surveys/loop_rules_form.html", context)


def _save(request: UserRequest, campaign: Campaign, formset: Any) -> bool:
    try:
        services.set_rules(campaign, [form.rule() for form in formset], actor=request.user)
    except DomainError as error:
        number = error.params.get("number")
        form = formset.forms[int(str(number)) - 1] if number else None
        if form is None:
            formset.non_form_errors().append(str(error))
        else:
            add_domain_error(form, error)
        return False
    messages.success(request, _("The follow-up rules were saved. They hold for answers from now on."))
    return True


def _group_label(key: str) -> str:
    return {"owner": _("By owner"), "team": _("By team"), "tier": _("By tier")}[key]


def _names(by: str, rates: list[LoopRate], user: User) -> Any:
    """A function from the key of a group to its words."""
    keys = [rate.key for rate in rates if rate.key]
    if by == "tier":
        labels: dict[Any, Any] = {tier.value: _("Tier %(tier)s") % {"tier": tier.label} for tier in Tier}
        return lambda key: labels.get(key, _("No tier"))
    if by == "team":
        teams = Team.objects.visible_to(user).in_bulk(keys)
        return lambda key: teams[key].local_name if key in teams else _("No team")
    people = User.objects.visible_to(user).in_bulk(keys)
    return lambda key: str(people[key]) if key in people else _("Nobody")


def _narrowing(by: str, key: Any) -> dict[str, str]:
    """What shows just this group in the list; nothing where the list cannot say it."""
    if by == "tier":
        return {"tier": key or NO_TIER}
    return {"own_team" if by == "team" else by: str(key)} if key else {"": ""}


def _links(query: dict[str, str], narrowing: dict[str, str]) -> dict[str, str]:
    """Where the rows behind each number are: the same filters, the group, and what the number counts."""
    if "" in narrowing:
        return {}
    kept, url = {**query, **narrowing}, reverse("surveys:follow_up_list")
    links = {figure: f"{url}?{urlencode({**kept, 'state': state})}" for figure, state in STATES.items()}
    return links | {"contacted": f"{url}?{urlencode({**kept, 'state': ALL, 'contacted': 'true'})}"}
