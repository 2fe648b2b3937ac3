"""List, page and forms of people."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from contacts import pages, services
from contacts.duplicates import Duplicate, find_duplicates
from contacts.fields import to_e164
from contacts.filters import DEFAULT_SORT, SORTS, ContactFilter
from contacts.forms import ContactForm, NewContactForm
from contacts.models import Contact
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page

COMPARED = frozenset({"name", "name_en", "mobile", "email", "wechat"})


@require_GET
def contact_list(request: UserRequest) -> HttpResponse:
    """The people whom the user sees, filtered, sorted by one key, 50 a page."""
    people = ContactFilter(request.GET, queryset=Contact.objects.visible_to(request.user), request=request)
    scope_form(people.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), SORTS, DEFAULT_SORT)
    page = keyset_page(people.qs, sort, request.GET.get("cursor"))
    pages.add_jobs(request.user, page, timezone.localdate())
    context = {"filter": people, "page": page, "count": bounded_count(people.qs), "sort_key": sort_key}
    if request.user.leads and people.form.is_valid():
        context["owner"] = people.form.cleaned_data.get("owner")
    return render(request, panel(request, "contacts/contact_list.html", "rows"), context)


@require_GET
def contact_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One person: where they work, how to reach them, what they wish, what happened with them."""
    contact, today = pages.get_contact(request.user, pk), timezone.localdate()
    context = {
        "contact": contact,
        "present": [job for job in contact.jobs if job.is_current(today)],
        "past": [job for job in contact.jobs if not job.is_current(today)],
        "birthday": pages.birthday(contact, today),
        "entries": pages.history(request.user, contact),
    }
    return render(request, "contacts/contact_detail.html", context)


@require_http_methods(["GET", "POST"])
def contact_create(request: UserRequest) -> HttpResponse:
    """A new person at an account, which `?account=` may name."""
    account = _account(request)
    form = NewContactForm(request.POST or None, account=account)
    scope_form(form, request.user)
    duplicates: list[Duplicate] = []
    if request.method == "POST" and form.is_valid():
        job = form.job.instance
        duplicates = find_duplicates(request.user, form.instance, job.account_id)
        if not _must_ask(request, duplicates):
            try:
                pages.require_editable(request.user, job.account)
                contact = services.create_contact(
                    form.save(commit=False), job, actor=request.user, today=timezone.localdate()
                )
            except (DomainError, ValidationError) as error:
                _refused(form, error)
            else:
                messages.success(request, _("%(contact)s was saved.") % {"contact": contact})
                return redirect(contact)
    context = {"form": form, "account": account, "duplicates": duplicates, **_confirmation(request)}
    return render(request, "contacts/contact_form.html", context)


@require_http_methods(["GET", "POST"])
def contact_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a person at an account that the user may change."""
    contact = pages.get_editable_contact(request.user, pk)
    form = ContactForm(request.POST or None, instance=copy(contact))
    duplicates: list[Duplicate] = []
    if request.method == "POST" and form.is_valid():
        if COMPARED & set(form.changed_data):
            duplicates = find_duplicates(request.user, form.instance, contact.jobs[0].account_id)
        if not _must_ask(request, duplicates):
            try:
                saved = services.update_contact(form.save(commit=False), actor=request.user, today=timezone.localdate())
            except (DomainError, ValidationError) as error:
                _refused(form, error)
            else:
                messages.success(request, _("%(contact)s was saved.") % {"contact": saved})
                return redirect(saved)
    context = {"form": form, "contact": contact, "duplicates": duplicates, **_confirmation(request)}
    return render(request, "contacts/contact_form.html", context)


@require_POST
def contact_duplicates(request: UserRequest) -> HttpResponse:
    """Who of the people whom the user sees may be the one who is being typed: a fragment of the form."""
    text = {name: request.POST.get(name, "").strip()[:200] for name in COMPARED}
    draft = Contact(pk=_number(request.POST.get("contact", "")), **{**text, "mobile": _phone(text["mobile"])})
    accounts = Account.objects.visible_to(request.user)
    code, number = request.POST.get("account", "").replace("\x00", ""), _number(request.POST.get("account_id", "")) or 0
    account = accounts.filter(code=code).first() if code else accounts.filter(pk=number).first()
    found = find_duplicates(request.user, draft, account.pk if account else None) if _is_text(text) else []
    context = {"duplicates": found, **_confirmation(request)}
    return render(request, "contacts/duplicates.html", context)


def _account(request: UserRequest) -> Account | None:
    """The account that `?account=` names, if the user may change it."""
    pk = _number(request.GET.get("account", ""))
    return Account.objects.editable_by(request.user).filter(pk=pk).first() if pk else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _is_text(values: dict[str, str]) -> bool:
    """What the database takes as text, in words that are being typed."""
    return "\x00" not in "".join(values.values())


def _phone(text: str) -> str:
    try:
        return to_e164(text) if text else ""
    except ValidationError:
        return ""


def _confirmation(request: UserRequest) -> dict[str, Any]:
    return {"confirmed": "confirmed" in request.POST}


def _must_ask(request: UserRequest, duplicates: list[Duplicate]) -> bool:
    """Somebody like this is known, and the user has not said yet that this is another person."""
    return any(one.is_strong for one in duplicates) and "confirmed" not in request.POST


def _refused(form: Any, error: DomainError | ValidationError) -> None:
    if isinstance(error, DomainError):
        add_domain_error(form, error)
    else:
        form.add_error(None, error.messages)
