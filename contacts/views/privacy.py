"""Personal data leaving the house, and leaving it for good: vCards, everything about one person, erasure."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import get_account
from contacts import pages, services, vcard
from contacts.dossier import dossier
from core.errors import DomainError
from core.http import UserRequest, requires


@require_GET
def contact_vcard(request: UserRequest, pk: int) -> HttpResponse:
    """One person for an address book: `?version=3.0` for older ones."""
    contact = pages.get_contact(request.user, pk)
    job = contact.jobs[0] if contact.jobs else None
    text = vcard.vcard(contact, job, version=_version(request.GET), uid_host=request.get_host())
    return _download(text, vcard.MEDIA_TYPE, f"{contact}.vcf")


@require_POST
def account_vcards(request: UserRequest, account_pk: int) -> HttpResponse:
    """The people who work at an account, in one file; recorded as an export."""
    account, today = get_account(request.user, account_pk), timezone.localdate()
    if not request.user.may_export:
        raise PermissionDenied
    jobs = pages.seen_jobs(request.user).current(today).filter(account=account, contact__erased=False)
    people = vcard.of_account(list(jobs.select_related("contact", "account").order_by("contact__name", "pk")))
    version = _version(request.POST)
    services.export_contacts(account, [one for one, _job in people], form=f"vCard {version}", actor=request.user)
    text = vcard.vcards(people, version=version, uid_host=request.get_host())
    return _download(text, vcard.MEDIA_TYPE, f"{account.local_name}.vcf")


@require_http_methods(["GET", "POST"])
@requires("leads")
def contact_erase(request: UserRequest, pk: int) -> HttpResponse:
    """What is kept about a person, to hand out, and to remove on request: those who lead decide."""
    contact = pages.get_contact(request.user, pk)
    error = ""
    if request.method == "POST":
        try:
            pages.require_whole(request.user, contact)
            if request.POST.get("name", "").strip() != contact.name:
                raise DomainError(_("Type the name of the person exactly as it stands above."), field="name")
            services.erase_contact(contact, actor=request.user, today=timezone.localdate())
        except DomainError as refused:
            error = str(refused)
        else:
            messages.success(request, _("The personal data was erased. What happened with the account is kept."))
            return redirect(contact)
    return render(request, "contacts/contact_erase.html", {"contact": contact, "error": error})


@require_POST
@requires("leads")
def contact_data(request: UserRequest, pk: int) -> HttpResponse:
    """Everything about one person as JSON, as the person may ask for; recorded as an export."""
    contact = pages.get_contact(request.user, pk)
    services.export_person(contact, actor=request.user)
    text = json.dumps(dossier(contact, request.user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return _download(text, "application/json", f"{contact}.json")


def _version(query: Any) -> str:
    wanted = query.get("version", "")
    return wanted if wanted in vcard.VERSIONS else vcard.VERSIONS[0]


def _download(text: str, media_type: str, name: str) -> HttpResponse:
    """A file to save, under its name in any script."""
    response = HttpResponse(text, content_type=media_type)
    plain = "".join(char for char in name if char.isascii() and (char.isalnum() or char in "._-")) or "file"
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    response["Cache-Control"] = "no-store"
    return response
