"""The contract policy: one page with the fields and both kinds of rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.models import AuditEntry
from contracts.forms.policy import (
    DUNNING,
    RENEWAL,
    ContractPolicyForm,
    DunningRules,
    RenewalRules,
    changed_rows,
    first_rows,
)
from contracts.models import ContractPolicy, DunningRule, RenewalRule
from contracts.services import policy as services
from core.errors import DomainError
from core.forms import add_domain_error
from core.http import UserRequest, requires

ENTRIES_SHOWN = 10


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def policy_update(request: UserRequest) -> HttpResponse:
    """Change the rules; rows are added and removed without anything being saved."""
    policy = services.policy_now()
    renewal_rules, dunning_rules = services.rules_of(policy)
    if request.method == "POST" and not {"add", "remove"} & set(request.POST):
        form = ContractPolicyForm(request.POST, instance=policy)
        formsets = RenewalRules(request.POST, prefix=RENEWAL), DunningRules(request.POST, prefix=DUNNING)
        if all([form.is_valid(), *(formset.is_valid() for formset in formsets)]) and _save(request, form, formsets):
            return redirect("contracts:policy_update")
        return _page(request, policy, form, formsets)
    rows = {RENEWAL: first_rows(RENEWAL, renewal_rules), DUNNING: first_rows(DUNNING, dunning_rules)}
    form = ContractPolicyForm(instance=policy)
    if request.method == "POST":
        rows = {kind: changed_rows(kind, request.POST) for kind in rows}
        form = ContractPolicyForm(instance=policy, initial=request.POST.dict())
    sets = RenewalRules(initial=rows[RENEWAL], prefix=RENEWAL), DunningRules(initial=rows[DUNNING], prefix=DUNNING)
    return _page(request, policy, form, sets)


def _save(request: UserRequest, form: ContractPolicyForm, formsets: tuple[Any, Any]) -> bool:
    now = timezone.now()
    rules: tuple[list[RenewalRule], list[DunningRule]] = (formsets[0].rules(), formsets[1].rules())
    try:
        services.update_contract_policy(
            form.save(commit=False), *rules, actor=request.user, today=timezone.localdate(now), now=now
        )
    except DomainError as error:
        add_domain_error(form, error)
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(request, _("The contract policy was saved. Days on which renewals open follow it at once."))
    return True


def _page(request: UserRequest, policy: ContractPolicy, form: ContractPolicyForm, formsets: Any) -> HttpResponse:
    entries = AuditEntry.objects.of(policy).with_names(request.user)[:ENTRIES_SHOWN] if policy.pk else []
    context = {"form": form, "renewal_rules": formsets[0], "dunning_rules": formsets[1], "entries": entries}
    return render(request, "contracts/policy_form.html", context)
