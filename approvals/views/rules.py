"""Approval rules: read by everybody, changed by directors and administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from approvals import services
from approvals.forms import STEP, RuleForm, StepFormSet, changed_steps, step_values
from approvals.models import ApprovalRule
from approvals.rule_words import described
from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, requires


@require_GET
def rule_list(request: UserRequest) -> HttpResponse:
    """All rules in the order in which they are tried, with their conditions and steps in words."""
    rules = ApprovalRule.objects.visible_to(request.user).prefetch_related("steps__people")
    context = {"groups": described(rules.order_by("subject", "position", "pk"))}
    return render(request, "approvals/rule_list.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def rule_create(request: UserRequest) -> HttpResponse:
    """A new rule."""
    return _edit(request, ApprovalRule(), [dict(STEP)])


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def rule_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a rule. Requests under way keep the steps that they were made with."""
    rule = get_object_or_404(ApprovalRule.objects.editable_by(request.user), pk=pk)
    return _edit(request, rule, step_values(services.plans_of(rule)))


@requires("owns_policies")
@require_POST
def rule_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Take a rule away."""
    rule = get_object_or_404(ApprovalRule.objects.editable_by(request.user), pk=pk)
    name = str(rule)
    services.delete_rule(rule, actor=request.user)
    messages.success(request, _("The rule “%(rule)s” was deleted.") % {"rule": name})
    return redirect("approvals:rule_list")


def _edit(request: UserRequest, rule: ApprovalRule, steps: list[dict[str, Any]]) -> HttpResponse:
    """The form; steps are added and removed without anything being saved."""
    name = str(rule)  # as it is stored: the form changes `rule`
    if request.method != "POST" or {"add", "remove"} & set(request.POST):
        form = RuleForm(instance=rule)
        if request.method == "POST":
            steps = changed_steps(request.POST)
            form = RuleForm(instance=rule, initial=_typed(request, form))
        formset = StepFormSet(initial=steps)
    else:
        form, formset = RuleForm(request.POST, instance=rule), StepFormSet(request.POST)
        _scope(request, formset)
        valid = form.is_valid()
        if formset.is_valid() and valid and _save(request, form, formset):
            return redirect("approvals:rule_list")
    _scope(request, formset)
    context = {"form": form, "formset": formset, "rule": rule, "name": name, "is_new": rule.pk is None}
    return render(request, "approvals/rule_form.html", context)


def _typed(request: UserRequest, form: RuleForm) -> dict[str, Any]:
    """What was typed so far, as first values of the form."""
    many = ("tiers", "kinds")
    return {
        name: request.POST.getlist(name) if name in many else request.POST.get(name, "") for name in form.fields
    }  # fmt: skip


def _scope(request: UserRequest, formset: Any) -> None:
    for form in formset.forms:
        scope_form(form, request.user)


def _save(request: UserRequest, form: RuleForm, formset: Any) -> bool:
    rule = form.save(commit=False)
    verb = services.update_rule if rule.pk else services.create_rule
    try:
        saved = verb(rule, [step.plan() for step in formset.forms], actor=request.user)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(
        request, _("The rule “%(rule)s” was saved. It counts for what is asked from now on.") % {"rule": saved}
    )
    return True
