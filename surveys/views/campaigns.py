"""Campaigns: the list, one campaign, its form, and its steps from draft to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from core.errors import DomainError
from core.filterbar import chips
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, is_fragment, panel, requires
from core.paging import Sort, bounded_count, keyset_page
from surveys import tasks
from surveys.choices import CampaignStatus, InvitationStatus, MailStatus
from surveys.filters.audience import OWN_FIELDS, AudienceFilter, filter_of
from surveys.filters.campaigns import CAMPAIGN_DEFAULT_SORT, CAMPAIGN_SORTS, CampaignListFilter
from surveys.forms.campaigns import ACCOUNTS, CampaignForm, TextsForm, newest_versions
from surveys.history import of_campaign
from surveys.models import Campaign, Invitation, LoopRule, SurveyMail
from surveys.rates import response_rates
from surveys.services import campaigns as services
from surveys.services.audience import preview
from surveys.services.policy import policy_now

ENTRIES_SHOWN = 15
STATES = tuple(InvitationStatus)
MAIL_STATES = (MailStatus.WAITING, MailStatus.SENDING, MailStatus.UNCERTAIN, MailStatus.BOUNCED)
"""What of the outbox is worth a look."""


@require_GET
def campaign_list(request: UserRequest) -> HttpResponse:
    """All campaigns, the newest first; numbers are those of the accounts that the user sees."""
    found = CampaignListFilter(request.GET, queryset=Campaign.objects.visible_to(request.user))
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), CAMPAIGN_SORTS, CAMPAIGN_DEFAULT_SORT)
    rows = found.qs.select_related("questionnaire_version__questionnaire", "owner").defer("definition")
    page = keyset_page(rows.defer("questionnaire_version__definition", "definition"), sort, request.GET.get("cursor"))
    _add_numbers(request, page.rows)
    context = {
        "filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key,
        "is_fragment": is_fragment(request), "is_filtered": any(request.GET.get(name) for name in found.filters),
    }  # fmt: skip
    return render(request, panel(request, "surveys/campaign_list.html", "rows"), context)


@require_GET
def campaign_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One campaign: what it does, how far it is, what needs a person."""
    campaign = get_campaign(request, pk)
    mine = Invitation.objects.visible_to(request.user).filter(campaign=campaign)
    states = dict(mine.order_by().values_list("status").annotate(Count("pk")))
    mails = SurveyMail.objects.visible_to(request.user).filter(invitation__campaign=campaign, status__in=MAIL_STATES)
    mail_states = dict(mails.order_by().values_list("status").annotate(Count("pk")))
    context = {
        "campaign": campaign,
        "states": [(state, states[state]) for state in STATES if states.get(state)],
        "invited": sum(states.values()),
        "mail_states": [(state, mail_states[state]) for state in MAIL_STATES if mail_states.get(state)],
        "uncertain": mail_states.get(MailStatus.UNCERTAIN, 0),
        "bounced": mail_states.get(MailStatus.BOUNCED, 0),
        "rates": response_rates(campaign, request.user),
        "rules": LoopRule.objects.visible_to(request.user).filter(campaign=campaign),
        "chips": audience_words(request, campaign),
        "policy": policy_now(),
        "entries": of_campaign(campaign, request.user, ENTRIES_SHOWN),
    }
    return render(request, "surveys/campaign_detail.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def campaign_create(request: UserRequest) -> HttpResponse:
    """Draft a campaign; the address may bring the filters of the account list (`accounts-region=north`)."""
    today = timezone.localdate()
    campaign = Campaign(owner=request.user, start_date=today)
    if not newest_versions(None).exists():
        return render(request, "surveys/campaign_form.html", {"no_questionnaire": True})
    return _edit(request, campaign, services.create_campaign)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def campaign_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a campaign; of one that has started, only what no answer rests on."""
    return _edit(request, get_campaign(request, pk), services.update_campaign)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def campaign_start(request: UserRequest, pk: int) -> HttpResponse:
    """Start it; asked before, with the numbers of who would be asked."""
    campaign = get_campaign(request, pk)
    if request.method == "POST":
        now = timezone.now()
        today = timezone.localdate(now)

        def start(row: Campaign, *, actor: Any) -> Campaign:
            return services.start_campaign(row, actor=actor, today=today, now=now)

        return _step(request, campaign, start, _("“%(campaign)s” runs now."), ring=True)
    today = timezone.localdate()
    found = preview(campaign, max(today, campaign.start_date), policy_now(), first=0)
    return render(request, "surveys/campaign_start.html", {"campaign": campaign, "preview": found, "today": today})


@requires("owns_policies")
@require_POST
def campaign_pause(request: UserRequest, pk: int) -> HttpResponse:
    """Nobody is asked and no mail goes out until it is resumed."""
    done = _("“%(campaign)s” rests: nobody is asked, no mail goes out; links still take answers.")
    return _step(request, get_campaign(request, pk), services.pause_campaign, done)


@requires("owns_policies")
@require_POST
def campaign_resume(request: UserRequest, pk: int) -> HttpResponse:
    """It goes on."""

    def resume(row: Campaign, *, actor: Any) -> Campaign:
        return services.resume_campaign(row, actor=actor, today=timezone.localdate())

    return _step(request, get_campaign(request, pk), resume, _("“%(campaign)s” runs again."), ring=True)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def campaign_end(request: UserRequest, pk: int) -> HttpResponse:
    """End it, after saying what that closes; a draft is discarded."""
    campaign = get_campaign(request, pk)
    is_draft = campaign.status == CampaignStatus.DRAFT
    if request.method == "POST" and is_draft:
        try:
            services.discard_campaign(campaign, actor=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(campaign)
        messages.success(request, _("The draft was discarded."))
        return redirect("surveys:campaign_list")
    if request.method == "POST":

        def end(row: Campaign, *, actor: Any) -> Campaign:
            return services.end_campaign(row, actor=actor, now=timezone.now())

        return _step(request, campaign, end, _("“%(campaign)s” has ended."))
    still_open = Invitation.objects.visible_to(request.user).filter(campaign=campaign).open().count()
    context = {"campaign": campaign, "still_open": still_open, "is_draft": is_draft}
    return render(request, "surveys/campaign_end.html", context)


def get_campaign(request: UserRequest, pk: int) -> Campaign:
    """The campaign as its pages show it. Raises Http404."""
    rows = Campaign.objects.visible_to(request.user).select_related(
        "questionnaire_version__questionnaire", "owner", "product_line"
    )
    return get_object_or_404(rows, pk=pk)


def audience_words(request: UserRequest, campaign: Campaign) -> list[tuple[str, str]]:
    """Who is asked, in words: (what, which)."""
    form = CampaignForm(instance=campaign)
    found = []
    for name in ("tiers", "stages", "roles"):
        field: Any = form.fields[name]
        labels = dict(field.choices)
        words = [str(labels.get(value, value)) for value in (campaign.audience or {}).get(name, [])]
        found += [(str(field.label), ", ".join(words))] if words else []
    chosen = (campaign.audience or {}).get(ACCOUNTS) or {}
    accounts = filter_of(chosen, Account.objects.visible_to(request.user), timezone.localdate())
    return [*found, *((chip.label, chip.value) for chip in chips(accounts, accounts.data))] if chosen else found


def _edit(request: UserRequest, campaign: Campaign, save: Callable[..., Campaign]) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = CampaignForm(data, instance=campaign)
    scope_form(form, request.user)
    texts = TextsForm(data, texts=campaign.texts)
    accounts = _accounts_form(request, campaign)
    forms = (form, texts, accounts.form)
    if request.method == "POST" and all([each.is_valid() for each in forms]):  # noqa: C419  all are to be checked
        row = form.save(commit=False)
        row.texts = texts.texts()
        row.audience = {**row.audience, ACCOUNTS: _chosen(accounts)}
        try:
            stored = save(row, actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("%(campaign)s was saved.") % {"campaign": stored})
            return redirect(stored)
    context = {"form": form, "texts": texts, "accounts": accounts, "campaign": campaign}
    return render(request, "surveys/campaign_form.html", context)


def _accounts_form(request: UserRequest, campaign: Campaign) -> AudienceFilter:
    """The account list's filters: as typed, as stored, or as the address of a new campaign brings them."""
    data: Any = request.POST if request.method == "POST" else request.GET.copy()
    if request.method != "POST":
        for name, values in ((campaign.audience or {}).get(ACCOUNTS) or {}).items():
            data.setlist(f"{ACCOUNTS}-{name}", values)
    found = AudienceFilter(data, queryset=Account.objects.visible_to(request.user), prefix=ACCOUNTS)
    for name in OWN_FIELDS:
        del found.form.fields[name]
    scope_form(found.form, request.user)
    return found


def _chosen(accounts: AudienceFilter) -> dict[str, list[str]]:
    """The filters that are set, as the campaign keeps them."""
    data: Any = accounts.data
    named = {name: [value for value in data.getlist(f"{ACCOUNTS}-{name}") if value] for name in accounts.form.fields}
    return {name: values for name, values in named.items() if values}


def _step(
    request: UserRequest, campaign: Campaign, step: Callable[..., Campaign], done: str, *, ring: bool = False
) -> HttpResponse:
    """Take one step in the campaign's life, and say so; `ring` for the asking that follows."""
    try:
        step(campaign, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done % {"campaign": campaign})
        if ring:
            tasks.ask_campaign.delay_on_commit(campaign.pk)
    return redirect(campaign)


def _add_numbers(request: UserRequest, campaigns: Sequence[Campaign]) -> None:
    """How many were asked and have answered, on each campaign of the page; one statement."""
    mine = Invitation.objects.visible_to(request.user).filter(campaign__in=[row.pk for row in campaigns])
    counted: dict[int, dict[str, int]] = {}
    for pk, status, count in mine.order_by().values_list("campaign", "status").annotate(Count("pk")):
        counted.setdefault(pk, {})[status] = count
    for row in campaigns:
        found = counted.get(row.pk, {})
        row.asked_count = sum(found.values())
        row.answered_count = found.get(InvitationStatus.ANSWERED, 0)
