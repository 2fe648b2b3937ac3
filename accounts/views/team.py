"""Who is responsible for an account: the team page and its forms."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import pages, services
from accounts.forms import AssignForm, MemberForm
from accounts.models import Account, AccountMember
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel


@require_GET
def account_team(request: UserRequest, pk: int) -> HttpResponse:
    """The manager, the account team, what is missing, and who was manager before."""
    account = pages.get_account(request.user, pk)
    today = timezone.localdate()
    members = list(account.members.visible_to(request.user).select_related("user__team"))
    for member in members:
        member.expired = not member.is_current(today)
    context = {
        "account": account,
        "members": members,
        "assignments": account.assignments.visible_to(request.user).select_related("manager", "assigned_by"),
        "gaps": pages.gaps(account, members, today),
        "active_tab": "team",
    }
    return render(request, panel(request, "accounts/account_team.html"), context)


@require_http_methods(["GET", "POST"])
def account_assign(request: UserRequest, pk: int) -> HttpResponse:
    """A new primary manager, decided by a supervisor or above."""
    account = pages.get_editable_account(request.user, pk)
    if not request.user.leads:
        raise PermissionDenied(_("Only a supervisor or above decides who is responsible."))
    form = AssignForm(request.POST or None)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.assign_manager(account, **form.cleaned_data, actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                _("%(manager)s is now responsible for %(account)s.")
                % {"manager": form.cleaned_data["manager"], "account": account},
            )
            # Given to another team, the account may be out of the reader's sight.
            still_seen = Account.objects.visible_to(request.user).filter(pk=pk).exists()
            return redirect(*(("accounts:account_team", pk) if still_seen else ("accounts:account_list",)))
    return render(request, "accounts/assign_form.html", {"form": form, "account": account})


@require_http_methods(["GET", "POST"])
def member_create(request: UserRequest, pk: int) -> HttpResponse:
    """Put a person on the account team."""
    account = pages.get_editable_account(request.user, pk)
    form = MemberForm(request.POST or None, instance=AccountMember(account=account))
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_member(form.save(commit=False), actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("accounts:account_team", pk)
    return render(request, "accounts/member_form.html", {"form": form, "account": account})


@require_http_methods(["GET", "POST"])
def member_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change role, right or last day."""
    member = get_object_or_404(AccountMember.objects.visible_to(request.user), pk=pk)
    account = pages.get_editable_account(request.user, member.account_id)
    form = MemberForm(request.POST or None, instance=member)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_member(form.save(commit=False), actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("accounts:account_team", account.pk)
    return render(request, "accounts/member_form.html", {"form": form, "account": account, "member": member})


@require_POST
def member_remove(request: UserRequest, pk: int) -> HttpResponse:
    """Take a person off the account team."""
    member = get_object_or_404(AccountMember.objects.visible_to(request.user), pk=pk)
    account = pages.get_editable_account(request.user, member.account_id)
    services.remove_member(member, actor=request.user)
    messages.success(
        request, _("%(user)s is no longer on the team of %(account)s.") % {"user": member.user, "account": account}
    )
    return redirect("accounts:account_team", account.pk)
