"""Logging an interaction on one screen, as a page and as the dialog of every page; changing one."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import pages
from accounts.filters import AccountFilter
from accounts.models import Account
from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, is_fragment
from interactions import suggestions
from interactions.choices import Kind
from interactions.forms.log import OTHER_DAY, STEP_PREFIX, LogForm, NextVisitForm, StartForm, StepFormSet
from interactions.models import Interaction, Visit
from interactions.services.amend import amend_interaction
from interactions.services.log import log_interaction
from interactions.services.visits import move_visit, plan_visit
from interactions.services.workload import warnings_for
from interactions.views.logform import log_context

FOUND = 8
# Where the form says what a service finds wrong.
FIELD_OF = {"occurred_at": "day", "check_in": "consent"}


@require_http_methods(["GET", "POST"])
def interaction_log(request: UserRequest) -> HttpResponse:
    """The form; its answer offers the next visit. `?account=&contact=&visit=&kind=` say what is known already."""
    start = _start(request)
    if request.method == "GET":
        form = LogForm(user=request.user, initial=_initial(start))
        scope_form(form, request.user)
        return _show(request, form, _steps(request), start)
    form = LogForm(request.POST, request.FILES, user=request.user)
    scope_form(form, request.user)
    steps = _steps(request)
    if form.is_valid() & steps.is_valid():
        interaction = _log(request, form, steps)
        if interaction is not None:
            return _done(request, interaction)
    return _show(request, form, steps, start, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_http_methods(["GET", "POST"])
def interaction_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change what was logged; new next steps and files are added."""
    interaction = get_object_or_404(
        Interaction.objects.visible_to(request.user).select_related("account", "author"), pk=pk
    )
    pages.require_editable(request.user, interaction.account_id)
    form = LogForm(request.POST or None, request.FILES or None, user=request.user, interaction=interaction)
    scope_form(form, request.user)
    steps = _steps(request)
    if request.method == "POST" and form.is_valid() & steps.is_valid() and _update(request, form, steps, interaction):
        messages.success(request, _("The interaction was saved."))
        return redirect("interactions:interaction_detail", pk)
    context = log_context(request.user, form, steps, interaction.account, None, timezone.localdate())
    return render(request, "interactions/log_update.html", {**context, "interaction": interaction})


@require_GET
def log_account(request: UserRequest) -> HttpResponse:
    """The part of the form about account and people, for the account or visit that was chosen."""
    start = _start(request)
    form = LogForm(user=request.user, initial=_initial(start))
    scope_form(form, request.user)
    if not is_fragment(request):
        return redirect(f"{reverse('interactions:interaction_log')}?{request.GET.urlencode()}")
    context = log_context(request.user, form, None, start["account"], start["visit"], timezone.localdate())
    return render(request, "interactions/log_form.html#who", context)


@require_GET
def log_search(request: UserRequest) -> HttpResponse:
    """Accounts to choose from: what matches `account` among those that the user may change."""
    text = request.GET.get("account", "").strip()
    found = AccountFilter({"q": text}, queryset=Account.objects.editable_by(request.user)).qs[:FOUND] if text else []
    return render(request, "interactions/log_form.html#found", {"found": found, "text": text})


@require_POST
def log_next(request: UserRequest) -> HttpResponse:
    """Accept or move the next visit that was offered after logging, or plan one."""
    form = NextVisitForm(request.POST)
    scope_form(form, request.user)
    if not form.is_valid():
        errors = [text for texts in form.errors.values() for text in texts]
        return _next(request, {"errors": errors, "account": form.cleaned_data.get("account")})
    account, visit, day = (form.cleaned_data[name] for name in ("account", "visit", "planned_date"))
    pages.require_editable(request.user, account.pk)
    try:
        visit = _settle(request, account, visit, day)
    except (DomainError, ValidationError) as error:
        errors = [str(text) for text in getattr(error, "messages", [error])]
        return _next(request, {"errors": errors, "account": account, "next_visit": visit, "next_date": day})
    warnings = warnings_for(visit.owner, account, visit.planned_date, visit=visit)
    return _next(request, {"next_done": True, "next_visit": visit, "warnings": warnings})


def _settle(request: UserRequest, account: Account, visit: Visit | None, day: dt.date) -> Visit:
    today = timezone.localdate()
    if visit is not None and visit.account_id == account.pk:
        return move_visit(visit, day, visit.start_time, actor=request.user, today=today)
    new = Visit(account=account, owner=request.user, planned_date=day)
    return plan_visit(new, actor=request.user, today=today)


def _next(request: UserRequest, context: dict[str, Any]) -> HttpResponse:
    """The fragment; a page without JavaScript goes on to the visits with a message."""
    if is_fragment(request):
        return render(request, "interactions/log_next.html", context)
    for error in context.get("errors", ()):
        messages.error(request, error)
    if context.get("next_done"):
        messages.success(
            request,
            _("The next visit is on %(date)s.") % {"date": formats.date_format(context["next_visit"].planned_date)},
        )
    return redirect("interactions:interaction_log")


def _steps(request: HttpRequest) -> Any:
    data = request.POST if f"{STEP_PREFIX}-TOTAL_FORMS" in request.POST else None
    return StepFormSet(data, prefix=STEP_PREFIX)


