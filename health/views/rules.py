"""Alert rules: read by everybody, changed by directors and administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, requires
from health.choices import ACTIVE_ALERTS, UNRESOLVED
from health.forms.rules import CONDITION, AlertRuleForm, ConditionFormSet, changed_conditions, condition_values
from health.models import AccountHealth, AlertRule
from health.rule_words import condition_sentences
from health.services import alert_rules as services

NOTHING_IS_SAVED = {"add", "remove", "preview"}
MANY = ("tiers",)
MUCH = 0.2
"""A rule that fires for a larger share of the accounts tells nobody anything."""


@require_GET
def rule_list(request: UserRequest) -> HttpResponse:
    """All rules with their conditions in words; for who owns policies, how much they fire."""
    rules = AlertRule.objects.visible_to(request.user).select_related("playbook").order_by("reason", "pk")
    looked_at = 0
    if request.user.owns_policies:
        fires = Q(alerts__status__in=UNRESOLVED, alerts__cleared_on__isnull=True)
        is_active = Q(alerts__status__in=ACTIVE_ALERTS)
        rules = rules.annotate(fires=Count("alerts", filter=fires), open_now=Count("alerts", filter=is_active))
        looked_at = AccountHealth.objects.visible_to(request.user).count()
    rows = list(rules)
    for rule in rows:
        rule.sentences = condition_sentences(rule)
        rule.share = rule.fires / looked_at if looked_at else None
    context = {"rules": rows, "looked_at": looked_at, "much": MUCH}
    return render(request, "health/rule_list.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def rule_create(request: UserRequest) -> HttpResponse:
    """A new rule."""
    return _edit(request, AlertRule(conditions=[]), [dict(CONDITION)])


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def rule_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a rule. What it opened stays until the next night looks at it."""
    rule = get_object_or_404(AlertRule.objects.editable_by(request.user), pk=pk)
    return _edit(request, rule, condition_values(rule.conditions))


@requires("owns_policies")
@require_POST
def rule_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Take a rule away that has never fired."""
    rule = get_object_or_404(AlertRule.objects.editable_by(request.user), pk=pk)
    name = str(rule)
    try:
        services.delete_rule(rule, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The rule “%(rule)s” was deleted.") % {"rule": name})
    return redirect("health:rule_list")


def _edit(request: UserRequest, rule: AlertRule, conditions: list[dict[str, Any]]) -> HttpResponse:
    """The form; conditions are added and removed, and the reach is counted, without anything being saved."""
    name, is_new, reach = str(rule), rule.pk is None, None  # as it is stored: the form changes `rule`
    if request.method != "POST":
        form, formset = AlertRuleForm(instance=rule), ConditionFormSet(initial=conditions)
    elif NOTHING_IS_SAVED & set(request.POST):
        form = AlertRuleForm(instance=rule, initial=_typed(request))
        formset = ConditionFormSet(initial=changed_conditions(request.POST))
        if "preview" in request.POST:
            formset = ConditionFormSet(request.POST)
            reach = _reach(request, formset)
    else:
        form, formset = AlertRuleForm(request.POST, instance=rule), ConditionFormSet(request.POST)
        scope_form(form, request.user)
        valid = form.is_valid()
        if formset.is_valid() and valid:
            rule.conditions = [row.condition() for row in formset.forms]
            if _save(request, form):
                return redirect("health:rule_list")
    scope_form(form, request.user)
    context = {
        "form": form, "formset": formset, "rule": rule, "name": name, "is_new": is_new, "reach": reach, "much": MUCH,
    }  # fmt: skip
    return render(request, "health/rule_form.html", context)


def _reach(request: UserRequest, formset: Any) -> services.Reach | None:
    """What the rule as typed would do; it needs no name for that."""
    form = AlertRuleForm(request.POST, instance=AlertRule())
    scope_form(form, request.user)
    form.is_valid()
    if not formset.is_valid() or "tiers" in form.errors:
        return None
    typed = form.cleaned_data
    conditions = [row.condition() for row in formset.forms]
    return services.rule_reach(
        AlertRule(tiers=typed["tiers"], any_of=bool(typed.get("any_of")), conditions=conditions)
    )  # fmt: skip


def _typed(request: UserRequest) -> dict[str, Any]:
    """What was typed so far, as first values of the form."""
    return {
        name: request.POST.getlist(name) if name in MANY else request.POST.get(name, "")
        for name in AlertRuleForm.base_fields
    }


def _save(request: UserRequest, form: AlertRuleForm) -> bool:
    try:
        saved = services.save_rule(form.save(commit=False), actor=request.user)
    except DomainError as error:
        add_domain_error(form, error)
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(request, _("The rule “%(rule)s” was saved. It counts from the next night on.") % {"rule": saved})
    return True
