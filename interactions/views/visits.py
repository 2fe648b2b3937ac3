"""Visits: the list, one visit, and the forms that plan, move, complete and cancel."""

from __future__ import annotations

import datetime as dt
from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.dateparse import parse_date
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, back_to, panel
from core.paging import Sort, bounded_count, keyset_page
from interactions import ical, services, timetable
from interactions.filters import VISIT_DEFAULT_SORT, VISIT_SORTS, VisitListFilter
from interactions.forms.visits import AccountChoiceForm, CancelForm, MoveForm, VisitDetailsForm, VisitForm
from interactions.free_days import free_days, next_free_day
from interactions.models import Visit
from users.models import User

ENTRIES_SHOWN = 20
FREE_DAYS_SHOWN = 4


def visible_visit(user: User, pk: int) -> Visit:
    """The visit with what its page shows. Raises Http404 unless `user` sees it; `may_edit` tells the right."""
    editable = Visit.objects.editable_by(user).filter(pk=OuterRef("pk"))
    rows = Visit.objects.visible_to(user).annotate(may_edit=Exists(editable))
    visit = rows.select_related("account__summary", "owner", "closed_by", "interaction").filter(pk=pk).first()
    if visit is None:
        raise Http404
    visit.state = timetable.state_of(visit, timezone.localdate())
    return visit


def editable_visit(user: User, pk: int) -> Visit:
    """As `visible_visit`; raises PermissionDenied where the user may read the account but not change it."""
    visit = visible_visit(user, pk)
    if not visit.may_edit:
        raise PermissionDenied(_("You may read this account but not change it."))
    return visit


@require_GET
def visit_list(request: UserRequest) -> HttpResponse:
    """The visits to accounts that the user sees: what is to be done, the oldest first, unless asked otherwise."""
    rows = Visit.objects.visible_to(request.user).select_related("account", "owner")
    visits = VisitListFilter(request.GET, queryset=rows)
    scope_form(visits.form, request.user)
    default = f"-{VISIT_DEFAULT_SORT}" if visits.looks_back else VISIT_DEFAULT_SORT
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), VISIT_SORTS, default)
    page = keyset_page(visits.qs, sort, request.GET.get("cursor"))
    for visit in page:
        visit.state = timetable.state_of(visit, timezone.localdate())
    context = {"filter": visits, "page": page, "count": bounded_count(visits.qs), "sort_key": sort_key}
    return render(request, panel(request, "interactions/visit_list.html", "rows"), context)


