"""The rhythm of one account: what the policy says of it, and what it wants otherwise."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Account
from accounts.pages import get_account, get_editable_account
from core.http import UserRequest, panel
from interactions import policy_words, services
from interactions.cadence import MANAGER, SPONSOR, RuleBook
from interactions.forms.policies import RhythmForm
from interactions.models import AccountRhythm, ContactPolicy, PlanningGap
from interactions.services.rhythms import as_rule


@require_http_methods(["GET", "POST"])
def account_rhythm(request: UserRequest, account_pk: int) -> HttpResponse:
    """The effective rule in words, and the form of the account's own cadence, pause and weekday."""
    find = get_editable_account if request.method == "POST" else get_account
    account, today = find(request.user, account_pk), timezone.localdate()
    rhythm = AccountRhythm.objects.visible_to(request.user).filter(account=account).first()
    texts = policy_words.rhythm_texts(rhythm, today)  # as it is stored: the form changes the row
    form = RhythmForm(request.POST or None, instance=rhythm or AccountRhythm(account=account))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_rhythm(form.save(commit=False), actor=request.user, today=today)
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                form.add_error(name if name in form.fields else None, errors)
        else:
            messages.success(request, _("The rhythm was saved; visits follow when they are next planned."))
            return redirect("interactions:account_rhythm", account.pk)
    context = {
        "account": account,
        "active_tab": "timeline",
        "form": form,
        "rules": _rules(request, account),
        "texts": texts,
        "today": today,
        "gaps": PlanningGap.objects.visible_to(request.user).filter(account=account),
    }
    return render(request, panel(request, "interactions/account_rhythm.html"), context)


def _rules(request: UserRequest, account: Account) -> list[str]:
    """The rules of the policy in force that fit the account, in words: the manager's, the sponsor's."""
    policy = ContactPolicy.objects.visible_to(request.user).in_force().prefetch_related("rules").first()
    if policy is None:
        return []
    rows = {rule.pk: rule for rule in policy.rules.all()}
    book = RuleBook(as_rule(row) for row in rows.values())
    found = [book.rule_for(duty, account.tier, account.stage, account.region) for duty in (MANAGER, SPONSOR)]
    return [policy_words.rule_text(rows[rule.pk]) for rule in found if rule is not None]
