"""The tier tab of an account: its tier with the reasons, history, override, the pending proposal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import pages
from accounts.models import Account, TierHistory
from core.errors import DomainError, Forbidden
from core.forms import add_domain_error
from core.http import UserRequest, panel, requires
from tiers import services, wording
from tiers.forms import OverrideForm
from tiers.models import TierOverride, TierProposal
from tiers.notation import notation

HISTORY_ROWS = 50
PROPOSAL_ROWS = 12


@require_GET
def account_panel(request: UserRequest, account_pk: int) -> HttpResponse:
    """Why the account has its tier, what it had before, what is proposed."""
    return _panel(request, pages.get_account(request.user, account_pk), OverrideForm())


@requires("leads")
@require_POST
def override_set(request: UserRequest, account_pk: int) -> HttpResponse:
    """A tier by hand, with a reason and a last day."""
    account = pages.get_account(request.user, account_pk)
    form = OverrideForm(request.POST, instance=TierOverride(account=account))
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("tier", "reason", "expires_on")}
        try:
            services.set_override(account, **values, actor=request.user, today=timezone.localdate())
        except Forbidden as error:
            raise PermissionDenied(str(error)) from error
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(account)s is now %(tier)s.") % {"account": account.local_name, **values})
            return redirect("tiers:account_panel", account.pk)
    return _panel(request, account, form)


@requires("leads")
@require_POST
def override_end(request: UserRequest, pk: int) -> HttpResponse:
    """End an override before its last day."""
    overrides = TierOverride.objects.visible_to(request.user).select_related("account")
    override = get_object_or_404(overrides, pk=pk)
    try:
        services.end_override(override, actor=request.user, today=timezone.localdate())
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The override has ended; the next run may move the account."))
    return redirect("tiers:account_panel", override.account_id)


def _panel(request: UserRequest, account: Account, form: OverrideForm) -> HttpResponse:
    proposals = TierProposal.objects.visible_to(request.user).filter(account=account)
    related = ("run__version__policy", "decided_by")
    newest = list(proposals.select_related(*related).order_by("-run__as_of", "-pk")[:PROPOSAL_ROWS])
    for proposal in newest:
        proposal.sentence = wording.sentence(proposal, wording.Basis.of_run(proposal.run))
        proposal.move_label = wording.move_label(proposal.tier_before, proposal.proposed_tier)
    sentences = {notation(proposal): proposal.sentence for proposal in newest}
    history = TierHistory.objects.visible_to(request.user).filter(account=account).select_related("decided_by")
    changes = list(history[:HISTORY_ROWS])
    for change in changes:
        change.words = sentences.get(change.reason, change.reason)
    overrides = TierOverride.objects.visible_to(request.user).filter(account=account).live(timezone.localdate())
    pending = next((proposal for proposal in newest if proposal.is_pending), None)
    context: dict[str, Any] = {
        "account": account,
        "active_tab": "tier",
        "latest": newest[0] if newest else None,
        "pending": pending,
        "proposals": newest,
        "history": changes,
        "override": overrides.select_related("created_by").first(),
        "form": form,
        "may_decide": request.user.leads and account.may_edit,
        "consequences": wording.consequences(pending.proposed_tier) if pending else [],
    }
    return render(request, panel(request, "tiers/account_panel.html"), context)
