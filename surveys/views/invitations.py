"""Invitations of a campaign: the list, the link to hand over, what came back, what is sent once more."""

from __future__ import annotations

from typing import Any

import segno
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, back_to, is_fragment, panel
from core.paging import Sort, bounded_count, keyset_page
from surveys.choices import OPEN_INVITATIONS
from surveys.filters.campaigns import INVITATION_DEFAULT_SORT, INVITATION_SORTS, InvitationListFilter
from surveys.filters.clients import InvitationFilter
from surveys.forms.campaigns import BounceForm
from surveys.links import answer_url
from surveys.models import Invitation, SurveyMail
from surveys.services import invitations as services
from surveys.services import reminders
from surveys.views.campaigns import get_campaign

QR_SCALE = 6


@require_GET
def campaign_invitations(request: UserRequest, pk: int) -> HttpResponse:
    """Who was asked by a campaign, of the accounts that the user sees."""
    campaign = get_campaign(request, pk)
    mine = Invitation.objects.visible_to(request.user).filter(campaign=campaign)
    found = InvitationListFilter(request.GET, queryset=mine)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), INVITATION_SORTS, INVITATION_DEFAULT_SORT)
    mails = SurveyMail.objects.visible_to(request.user).order_by("pk")
    rows = found.qs.select_related("account", "contact", "manager").prefetch_related(
        Prefetch("mails", mails, to_attr="all_mails")
    )
    page = keyset_page(rows, sort, request.GET.get("cursor"))
    _say_what_may_be_done(request, page.rows)
    context = {
        "campaign": campaign, "filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key,
        "is_fragment": is_fragment(request), "is_filtered": any(request.GET.get(name) for name in found.filters),
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, panel(request, "surveys/campaign_invitations.html", "rows"), context)


@require_GET
def invitation_list(request: UserRequest) -> HttpResponse:
    """Who was asked by any campaign, of the accounts that the user sees."""
    mine = Invitation.objects.visible_to(request.user).defer("campaign__definition", "campaign__texts")
    found = InvitationFilter(request.GET, queryset=mine.select_related("account", "contact", "campaign"))
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), INVITATION_SORTS, INVITATION_DEFAULT_SORT)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    context = {"filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key}
    return render(request, panel(request, "surveys/invitation_list.html", "rows"), context)


@require_http_methods(["GET", "POST"])
def invitation_link(request: UserRequest, pk: int) -> HttpResponse:
    """The link and its QR code, to be handed over by whoever may change the account; shown on request, and recorded."""
    invitation = _get(request, pk)
    context: dict[str, Any] = {"invitation": invitation, "campaign": invitation.campaign}
    if request.method == "POST":
        try:
            services.hand_over_link(invitation, actor=request.user, today=timezone.localdate())
        except DomainError as error:
            context["error"] = str(error)
        else:
            url = answer_url(invitation.seed)
            code = segno.make(url, error="m")
            context |= {"url": url, "qr": code.svg_data_uri(scale=QR_SCALE, border=2, svgclass=None, lineclass=None)}
    return render(request, "surveys/invitation_link.html", context)


@require_http_methods(["GET", "POST"])
def invitation_bounce(request: UserRequest, pk: int) -> HttpResponse:
    """Note that its mail came back."""
    invitation = _get(request, pk)
    form = BounceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.mark_bounced(invitation, error=form.cleaned_data["error"], actor=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("Noted: the mail came back. Correct the contact's address, then send it again.")
            )
        return redirect("surveys:campaign_invitations", invitation.campaign_id)
    context = {"invitation": invitation, "campaign": invitation.campaign, "form": form}
    return render(request, "surveys/invitation_bounce.html", context)


@require_POST
def mail_again(request: UserRequest, pk: int) -> HttpResponse:
    """Send a mail once more."""
    rows = SurveyMail.objects.editable_by(request.user).select_related("invitation")
    mail = get_object_or_404(rows, pk=pk)
    try:
        reminders.send_again(mail, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The mail is in the outbox again."))
    return back_to(request, mail.invitation.campaign)


def _get(request: UserRequest, pk: int) -> Invitation:
    rows = Invitation.objects.editable_by(request.user).select_related("campaign", "account", "contact")
    return get_object_or_404(rows, pk=pk)


def _say_what_may_be_done(request: UserRequest, rows: list[Any]) -> None:
    """On each row: whether the user may act on it, and on which mail."""
    accounts = {row.account_id for row in rows}
    mine = set(Account.objects.editable_by(request.user).filter(pk__in=accounts).values_list("pk", flat=True))
    today = timezone.localdate()
    for row in rows:
        row.may_edit = row.account_id in mine
        row.is_open = row.status in OPEN_INVITATIONS and row.expires_on >= today
        row.uncertain = next((mail for mail in row.all_mails if mail.status == "uncertain"), None)
        address = row.contact.email if row.contact else ""
        corrected = address and address != row.email
        row.again = row.uncertain or next(
            (mail for mail in row.all_mails if mail.status == "bounced" and corrected), None
        )