@require_GET
def visit_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Why this visit, with whom, what became of it."""
    visit = visible_visit(request.user, pk)
    context = {
        "visit": visit,
        "contacts": list(visit.contacts.visible_to(request.user).order_by("name", "pk")),
        "entries": AuditEntry.objects.of(visit).with_names(request.user)[:ENTRIES_SHOWN],
        "days_late": (visit.planned_date - visit.due_date).days if visit.due_date else 0,
        "is_open": timetable.is_open(visit),
        "today": timezone.localdate(),
        "other_zone": visit.owner.time_zone if visit.owner.time_zone != request.user.time_zone else "",
    }
    return render(request, "interactions/visit_detail.html", context)


@require_http_methods(["GET", "POST"])
def visit_create(request: UserRequest) -> HttpResponse:
    """Plan a visit by hand: the account first where it is not in the address, then the rest."""
    account = _asked_account(request)
    if account is None:
        chooser = AccountChoiceForm(request.GET if request.GET.get("account") else None)
        scope_form(chooser, request.user)
        return render(request, "interactions/visit_account.html", {"form": chooser})
    form = _visit_form(request, account)
    context = {"form": form, "account": account, "next": request.POST.get("next", request.GET.get("next", ""))}
    if request.method == "POST" and form.is_valid():
        visit, contacts = form.save(commit=False), form.cleaned_data.get("contacts", ())
        context["warnings"] = _warnings(form, visit.owner, account)
        if not context["warnings"]:
            try:
                visit = services.plan_visit(visit, contacts=contacts, actor=request.user, today=timezone.localdate())
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, _("The visit on %(date)s was planned.") % {"date": _day(visit.planned_date)})
                return back_to(request, visit)
    return render(request, "interactions/visit_form.html", context)


@require_http_methods(["GET", "POST"])
def visit_update(request: UserRequest, pk: int) -> HttpResponse:
    """What for, at what time, for how long and with whom; another day or person is a move."""
    visit = editable_visit(request.user, pk)
    form = VisitDetailsForm(request.POST or None, instance=copy(visit), account=visit.account)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        changed, contacts = form.save(commit=False), form.cleaned_data.get("contacts")
        try:
            services.update_visit(changed, contacts=contacts, actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("The visit was saved."))
            return back_to(request, visit)
    return render(request, "interactions/visit_update.html", {"form": form, "visit": visit})


@require_http_methods(["GET", "POST"])
def visit_move(request: UserRequest, pk: int) -> HttpResponse:
    """Another day, time or person; a visit moved by hand stays where it was put."""
    visit, today = editable_visit(request.user, pk), timezone.localdate()
    form = MoveForm(request.POST) if request.method == "POST" else MoveForm.of(visit, _wished(request))
    scope_form(form, request.user)
    context = {"form": form, "visit": visit, "next": request.POST.get("next", request.GET.get("next", ""))}
    if request.method == "POST" and form.is_valid():
        day, owner = form.cleaned_data["planned_date"], form.cleaned_data["owner"]
        context["warnings"] = _warnings(form, owner, visit.account, visit)
        if not context["warnings"]:
            try:
                services.move_visit(
                    visit, day, start_time=form.cleaned_data["start_time"], owner=owner, actor=request.user, today=today
                )
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, _("The visit was moved to %(date)s.") % {"date": _day(day)})
                return back_to(request, visit)
    if request.method == "GET":
        context["free"] = free_days(visit.owner, visit.account, today, FREE_DAYS_SHOWN)
    return render(request, "interactions/visit_move.html", context)


@require_http_methods(["GET", "POST"])
def visit_cancel(request: UserRequest, pk: int) -> HttpResponse:
    """Cancel a visit, with a reason."""
    visit = editable_visit(request.user, pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel_visit(visit, form.cleaned_data["reason"], actor=request.user, now=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("The visit on %(date)s was cancelled.") % {"date": _day(visit.planned_date)})
            return back_to(request, visit)
    context = {"form": form, "visit": visit, "next": request.POST.get("next", request.GET.get("next", ""))}
    return render(request, "interactions/visit_cancel.html", context)


@require_POST
def visit_complete(request: UserRequest, pk: int) -> HttpResponse:
    """Done, without notes; who wants to write some logs the interaction instead."""
    visit = editable_visit(request.user, pk)
    try:
        following = services.complete_visit(visit, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        day = following.planned_date if isinstance(following, Visit) else following
        text = _("The visit is done.")
        messages.success(request, f"{text} {_proposed(day)}" if day else text)
    return back_to(request, visit)


@require_GET
def visit_invitation(request: UserRequest, pk: int) -> HttpResponse:
    """The visit as a file for calendars, to be sent to the customer's people; a cancelled one takes it back."""
    visit = visible_visit(request.user, pk)
    contacts = visit.contacts.visible_to(request.user).filter(no_email=False).order_by("pk")
    response = HttpResponse(ical.invitation(visit, contacts), content_type="text/calendar; charset=utf-8")
    name = slugify(visit.account.name_en) or slugify(visit.account.code) or "visit"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{visit.planned_date:%Y%m%d}.ics"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _visit_form(request: UserRequest, account: Account) -> VisitForm:
    """What was typed; or a visit on the next free day, by who opens the page or by the account manager."""
    if request.method == "POST":
        form = VisitForm(request.POST, account=account, instance=Visit(account=account))
    else:
        owner = account.manager if request.user.leads and account.manager else request.user
        day = _wished(request) or next_free_day(owner, account, timezone.localdate())
        form = VisitForm(initial={"planned_date": day, "owner": owner.pk}, account=account)
    scope_form(form, request.user)
    return form


def _parsed(text: str) -> dt.date | None:
    """The ISO date, or None for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _wished(request: UserRequest) -> dt.date | None:
    return _parsed(request.GET.get("date", ""))


def _asked_account(request: UserRequest) -> Account | None:
    """The account that the address names by its number or its code. Raises Http404 or PermissionDenied."""
    text = request.GET.get("account", "").strip()
    rows = Account.objects.visible_to(request.user).with_list_columns()
    if text.isascii() and text.isdigit() and len(text) < 19:
        account = rows.filter(pk=int(text)).first()
        if account is None and not rows.filter(code=text).exists():
            raise Http404
    else:
        account = None
    if account is None and text and "\x00" not in text:
        account = rows.filter(code=text[:80]).first()
    if account is not None and not Account.objects.editable_by(request.user).filter(pk=account.pk).exists():
        raise PermissionDenied(_("You may read this account but not change it."))
    return account


def _warnings(form: Any, owner: User, account: Account, visit: Visit | None = None) -> list[str]:
    """What speaks against this day for this person, unless it was confirmed for both."""
    if form.is_confirmed:
        return []
    day = form.cleaned_data["planned_date"]
    return [str(text) for text in services.warnings_for(owner, account, day, visit=visit)]


def _day(day: dt.date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def _proposed(day: dt.date) -> str:
    return _("The next one is proposed for %(date)s.") % {"date": _day(day)}
