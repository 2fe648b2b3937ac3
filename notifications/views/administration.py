"""What administrators own: the defaults of each role, the robots of teams, the messages that did not arrive."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, back_to, panel, requires
from core.paging import Sort, bounded_count, keyset_page
from notifications import services
from notifications.choices import AGAIN
from notifications.desk import default_of, robot_channels, rules_now
from notifications.events import GROUPS, LEADING
from notifications.filters import DeliveryFilter
from notifications.forms import ChoicesForm
from notifications.models import Delivery, DeliveryRule
from users.models import Role

SORTS = {"created": Sort("pk")}
ENTRIES_SHOWN = 10


@requires("is_administrator")
@require_http_methods(["GET", "POST"])
def rule_update(request: UserRequest, role: str = Role.ACCOUNT_MANAGER) -> HttpResponse:
    """The table of events for one role."""
    if role not in Role.values:
        raise Http404
    rules = rules_now()
    choices = {code: default_of(rules, role, group) for code, group in GROUPS.items()}
    form = ChoicesForm(request.POST or None, choices, robot_channels(), copies=role in LEADING)
    if request.method == "POST" and form.is_valid():
        services.save_rules(role, form.chosen(), actor=request.user)
        messages.success(request, _("The defaults were saved."))
        return redirect("notifications:rule_update", role=role)
    entries = AuditEntry.objects.visible_to(request.user).filter(object_type=DeliveryRule._meta.label_lower)
    context = {
        "form": form,
        "role": role,
        "roles": Role.choices,
        "changed": any(key[0] == role for key in rules),
        "entries": entries.with_names(request.user).order_by("-pk")[:ENTRIES_SHOWN],
    }
    return render(request, "notifications/rule_form.html", context)


@requires("is_administrator")
@require_POST
def rule_reset(request: UserRequest, role: str) -> HttpResponse:
    """What comes with KAM counts again."""
    if role not in Role.values:
        raise Http404
    services.reset_rules(role, actor=request.user)
    messages.success(request, _("What comes with KAM counts again."))
    return redirect("notifications:rule_update", role=role)


@requires("is_administrator")
@require_GET
def delivery_list(request: UserRequest) -> HttpResponse:
    """Messages on their way and what became of them, newest first."""
    rows = Delivery.objects.visible_to(request.user).messages().with_size()
    rows = rows.select_related("user", "notification", "robot").order_by()
    found = DeliveryFilter(request.GET, queryset=rows)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), SORTS, "-created")
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    stuck = Delivery.objects.visible_to(request.user).messages().filter(status__in=AGAIN)
    context = {
        "filter": found,
        "page": page,
        "sort_key": sort_key,
        "stuck": bounded_count(stuck),
    }
    return render(request, panel(request, "notifications/delivery_list.html", "rows"), context)


@requires("is_administrator")
@require_POST
def delivery_send_again(request: UserRequest, pk: int) -> HttpResponse:
    """Send one message again."""
    delivery = get_object_or_404(Delivery.objects.editable_by(request.user), pk=pk)
    return _send_again(request, [delivery.pk])


@requires("is_administrator")
@require_POST
def delivery_send_many(request: UserRequest) -> HttpResponse:
    """Send the chosen messages again."""
    wanted = [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal() and len(pk) < 19]
    rows = Delivery.objects.editable_by(request.user).filter(pk__in=wanted[: services.MOST_AGAIN])
    return _send_again(request, list(rows.values_list("pk", flat=True)))


def _send_again(request: UserRequest, pks: list[int]) -> HttpResponse:
    try:
        number = services.send_again(pks, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        words = ngettext("%(number)d message goes out again.", "%(number)d messages go out again.", number)
        messages.success(request, words % {"number": number})
        services.ring()
    return back_to(request, "notifications:delivery_list")
