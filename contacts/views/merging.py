"""Two people who are one: choose the other, then what is kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts import pages, services
from contacts.duplicates import find_duplicates
from contacts.filters import ContactFilter
from contacts.forms import MergeForm
from contacts.models import CONTACT_FIELDS, Contact
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest

FOUND = 10


@require_http_methods(["GET", "POST"])
def contact_merge(request: UserRequest, pk: int) -> HttpResponse:
    """Merge the person `?other=` into this one: every field left, result, right. It cannot be undone."""
    contact = pages.get_editable_contact(request.user, pk)
    other = _other(request, contact)
    if other is None:
        return _choose(request, contact)
    form = MergeForm(request.POST or None, left=contact, right=other)
    if request.method == "POST" and form.is_valid():
        try:
            pages.require_whole(request.user, contact, other)
            values = {name: form.cleaned_data[name] for name in CONTACT_FIELDS}
            merged = services.merge_contacts(contact, other, values=values, actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The two are one contact now: %(contact)s.") % {"contact": merged})
            return redirect(merged)
    context = {"form": form, "contact": contact, "other": other, "lines": _lines(form, contact, other)}
    return render(request, "contacts/contact_merge.html", context)


def _other(request: UserRequest, contact: Contact) -> Contact | None:
    text = request.GET.get("other", "")
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    people = Contact.objects.editable_by(request.user).filter(erased=False)
    other = people.exclude(pk=contact.pk).filter(pk=pk).first()
    if other is not None:
        pages.add_jobs(request.user, [other], timezone.localdate())
    return other


def _choose(request: UserRequest, contact: Contact) -> HttpResponse:
    """Who it may be: those who look alike, and what the search finds."""
    found: list[Contact] = []
    people = Contact.objects.editable_by(request.user).filter(erased=False).exclude(pk=contact.pk)
    search = ContactFilter({"q": request.GET.get("q", "")[:100]}, queryset=people, request=request)
    scope_form(search.form, request.user)
    if request.GET.get("q", "").strip():
        found = list(search.qs.order_by("name", "pk")[:FOUND])
        pages.add_jobs(request.user, found, timezone.localdate())
    account_id = contact.jobs[0].account_id if contact.jobs else None
    context = {
        "contact": contact,
        "duplicates": find_duplicates(request.user, contact, account_id),
        "found": found,
        "text": request.GET.get("q", ""),
    }
    return render(request, "contacts/contact_merge_choose.html", context)


def _lines(form: MergeForm, left: Contact, right: Contact) -> list[dict[str, Any]]:
    """One line a field in which the two differ, and the fields that they share, which need no decision."""
    lines = []
    for bound in form:
        pair = [_words(row, bound.name) for row in (left, right)]
        raw = [bound.field.prepare_value(getattr(row, bound.name)) for row in (left, right)]
        same = raw[0] == raw[1] and not bound.errors
        lines.append({"field": bound, "left": pair[0], "right": pair[1], "raw": raw, "same": same})
    return lines


def _words(contact: Contact, name: str) -> Any:
    value = getattr(contact, name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    shown = getattr(contact, f"get_{name}_display", None)
    return shown() if shown is not None else value