def _start(request: UserRequest) -> dict[str, Any]:
    """What the address names, as far as the user may write about it."""
    form = StartForm(request.GET)
    scope_form(form, request.user)
    form.is_valid()
    said = {name: form.cleaned_data.get(name) for name in ("account", "contact", "visit", "kind")}
    if said["visit"] is not None:
        said["account"] = said["visit"].account
    elif said["account"] is None and said["contact"] is not None:
        jobs = suggestions.employers(said["contact"], request.user, timezone.localdate())
        said["account"] = jobs[0] if len(jobs) == 1 else None
    account = said["account"]
    if account is not None and not Account.objects.editable_by(request.user).filter(pk=account.pk).exists():
        messages.warning(request, _("You may read %(account)s but not change it.") % {"account": account})
        said["account"] = said["visit"] = None
    return said


def _initial(start: dict[str, Any]) -> dict[str, Any]:
    """The first values of the form."""
    account, visit = start["account"], start["visit"]
    initial: dict[str, Any] = {"kind": start["kind"] or "", "account": account and account.code}
    if start["contact"] is not None:
        initial["contacts"] = [start["contact"].pk]
    if visit is not None:
        people = visit.contacts.values_list("pk", flat=True)
        initial |= {"kind": Kind.VISIT, "visit": visit.pk, "contacts": list(people)}
        if visit.planned_date < timezone.localdate():
            initial |= {"when": OTHER_DAY, "day": visit.planned_date, "time": visit.start_time}
    return initial


def _log(request: UserRequest, form: LogForm, steps: Any) -> Interaction | None:
    """The saved row, or None with the reason on the form."""
    now, data = timezone.now(), form.cleaned_data
    try:
        return log_interaction(
            form.fill(Interaction(), now),
            actor=request.user,
            now=now,
            contacts=data["contacts"],
            colleagues=data["colleagues"],
            topics=data["topics"],
            steps=_rows(steps, request, form.moment(now)),
            visit=data["visit"],
            files=data["files"],
            photo=data["photo"],
            check_in=form.check_in(now),
        )
    except (DomainError, ValidationError) as error:
        _explain(form, steps, error)
    return None


def _update(request: UserRequest, form: LogForm, steps: Any, interaction: Interaction) -> bool:
    """Whether it was saved; if not, the form says why."""
    now, data = timezone.now(), form.cleaned_data
    try:
        amend_interaction(
            form.fill(interaction, now),
            actor=request.user,
            now=now,
            contacts=data["contacts"],
            colleagues=data["colleagues"],
            topics=data["topics"],
            steps=_rows(steps, request, now),
            files=data["files"],
        )
    except (DomainError, ValidationError) as error:
        _explain(form, steps, error)
        return False
    return True


def _rows(steps: Any, request: UserRequest, moment: dt.datetime) -> list[Any]:
    """The unsaved steps, due from the later of the day it happened and today."""
    today = max(timezone.localdate(), timezone.localdate(moment))
    return [row for step in steps if (row := step.step(request.user, today)) is not None]


def _explain(form: LogForm, steps: Any, error: DomainError | ValidationError) -> None:
    """Put a refusal beside what it is about; everything that was typed stays."""
    parts: dict[Any, list[str]]
    if isinstance(error, ValidationError):
        parts = error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
    else:
        parts = {error.field: [str(error)]}
    for name, texts in parts.items():
        if name and name.startswith("next_steps."):
            _number, field = name.split(".")[1:]
            filled = [step for step in steps if step.cleaned_data.get("text")]
            filled[int(_number)].add_error(field, texts)
            continue
        name = FIELD_OF.get(name or "", name)
        form.add_error(name if name in form.fields else None, texts)


def _show(
    request: UserRequest, form: LogForm, steps: Any, start: dict[str, Any], status: int = HTTPStatus.OK
) -> HttpResponse:
    account, visit = start["account"], start["visit"]
    if form.is_bound:
        account, visit = form.cleaned_data.get("account"), form.cleaned_data.get("visit")
    context = log_context(request.user, form, steps, account, visit, timezone.localdate())
    template = "interactions/log_form.html#form" if is_fragment(request) else "interactions/log.html"
    return render(request, template, context, status=status if is_fragment(request) else HTTPStatus.OK)


def _done(request: UserRequest, interaction: Interaction) -> HttpResponse:
    """What was saved, and the next visit; without JavaScript the way to it."""
    silent = getattr(interaction, "not_notified", ())
    if silent:
        names = ", ".join(str(user) for user in silent)
        messages.warning(request, _("Not told, for they do not see this account: %(names)s.") % {"names": names})
    if not is_fragment(request):
        messages.success(request, _("%(what)s was logged.") % {"what": interaction})
        return redirect(interaction)
    following = suggestions.next_visit(interaction.account, request.user, timezone.localdate())
    proposal = getattr(interaction, "proposal", None)
    context = {
        "interaction": interaction,
        "account": interaction.account,
        "steps": interaction.next_steps.visible_to(request.user).select_related("owner"),
        "next_visit": following,
        "next_date": following.planned_date if following else proposal if isinstance(proposal, dt.date) else None,
    }
    return render(request, "interactions/log_done.html", context, status=HTTPStatus.CREATED)
