"""Runs and the decisions on their proposals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError, Forbidden
from core.forms import scope_form
from core.http import UserRequest, back_to, is_fragment, next_url, panel, requires
from core.paging import Sort, bounded_count, keyset_page
from tiers import charts, services, summary, tasks, wording
from tiers.choices import UNCHANGED, BulkAction, State, tier_name, tier_value
from tiers.filters import (
    DEFAULT_PROPOSAL_SORT,
    PROPOSAL_SORTS,
    RUN_SORTS,
    RunFilter,
    RunPageFilter,
)
from tiers.forms import AdjustForm, RejectForm
from tiers.models import BulkDecision, TierProposal, TierRun
from tiers.querysets import ProposalQuerySet

AT_ONCE = 2000  # proposals that are decided while the user waits; more are left to a worker


@require_GET
def run_list(request: UserRequest) -> HttpResponse:
    """All runs, newest first."""
    runs = TierRun.objects.visible_to(request.user).with_status().select_related("version__policy", "created_by")
    runs = RunFilter(request.GET, queryset=runs)
    scope_form(runs.form, request.user)
    page = keyset_page(runs.qs, Sort(RUN_SORTS["as_of"].path, descending=True), request.GET.get("cursor"))
    return render(request, panel(request, "tiers/run_list.html", "rows"), {"filter": runs, "page": page})


@require_GET
def run_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One run: curve, flow, and the proposals of one move at a time with their arithmetic."""
    run = get_object_or_404(_runs(request), pk=pk)
    visible = TierProposal.objects.visible_to(request.user).filter(run=run)
    groups = _groups(visible)
    chosen = _chosen(request.GET.get("move", ""), groups)
    proposals = visible.select_related("account__manager__team")
    asked = chosen if chosen == request.GET.get("move") else ""
    shown = proposals if asked else proposals.in_move(chosen)
    rows = RunPageFilter({**request.GET.dict(), "move": asked}, queryset=shown)
    scope_form(rows.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), PROPOSAL_SORTS, DEFAULT_PROPOSAL_SORT)
    page = keyset_page(rows.qs, sort, request.GET.get("cursor"))
    _explain(page.rows, run)
    after = tier_value(chosen.split("-")[1]) if "-" in chosen else None
    context = {
        "run": run,
        "filter": rows,
        "page": page,
        "sort_key": sort_key,
        "groups": groups,
        "chosen": chosen,
        "pending": sum(group["pending"] for group in groups),
        "group": next((group for group in groups if group["key"] == chosen), None),
        "consequences": wording.consequences(after) if after is not None else [],
        "move_before": tier_value(chosen.split("-")[0]),
        "move_after": after or "",
        "bulk": BulkDecision.objects.visible_to(request.user).filter(run=run, done_at__isnull=True).first(),
        **_pictures(request, run),
    }
    return render(request, panel(request, "tiers/run_detail.html", "rows"), context)


@requires("leads")
@require_POST
def run_decide(request: UserRequest, pk: int) -> HttpResponse:
    """Approve or reject many: the ticked ones, a whole move, or all that are pending; as far as the user may."""
    run = get_object_or_404(_runs(request), pk=pk)
    proposals = _asked_for(request, TierProposal.objects.visible_to(request.user).filter(run=run))
    try:
        if request.POST.get("scope") != "ids" and not bounded_count(proposals.pending(), AT_ONCE)[1]:
            _leave_to_worker(request, run)
        else:
            _decide_now(request, proposals)
    except DomainError as error:
        messages.error(request, str(error))
    return back_to(request, run)


def _asked_for(request: UserRequest, proposals: ProposalQuerySet) -> ProposalQuerySet:
    scope = request.POST.get("scope")
    if scope == "ids":
        # Up to 18 digits: no database key is longer, and longer numbers cannot be compared with one.
        values = request.POST.getlist("ids")
        return proposals.filter(pk__in={int(value) for value in values if value.isdecimal() and len(value) <= 18})
    if scope == "move":
        return proposals.in_move(request.POST.get("move", ""))
    return proposals if scope == "all" else proposals.none()


def _leave_to_worker(request: UserRequest, run: TierRun) -> None:
    move = request.POST.get("move", "") if request.POST.get("scope") == "move" else ""
    action = BulkAction.REJECT if request.POST.get("action") == "reject" else BulkAction.APPROVE
    job = services.ask_for_decision(
        run, move=move, action=action, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now()
    )
    tasks.carry_out_decision.delay_on_commit(job.pk)
    messages.info(request, _("So many are decided in the background; this page shows how far it is."))


def _decide_now(request: UserRequest, proposals: ProposalQuerySet) -> None:
    asked = proposals.count() if request.POST.get("scope") == "ids" else None
    actor, now = request.user, timezone.now()
    if request.POST.get("action") == "reject":
        done = services.reject_proposals(proposals, reason=request.POST.get("reason", ""), actor=actor, now=now)
    else:
        done = services.approve_proposals(proposals, actor=actor, now=now)
    if not done:
        messages.warning(request, _("There was nothing left to decide: somebody else has decided already."))
        return
    text = ngettext("%(number)s proposal was decided.", "%(number)s proposals were decided.", done)
    messages.success(request, text % {"number": done})
    if asked is not None and done < asked:
        left = ngettext("%(number)s was decided already.", "%(number)s were decided already.", asked - done)
        messages.warning(request, left % {"number": asked - done})


