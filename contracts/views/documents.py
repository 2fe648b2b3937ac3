"""Pages of a contract's documents and of the templates they are made from."""

from __future__ import annotations

import io

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contracts import pages
from contracts.documents.fields import described
from contracts.documents.standard import standard_template
from contracts.forms.documents import GenerateForm, TemplateForm, UploadForm
from contracts.models import Contract, ContractDocument, DocumentTemplate
from contracts.services import documents as services
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, attachment, panel, requires
from interactions.services.files import TYPES

TEMPLATES_SHOWN = 200


@require_GET
def contract_documents(request: UserRequest, pk: int) -> HttpResponse:
    """The files of a contract, newest first: a part of the contract's page."""
    contract = pages.get_contract(request.user, pk)
    context = {"contract": contract, "documents": _documents(request, contract)}
    return render(request, panel(request, "contracts/documents_panel.html"), context)


@require_http_methods(["GET", "POST"])
def document_upload(request: UserRequest, pk: int) -> HttpResponse:
    """Keep a signed scan or an attachment."""
    contract = pages.get_editable_contract(request.user, pk)
    initial = {"kind": "signed_scan" if contract.signed_on else "attachment"}
    form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            document = services.upload_document(contract, values["file"], kind=values["kind"], actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": document.name})
            return redirect(f"{contract.get_absolute_url()}#documents")
    return render(request, "contracts/document_form.html", {"form": form, "contract": contract})


@require_http_methods(["GET", "POST"])
def document_generate(request: UserRequest, pk: int) -> HttpResponse:
    """Make the contract document from a template."""
    contract = pages.get_editable_contract(request.user, pk)
    initial = {"language": translation.get_language(), "version": contract.version_id}
    form = GenerateForm(request.POST or None, contract=contract, initial=initial)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data.pop("version")
        version.contract = contract
        try:
            document = services.generate_document(
                version, **form.cleaned_data, actor=request.user, today=timezone.localdate()
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": document.name})
            return redirect(f"{contract.get_absolute_url()}#documents")
    context = {"form": form, "contract": contract, "generate": True}
    return render(request, "contracts/document_form.html", context)


@require_GET
def document_download(request: UserRequest, pk: int) -> HttpResponse | FileResponse:
    """The file, if it is still what was stored; else the contract's documents with what is wrong."""
    rows = ContractDocument.objects.visible_to(request.user).select_related("contract")
    document = get_object_or_404(rows, pk=pk)
    try:
        content = services.read_document(document, actor=request.user)
    except DomainError as error:
        contract = pages.get_contract(request.user, document.contract_id)
        context = {"contract": contract, "documents": _documents(request, contract), "error": str(error)}
        return render(request, "contracts/documents_panel.html", context, status=error.status)
    return attachment(io.BytesIO(content), document.name, document.content_type)


@require_GET
def template_list(request: UserRequest) -> HttpResponse:
    """The company's templates."""
    templates = DocumentTemplate.objects.visible_to(request.user)[:TEMPLATES_SHOWN]
    context = {"templates": templates, "languages": settings.LANGUAGES, "fields": described()}
    return render(request, "contracts/template_list.html", context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def template_create(request: UserRequest) -> HttpResponse:
    """Add a template."""
    return _template_form(request, DocumentTemplate())


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def template_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a template or its file."""
    return _template_form(request, get_object_or_404(DocumentTemplate.objects.visible_to(request.user), pk=pk))


@require_GET
def template_download(request: UserRequest, pk: int) -> FileResponse:
    """The file of a template."""
    template = get_object_or_404(DocumentTemplate.objects.visible_to(request.user), pk=pk)
    try:
        content = services.read_template(template)
    except OSError as error:
        raise Http404 from error
    return attachment(io.BytesIO(content), f"{template.name}.docx", TYPES["docx"])


@require_GET
def template_standard(request: UserRequest) -> FileResponse:
    """The standard template in `?language=`, to begin one's own with."""
    language = request.GET.get("language") or translation.get_language() or ""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        content = standard_template(language)
    name = _("Standard template") + f" {language}.docx"
    return attachment(io.BytesIO(content), name, TYPES["docx"])


def _template_form(request: UserRequest, template: DocumentTemplate) -> HttpResponse:
    form = TemplateForm(request.POST or None, request.FILES or None, instance=template)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_template(form.save(commit=False), form.cleaned_data["upload"], actor=request.user)
        except DomainError as error:
            form.add_error("upload" if error.field == "file" else None, str(error))
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": template.name})
            return redirect("contracts:template_list")
    return render(request, "contracts/template_form.html", {"form": form, "template": template, "fields": described()})


def _documents(request: UserRequest, contract: Contract) -> QuerySet[ContractDocument]:
    rows = ContractDocument.objects.visible_to(request.user).filter(contract=contract)
    return rows.select_related("version", "uploaded_by")
