"""Documents of contracts: templates filled in, scans kept, bytes verified when they are given out."""

import hashlib
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from accounts.errors import AccountReadOnly
from audit.models import AuditEntry
from contracts.documents import docx, standard
from contracts.documents.fields import Filling
from contracts.errors import (
    DocumentChanged,
    DocumentTooLong,
    FieldMixed,
    FieldOutsideTable,
    FieldUnclosed,
    MayNotOwnTemplates,
    TemplateNotInUse,
    TemplateUnreadable,
    UnknownField,
)
from contracts.models import ContractDocument, DocumentTemplate
from contracts.services import documents as services
from core.pdf import Sheet
from interactions.errors import FileTypeRefused
from tests.factories import TODAY
from tests.factories.contracts import make_contract, make_document, make_instalment, make_line, make_template

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def contract(account):
    lines = [make_line(unit_price="1000.00", description=name) for name in ("Alpha", "Beta")]
    return make_contract(account, lines=lines, instalments=[make_instalment(amount="2260.00")], title="{{ x }} & <b>")


def word(*paragraphs, rows=()):
    """A DOCX of paragraphs, each a list of runs, and one table."""
    document = Document()
    for runs in paragraphs:
        paragraph = document.add_paragraph()
        for run in runs:
            paragraph.add_run(run)
    if rows:
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def words_of(content):
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs], cells