@require_GET
def proposal_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One proposal: its arithmetic, what it changes, and the decision."""
    return _proposal_page(request, _proposal(request, pk), AdjustForm(), RejectForm())


@requires("leads")
@require_POST
def proposal_approve(request: UserRequest, pk: int) -> HttpResponse:
    """Give the account the proposed tier."""
    proposal = _proposal(request, pk)
    return _decide(
        request, proposal, lambda: services.approve_proposal(proposal, actor=request.user, now=timezone.now())
    )


@requires("leads")
@require_POST
def proposal_adjust(request: UserRequest, pk: int) -> HttpResponse:
    """Give the account another tier, with a reason."""
    proposal, form = _proposal(request, pk), AdjustForm(request.POST)
    if not form.is_valid():
        return _proposal_page(request, proposal, form, RejectForm())
    return _decide(
        request,
        proposal,
        lambda: services.adjust_proposal(proposal, **form.cleaned_data, actor=request.user, now=timezone.now()),
    )


@requires("leads")
@require_POST
def proposal_reject(request: UserRequest, pk: int) -> HttpResponse:
    """Leave the account where it is, with a reason."""
    proposal, form = _proposal(request, pk), RejectForm(request.POST)
    if not form.is_valid():
        return _proposal_page(request, proposal, AdjustForm(), form)
    return _decide(
        request,
        proposal,
        lambda: services.reject_proposal(proposal, **form.cleaned_data, actor=request.user, now=timezone.now()),
    )


def _runs(request: UserRequest) -> Any:
    return TierRun.objects.visible_to(request.user).with_status().select_related("version__policy", "previous_run")


def _proposal(request: UserRequest, pk: int) -> TierProposal:
    proposals = TierProposal.objects.visible_to(request.user)
    related = ("account__manager__team", "run__version__policy", "decided_by")
    return get_object_or_404(proposals.select_related(*related), pk=pk)


def _decide(request: UserRequest, proposal: TierProposal, action: Callable[[], Any]) -> HttpResponse:
    """Act; then the row anew for htmx, else back to where the user came from."""
    try:
        action()
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        values = {"account": proposal.account.local_name, "state": proposal.get_state_display()}
        messages.success(request, _("%(account)s: %(state)s.") % values)
    proposal = _proposal(request, proposal.pk)
    if is_fragment(request):
        _explain([proposal], proposal.run)
        return render(request, "tiers/proposal_row.html", {"proposal": proposal, "run": proposal.run})
    return back_to(request, proposal)


def _proposal_page(
    request: UserRequest, proposal: TierProposal, adjust_form: AdjustForm, reject_form: RejectForm
) -> HttpResponse:
    _explain([proposal], proposal.run)
    context = {
        "proposal": proposal,
        "run": proposal.run,
        "adjust_form": adjust_form,
        "reject_form": reject_form,
        "consequences": wording.consequences(proposal.proposed_tier),
        "next": next_url(request),
        "may_decide": request.user.leads
        and TierProposal.objects.editable_by(request.user).filter(pk=proposal.pk).exists(),
    }
    return render(request, "tiers/proposal_detail.html", context)


def _explain(rows: list[TierProposal], run: TierRun) -> None:
    """Give every row its sentence."""
    basis = wording.Basis.of_run(run)
    for row in rows:
        row.sentence = wording.sentence(row, basis)
        row.move_label = wording.move_label(row.tier_before, row.proposed_tier)


def _groups(proposals: Any) -> list[dict[str, Any]]:
    """The moves with how many are pending and how many there are, downgrades and upgrades alike; then the unchanged."""
    groups: dict[str, dict[str, Any]] = {}
    unchanged = 0
    for before, after, state, number in proposals.count_by_move():
        if state == State.NO_CHANGE:
            unchanged += number
            continue
        key = f"{tier_name(before)}-{tier_name(after)}"
        label = wording.move_label(before, after)
        group = groups.setdefault(key, {"key": key, "label": label, "pending": 0, "total": 0})
        group["total"] += number
        group["pending"] += number if state == State.PENDING else 0
    found = sorted(groups.values(), key=lambda group: (not group["pending"], group["key"]))
    if unchanged:
        found.append({"key": UNCHANGED, "label": _("Unchanged"), "pending": 0, "total": unchanged})
    return found


def _chosen(asked: str, groups: list[dict[str, Any]]) -> str:
    """The move asked for if there is one, else the first."""
    keys = [group["key"] for group in groups]
    if asked in keys:
        return asked
    return keys[0] if keys else ""


def _pictures(request: UserRequest, run: TierRun) -> dict[str, Any]:
    """Charts and their tables; not for a fragment of rows."""
    if is_fragment(request):
        return {}
    return {
        "curve": charts.curve(run.totals),
        "flow": charts.flow(run.totals),
        "shares": summary.shares(run.totals),
        "flow_table": summary.flow_table(run.totals),
        "shows_amounts": request.user.sees_everything,
    }
