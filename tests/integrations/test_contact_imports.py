"""Imports of contacts: checked as a whole, written in sets, once, and resumed where a worker died."""

import csv
import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from audit.models import AuditEntry
from contacts.models import Contact, Employment
from integrations import tasks
from integrations.errors import BadRowsLeft, ImportNotOpen
from integrations.models import CheckedStatus, ContactImportJob
from integrations.people.columns import FIELDS, guess_columns
from integrations.people.template import headings, template_xlsx
from integrations.services import checked_jobs, jobs
from integrations.services import contact_imports as services
from orders.errors import MissingColumns, NotATable
from orders.intake.readers import sample
from search.models import SearchEntry
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contact_imports import make_contact_import
from tests.factories.contacts import make_contact

NOW = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)
HEAD = "客户编码,姓名,手机,邮箱,职位,决策角色,影响力,生日,关系负责人\n"
GOOD = (
    HEAD + "ALICE-1,王建国,13800138000,wang@example.com,采购总监,决策者,高,农历八月十五,alice\n"
    "ALICE-1,李娜,,li@example.com,质量经理,,,1980-05-06,\n"
)
BAD = GOOD + (
    "NOBODY,赵六,,,,,,,\n"
    "ALICE-1,,13800138009,,,,,,\n"
    "ALICE-1,钱七,12,x@,,神,,02-30,nobody\n"
    "ALICE-1,王建国,,,,,,,\n"
    "ALICE-1,=cmd|1,+++,,,,,,\n"
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def run(job, now=NOW):
    done = services.run_contact_job(job.pk, clock=lambda: now, today=TODAY)
    job.refresh_from_db()
    return done


def check(actor, text, **options):
    """A job whose file has been checked."""
    job = make_contact_import(actor, text, **options)
    services.queue_contacts(job, dry_run=True, actor=actor, now=NOW)
    run(job)
    return job


def write(job, *, good_only=False):
    services.queue_contacts(job, dry_run=False, good_only=good_only, actor=job.created_by, now=NOW)
    run(job)
    return job


class TestCheck:
    def test_writes_nothing_and_counts(self, alice, account):
        job = check(alice, GOOD)
        assert (job.status, job.rows, job.counts) == (CheckedStatus.CHECKED, 2, {"created": 2})
        assert not Contact.objects.exists()

    def test_names_the_field_and_the_row_of_every_problem(self, alice, account):
        job = check(alice, BAD)
        found = {(problem.row, problem.code, problem.field) for problem in job.problems.all()}
        assert found == {
            (4, "unknown_account", "account"),
            (5, "missing_value", "name"),
            (6, "bad_phone", "mobile"),
            (6, "bad_email", "email"),
            (6, "unknown_choice", "decision_role"),
            (6, "no_such_birthday", "birthday"),
            (6, "unknown_owner", "owner"),
            (7, "repeated_in_file", "name"),
            (8, "bad_phone", "mobile"),
        }
        assert job.counts == {"created": 2, "bad": 5}

    def test_somebody_elses_account_is_as_unknown_as_none(self, alice, ann, account, foreign_account):
        text = HEAD + "MALLORY-1,王,,,,,,,\nNO-SUCH,李,,,,,,,\n"
        assert [problem.code for problem in check(alice, text).problems.all()] == ["unknown_account"] * 2
        assert [problem.code for problem in check(ann, GOOD).problems.all()] == ["unknown_account"] * 2

    def test_dates_that_cannot_be(self, alice, account):
        account.founded_on = dt.date(2010, 1, 1)
        account.save()
        text = "account,name,there since\nALICE-1,王,2026-12-31\nALICE-1,李,2001-01-01\n"
        assert [problem.code for problem in check(alice, text).problems.all()] == ["date_in_future", "before_founding"]

    def test_the_rows_come_back_without_formulas(self, alice, account):
        job = check(alice, BAD)
        rows = list(csv.reader(io.StringIO(job.rejects.open("rb").read().decode("utf-8-sig"))))
        assert rows[0][0] == "Row"
        assert [row[0] for row in rows[1:]] == ["4", "5", "6", "7", "8"]
        assert rows[5][5] == "'=cmd|1"
        assert rows[5][6] == "'+++"
        assert "“12” is not a phone number" in rows[3][3]

    def test_a_file_without_names_fails_as_a_whole(self, alice):
        job = make_contact_import(alice, "a,b\n1,2\n")
        with pytest.raises(MissingColumns):
            services.queue_contacts(job, dry_run=True, actor=alice, now=NOW)

    def test_what_is_no_table_is_not_kept(self, alice, tmp_path):
        with pytest.raises(NotATable):
            services.upload_contacts(SimpleUploadedFile("x.pdf", b"%PDF-1.7"), on_known="skip", actor=alice)
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]


