"""Pages of imports of contracts, the jobs behind them, and what a worker that dies leaves."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from audit.labels import ACTIONS
from contracts.errors import TooManyDecimals
from contracts.models import Contract, Receipt
from integrations import tasks
from integrations.agreements import deeds
from integrations.agreements.problems import FIELD_NAMES, MESSAGES, message_of, said_by
from integrations.agreements.sheets import SHEETS
from integrations.models import CheckedStatus, ContractImportJob
from integrations.services import checked_jobs, jobs
from integrations.services import contract_imports as services
from tests.factories.contract_imports import (
    CONTRACT,
    NOW,
    PAID,
    PLAN,
    changed,
    check,
    make_contract_import,
    run,
    sheets,
    workbook,
)
from tests.factories.contracts import make_product_line


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rung(monkeypatch):
    """The jobs for which the doorbell rang."""
    found: list[int] = []
    monkeypatch.setattr(tasks.run_contract_import, "delay_on_commit", found.append)
    return found


def many(number):
    """A file with so many contracts."""
    names = ("contracts", "instalments", "receipts")
    texts = ([CONTRACT], PLAN, PAID)
    return {
        name: [text.replace("HT-1", f"HT-{n}") for n in range(number) for text in found]
        for name, found in zip(names, texts, strict=True)
    }


class TestPages:
    def url(self, name, job=None):
        return reverse(f"integrations:contract_import_{name}", args=[job.pk] if job else [])

    def test_from_the_file_to_the_result(self, client_for, lee, account, rung):
        make_product_line()
        client = client_for(lee)
        assert "Template as XLSX" in client.get(self.url("upload")).content.decode()
        bad = changed(CONTRACT, c1="HT-2", c4="XXX")
        data = workbook(sheets(contracts=(CONTRACT, bad)))
        answer = client.post(self.url("upload"), {"upload": SimpleUploadedFile("合同.xlsx", data)})
        job = ContractImportJob.objects.get()
        assert (answer["Location"], rung) == (job.get_absolute_url(), [job.pk])
        waiting = client.get(job.get_absolute_url()).content.decode()
        assert 'hx-trigger="every 1s"' in waiting
        run(job)
        page = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        assert "“XXX” is not a currency that KAM knows" in page
        assert "Import the good contracts" in page
        assert client.post(self.url("start", job)).status_code == 302
        job.refresh_from_db()
        assert job.status == CheckedStatus.CHECKED
        client.post(self.url("start", job), {"good_only": "on"})
        run(job)
        assert "What became of the rows" in client.get(job.get_absolute_url()).content.decode()
        assert Contract.objects.count() == 1
        given_back = client.get(self.url("rejects", job))
        assert given_back["Content-Disposition"].startswith("attachment")
        assert ".xlsx" in given_back["Content-Disposition"]
        assert "合同.xlsx" in client.get(self.url("list")).content.decode()

    def test_rows_one_by_one(self, client_for, lee, account):
        job = check(lee, receipts=(changed(PAID[0], c4="0"),))
        client = client_for(lee)
        everything = client.get(self.url("rows", job)).content.decode()
        assert everything.count("ALICE-1 HT-1") == 4
        assert "“0” is not above zero (amount)" in everything
        none = client.get(self.url("rows", job), {"result": "created"}, headers={"HX-Request": "true"})
        assert "There are no such rows." in none.content.decode()

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("x.xlsx", b"", "empty"),
            ("x.pdf", b"%PDF-1.7 x", "PDF"),
            ("x.csv", b"a,b\n1,2\n", "The sheet “Contracts” is missing"),
        ],
    )
    def test_says_what_is_wrong_with_the_file(self, client_for, lee, rung, name, data, words):
        answer = client_for(lee).post(self.url("upload"), {"upload": SimpleUploadedFile(name, data)})
        assert words in answer.content.decode()
        assert not rung
        assert "required" in client_for(lee).post(self.url("upload")).content.decode()

    def test_too_large(self, client_for, lee, monkeypatch):
        monkeypatch.setattr("integrations.forms.contract_imports.MAX_UPLOAD", 10)
        answer = client_for(lee).post(self.url("upload"), {"upload": SimpleUploadedFile("x.csv", b"x" * 11)})
        assert "too large" in answer.content.decode()

    def test_cancel_open_again_and_check_again(self, client_for, lee, account, rung):
        job = make_contract_import(lee)
        client = client_for(lee)
        for name, status in (("cancel", "cancelled"), ("reopen", "draft"), ("check", "queued")):
            client.post(self.url(name, job))
            job.refresh_from_db()
            assert job.status == status
        assert rung == [job.pk]

    def test_the_templates(self, client_for, lee):
        for query, suffix in (({}, ".xlsx"), ({"format": "csv"}, ".zip")):
            answer = client_for(lee).get(self.url("template"), query)
            assert suffix in answer["Content-Disposition"]
            assert answer.getvalue().startswith(b"PK")

    def test_contracts_offer_it_to_leaders(self, client_for, alice, lee):
        url = reverse("contracts:contract_list")
        assert "Import contracts" in client_for(lee).get(url).content.decode()
        assert "Import contracts" not in client_for(alice).get(url).content.decode()


class TestResume:
    def test_a_worker_that_dies_leaves_whole_batches(self, lee, account, monkeypatch):
        """Killed in the third batch, and again; nothing is written twice and nothing is left out."""
        monkeypatch.setattr(deeds, "BATCH", 3)
        job = check(lee, **many(10))
        services.queue_contracts(job, dry_run=False, actor=lee, now=NOW)
        real, calls = services._note, []

        def dying(*args):
            calls.append(args)
            if len(calls) in (3, 5):
                raise KeyboardInterrupt
            return real(*args)

        monkeypatch.setattr(services, "_note", dying)
        for minutes in (0, 4, 8):
            try:
                run(job, NOW + dt.timedelta(minutes=minutes))
            except KeyboardInterrupt:
                job.refresh_from_db()
                assert Contract.objects.count() == job.next_row
                assert job.found_rows.count() == 4 * job.next_row
        assert (job.status, job.attempts, job.counts) == (CheckedStatus.DONE, 3, {"created": 40})
        assert job.by_sheet["receipts"] == {"created": 10}
        assert (Contract.objects.count(), Receipt.objects.count(), job.found_rows.count()) == (10, 10, 40)
        assert sorted(Contract.objects.values_list("sequence", flat=True)) == list(range(1, 11))

    def test_a_cancelled_job_stops_at_the_next_batch(self, lee, account, monkeypatch):
        monkeypatch.setattr(deeds, "BATCH", 4)
        job = check(lee, **many(10))
        services.queue_contracts(job, dry_run=False, actor=lee, now=NOW)
        real = services._note

        def cancelling(mine, *args):
            real(mine, *args)
            checked_jobs.cancel(ContractImportJob.objects.get(pk=mine.pk), actor=lee, now=NOW)

        monkeypatch.setattr(services, "_note", cancelling)
        run(job)
        assert (job.status, Contract.objects.count()) == (CheckedStatus.CANCELLED, 4)

    def test_the_sweep_rings_for_it(self, lee, account, monkeypatch):
        rang = []
        monkeypatch.setattr(tasks.run_contract_import, "delay", rang.append)
        job = make_contract_import(lee)
        services.queue_contracts(job, dry_run=True, actor=lee, now=NOW)
        assert tasks.sweep_imports() == 1
        assert rang == [job.pk]
        assert tasks.run_contract_import(job.pk)

    def test_an_unexpected_error_is_shown_and_raised(self, lee, account):
        job = make_contract_import(lee)
        services.queue_contracts(job, dry_run=True, actor=lee, now=NOW)
        job.file.storage.delete(job.file.name)
        with pytest.raises(FileNotFoundError):
            run(job)
        job.refresh_from_db()
        assert job.status == CheckedStatus.FAILED

    def test_five_deaths_are_enough(self, lee, account):
        job = make_contract_import(lee)
        services.queue_contracts(job, dry_run=True, actor=lee, now=NOW)
        ContractImportJob.objects.update(attempts=jobs.MAX_ATTEMPTS)
        run(job)
        assert job.status == CheckedStatus.FAILED


class TestWords:
    @pytest.mark.parametrize("kind", ["contact_import", "contract_import"])
    def test_every_action_of_a_checked_import_has_its_words(self, kind):
        names = ("uploaded", "check_started", "check_finished", "started", "finished", "cancelled", "reopened")
        assert {f"{kind}.{name}" for name in names} <= set(ACTIONS)

    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_every_problem_makes_a_sentence(self, language):
        params = dict.fromkeys(("value", "limit", "most", "known", "given", "currency", "said"), "x")
        with translation.override(language):
            for code in MESSAGES:
                assert "%(" not in message_of(code, "amount", params)
            problem = said_by(TooManyDecimals(field="amount", row="1", currency="JPY", digits=0), "amount")
            told = message_of(problem.code, problem.field, problem.params)
            assert told.startswith(str(FIELD_NAMES["amount"]).capitalize())
        assert message_of("more_than_open", "", {"said": "Too much."}) == "Too much."

    def test_every_field_has_a_name(self):
        assert {part for sheet in SHEETS.values() for part in sheet.fields} <= set(FIELD_NAMES)
