"""The health policy: load, deadlines and how long history is kept."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.models import AuditEntry
from core.http import UserRequest, requires
from health.forms.policy import HealthPolicyForm
from health.services.policy import policy_now, update_policy

ENTRIES_SHOWN = 10


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def policy_update(request: UserRequest) -> HttpResponse:
    """Change the policy."""
    policy = policy_now()
    form = HealthPolicyForm(request.POST or None, instance=policy)
    if request.method == "POST" and form.is_valid():
        try:
            update_policy(form.save(commit=False), actor=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The health policy was saved. It counts from the next night on."))
            return redirect("health:policy_update")
    entries = AuditEntry.objects.of(policy).with_names(request.user)[:ENTRIES_SHOWN] if policy.pk else []
    return render(request, "health/policy_form.html", {"form": form, "entries": entries})
