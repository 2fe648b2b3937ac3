"""Where people work: forms of employments, and the people of an account."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import get_account
from contacts import pages, services
from contacts.facts import last_contacts
from contacts.forms import EmploymentForm, EndForm, HandoverForm, MoveForm
from contacts.models import Employment
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel, requires
from users.models import User

SHOWN = 500


@require_GET
def account_panel(request: UserRequest, account_pk: int) -> HttpResponse:
    """The people of an account: who decides, how they think of us, who of us keeps the relationship."""
    account, today = get_account(request.user, account_pk), timezone.localdate()
    jobs = list(pages.seen_jobs(request.user).filter(account=account).select_related("contact", "owner")[:SHOWN])
    days = last_contacts({job.contact_id for job in jobs}, request.user, account.pk)
    for job in jobs:
        job.last_contact = days.get(job.contact_id)
    present = [job for job in jobs if job.is_current(today)]
    context = {
        "account": account,
        "present": sorted(present, key=lambda job: (-job.seniority, -(job.influence or 0), job.contact.name)),
        "past": [job for job in jobs if not job.is_current(today)],
        "active_tab": "people",
    }
    return render(request, panel(request, "contacts/account_panel.html"), context)


@require_http_methods(["GET", "POST"])
def employment_create(request: UserRequest, pk: int) -> HttpResponse:
    """One more account where the person works."""
    contact = pages.get_editable_contact(request.user, pk)
    form = EmploymentForm(request.POST or None, instance=Employment(contact=contact))
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        job = form.save(commit=False)
        try:
            pages.require_editable(request.user, job.account)
            services.add_employment(job, actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(job)s was saved.") % {"job": job})
            return redirect(contact)
    return render(request, "contacts/employment_form.html", {"form": form, "contact": contact})


@require_http_methods(["GET", "POST"])
def employment_update(request: UserRequest, pk: int) -> HttpResponse:
    """What somebody does at an account, and their part in decisions there."""
    job = pages.get_editable_job(request.user, pk)
    form = EmploymentForm(request.POST or None, instance=copy(job))
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_employment(form.save(commit=False), actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(job)s was saved.") % {"job": job})
            return redirect(job.contact)
    return render(request, "contacts/employment_form.html", {"form": form, "contact": job.contact, "job": job})


@require_http_methods(["GET", "POST"])
def employment_end(request: UserRequest, pk: int) -> HttpResponse:
    """Somebody leaves the account; the person stays."""
    job = pages.get_editable_job(request.user, pk)
    form = EndForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_employment(job, form.cleaned_data["last_day"], actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                _("%(contact)s has left %(account)s.") % {"contact": job.contact, "account": job.account.local_name},
            )
            return redirect(job.contact)
    return render(request, "contacts/employment_end.html", {"form": form, "contact": job.contact, "job": job})


@require_http_methods(["GET", "POST"])
def contact_move(request: UserRequest, pk: int) -> HttpResponse:
    """Somebody goes to another account: the employment `pk` ends, a new one begins."""
    job = pages.get_editable_job(request.user, pk)
    form = MoveForm(request.POST or None, instance=Employment(contact=job.contact))
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        new_job = form.save(commit=False)
        try:
            pages.require_editable(request.user, new_job.account)
            services.move_contact(job, new_job, actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                _("%(contact)s now works at %(account)s.")
                % {"contact": job.contact, "account": new_job.account.local_name},
            )
            return redirect(job.contact)
    return render(request, "contacts/employment_move.html", {"form": form, "contact": job.contact, "job": job})


@require_http_methods(["GET", "POST"])
@requires("leads")
def relationship_handover(request: UserRequest, pk: int) -> HttpResponse:
    """All relationships that the user `pk` keeps go to somebody else, as far as the leader sees them."""
    owner = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    kept = (
        Employment.objects.editable_by(request.user)
        .current(timezone.localdate())
        .filter(owner=pk, contact__erased=False)
    )
    form = HandoverForm(request.POST or None)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            ids = list(kept.values_list("pk", flat=True))
            count = services.hand_over_relationships(ids, form.cleaned_data["owner"], actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Relationships handed over: %(count)d.") % {"count": count})
            return redirect("contacts:contact_list")
    context = {"form": form, "owner": owner, "count": kept.count()}
    return render(request, "contacts/relationship_handover.html", context)
