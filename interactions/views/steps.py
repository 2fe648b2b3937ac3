"""Promises and next steps: the list of what is to be done, and what is done with it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import pages
from accounts.models import Account
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, is_fragment, panel
from core.paging import bounded_count, keyset_page
from interactions.filters.steps import StepListFilter
from interactions.forms.log import STEP_DAYS
from interactions.forms.steps import ReasonForm, StepForm, StepStartForm
from interactions.models import Interaction, NextStep
from interactions.services.steps import add_step, complete_step, drop_step, reopen_step, update_step
from interactions.timeline import with_excerpts

SHOWN_OF_ACCOUNT = 6
RECENT_OF_ACCOUNT = 3


@require_GET
def step_list(request: UserRequest) -> HttpResponse:
    """Mine and open, what is overdue first, unless the filters ask for something else."""
    steps = NextStep.objects.visible_to(request.user).select_related("account", "owner").order_by()
    found = StepListFilter(request.GET, queryset=steps, request=request)
    scope_form(found.form, request.user)
    page = keyset_page(found.qs, found.sort, request.GET.get("cursor"))
    _mark(page.rows, request)
    overdue = found.qs.overdue(timezone.localdate())
    context = {
        "filter": found,
        "page": page,
        "count": bounded_count(found.qs),
        "overdue": bounded_count(overdue),
        "today": timezone.localdate(),
    }
    return render(request, panel(request, "interactions/step_list.html", "rows"), context)


@require_GET
def account_steps(request: UserRequest, account_pk: int) -> HttpResponse:
    """What is open with one account: a part of its overview; as a page, the list."""
    account = pages.get_account(request.user, account_pk)
    if not is_fragment(request):
        return redirect(f"{reverse('interactions:step_list')}?account={account.pk}")
    steps = list(
        NextStep.objects.visible_to(request.user)
        .open()
        .filter(account=account)
        .select_related("owner")
        .order_by("due_date", "pk")[: SHOWN_OF_ACCOUNT + 1]
    )
    _mark(steps, request)
    context = {"account": account, "steps": steps[:SHOWN_OF_ACCOUNT], "more": len(steps) > SHOWN_OF_ACCOUNT}
    return render(request, "interactions/account_steps.html", context)


@require_GET
def account_recent(request: UserRequest, account_pk: int) -> HttpResponse:
    """The last interactions with one account: a part of its overview; as a page, the timeline."""
    account = pages.get_account(request.user, account_pk)
    if not is_fragment(request):
        return redirect("interactions:account_panel", account.pk)
    rows = Interaction.objects.visible_to(request.user).filter(account=account).select_related("author")
    rows = rows.with_excerpt().order_by("-occurred_at", "-pk")[:RECENT_OF_ACCOUNT]
    context = {"account": account, "rows": with_excerpts(list(rows))}
    return render(request, "interactions/account_recent.html", context)


@require_http_methods(["GET", "POST"])
def step_create(request: UserRequest) -> HttpResponse:
    """A new one; `?account=&interaction=` say what it is about."""
    start = StepStartForm(request.GET)
    scope_form(start, request.user)
    start.is_valid()
    interaction = start.cleaned_data.get("interaction")
    account = interaction.account if interaction else start.cleaned_data.get("account")
    initial = {
        "account": account and account.code,
        "interaction": interaction,
        "owner": request.user,
        "due_date": timezone.localdate() + dt.timedelta(days=STEP_DAYS),
    }
    form = StepForm(request.POST or None, user=request.user, initial=initial)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            step = add_step(form.save(commit=False), actor=request.user, now=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, _("“%(text)s” is on the list of %(owner)s.") % {"text": step.text, "owner": step.owner}
            )
            return redirect(_back(request))
    context = {"form": form, "account": account, "back": _back(request)}
    return render(request, "interactions/step_form.html", context)


@require_http_methods(["GET", "POST"])
def step_update(request: UserRequest, pk: int) -> HttpResponse:
    """Another text, owner or day."""
    step = _step(request, pk)
    form = StepForm(request.POST or None, instance=step, user=request.user)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            update_step(form.save(commit=False), actor=request.user, now=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("The step was saved."))
            return redirect(_back(request))
    context = {"form": form, "step": step, "account": step.account, "back": _back(request)}
    return render(request, "interactions/step_form.html", context)


@require_POST
def step_complete(request: UserRequest, pk: int) -> HttpResponse:
    """It is done; the answer can be undone."""
    step = _step(request, pk)
    complete_step(step, actor=request.user, now=timezone.now())
    messages.success(request, _("Done: %(text)s") % {"text": step.text}, extra_tags=_undo(step))
    return _answer(request, step)


@require_http_methods(["GET", "POST"])
def step_drop(request: UserRequest, pk: int) -> HttpResponse:
    """It will not be done, and why."""
    step = _step(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            drop_step(step, actor=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Dropped: %(text)s") % {"text": step.text}, extra_tags=_undo(step))
            return redirect(_back(request))
    context = {"form": form, "step": step, "account": step.account, "back": _back(request)}
    return render(request, "interactions/step_drop.html", context)


@require_POST
def step_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """It is to be done after all."""
    step = _step(request, pk)
    reopen_step(step, actor=request.user, now=timezone.now())
    messages.success(request, _("Open again: %(text)s") % {"text": step.text})
    return _answer(request, step)


def _step(request: UserRequest, pk: int) -> NextStep:
    """A step that the user may change: their own, or of an account that they may change."""
    steps = NextStep.objects.visible_to(request.user).select_related("account", "owner", "interaction")
    step = get_object_or_404(steps, pk=pk)
    if step.owner_id != request.user.pk:
        pages.require_editable(request.user, step.account_id)
    return step


def _mark(steps: list[NextStep], request: UserRequest) -> None:
    """For the templates: what is overdue, what the user may change, and whether they see its account."""
    today, accounts = timezone.localdate(), [step.account_id for step in steps]
    editable = set(Account.objects.editable_by(request.user).filter(pk__in=accounts).values_list("pk", flat=True))
    for step in steps:
        step.late = step.is_overdue(today)
        step.may_edit = step.account_id in editable or step.owner_id == request.user.pk


def _answer(request: UserRequest, step: NextStep) -> HttpResponse:
    """The row as it is now; as a page, back to where the button was."""
    if not is_fragment(request):
        return redirect(_back(request))
    _mark([step], request)
    return render(request, "interactions/step_list.html#row", {"step": step, "today": timezone.localdate()})


def _undo(step: NextStep) -> str:
    return f"undo:{reverse('interactions:step_reopen', args=[step.pk])}"


def _back(request: UserRequest) -> str:
    """Where the user came from, if that is a page of ours and no form about steps."""
    hosts = {request.get_host()}
    for address in (request.POST.get("next"), request.GET.get("next"), request.headers.get("Referer")):
        safe = address and url_has_allowed_host_and_scheme(address, allowed_hosts=hosts)
        if address and safe and request.path not in address:
            return address
    return reverse("interactions:step_list")
