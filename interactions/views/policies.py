"""The contact policy: versions, drafts with a what-if before anything is saved, activation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core.errors import DomainError
from core.http import UserRequest, requires
from interactions import policy_words, services, tasks
from interactions.choices import PolicyStatus
from interactions.forms.policies import POLICY_FIELDS, RULE, PolicyForm, RuleFormSet, changed_rows, rule_values
from interactions.models import ContactPolicy

PEOPLE_SHOWN = 100
ENTRIES_SHOWN = 50


@require_GET
def policy_list(request: UserRequest) -> HttpResponse:
    """All versions, newest first."""
    policies = ContactPolicy.objects.visible_to(request.user).select_related("created_by").prefetch_related("rules")
    rows = list(policies)
    for policy in rows:
        policy.rule_texts = [policy_words.rule_text(rule) for rule in policy_words.ordered(policy.rules.all())]
    return render(request, "interactions/policy_list.html", {"policies": rows})


@require_GET
def policy_detail(request: UserRequest, pk: int) -> HttpResponse:
    """A version in words."""
    policies = ContactPolicy.objects.visible_to(request.user).select_related("created_by").prefetch_related("rules")
    policy = get_object_or_404(policies, pk=pk)
    context = {
        "policy": policy,
        "rules": described(policy),
        "greetings": policy_words.greeting_texts(policy),
        "is_draft": policy.status == PolicyStatus.DRAFT,
        "entries": AuditEntry.objects.of(policy).with_names(request.user)[:ENTRIES_SHOWN],
    }
    return render(request, "interactions/policy_detail.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def policy_create(request: UserRequest) -> HttpResponse:
    """A new draft, beginning as a copy of the version in force."""
    versions = ContactPolicy.objects.visible_to(request.user).prefetch_related("rules")
    copied = versions.in_force().first() or versions.first()
    policy = ContactPolicy()
    if copied is not None:
        for name in POLICY_FIELDS:
            if name != "note":
                setattr(policy, name, getattr(copied, name))
    return _edit(request, policy, first_values(copied) if copied else [dict(RULE)])


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def policy_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    policy = get_object_or_404(ContactPolicy.objects.editable_by(request.user).prefetch_related("rules"), pk=pk)
    if policy.status != PolicyStatus.DRAFT:
        messages.error(request, _("This version is no draft any more, so it cannot change. Draft a new version."))
        return redirect(policy)
    return _edit(request, policy, first_values(policy))


@requires("owns_policies")
@require_GET
def policy_what_if(request: UserRequest, pk: int) -> HttpResponse:
    """What a saved version would ask of everybody, beside the one in force."""
    policies = ContactPolicy.objects.visible_to(request.user).prefetch_related("rules")
    policy = get_object_or_404(policies, pk=pk)
    context: dict[str, Any] = {"policy": policy, "is_draft": policy.status == PolicyStatus.DRAFT}
    context |= _what_if(policy, policy.rules.all())
    return render(request, "interactions/policy_what_if.html", context)


@requires("owns_policies")
@require_POST
def policy_activate(request: UserRequest, pk: int) -> HttpResponse:
    """Put a draft in force."""
    policy = get_object_or_404(ContactPolicy.objects.editable_by(request.user), pk=pk)
    try:
        services.activate_contact_policy(policy, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        tasks.refresh_all_rhythms.delay_on_commit()
        text = _("%(policy)s is in force. Visits follow when they are next planned.")
        messages.success(request, text % {"policy": policy})
    return redirect(policy)


@requires("owns_policies")
@require_POST
def policy_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    policy = get_object_or_404(ContactPolicy.objects.editable_by(request.user), pk=pk)
    try:
        services.delete_contact_policy(policy, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(policy)
    messages.success(request, _("The draft was deleted."))
    return redirect("interactions:policy_list")


def first_values(policy: ContactPolicy) -> list[dict[str, Any]]:
    """The rules as the form begins with them."""
    return [rule_values(rule) for rule in policy_words.ordered(policy.rules.all())]


def described(policy: ContactPolicy) -> list[dict[str, Any]]:
    """The rules with their parts in words."""
    return [
        {
            "rule": rule,
            "scope": policy_words.scope_text(rule),
            "cadence": policy_words.cadence_text(rule.cadence_days),
            "channels": policy_words.channels_text(rule.channels),
            "level": policy_words.level_text(rule),
        }
        for rule in policy_words.ordered(policy.rules.all())
    ]


def _edit(request: UserRequest, policy: ContactPolicy, rules: list[dict[str, Any]]) -> HttpResponse:
    """The form; rows are added and removed, and the what-if shown, without anything being saved."""
    context: dict[str, Any] = {"policy": policy, "is_new": policy.pk is None}
    if request.method != "POST" or {"add", "remove"} & set(request.POST):
        if request.method == "POST":
            rules = changed_rows(request.POST)
            typed: dict[str, Any] = {name: request.POST.get(name, "") for name in POLICY_FIELDS}
            typed |= {name: request.POST.getlist(name) for name in ("holidays", "greeting_tiers")}
            form = PolicyForm(instance=policy, initial=typed)
        else:
            form = PolicyForm(instance=policy)
        return render(request, "interactions/policy_form.html", context | _forms(form, RuleFormSet(initial=rules)))
    form, formset = PolicyForm(request.POST, instance=policy), RuleFormSet(request.POST)
    valid = form.is_valid()
    if formset.is_valid() and valid:
        draft = form.save(commit=False)
        if not formset.forms:
            form.add_error(None, _("A contact policy needs at least one rule."))
        elif "what_if" in request.POST:
            context |= _what_if(draft, formset.rules())
        elif (saved := _save(request, form, draft, formset)) is not None:
            return redirect(saved)
    return render(request, "interactions/policy_form.html", context | _forms(form, formset))


def _forms(form: PolicyForm, formset: Any) -> dict[str, Any]:
    return {"form": form, "formset": formset}


def _save(request: UserRequest, form: PolicyForm, draft: ContactPolicy, formset: Any) -> ContactPolicy | None:
    verb = services.update_contact_policy if draft.pk else services.create_contact_policy
    try:
        saved = verb(draft, formset.rules(), actor=request.user)
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    messages.success(request, _("The draft was saved. It counts from when you put it in force."))
    return saved


def _what_if(policy: ContactPolicy, rules: Any) -> dict[str, Any]:
    result = services.what_if(policy, rules, today=timezone.localdate())
    return {"result": result, "people": result.people[:PEOPLE_SHOWN], "people_shown": PEOPLE_SHOWN}