class TestWrite:
    def test_people_their_jobs_audit_and_search(self, alice, account):
        job = write(check(alice, GOOD))
        assert (job.status, job.counts) == (CheckedStatus.DONE, {"created": 2})
        wang = Contact.objects.get(name="王建国")
        assert (wang.mobile, wang.birthday_calendar, wang.birthday_month) == ("+8613800138000", "lunar", 8)
        at = wang.employments.get()
        assert (at.account, at.decision_role, at.influence, at.owner) == (account, "decision_maker", 3, alice)
        assert {entry.action for entry in AuditEntry.objects.of(wang)} == {"contact.created"}
        assert AuditEntry.objects.of(at).get().account_id == account.pk
        assert SearchEntry.objects.filter(kind="contact", object_id=wang.pk).exists()

    def test_bad_rows_stop_it_unless_only_the_good_ones_are_wanted(self, alice, account):
        job = check(alice, BAD)
        with pytest.raises(BadRowsLeft, match="5"):
            write(job)
        assert not Contact.objects.exists()
        assert write(job, good_only=True).counts == {"created": 2, "bad": 5}
        assert Contact.objects.count() == 2

    def test_only_what_was_checked_is_written(self, alice, account):
        job = make_contact_import(alice)
        with pytest.raises(ImportNotOpen):
            services.queue_contacts(job, dry_run=False, actor=alice, now=NOW)

    def test_the_same_file_again_adds_nobody(self, alice, account):
        write(check(alice, GOOD))
        assert write(check(alice, GOOD)).counts == {"known": 2}
        assert write(check(alice, GOOD, on_known="update")).counts == {"unchanged": 2}
        assert (Contact.objects.count(), Employment.objects.count()) == (2, 2)

    def test_a_known_person_is_changed_by_the_cells_that_are_not_empty(self, alice, account):
        known = make_contact(account, "王建国", mobile="+8613800138000", wechat="wjg", position="经理")
        job = write(check(alice, GOOD, on_known="update"))
        assert job.counts == {"updated": 1, "created": 1}
        known.refresh_from_db()
        assert (known.email, known.wechat) == ("wang@example.com", "wjg")
        assert known.employments.get().position == "采购总监"
        changes = AuditEntry.objects.of(known).get().changes
        assert changes["email"] == ["", "wang@example.com"]

    def test_a_known_person_elsewhere_begins_here_too(self, alice, account):
        other = AccountFactory(manager=alice)
        known = make_contact(other, "王建国", mobile="+8613800138000")
        write(check(alice, GOOD, on_known="update"))
        assert set(known.employments.values_list("account", flat=True)) == {account.pk, other.pk}

    def test_people_of_others_are_neither_found_nor_changed(self, alice, account, foreign_account):
        hidden = make_contact(foreign_account, "王建国", mobile="+8613800138000")
        assert write(check(alice, GOOD, on_known="update")).counts == {"created": 2}
        hidden.refresh_from_db()
        assert hidden.email == ""
        assert hidden.employments.count() == 1

    def test_who_may_only_read_them_does_not_change_them(self, ann, account):
        own = AccountFactory(code="ANN-1", manager=ann)
        make_contact(account, "王建国", mobile="+8613800138000")
        job = check(ann, HEAD + f"{own.code},王建国,13800138000,,,,,,\n", on_known="update")
        assert [problem.code for problem in job.problems.all()] == ["known_read_only"]

    def test_several_who_fit_are_not_guessed(self, alice, account):
        make_contact(account, "王一", mobile="+8613800138000")
        make_contact(account, "王二", email="wang@example.com")
        job = check(alice, GOOD, on_known="update")
        assert [problem.code for problem in job.problems.all()] == ["several_known"]

    def test_the_erased_do_not_come_back(self, alice, account):
        Contact.objects.filter(pk=make_contact(account, "王建国", mobile="+8613800138000").pk).update(erased=True)
        assert check(alice, GOOD, on_known="update").counts == {"created": 2}

    def test_a_batch_costs_the_same_however_long(self, alice, account):
        def statements(number):
            rows = "".join(f"ALICE-1,人{number}-{n},1380{number:03d}{n:04d},,,,,,\n" for n in range(number))
            job = check(alice, HEAD + rows)
            services.queue_contacts(job, dry_run=False, actor=alice, now=NOW)
            with CaptureQueriesContext(connection) as captured:
                run(job)
            assert job.counts == {"created": number}
            return len(captured)

        assert statements(3) == statements(30)


