"""Drafts: a new contract, and what is changed of one before it is submitted."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Account
from contracts import pages, services
from contracts.choices import VersionStatus
from contracts.forms.contracts import AccountForm, DetailsForm
from contracts.forms.drafts import DraftForms, our_party
from contracts.models import Contract, ContractVersion
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest


@require_http_methods(["GET", "POST"])
def contract_create(request: UserRequest) -> HttpResponse:
    """A new draft: the account first where it is not in the address, then the rest."""
    account = _asked_account(request)
    if account is None:
        chooser = AccountForm(request.GET if request.GET.get("account") else None)
        scope_form(chooser, request.user)
        return render(request, "contracts/contract_account.html", {"form": chooser})
    contract, version = _first(request, account)
    forms = DraftForms(contract, version, request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and not forms.is_reshaped and forms.is_valid():
        saved = _save(request, forms)
        if saved is not None:
            return redirect(saved)
    return render(request, "contracts/contract_form.html", {"forms": forms, "account": account})


@require_http_methods(["GET", "POST"])
def contract_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a draft; of a contract without one only what no version holds."""
    contract = pages.get_editable_contract(request.user, pk)
    version = contract.versions.filter(status=VersionStatus.DRAFT).first()
    if version is None:
        return _details(request, contract)
    version.contract = contract
    forms = DraftForms(contract, version, request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and not forms.is_reshaped and forms.is_valid():
        saved = _save(request, forms)
        if saved is not None:
            return redirect(saved)
    context = {"forms": forms, "account": contract.account, "contract": contract, "version": version}
    return render(request, "contracts/contract_form.html", context)


def _details(request: UserRequest, contract: Contract) -> HttpResponse:
    form = DetailsForm(request.POST or None, instance=copy(contract))
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.update_details(form.save(commit=False), actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(contract)s was saved.") % {"contract": saved})
            return redirect(saved)
    context = {"form": form, "contract": contract, "at_work": services.version_at_work(contract)}
    return render(request, "contracts/contract_details_form.html", context)


def _save(request: UserRequest, forms: DraftForms) -> Contract | None:
    """Write the draft; None where it is refused, which the forms then say."""
    contract, version = forms.contract(), forms.draft()
    try:
        if contract.pk is None:
            contract = services.draft_contract(
                contract, version, forms.parts(), actor=request.user, today=timezone.localdate()
            )
        else:
            version = services.update_draft(contract, version, forms.parts(), actor=request.user)
    except (DomainError, ValidationError) as error:
        forms.add_error(error)
        return None
    messages.success(request, _("%(contract)s was saved.") % {"contract": contract})
    for warning in version.warnings:
        messages.warning(request, warning)
    return contract


def _first(request: UserRequest, account: Account) -> tuple[Contract, ContractVersion]:
    """What a new draft begins with: the parties, the manager, a year from today."""
    contract = Contract(
        account=account,
        our_party=our_party(),
        customer_party=account.name,
        currency=account.annual_purchase_currency or "CNY",
        owner=account.manager if request.user.leads and account.manager else request.user,
    )
    return contract, ContractVersion(number=1)


def _asked_account(request: UserRequest) -> Account | None:
    """The account that the address names by its number or its code. Raises Http404 or PermissionDenied."""
    text = request.GET.get("account", "").strip()
    rows = Account.objects.visible_to(request.user).select_related("manager")
    account = None
    if text.isascii() and text.isdigit() and len(text) < 19:
        account = rows.filter(pk=int(text)).first()
        if account is None and not rows.filter(code=text).exists():
            raise Http404
    if account is None and text and "\x00" not in text:
        account = rows.filter(code=text[:80]).first()
    if account is not None and not Account.objects.editable_by(request.user).filter(pk=account.pk).exists():
        raise PermissionDenied(_("You may read this account but not change it."))
    return account
