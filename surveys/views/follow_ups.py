"""Follow-ups: the list, the page of one, and what is done there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import pages
from accounts.models import Account
from audit.models import AuditEntry
from contacts.models import Contact, Employment
from core.agenda import link
from core.errors import Conflict, DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from interactions.choices import Kind
from interactions.models import Interaction
from surveys.choices import FollowUpKind, FollowUpStatus
from surveys.filters.follow_ups import FOLLOW_UP_DEFAULT_SORT, FOLLOW_UP_SORTS, FollowUpListFilter
from surveys.forms.follow_ups import ContactForm, FindingsForm, ReopenForm
from surveys.models import FollowUp
from surveys.reasons import said, with_reasons
from surveys.services import follow_ups as services

ENTRIES_SHOWN, OTHERS_SHOWN = 30, 5


@require_GET
def follow_up_list(request: UserRequest) -> HttpResponse:
    """What somebody has to act on, the earliest deadline first."""
    rows = FollowUp.objects.visible_to(request.user).select_related("account", "campaign", "owner")
    rows = rows.defer("campaign__definition", "campaign__texts").prefetch_related("reasons").order_by()
    found = FollowUpListFilter(request.GET, queryset=rows, request=request)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), FOLLOW_UP_SORTS, FOLLOW_UP_DEFAULT_SORT)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    page.rows = with_reasons(page.rows)
    context = {
        "filter": found,
        "page": page,
        "count": bounded_count(found.qs),
        "sort_key": sort_key,
        "now": timezone.now(),
    }
    return render(request, panel(request, "surveys/follow_up_list.html", "rows"), context)


@require_GET
def follow_up_detail(request: UserRequest, pk: int) -> HttpResponse:
    """What was answered, what is to be done, what was done."""
    return _page(request, _follow_up(request, pk))


@require_POST
def follow_up_contact(request: UserRequest, pk: int) -> HttpResponse:
    """The customer was contacted."""
    follow_up, now = _editable(request, pk), timezone.now()
    form = _contact_form(request, follow_up, request.POST)

    def act() -> None:
        services.log_contact(follow_up, form.filled(now), contacts=form.chosen, actor=request.user, now=now)
        if follow_up.status == FollowUpStatus.CONTACTED:
            messages.success(request, _("The contact is logged."))
        else:
            messages.success(request, _("The try is logged; the customer is still to be reached."))

    return _do(request, follow_up, form, act, contact=form)


@require_POST
def follow_up_close(request: UserRequest, pk: int) -> HttpResponse:
    """Keep what was found out (`keep`), or close the loop."""
    follow_up, now = _editable(request, pk), timezone.now()
    form = FindingsForm(request.POST, follow_up=follow_up)

    def act() -> None:
        if "keep" in request.POST:
            services.save_findings(follow_up, form.findings(), actor=request.user)
            messages.success(request, _("Saved. The follow-up stays open."))
        else:
            services.close(follow_up, form.findings(), actor=request.user, now=now)
            messages.success(request, _("The loop is closed."))

    return _do(request, follow_up, form, act, findings=form)


@require_POST
def follow_up_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """It was not settled after all."""
    follow_up, form = _editable(request, pk), ReopenForm(request.POST)

    def act() -> None:
        services.reopen(follow_up, form.cleaned_data["reason"], actor=request.user, now=timezone.now())
        messages.success(request, _("The follow-up is open again, with a new deadline."))

    return _do(request, follow_up, form, act, reopen=form)


def _do(request: UserRequest, follow_up: FollowUp, form: Any, act: Callable[[], None], **forms: Any) -> HttpResponse:
    """Do it, or show the page with what was typed and why not."""
    if form.is_valid():
        try:
            act()
        except Conflict as error:  # the page has no such form any more
            messages.error(request, str(error))
            return redirect(follow_up)
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect(follow_up)
    return _page(request, _follow_up(request, follow_up.pk), **forms)


def _follow_up(request: UserRequest, pk: int) -> FollowUp:
    rows = FollowUp.objects.visible_to(request.user).select_related(
        "account__manager", "campaign", "owner", "interaction", "closed_by"
    )
    return get_object_or_404(rows.defer("campaign__definition", "campaign__texts"), pk=pk)


def _editable(request: UserRequest, pk: int) -> FollowUp:
    """Raises Http404, and PermissionDenied where the user may only read."""
    follow_up = _follow_up(request, pk)
    pages.require_editable(request.user, follow_up.account_id)
    return follow_up


def _contact_form(
    request: UserRequest, follow_up: FollowUp, data: Any = None, answered: Iterable[int] = ()
) -> ContactForm:
    """The people at the account now, who answered ticked; what was logged since the answer came."""
    since = follow_up.opened_at.replace(second=0, microsecond=0)
    logged = Interaction.objects.visible_to(request.user).filter(account=follow_up.account, occurred_at__gte=since)
    logged = logged.exclude(kind=Kind.NOTE).order_by("-occurred_at", "-pk")
    jobs = Employment.objects.visible_to(request.user).current(timezone.localdate()).filter(account=follow_up.account)
    people = Contact.objects.visible_to(request.user).filter(pk__in=jobs.order_by().values("contact"), erased=False)
    people = people.order_by("name", "pk")
    form = ContactForm(data, follow_up=follow_up, logged=logged, people=people, initial={"contacts": sorted(answered)})
    scope_form(form, request.user)
    return form


def _page(
    request: UserRequest,
    follow_up: FollowUp,
    contact: ContactForm | None = None,
    findings: FindingsForm | None = None,
    reopen: ReopenForm | None = None,
) -> HttpResponse:
    now, account = timezone.now(), follow_up.account
    others = FollowUp.objects.visible_to(request.user).filter(account=account).exclude(pk=follow_up.pk)
    others = others.select_related("campaign").defer("campaign__definition", "campaign__texts")
    is_open = follow_up.status != FollowUpStatus.CLOSED
    answers = said(follow_up)
    answered = {answer.response.contact_id for answer in answers if answer.response.contact_id}
    context = {
        "follow_up": follow_up,
        "account": account,
        "said": answers,
        "may_edit": Account.objects.editable_by(request.user).filter(pk=account.pk).exists(),
        "is_open": is_open,
        "is_recovery": follow_up.kind == FollowUpKind.RECOVERY,
        "is_late": is_open and follow_up.due_at < now,
        "unhappy": is_open and follow_up.kind == FollowUpKind.REFERENCE
        and others.unfinished().filter(kind=FollowUpKind.RECOVERY).first(),
        "others": others.order_by("-pk")[:OTHERS_SHOWN],
        "contact_form": contact or _contact_form(request, follow_up, answered=answered),
        "findings_form": findings or FindingsForm(follow_up=follow_up),
        "reopen_form": reopen or ReopenForm(),
        "log_url": link("interactions:interaction_log", account=account.pk),
        "entries": AuditEntry.objects.of(follow_up).with_names(request.user)[:ENTRIES_SHOWN],
        "now": now,
    }  # fmt: skip
    return render(request, "surveys/follow_up_detail.html", context)