class TestResume:
    ROWS = HEAD + "".join(f"ALICE-1,人{n},1380013{n:04d},,,,,,\n" for n in range(50))

    def test_a_worker_that_dies_leaves_whole_batches(self, alice, account, monkeypatch):
        """Killed after the third batch, and again; nobody is written twice and nobody is left out."""
        monkeypatch.setattr(services, "BATCH", 8)
        job = check(alice, self.ROWS + "ALICE-1,人3,,,,,,,\n")
        services.queue_contacts(job, dry_run=False, good_only=True, actor=alice, now=NOW)
        real, calls = services._do_batch, []

        def dying(*args):
            calls.append(args)
            if len(calls) in (3, 5):
                raise KeyboardInterrupt
            return real(*args)

        monkeypatch.setattr(services, "_do_batch", dying)
        for minutes in (0, 4, 8):
            try:
                run(job, NOW + dt.timedelta(minutes=minutes))
            except KeyboardInterrupt:
                job.refresh_from_db()
                assert job.status == CheckedStatus.RUNNING
                assert Contact.objects.count() == job.counts["created"]
        assert job.status == CheckedStatus.DONE
        assert (job.attempts, job.rows, job.counts) == (3, 51, {"created": 50, "bad": 1})
        assert Contact.objects.count() == 50
        assert job.problems.get().code == "repeated_in_file"

    def test_a_living_worker_is_not_disturbed(self, alice, account):
        job = make_contact_import(alice)
        services.queue_contacts(job, dry_run=True, actor=alice, now=NOW)
        assert jobs.claim(ContactImportJob, job.pk, NOW)
        assert not run(job, NOW + dt.timedelta(minutes=1))
        assert jobs.due_ids(ContactImportJob, NOW + dt.timedelta(minutes=1)) == []
        assert jobs.due_ids(ContactImportJob, NOW + dt.timedelta(minutes=4)) == [job.pk]

    def test_a_cancelled_job_stops_at_the_next_batch(self, alice, account, monkeypatch):
        monkeypatch.setattr(services, "BATCH", 10)
        job = check(alice, self.ROWS)
        services.queue_contacts(job, dry_run=False, actor=alice, now=NOW)
        real = services._do_batch

        def cancelling(mine, *args):
            real(mine, *args)
            checked_jobs.cancel(ContactImportJob.objects.get(pk=mine.pk), actor=alice, now=NOW)

        monkeypatch.setattr(services, "_do_batch", cancelling)
        run(job)
        assert job.status == CheckedStatus.CANCELLED
        assert Contact.objects.count() == 10

    def test_five_deaths_are_enough(self, alice, account):
        job = make_contact_import(alice)
        services.queue_contacts(job, dry_run=True, actor=alice, now=NOW)
        ContactImportJob.objects.update(attempts=jobs.MAX_ATTEMPTS)
        run(job)
        assert job.status == CheckedStatus.FAILED

    def test_the_sweep_rings_for_both_kinds(self, alice, account, monkeypatch):
        rung = []
        monkeypatch.setattr(tasks.run_contact_import, "delay", rung.append)
        job = make_contact_import(alice)
        services.queue_contacts(job, dry_run=True, actor=alice, now=NOW)
        assert tasks.sweep_imports() == 1
        assert rung == [job.pk]


class TestPages:
    def test_from_the_file_to_the_result(self, client_for, alice, account, monkeypatch):
        monkeypatch.setattr(tasks.run_contact_import, "delay_on_commit", lambda pk: None)
        client = client_for(alice)
        upload = {"file": SimpleUploadedFile("people.csv", BAD.encode("gb18030")), "on_known": "skip"}
        answer = client.post(reverse("integrations:contact_import_upload"), upload)
        job = ContactImportJob.objects.get()
        assert answer["Location"] == reverse("integrations:contact_import_mapping", args=[job.pk])
        page = client.get(answer["Location"]).content.decode()
        assert "5 bad rows" in page
        assert "There is no account with the code “NOBODY”" in page
        columns = {f"column_{name}": heading for name, heading in job.columns.items()}
        client.post(answer["Location"], {**columns, "on_known": "skip", "action": "check"})
        run(job)
        page = client.get(job.get_absolute_url()).content.decode()
        assert "Import the good rows" in page
        assert client.post(reverse("integrations:contact_import_start", args=[job.pk])).status_code == 302
        job.refresh_from_db()
        assert job.status == CheckedStatus.CHECKED
        client.post(reverse("integrations:contact_import_start", args=[job.pk]), {"good_only": "on"})
        run(job)
        assert "People added" in client.get(job.get_absolute_url()).content.decode()
        given_back = client.get(reverse("integrations:contact_import_rejects", args=[job.pk]))
        assert "attachment" in given_back["Content-Disposition"]
        assert Contact.objects.count() == 2

    def test_a_name_is_needed(self, client_for, alice, account):
        job = make_contact_import(alice)
        url = reverse("integrations:contact_import_mapping", args=[job.pk])
        page = client_for(alice).post(url, {"column_account": "客户编码", "on_known": "skip", "action": "check"})
        assert page.status_code == 200
        assert "column_name" in page.context["form"].errors

    def test_the_templates_are_recognised(self, client_for, alice, tmp_path):
        url = reverse("integrations:contact_import_template")
        assert client_for(alice).get(url, {"format": "csv"}).getvalue().startswith(b"\xef\xbb\xbf")
        path = tmp_path / "template.xlsx"
        path.write_bytes(client_for(alice).get(url).getvalue())
        header, rows = sample(path, services.RULES, 5)
        assert header == headings()
        assert rows == []
        assert len(guess_columns(header)) == len(header)

    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_in_every_language(self, language):
        with translation.override(language):
            assert template_xlsx()
            assert list(guess_columns(headings())) == list(FIELDS)
