"""Approvals: what waits for somebody, a request with its course, and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from approvals import desk, services
from approvals.filters import DEFAULT_SORT, SORTS, RequestPageFilter
from approvals.forms import APPROVE, CommentForm, DecisionForm
from approvals.models import ApprovalRequest
from approvals.registry import sees_row
from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page

DECIDE, ASKED, DECIDED, ALL = "decide", "asked", "decided", "all"
TABS = (
    (DECIDE, "approvals:request_list", pgettext_lazy("approvals", "To decide")),
    (ASKED, "approvals:request_asked", gettext_lazy("Asked by me")),
    (DECIDED, "approvals:request_decided", gettext_lazy("Decided by me")),
    (ALL, "approvals:request_all", pgettext_lazy("approvals", "All")),
)
OLDEST_FIRST = "requested"


@require_GET
def request_list(request: UserRequest, tab: str = DECIDE) -> HttpResponse:
    """One tab of the approvals that the reader sees: what waits for them the oldest first, the rest the newest."""
    user, today = request.user, timezone.localdate()
    rows = ApprovalRequest.objects.visible_to(user).select_related(*desk.RELATED).order_by()
    rows = {
        DECIDE: lambda: rows.to_decide(user, today),
        ASKED: lambda: rows.filter(requested_by=user),
        DECIDED: lambda: rows.decided_by(user),
        ALL: lambda: rows,
    }[tab]()
    found = RequestPageFilter(request.GET, queryset=rows)
    scope_form(found.form, user)
    default = OLDEST_FIRST if tab == DECIDE else DEFAULT_SORT
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), SORTS, default)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    context = {
        "filter": found,
        "page": page,
        "rounds": desk.rounds_of(page.rows, with_comments=False),
        "count": bounded_count(found.qs),
        "sort_key": sort_key,
        "tab": tab,
        "tabs": TABS,
    }
    return render(request, panel(request, "approvals/request_list.html", "rows"), context)


@require_GET
def request_detail(request: UserRequest, pk: int) -> HttpResponse:
    """What is asked, who said what, and the decision where it is the reader's."""
    return _page(request, _find(request, pk))


@require_POST
def request_decide(request: UserRequest, pk: int) -> HttpResponse:
    """Approve, or send back with a comment."""
    asked, form = _find(request, pk), DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, decision_form=form)
    values = form.cleaned_data
    verb = services.approve if values["decision"] == APPROVE else services.send_back
    try:
        verb(asked, actor=request.user, now=timezone.now(), comment=values["comment"], step=values["step"])
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, _find(request, pk), decision_form=form)
    done = _("Approved: %(title)s") if values["decision"] == APPROVE else _("Sent back: %(title)s")
    messages.success(request, done % {"title": asked.title})
    return redirect(asked)


@require_POST
def request_comment(request: UserRequest, pk: int) -> HttpResponse:
    """Say something without deciding."""
    asked, form = _find(request, pk), CommentForm(request.POST)
    if form.is_valid():
        try:
            services.add_comment(asked, actor=request.user, now=timezone.now(), text=form.cleaned_data["text"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Your comment was added."))
            return redirect(f"{asked.get_absolute_url()}#comments")
    return _page(request, asked, comment_form=form)


@require_POST
def request_withdraw(request: UserRequest, pk: int) -> HttpResponse:
    """Take one's own request back."""
    asked = _find(request, pk)
    try:
        services.withdraw(asked, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Withdrawn: %(title)s") % {"title": asked.title})
    return redirect(asked)


def _find(request: UserRequest, pk: int) -> ApprovalRequest:
    found = desk.find_request(request.user, pk)
    if found is None:
        raise Http404
    return found


def _page(
    request: UserRequest,
    asked: ApprovalRequest,
    *,
    decision_form: DecisionForm | None = None,
    comment_form: CommentForm | None = None,
) -> HttpResponse:
    [course] = desk.rounds_of([asked])
    votes = desk.votes_to_give(asked, request.user, timezone.localdate())
    context: dict[str, Any] = {
        "asked": asked,
        "round": course,
        "may_decide": bool(votes),
        "stands_in": desk.stands_in_text(votes, request.user),
        "may_withdraw": asked.is_pending and asked.requested_by_id == request.user.pk,
        "sees_row": sees_row(request.user, asked.subject, asked.object_id),
        "step_now": votes[0].step.position if votes else "",
        "decision_form": decision_form or DecisionForm(),
        "comment_form": comment_form or CommentForm(),
        "entries": AuditEntry.objects.of(asked).with_names(request.user),
    }
    return render(request, "approvals/request_detail.html", context)
