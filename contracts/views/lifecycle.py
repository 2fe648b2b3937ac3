"""What is done with a contract: submitted, signed, amended, discarded, notice given, terminated, renewed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contracts import pages, services
from contracts.choices import Phase, VersionStatus
from contracts.errors import NoVersionAtWork, WrongPhase, WrongStatus
from contracts.forms.contracts import AmendForm, GiveNoticeForm, ReasonForm, SignForm, SubmitForm, TerminateForm
from contracts.models import Contract, ContractVersion
from contracts.services.drafts import warnings_of
from contracts.services.guards import require_none_at_work
from contracts.services.lifecycle import facts_of, open_amount_warning, rate_warning
from core.errors import DomainError
from core.forms import add_domain_error
from core.http import UserRequest

DRAFT, APPROVED = VersionStatus.DRAFT, VersionStatus.APPROVED
Act = Callable[[dict[str, Any]], tuple[Any, str]]
"""Does what a form asks for; gives what was written, with its `warnings`, and what to say about it."""


@require_http_methods(["GET", "POST"])
def contract_submit(request: UserRequest, pk: int) -> HttpResponse:
    """Ask for approval; where nobody has to agree, the draft is approved at once."""
    contract = pages.get_editable_contract(request.user, pk)
    version = _version(request, contract, DRAFT)
    if version is None:
        return redirect(contract)

    def submit(values: dict[str, Any]) -> tuple[Any, str]:
        services.submit_version(version, actor=request.user, now=timezone.now(), note=values["note"])
        if version.status == APPROVED:
            return version, _("No approval was needed: it can be signed.")
        return version, _("Submitted for approval.")

    warnings = warnings_of(version, list(version.instalments.values_list("amount", flat=True)))
    warnings += rate_warning(facts_of(version, timezone.localdate()))
    context = {"version": version, "warnings": warnings}
    return _lead(request, contract, SubmitForm(request.POST or None), "contracts/contract_submit.html", submit, context)


@require_http_methods(["GET", "POST"])
def contract_reopen(request: UserRequest, pk: int) -> HttpResponse:
    """Back to a draft, of what was approved and is not signed."""
    contract = pages.get_editable_contract(request.user, pk)
    version = _version(request, contract, APPROVED)
    if version is None:
        return redirect(contract)

    def reopen(values: dict[str, Any]) -> tuple[Any, str]:
        services.reopen_version(version, reason=values["reason"], actor=request.user)
        return version, _("It is a draft again and must be approved anew.")

    form = ReasonForm(request.POST or None)
    return _lead(request, contract, form, "contracts/contract_reopen.html", reopen, {"version": version})


@require_http_methods(["GET", "POST"])
def contract_sign(request: UserRequest, pk: int) -> HttpResponse:
    """Note that both sides signed; from then on the version never changes."""
    contract = pages.get_editable_contract(request.user, pk)
    version = _version(request, contract, APPROVED)
    if version is None:
        return redirect(contract)
    today = timezone.localdate()

    def sign(values: dict[str, Any]) -> tuple[Any, str]:
        signed_on = values["signed_on"]
        services.sign_version(version, signed_on=signed_on, actor=request.user, today=today, now=timezone.now())
        return version, _("%(version)s is signed.") % {"version": version}

    form = SignForm(request.POST or None, initial={"signed_on": today})
    context = {"version": version, "signatories": list(version.signatories.all())}
    return _lead(request, contract, form, "contracts/contract_sign.html", sign, context)


@require_http_methods(["GET", "POST"])
def contract_amend(request: UserRequest, pk: int) -> HttpResponse:
    """A draft with all that the signed version says, which is then changed on the page of drafts."""
    contract = pages.get_editable_contract(request.user, pk)
    if _is_other(request, contract, Phase.SIGNED):
        return redirect(contract)
    if request.method == "GET" and _is_at_work(request, contract):
        return redirect(contract)

    def amend(values: dict[str, Any]) -> tuple[Any, str]:
        services.amend_contract(contract, **values, actor=request.user)
        return None, _("The amendment is drafted with all that the signed version says. Change what is to change.")

    signed: Any = contract  # which has its dates
    day = min(max(timezone.localdate(), signed.start_date), signed.end_date)
    form = AmendForm(request.POST or None, initial={"effective_date": day})
    return _lead(request, contract, form, "contracts/contract_amend.html", amend, None, "contracts:contract_update")


@require_http_methods(["GET", "POST"])
def contract_discard(request: UserRequest, pk: int) -> HttpResponse:
    """A draft comes to nothing."""
    contract = pages.get_editable_contract(request.user, pk)
    version = _version(request, contract, DRAFT, APPROVED)
    if version is None:
        return redirect(contract)

    def discard(values: dict[str, Any]) -> tuple[Any, str]:
        services.discard_version(version, reason=values["reason"], actor=request.user)
        return version, _("%(version)s was discarded.") % {"version": version}

    form = ReasonForm(request.POST or None)
    return _lead(request, contract, form, "contracts/contract_discard.html", discard, {"version": version})


@require_http_methods(["GET", "POST"])
def contract_notice(request: UserRequest, pk: int) -> HttpResponse:
    """Note that one side gave notice."""
    contract = pages.get_editable_contract(request.user, pk)
    if _is_other(request, contract, Phase.SIGNED):
        return redirect(contract)
    today = timezone.localdate()

    def give_notice(values: dict[str, Any]) -> tuple[Any, str]:
        services.give_notice(contract, **values, actor=request.user, today=today)
        return contract, _("The notice is noted.")

    form = GiveNoticeForm(request.POST or None, initial={"on": today})
    return _lead(request, contract, form, "contracts/contract_notice.html", give_notice)


@require_http_methods(["GET", "POST"])
def contract_terminate(request: UserRequest, pk: int) -> HttpResponse:
    """End a contract before its time; others may have to agree first."""
    contract = pages.get_editable_contract(request.user, pk)
    if _is_other(request, contract, Phase.SIGNED):
        return redirect(contract)

    def terminate(values: dict[str, Any]) -> tuple[Any, str]:
        services.terminate_contract(contract, **values, actor=request.user, now=timezone.now())
        if contract.phase == Phase.TERMINATED:
            return contract, _("The contract is terminated.")
        return contract, _("Asked for: the contract is terminated once everybody agreed.")

    form = TerminateForm(request.POST or None, initial={"as_of": timezone.localdate()})
    context = {"warnings": open_amount_warning(contract)}
    return _lead(request, contract, form, "contracts/contract_terminate.html", terminate, context)


@require_POST
def contract_renew(request: UserRequest, pk: int) -> HttpResponse:
    """Draft the contract that follows on this one."""
    contract = pages.get_editable_contract(request.user, pk)
    try:
        successor = services.renew_contract(contract, actor=request.user, today=timezone.localdate())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(contract)
    text = _("%(contract)s is drafted: check its dates, lines and plan.")
    messages.success(request, text % {"contract": successor})
    return redirect(successor)


def _lead(
    request: UserRequest, contract: Contract, form: forms.Form, template: str, act: Act,
    context: dict[str, Any] | None = None, then: str = "contracts:contract_detail",
) -> HttpResponse:  # fmt: skip
    """The form of one step, and the step itself; a refusal is shown in the form, what was typed stays."""
    if request.method == "POST" and form.is_valid():
        try:
            written, text = act(form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, text)
            for warning in getattr(written, "warnings", ()):
                messages.warning(request, warning)
            return redirect(then, contract.pk)
    return render(request, template, {"contract": contract, "form": form, **(context or {})})


def _version(request: UserRequest, contract: Contract, *statuses: VersionStatus) -> ContractVersion | None:
    """The version at work where it is in one of these states; else None, and a message says what it is."""
    version = services.version_at_work(contract)
    if version is not None and version.status in statuses:
        version.contract = contract
        return version
    error = WrongStatus(status=version.get_status_display()) if version else NoVersionAtWork()
    messages.error(request, str(error))
    return None


def _is_at_work(request: UserRequest, contract: Contract) -> bool:
    """Whether a version is being worked on, which a message then says: before anything is typed for another one."""
    try:
        require_none_at_work(contract)
    except DomainError as error:
        messages.error(request, str(error))
        return True
    return False


def _is_other(request: UserRequest, contract: Contract, phase: Phase) -> bool:
    """Whether the contract is in another phase, which a message then says."""
    if contract.phase == phase:
        return False
    messages.error(request, str(WrongPhase(phase=contract.get_phase_display())))
    return True
