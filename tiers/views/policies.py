"""Policies: list, page, form with what-if, run by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error
from core.http import UserRequest, requires
from tiers import services, summary, wording
from tiers.forms import PolicyForm, RunForm
from tiers.models import TierPolicy, TierRun

PREVIEW_ROWS = 100
RUNS_SHOWN = 10
ENTRIES_SHOWN = 50


@require_GET
def policy_list(request: UserRequest) -> HttpResponse:
    """All policies: which is in force, what it does, when it runs next."""
    policies = TierPolicy.objects.visible_to(request.user).prefetch_related("versions")
    rows = list(policies.annotate(last_as_of=Max("versions__runs__as_of")).order_by("-enabled", "code"))
    for policy in rows:
        policy.schedule_words = wording.schedule_text(policy)
        policy.next_day = policy.next_due(timezone.localdate()) if policy.enabled else None
    return render(request, "tiers/policy_list.html", {"policies": rows})


@require_GET
def policy_detail(request: UserRequest, pk: int) -> HttpResponse:
    """What a policy computes in words, its versions, its schedule, its runs."""
    policies = TierPolicy.objects.visible_to(request.user).prefetch_related("versions__author")
    policy = get_object_or_404(policies, pk=pk)
    version, today = policy.current_version, timezone.localdate()
    runs = TierRun.objects.visible_to(request.user).filter(version__policy=policy).with_status().newest_first()
    context = {
        "policy": policy,
        "version": version,
        "rules": wording.rules_in_words(version) if version else [],
        "schedule": wording.schedule_text(policy),
        "next_due": policy.next_due(today) if policy.enabled else None,
        "runs": runs.select_related("version")[:RUNS_SHOWN],
        "run_form": RunForm(initial={"as_of": today}),
        "entries": AuditEntry.objects.of(policy).with_names(request.user)[:ENTRIES_SHOWN],
    }
    return render(request, "tiers/policy_detail.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def policy_create(request: UserRequest) -> HttpResponse:
    """A new policy, with a what-if before it is saved."""
    return _edit(request, TierPolicy())


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def policy_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a policy: other rules become its next version."""
    return _edit(request, get_object_or_404(TierPolicy.objects.editable_by(request.user), pk=pk))


@requires("owns_policies")
@require_POST
def policy_run(request: UserRequest, pk: int) -> HttpResponse:
    """Run a policy now, as of a day up to today."""
    policy = get_object_or_404(TierPolicy.objects.editable_by(request.user), pk=pk)
    form = RunForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the day of the run as a date."))
        return redirect(policy)
    if form.cleaned_data["as_of"] > timezone.localdate():
        messages.error(request, _("A run cannot look into the future: choose a day up to today."))
        return redirect(policy)
    try:
        run = services.run_policy(policy, form.cleaned_data["as_of"], actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(policy)
    messages.success(request, _("%(run)s: the proposals are ready.") % {"run": run})
    return redirect(run)


def _edit(request: UserRequest, policy: TierPolicy) -> HttpResponse:
    if request.method != "POST" or "refresh" in request.POST:
        typed = request.POST.dict() if request.method == "POST" else {}
        form = PolicyForm(instance=policy, initial={"as_of": timezone.localdate(), **typed})
        return render(request, "tiers/policy_form.html", {"form": form, "policy": policy})
    form, context = PolicyForm(request.POST, instance=policy), {}
    if form.is_valid():
        if "preview" in request.POST:
            context = _what_if(request, form, policy)
        elif (saved := _save(request, form, policy)) is not None:
            return redirect(saved)
    return render(request, "tiers/policy_form.html", {"form": form, "policy": policy, **context})


def _save(request: UserRequest, form: PolicyForm, policy: TierPolicy) -> TierPolicy | None:
    verb = services.update_policy if policy.pk else services.create_policy
    try:
        saved = verb(form.save(commit=False), form.version(), actor=request.user)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    messages.success(request, _("%(policy)s was saved.") % {"policy": saved})
    return saved


def _what_if(request: UserRequest, form: PolicyForm, policy: TierPolicy) -> dict[str, Any]:
    """Who would move, at most the first hundred by revenue; how accounts and revenue would lie in the tiers."""
    version = form.version()
    if form.cleaned_data["as_of"] > timezone.localdate():
        form.add_error("as_of", _("A run cannot look into the future: choose a day up to today."))
        return {}
    try:
        result = services.preview(version, form.cleaned_data["as_of"], policy=policy if policy.pk else None)
    except DomainError as error:
        add_domain_error(form, error)
        return {}
    basis = wording.Basis(version, result.currency, result.totals["ranked"])
    moves = result.moves()
    shown = moves[:PREVIEW_ROWS]
    accounts = Account.objects.visible_to(request.user).in_bulk([line.account_id for line in shown])
    return {
        "result": result,
        "shares": summary.shares(result.totals),
        "flow": summary.flow_table(result.totals),
        "move_count": len(moves),
        "moves": [
            {"account": accounts[line.account_id], "line": line, "sentence": wording.sentence(line, basis)}
            for line in shown
            if line.account_id in accounts
        ],
    }
