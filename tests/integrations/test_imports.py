"""Imports from the page: upload, mapping, preview, the job as a queue, its result."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Account
from audit.models import AuditEntry
from core.errors import DomainError
from integrations import tasks
from integrations.errors import ImportNotOpen
from integrations.models import ImportJob, ImportStatus
from integrations.services import imports, jobs
from orders.errors import CurrencyNeeded, EmptyFile, ImportForbidden, MissingColumns, NotATable
from orders.models import ImportProfile, Order
from orders.services.profiles import load_profile
from tests.factories import TODAY

NOW = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)
HEAD = "订单号,客户编码,日期,产品编码,数量,单价\n"
GOOD = (
    HEAD + "SO-1,ALICE-1,2026-02-03,P1,2,10.50\nSO-1,ALICE-1,2026-02-03,P2,1,3.00\nSO-2,ALICE-1,2026-03-01,P1,1,10.50\n"
)
BAD = GOOD + "SO-3,ALICE-1,2026-02-31,P1,1,10.50\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def dora(dora):
    return dora


def upload(text=GOOD, name="orders.csv", profile="generic", actor=None):
    content = text if isinstance(text, bytes) else text.encode()
    return imports.upload_file(SimpleUploadedFile(name, content), profile=profile, actor=actor)


def ready(actor, text=GOOD, **options):
    """A job that waits for a worker."""
    job = upload(text, actor=actor)
    defaults = {"currency": "CNY", "source": "erp", "create_accounts": False, "good_only": False, "manager": None}
    imports.map_job(job, imports.profile_of(job), **defaults | options)
    return imports.queue_job(job, actor=actor, now=NOW)


def run(job, now=NOW):
    done = imports.run_job(job.pk, clock=lambda: now, today=TODAY)
    job.refresh_from_db()
    return done


class TestUpload:
    def test_guesses_the_columns(self, dora):
        job = upload(actor=dora)
        assert job.status == ImportStatus.DRAFT
        assert job.columns["external_id"] == "订单号"
        assert job.columns["unit_price"] == "单价"
        assert AuditEntry.objects.of(job).get().action == "import.uploaded"

    def test_refuses_what_is_not_a_table_and_keeps_nothing(self, dora, tmp_path):
        with pytest.raises(NotATable):
            upload(b"%PDF-1.7 ...", actor=dora)
        assert not ImportJob.objects.exists()
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    def test_refuses_those_who_do_not_see_everything(self, lee):
        with pytest.raises(ImportForbidden):
            upload(actor=lee)


class TestRun:
    def test_imports_and_counts(self, dora, account):
        job = ready(dora)
        assert run(job)
        assert (job.status, job.rows, job.orders) == ("done", 3, {"created": 2})
        assert job.reasons == {"accepted": 3, "cancellation": 0}
        order = Order.objects.get(external_id="SO-1")
        assert (order.total_amount, order.source) == (24, "erp")
        entry = AuditEntry.objects.of(order).get()
        assert (entry.actor, entry.via) == (dora, "job")
        assert "orders.csv" in entry.reason
        assert not job.rejects
        finished = AuditEntry.objects.of(job).get(action="import.finished")
        assert finished.changes == {"status": ["running", "done"], "orders_created": [None, 2]}

    def test_is_claimed_once(self, dora, account):
        job = ready(dora)
        assert run(job)
        assert not run(job)
        assert Order.objects.count() == 2

    def test_refuses_bad_rows_unless_asked_and_gives_them_back(self, dora, account):
        job = ready(dora, BAD)
        run(job)
        assert job.status == ImportStatus.REFUSED
        assert job.bad_rows == 1
        assert not Order.objects.exists()
        assert "SO-3" in job.rejects.read().decode("utf-8-sig")

        imports.reopen_job(job, actor=dora)
        options = {"currency": "CNY", "source": "erp", "create_accounts": False, "good_only": True, "manager": None}
        imports.map_job(job, imports.profile_of(job), **options)
        imports.queue_job(job, actor=dora, now=NOW)
        run(job)
        assert (job.status, job.orders) == ("done", {"created": 2})

    def test_says_what_is_wrong_with_the_file(self, dora):
        job = ready(dora)
        ImportJob.objects.update(currency="")
        run(job)
        assert job.status == ImportStatus.FAILED
        assert "currency" in job.message

    @pytest.mark.parametrize(
        ("text", "options", "error"),
        [(HEAD, {}, EmptyFile), (GOOD, {"currency": ""}, CurrencyNeeded), ("a,b\n1,2\n", {}, MissingColumns)],
    )
    def test_refuses_to_start_what_cannot_be_read(self, dora, text, options, error):
        with pytest.raises(error):
            ready(dora, text, **options)
        assert ImportJob.objects.get().status == ImportStatus.DRAFT

    def test_an_unexpected_error_is_shown_and_raised(self, dora, account):
        job = ready(dora)
        job.file.storage.delete(job.file.name)
        with pytest.raises(FileNotFoundError):
            run(job)
        job.refresh_from_db()
        assert job.status == ImportStatus.FAILED

    def test_creates_accounts_for_a_manager(self, dora, alice):
        job = ready(dora, create_accounts=True, manager=alice)
        run(job)
        account = Account.objects.get(code="ALICE-1")
        assert (account.manager, account.customer_since) == (alice, dt.date(2026, 2, 3))
        assert job.accounts_created == 1


class TestQueue:
    def test_resumes_what_a_dead_worker_left(self, dora, account):
        job = ready(dora)
        assert jobs.claim(ImportJob, job.pk, NOW)  # a worker takes it and dies
        assert not run(job)
        assert jobs.due_ids(ImportJob, NOW + dt.timedelta(minutes=1)) == []
        late = NOW + jobs.LEASE + dt.timedelta(seconds=1)
        assert jobs.due_ids(ImportJob, late) == [job.pk]
        assert run(job, late)
        assert (job.status, job.attempts) == ("done", 2)

    def test_gives_up_after_some_deaths(self, dora):
        job = ready(dora)
        now = NOW
        for _death in range(jobs.MAX_ATTEMPTS):
            assert jobs.claim(ImportJob, job.pk, now)
            now += jobs.LEASE + dt.timedelta(seconds=1)
        assert run(job, now)
        assert job.status == ImportStatus.FAILED

    def test_a_worker_whose_claim_is_gone_stops_and_writes_no_result(self, dora, account):
        job = ready(dora)
        ticks = iter(range(100_000))

        def clock():
            now = NOW + dt.timedelta(seconds=2 * next(ticks))
            if now > NOW + dt.timedelta(seconds=3):
                ImportJob.objects.filter(pk=job.pk).update(status=ImportStatus.CANCELLED, claim=None)
            return now

        assert imports.run_job(job.pk, clock=clock, today=TODAY)
        job.refresh_from_db()
        assert (job.status, job.rows) == ("cancelled", 0)

    def test_cancel_and_reopen(self, dora):
        job = ready(dora)
        imports.cancel_job(job, actor=dora, now=NOW)
        assert jobs.due_ids(ImportJob, NOW) == []
        with pytest.raises(ImportNotOpen):
            imports.cancel_job(job, actor=dora, now=NOW)
        assert imports.reopen_job(job, actor=dora).status == ImportStatus.DRAFT

    def test_refuses_others(self, dora, lee):
        job = upload(actor=dora)
        for call in (imports.queue_job, imports.cancel_job):
            with pytest.raises(ImportForbidden):
                call(job, actor=lee, now=NOW)
        with pytest.raises(ImportForbidden):
            imports.reopen_job(job, actor=lee)

    @time_machine.travel(NOW, tick=False)
    def test_the_sweeper_rings_for_what_waits(self, dora, account, monkeypatch):
        job = ready(dora)
        rung = []
        monkeypatch.setattr(tasks.run_import, "delay", rung.append)
        assert tasks.sweep_imports() == 1
        assert rung == [job.pk]
        assert tasks.run_import(job.pk)


class TestPages:
    def mapping(self, job, **changes):
        form = {f"column_{name}": heading for name, heading in job.columns.items()}
        rules = {"encoding": "auto", "delimiter": "auto", "numbers": "auto", "dates": "auto", "void_hours": "0"}
        rules |= {"without_account": "reject", "zero_price": "accept", "negative_quantity": "return"}
        return form | rules | {"currency": "CNY", "source": "erp"} | changes

    def test_the_way_through(self, client_for, dora, account, monkeypatch, django_capture_on_commit_callbacks):
        rung = []
        monkeypatch.setattr(tasks.run_import, "delay", lambda pk: rung.append(pk))
        client = client_for(dora)
        assert client.get(reverse("integrations:import_upload")).status_code == 200
        answer = client.post(
            reverse("integrations:import_upload"),
            {"file": SimpleUploadedFile("二月.csv", BAD.encode("gb18030")), "profile": "generic"},
        )
        job = ImportJob.objects.get()
        mapping = reverse("integrations:import_mapping", args=[job.pk])
        assert answer["Location"] == mapping

        page = client.get(mapping).content.decode()
        assert "“2026-02-31” is not a day of the calendar." in page
        assert "1 bad row" in page

        fragment = client.post(mapping, self.mapping(job, column_account=""), headers={"HX-Request": "true"})
        assert "These columns are missing: account code" in fragment.content.decode()
        assert b"<html" not in fragment.content

        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(mapping, self.mapping(job, good_only="on", action="start"))
        assert answer["Location"] == job.get_absolute_url()
        assert rung == [job.pk]
        waiting = client.get(job.get_absolute_url()).content.decode()
        assert 'hx-trigger="every 1s"' in waiting

        tasks.run_import(job.pk)
        done = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
        assert "every 1s" not in done
        assert "a day that does not exist" in done
        rejects = client.get(reverse("integrations:import_rejects", args=[job.pk]))
        text = b"".join(rejects.streaming_content).decode("utf-8-sig")
        assert "no_such_day" in text
        assert rejects["Content-Disposition"].startswith("attachment")
        assert "二月.csv" in client.get(reverse("integrations:import_list")).content.decode()

    def test_an_encoding_that_is_not_recognised_is_chosen_on_the_page(self, client_for, dora):
        text = "訂單號,客戶編碼,日期,產品編碼,品名,數量,單價\nSO-1,ALICE-1,2026-02-03,P1,閥門,2,10.50\n"
        job = upload(text.encode("big5"), actor=dora)
        client, url = client_for(dora), reverse("integrations:import_mapping", args=[job.pk])
        assert "neither UTF-8, GB18030 nor UTF-16" in client.get(url).content.decode()
        answer = client.post(url, self.mapping(job, encoding="big5"), headers={"HX-Request": "true"})
        assert answer["HX-Refresh"] == "true"
        page = client.get(url)
        assert "閥門" in page.content.decode()
        assert page.context["form"]["column_account"].value() == "客戶編碼"

    def test_upload_says_what_is_wrong(self, client_for, dora):
        for content, words in ((b"", "empty"), (b"\xd0\xcf\x11\xe0rest", "old Excel format"), (b"<html>", "HTML")):
            answer = client_for(dora).post(
                reverse("integrations:import_upload"),
                {"file": SimpleUploadedFile("x.csv", content), "profile": "generic"},
            )
            assert answer.status_code == 200
            assert words in answer.content.decode()

    def test_too_large(self, client_for, dora, monkeypatch):
        monkeypatch.setattr("integrations.forms.imports.MAX_UPLOAD", 10)
        answer = client_for(dora).post(
            reverse("integrations:import_upload"),
            {"file": SimpleUploadedFile("x.csv", GOOD.encode()), "profile": "generic"},
        )
        assert "too large" in answer.content.decode()

    def test_saves_a_profile_and_uses_it(self, client_for, dora):
        job = upload(actor=dora)
        url = reverse("integrations:import_mapping", args=[job.pk])
        form = self.mapping(job, profile_name="SAP", credit_prefixes="RE CN", action="save_profile")
        assert client_for(dora).post(url, form).status_code == 200
        assert load_profile("SAP").rules.credit_prefixes == ("RE", "CN")
        listed = client_for(dora).get(reverse("integrations:profile_list")).content.decode()
        assert 'data-confirm="The profile SAP will be deleted.' in listed
        shipped = client_for(dora).post(url, {**form, "profile_name": "online-retail"}).content.decode()
        assert "ships with" in shipped
        wrong = client_for(dora).post(url, {**form, "goods": "(", "profile_name": "x"}).content.decode()
        assert "not a regular expression" in wrong
        profile = ImportProfile.objects.get()
        client_for(dora).post(reverse("integrations:profile_delete", args=[profile.pk]))
        assert not ImportProfile.objects.exists()

    def test_another_separator_guesses_the_columns_anew(self, client_for, dora):
        job = upload(GOOD.replace(",", "|").replace("订单号|", "订单号,订单号|"), actor=dora)
        assert "quantity" in job.columns
        url = reverse("integrations:import_mapping", args=[job.pk])
        answer = client_for(dora).post(url, self.mapping(job, delimiter=",", action="preview"))
        assert answer.status_code == 302
        assert client_for(dora).get(url).status_code == 200

    def test_cancel_and_reopen(self, client_for, dora):
        job = ready(dora)
        client_for(dora).post(reverse("integrations:import_cancel", args=[job.pk]))
        job.refresh_from_db()
        assert job.status == ImportStatus.CANCELLED
        answer = client_for(dora).post(reverse("integrations:import_reopen", args=[job.pk]))
        assert answer["Location"].endswith("/mapping/")
        assert client_for(dora).get(reverse("integrations:import_rejects", args=[job.pk])).status_code == 404

    def test_others_may_not(self, client_for, dora, lee):
        job = upload(actor=dora)
        for name in ("import_detail", "import_mapping", "import_rejects"):
            assert client_for(lee).get(reverse(f"integrations:{name}", args=[job.pk])).status_code == 403
        for name in ("import_list", "import_upload", "profile_list"):
            assert client_for(lee).get(reverse(f"integrations:{name}")).status_code == 403


def test_domain_errors_of_a_broken_profile_are_told(dora, account):
    job = ready(dora)
    ImportJob.objects.filter(pk=job.pk).update(rules={"goods": "("})
    with pytest.raises(DomainError):
        imports.profile_of(ImportJob.objects.get())
    run(job)
    assert job.status == ImportStatus.FAILED
