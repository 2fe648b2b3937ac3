"""Staff enter an answer that a customer gave by phone or on paper."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Account
from accounts.pages import get_editable_account
from contacts.models import Employment
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest
from surveys import answering
from surveys.conditions import shown
from surveys.definition import Definition, read
from surveys.errors import AnswersRefused
from surveys.forms.answers import fields_of, given_in
from surveys.forms.entries import EntryAccountForm, EntryForm
from surveys.models import Campaign, Invitation, Response
from surveys.services import entries


@require_http_methods(["GET", "POST"])
def entry_create(request: UserRequest) -> HttpResponse:
    """First whose answer it is, then its questions. `?account=`, `?contact=`, `?campaign=`, `?invitation=` say what is
    known already."""
    known = _known(request)
    if not known.get("account"):
        return _ask_account(request)
    account = get_editable_account(request.user, _key(known["account"]))
    today = timezone.localdate()
    data = request.POST if request.method == "POST" and request.POST.get("step") == "save" else None
    form = EntryForm(data, account=account, today=today, initial=known)
    scope_form(form, request.user)
    campaign = _campaign(request, known)
    if campaign is None:
        return _page(request, form, account)
    asked = read(campaign.definition)
    given = given_in(request.POST, asked, asked.questions)
    if data is not None and form.is_valid():
        return _save(request, form, account, asked, given)
    return _page(request, form, account, asked, given)


def _save(
    request: UserRequest, form: EntryForm, account: Account, asked: Definition, given: Mapping[str, Any]
) -> HttpResponse:
    """Save it, or show what is wrong, or the question that an answer has opened."""
    cleaned = answering.clean(asked, given)
    seen = request.POST.get("seen", "").split()
    fresh = [question.key for question in shown(asked, cleaned.values) if question.key not in seen] if seen else []
    if cleaned.faults or fresh:
        return _page(request, form, account, asked, given, faults=cleaned.faults, fresh=fresh)
    response = Response(account=account, **form.cleaned_data)
    try:
        response = entries.enter_response(
            response, given, actor=request.user, now=timezone.now(), key=request.POST.get("key", "")[:64]
        )
    except AnswersRefused as refused:
        return _page(request, form, account, asked, given, faults=refused.faults)
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, form, account, asked, given)
    messages.success(request, _("The answer was saved."))
    return redirect(response)


def _page(
    request: UserRequest,
    form: EntryForm,
    account: Account,
    asked: Definition | None = None,
    given: Mapping[str, Any] | None = None,
    *,
    faults: Mapping[str, answering.Fault] | None = None,
    fresh: list[str] | None = None,
) -> HttpResponse:
    language = str(form["language"].value() or translation.get_language())
    pages = _questions(asked, given or {}, language, faults or {}) if asked else []
    fields = [field for page in pages for field in page["fields"]]
    context = {
        "form": form,
        "account": account,
        "pages": pages,
        "language": language,
        "seen": " ".join(field.key for field in fields if not field.hidden),
        "faults": [field for field in fields if field.fault and not field.hidden],
        "fresh": fresh[0] if fresh else "",
        "key": request.POST.get("key") or secrets.token_hex(16),
    }
    status = 422 if form.errors or faults else 200
    return render(request, "surveys/entry_form.html", context, status=status)


def _questions(
    asked: Definition, given: Mapping[str, Any], language: str, faults: Mapping[str, answering.Fault]
) -> list[dict[str, Any]]:
    """The pages of the questionnaire with their questions, all of them."""
    counted = answering.clean(asked, given, partial=True).values
    fields = {f.key: f for f in fields_of(asked.questions, asked, given, counted, language, faults=faults)}
    return [
        {"title": page.title.into(language), "fields": [fields[q.key] for q in page.questions if q.key in fields]}
        for page in asked.pages
    ]


def _known(request: UserRequest) -> dict[str, Any]:
    """What the address or the form says; an invitation says account, contact and campaign."""
    data = request.POST if request.method == "POST" else request.GET
    known = {
        name: data[name] for name in ("account", "contact", "campaign", "language", "source", "date") if name in data
    }
    if "invitation" in data:
        rows = Invitation.objects.visible_to(request.user).filter(pk=_key(data["invitation"]))
        invitation = rows.first()
        if invitation is None:
            raise Http404
        known |= {
            "account": str(invitation.account_id), "contact": invitation.contact_id,
            "campaign": str(invitation.campaign_id), "language": invitation.language,
        }  # fmt: skip
    elif known.get("contact") and not known.get("account"):
        known["account"] = _only_account(request, _key(known["contact"]))
    known.setdefault("language", translation.get_language())
    return known


def _only_account(request: UserRequest, contact: int) -> str:
    """Where a person works, if it is one account that the user may change; else it is asked."""
    rows = Employment.objects.editable_by(request.user).filter(contact=contact).current(timezone.localdate())
    accounts = set(rows.values_list("account", flat=True)[:2])
    return str(accounts.pop()) if len(accounts) == 1 else ""


def _campaign(request: UserRequest, known: Mapping[str, Any]) -> Campaign | None:
    """The one that was chosen, if it is one to choose."""
    text = str(known.get("campaign") or "")
    choices = EntryForm.base_fields["campaign"].queryset.visible_to(request.user)
    return choices.filter(pk=_key(text)).first() if text else None


def _ask_account(request: UserRequest) -> HttpResponse:
    form = EntryAccountForm(request.GET if "account" in request.GET else None)
    scope_form(form, request.user)
    context = {"account_form": form, "contact": request.GET.get("contact", "")}
    return render(request, "surveys/entry_form.html", context)


def _key(text: Any) -> int:
    """The primary key in an address. Raises Http404 for anything else."""
    if not str(text).isdecimal() or len(str(text)) > 18:
        raise Http404
    return int(text)