def on_disk(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def upload(name="scan.pdf", content=b"%PDF-1.4"):
    return SimpleUploadedFile(name, content)


class TestTemplates:
    def test_fills_a_field_that_word_split_over_runs(self):
        template = word(["No. {", "{ contract", ".number }", "} of {{document.date}}"])
        filled = docx.fill(template, Filling({"contract.number": "2026-1", "document.date": "today"}))
        assert words_of(filled)[0] == ["No. 2026-1 of today"]

    def test_repeats_a_row_for_each_line_and_keeps_the_order(self):
        template = word(
            rows=[("Line", "Amount"), ("{{ line.description }}", "{{ line.amount }} {{contract.currency}}")]
        )
        rows = [{"line.description": name, "line.amount": str(n)} for n, name in enumerate("ab")]
        filled = docx.fill(template, Filling({"contract.currency": "CNY"}, {"line": rows}))
        assert words_of(filled)[1] == ["Line", "Amount", "a", "0 CNY", "b", "1 CNY"]

    def test_a_value_that_looks_like_a_field_stays_and_lines_break(self):
        template = word(["{{ version.terms }}"])
        filled = docx.fill(template, Filling({"version.terms": "a {{ contract.number }}\n\x00b"}))
        assert words_of(filled)[0] == ["a {{ contract.number }}\nb"]

    def test_without_lines_no_row_stays(self):
        filled = docx.fill(word(rows=[("Head",), ("{{ line.amount }}",)]), Filling({}, {"line": []}))
        assert words_of(filled)[1] == ["Head"]

    @pytest.mark.parametrize(
        ("template", "error", "text"),
        [
            (word(["{{ contract.", "nonsense }}"]), UnknownField, "contract.nonsense"),
            (word(["{{ contract.number "]), FieldUnclosed, "contract.number"),
            (word(["{{ line.amount }}"]), FieldOutsideTable, "line.amount"),
            (word(rows=[("{{ line.amount }}", "{{ instalment.due }}")]), FieldMixed, "instalment.due"),
            (b"PK nonsense", TemplateUnreadable, "Word"),
        ],
    )
    def test_says_what_is_wrong(self, template, error, text):
        with pytest.raises(error, match=text):
            docx.check(template)
        with pytest.raises(error, match=text):
            docx.fill(template, Filling({}))

    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_the_standard_template_has_known_fields_only(self, language):
        assert "line.amount" in docx.check(standard.standard_template(language))


@pytest.mark.parametrize(("days", "words"), [(0, "Acceptance"), (1, "Acceptance, 1 day"), (30, "Acceptance, 30 days")])
def test_an_event_stands_as_it_was_typed(contract, alice, days, words):
    plan = [make_instalment(amount="2260.00", due_by="event", event="Acceptance", days_after=days)]
    found = make_contract(contract.account, instalments=plan)
    document = services.generate_document(found.version, language="en", file_format="docx", actor=alice, today=TODAY)
    _paragraphs, cells = words_of(services.read_document(document, actor=alice))
    assert words + (" later" if days else "") in cells


class TestGenerateDocument:
    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    @pytest.mark.parametrize("file_format", ["docx", "pdf"])
    def test_keeps_a_document_with_its_hash(self, contract, alice, language, file_format):
        document = services.generate_document(
            contract.version, language=language, file_format=file_format, actor=alice, today=TODAY
        )
        content = services.read_document(document, actor=alice)
        assert document.sha256 == hashlib.sha256(content).hexdigest()
        assert document.name.endswith(f".{file_format}")
        assert content.startswith(b"PK" if file_format == "docx" else b"%PDF")
        if file_format == "docx":
            paragraphs, cells = words_of(content)
            assert "{{ x }} & <b>" in paragraphs
            assert {"Alpha", "Beta", "2,260.00"} <= set(cells)
        entry = AuditEntry.objects.get(action="contract_document.added")
        assert entry.actor == alice
        assert entry.account_id == contract.account_id

    def test_uses_a_template_in_its_language(self, contract, alice):
        document = services.generate_document(
            contract.version, language="zh-hans", file_format="docx", template=make_template(), actor=alice, today=TODAY
        )
        assert document.language == "en"

    def test_refuses_a_template_that_lost_a_field(self, contract, alice, files):
        template = make_template()
        Path(template.file.path).write_bytes(word(["{{ contract.gone }}"]))
        with pytest.raises(UnknownField, match=r"contract\.gone"):
            services.generate_document(
                contract.version, language="en", file_format="docx", template=template, actor=alice, today=TODAY
            )
        assert not ContractDocument.objects.exists()
        assert len(on_disk(files)) == 1

    def test_refuses(self, contract, alice, ann, monkeypatch):
        values = {"language": "en", "file_format": "pdf", "today": TODAY}
        with pytest.raises(AccountReadOnly):
            services.generate_document(contract.version, **values, actor=ann)
        template = make_template(is_active=False)
        with pytest.raises(TemplateNotInUse):
            services.generate_document(contract.version, **values, template=template, actor=alice)
        monkeypatch.setattr(services, "MAX_LINES", 1)
        for file_format in ("pdf", "docx"):
            with pytest.raises(DocumentTooLong, match="2 lines; a document holds at most 1") as refused:
                services.generate_document(contract.version, **values | {"file_format": file_format}, actor=alice)
            assert refused.value.field == "version"


class TestUploadDocument:
    def test_a_scan_must_be_a_pdf_or_a_picture(self, contract, alice, files):
        with pytest.raises(FileTypeRefused):
            services.upload_document(contract, upload("scan.txt", b"x"), kind="signed_scan", actor=alice)
        with pytest.raises(FileTypeRefused):
            services.upload_document(contract, upload(content=b"<html>"), kind="signed_scan", actor=alice)
        assert on_disk(files) == []

    def test_leaves_no_file_where_the_transaction_fails(self, contract, alice, files, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr(services, "record", fail)
        with pytest.raises(RuntimeError):
            services.upload_document(contract, upload(), kind="attachment", actor=alice)
        assert on_disk(files) == []
        assert not ContractDocument.objects.exists()

    def test_a_changed_file_is_not_given_out(self, contract, alice):
        document = services.upload_document(contract, upload(), kind="signed_scan", actor=alice)
        assert document.version == contract.version
        Path(document.file.path).write_bytes(b"%PDF-1.4 forged")
        with pytest.raises(DocumentChanged):
            services.read_document(document, actor=alice)
        assert AuditEntry.objects.filter(action="contract_document.found_changed", object_id=document.pk).exists()
        Path(document.file.path).unlink()
        with pytest.raises(DocumentChanged):
            services.read_document(document, actor=alice)


class TestSaveTemplate:
    def test_is_for_those_who_own_policies(self, dora, alice):
        file = upload("a.docx", standard.standard_template("en"))
        with pytest.raises(MayNotOwnTemplates):
            services.save_template(DocumentTemplate(name="x", language="en"), file, actor=alice)
        template = services.save_template(DocumentTemplate(name="x", language="en"), file, actor=dora)
        template.name = "y"
        services.save_template(template, actor=dora)
        actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
        assert actions == ["document_template.created", "document_template.updated"]

    def test_refuses_an_unknown_field(self, dora, files):
        with pytest.raises(UnknownField, match=r"contract\.colour"):
            services.save_template(
                DocumentTemplate(name="x", language="en"), upload("a.docx", word(["{{ contract.colour }}"])), actor=dora
            )
        assert on_disk(files) == []


class TestPages:
    def test_panel_and_download(self, contract, ann, mallory, client_for):
        document = make_document(contract)
        url = reverse("contracts:contract_documents", args=[contract.pk])
        page, fragment = client_for(ann).get(url), client_for(ann).get(url, headers=HTMX)
        assert "<html" in page.text
        assert "<html" not in fragment.text
        assert "scan.pdf" in fragment.text
        assert "Upload" not in fragment.text, "Ann reads only"
        file = reverse("contracts:document_download", args=[document.pk])
        response = client_for(ann).get(file)
        assert response.getvalue() == b"%PDF-1.4 scan"
        assert "attachment" in response["Content-Disposition"]
        assert AuditEntry.objects.get(action="contract_document.downloaded").actor == ann
        assert client_for(mallory).get(file).status_code == 404
        Path(document.file.path).write_bytes(b"x")
        assert client_for(ann).get(file).status_code == 409

    def test_upload(self, contract, alice, client_for):
        url = reverse("contracts:document_upload", args=[contract.pk])
        response = client_for(alice).post(url, {"kind": "signed_scan", "file": upload("a.exe", b"MZ")})
        assert "of a kind that is not kept" in response.text
        assert client_for(alice).post(url, {"kind": "signed_scan", "file": upload()}).status_code == 302
        assert ContractDocument.objects.get().uploaded_by == alice

    def test_generate(self, contract, alice, client_for):
        url = reverse("contracts:document_generate", args=[contract.pk])
        assert client_for(alice).get(url).status_code == 200
        values = {"version": contract.version_id, "language": "zh-hans", "file_format": "docx"}
        assert "Select a valid choice" in client_for(alice).post(url, values | {"file_format": "x"}).text
        assert client_for(alice).post(url, values).status_code == 302
        assert ContractDocument.objects.get().language == "zh-hans"

    def test_templates(self, dora, alice, client_for):
        url = reverse("contracts:template_create")
        assert client_for(alice).get(url).status_code == 403
        values = {"name": "Frame", "language": "en", "is_active": "on"}
        bad = client_for(dora).post(url, values | {"upload": upload("a.docx", word(["{{ contract.colour }}"]))})
        assert "contract.colour" in bad.text
        assert 'value="Frame"' in bad.text
        good = client_for(dora).post(url, values | {"upload": upload("a.docx", word(["{{ contract.title }}"]))})
        assert good.status_code == 302
        page = client_for(alice).get(reverse("contracts:template_list"))
        assert "Frame" in page.text
        assert "{{ contract.number }}" in page.text
        template = DocumentTemplate.objects.get()
        assert client_for(alice).get(reverse("contracts:template_download", args=[template.pk])).status_code == 200
        standards = reverse("contracts:template_standard")
        assert client_for(alice).get(standards, {"language": "zh-hant"}).status_code == 200
        assert client_for(alice).get(standards, {"language": "xx"}).status_code == 404


class TestApi:
    def test_upload_list_and_download(self, contract, alice, ann, mallory, api_for):
        url = reverse("api:contract-document-list")
        values = {"contract": contract.pk, "kind": "signed_scan"}
        assert api_for(ann).post(url, values | {"file": upload()}, format="multipart").status_code == 403
        assert api_for(mallory).post(url, values | {"file": upload()}, format="multipart").status_code == 400
        created = api_for(alice).post(url, values | {"file": upload()}, format="multipart")
        assert created.status_code == 201, created.json()
        assert created.json()["sha256"] == hashlib.sha256(b"%PDF-1.4").hexdigest()
        assert len(api_for(ann).get(url, {"contract": contract.pk}).json()["results"]) == 1
        assert api_for(mallory).get(url).json()["results"] == []
        content = created.json()["content"]
        assert api_for(ann).get(content).getvalue() == b"%PDF-1.4"
        assert api_for(mallory).get(content).status_code == 404
        Path(ContractDocument.objects.get().file.path).write_bytes(b"x")
        problem = api_for(alice).get(content)
        assert (problem.status_code, problem.json()["code"]) == (409, "document_changed")
        assert AuditEntry.objects.filter(action="contract_document.found_changed").exists()

    def test_a_list_of_foreign_documents_is_empty_and_one_is_not_found(self, contract, mallory, api_for):
        document = make_document(contract)
        assert api_for(mallory).get(reverse("api:contract-document-list")).json()["results"] == []
        answer = api_for(mallory).get(reverse("api:contract-document-detail", args=[document.pk]))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestGenerateOverRest:
    @pytest.fixture
    def url(self, contract):
        return reverse("api:contract-generate-document", args=[contract.pk])

    def test_makes_a_document_and_gives_it_out(self, contract, alice, ann, api_for, url):
        answer = api_for(alice).post(url, {"version": 1, "file_format": "pdf", "language": "zh-hant"})
        assert answer.status_code == 201, answer.json()
        made = answer.json()
        assert (made["kind"], made["language"], made["version"]) == ("generated", "zh-hant", contract.version_id)
        content = api_for(ann).get(made["content"])
        assert hashlib.sha256(content.getvalue()).hexdigest() == made["sha256"]
        entries = AuditEntry.objects.filter(object_type="contracts.contractdocument").order_by("pk")
        assert [(entry.action, entry.actor) for entry in entries] == [
            ("contract_document.added", alice),
            ("contract_document.downloaded", ann),
        ]
        assert all(entry.via.startswith("api") for entry in entries)

    def test_without_a_body_it_is_a_docx_in_the_language_of_the_request(self, alice, client_for, url):
        alice.language = "zh-hans"
        alice.save()
        answer = client_for(alice).post(url, {}, content_type="application/json")
        assert answer.status_code == 201, answer.json()
        assert answer.json()["language"] == "zh-hans"
        assert answer.json()["name"].endswith(".docx")

    def test_from_a_template_of_the_list(self, alice, api_for, url):
        make_template()
        [row] = api_for(alice).get(reverse("api:document-template-list"), {"is_active": "true"}).json()["results"]
        assert api_for(alice).get(row["content"]).getvalue().startswith(b"PK")
        assert api_for(alice).post(url, {"template": row["id"]}).json()["language"] == row["language"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"version": 9}, "version"),
            ({"file_format": "odt"}, "file_format"),
            ({"language": "xx"}, "language"),
            ({"template": 999}, "template"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_names_what_is_wrong(self, alice, api_for, url, body, field):
        problem = api_for(alice).post(url, body)
        assert (problem.status_code, problem.json()["code"]) == (400, "invalid")
        assert problem.json()["errors"][0]["field"] == field
        assert not ContractDocument.objects.exists()

    def test_says_which_field_a_template_lacks(self, alice, api_for, url):
        template = make_template()
        Path(template.file.path).write_bytes(word(["{{ contract.gone }}"]))
        problem = api_for(alice).post(url, {"template": template.pk})
        assert (problem.status_code, problem.json()["code"]) == (400, "template_field_unknown")
        assert problem.json()["errors"][0]["field"] == "template"
        assert "contract.gone" in problem.json()["detail"]
        Path(template.file.path).unlink()
        assert api_for(alice).post(url, {"template": template.pk}).json()["code"] == "template_unreadable"
        assert api_for(alice).get(reverse("api:document-template-content", args=[template.pk])).status_code == 404

    def test_a_template_that_is_not_in_use(self, alice, api_for, url):
        problem = api_for(alice).post(url, {"template": make_template(is_active=False).pk})
        assert (problem.status_code, problem.json()["code"]) == (409, "template_not_in_use")

    def test_says_the_bound(self, alice, api_for, url, monkeypatch):
        monkeypatch.setattr(services, "MAX_LINES", 1)
        problem = api_for(alice).post(url, {"file_format": "pdf"})
        assert (problem.status_code, problem.json()["code"]) == (400, "document_too_long")
        assert "at most 1" in problem.json()["detail"]

    def test_is_refused_to_readers_and_hidden_from_others(self, ann, mallory, api_for, url):
        refused = api_for(ann).post(url, {})
        assert (refused.status_code, refused.json()["code"]) == (403, "account_read_only")
        assert api_for(mallory).post(url, {}).status_code == 404


def test_more_lines_than_once_fitted_into_a_pdf(account, alice):
    lines = [make_line(unit_price="1.00", description="轴承 bearing") for _number in range(1000)]
    contract = make_contract(account, lines=lines, instalments=[make_instalment(amount="1130.00")])
    document = services.generate_document(
        contract.version, language="zh-hans", file_format="pdf", actor=alice, today=TODAY
    )
    content = services.read_document(document, actor=alice)
    assert content.count(b"/Type /Page\n") > 10


@pytest.mark.parametrize("text", ["Amount 1,234.50", "深沟球轴承，6204", "萬國碼 \u9fa5 mixed"])
def test_widths_are_those_of_the_font(text):
    sheet = Sheet("sc")
    sheet.set_font_size(8.5)
    assert sheet.width_of(text) == pytest.approx(sheet.get_string_width(text))
