"""Exports: exactly the rows of the list, in the background, by right, recorded, kept for a while."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import Account
from audit.models import AuditEntry
from core import exports as core_exports
from dashboards import errors
from dashboards.models import ExportJob
from dashboards.services import exports
from dashboards.tasks import sweep_exports
from kam.celery import app
from notifications.models import Notification
from tests.factories.accounts import AccountFactory
from tests.factories.exports import made_export, make_export
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def path_of(job) -> Path:
    return Path(settings.MEDIA_ROOT) / job.file.name


def rows_of(job) -> list[list]:
    """As the file has them, the heading first."""
    if job.file_format == "csv":
        return list(csv.reader(path_of(job).read_text(encoding="utf-8-sig").splitlines()))
    return CalamineWorkbook.from_path(path_of(job)).get_sheet_by_index(0).to_python()


def files() -> list[Path]:
    return [path for path in (Path(settings.MEDIA_ROOT) / "exports").rglob("*") if path.is_file()]


def actions(job) -> list[str]:
    return list(AuditEntry.objects.of(job).order_by("pk").values_list("action", flat=True))


def run(job):
    exports.run_export(job.pk, clock=timezone.now)
    job.refresh_from_db()
    return job


class TestMaking:
    def test_a_list_becomes_a_file_and_its_owner_is_told(self, alice, account, foreign_account):
        AccountFactory(manager=alice, name="=1+1", name_en="", code="X-1")
        job = made_export(alice)
        head, *rows = rows_of(job)
        assert job.status == "done"
        assert head[:2] == ["Account code", "Account"]
        assert {row[0] for row in rows} == {"ALICE-1", "X-1"}  # nothing of others
        assert {row[1] for row in rows} == {"Dawn Machinery", "=1+1"}
        assert (job.rows_done, job.rows_expected, job.share) == (2, 2, 100)
        assert job.size == path_of(job).stat().st_size
        assert files() == [path_of(job)]
        note = Notification.objects.get(user=alice, kind="export_ready")
        assert note.url == job.get_absolute_url()
        assert note.sentence == "Your export is ready: Accounts, 2 rows"
        assert actions(job) == ["export.requested", "export.finished"]

    def test_with_the_filters_and_in_the_order_of_the_list(self, alice, account):
        for number in range(3):
            AccountFactory(manager=alice, code=f"N{number}", name=f"N{number}", name_en="", region="north")
        job = made_export(alice, "accounts", "region=north&sort=-name&cursor=abc&q=", form="csv")
        assert [row[0] for row in rows_of(job)[1:]] == ["N2", "N1", "N0"]
        assert job.query == "region=north&sort=-name"

    def test_in_the_language_of_who_asked(self, alice, account):
        head, row = rows_of(made_export(alice, language="zh-hans"))
        assert head[1] == "客户"
        assert row[1] == "晨光机械有限公司"

    def test_a_deputy_gets_what_they_see(self, ann, account):
        assert len(rows_of(made_export(ann))) == 2

    def test_batches_cost_the_same_statements_each(self, alice, account, monkeypatch):
        def statements(number):
            AccountFactory.create_batch(number, manager=alice)
            job = make_export(alice)
            with CaptureQueriesContext(
                connection,
            ) as found:
                run(job)
            return len(found)

        monkeypatch.setattr(core_exports.batches, "__defaults__", (10,))
        few = statements(9)  # one batch
        more = statements(10)  # two
        most = statements(20)  # four
        assert most - more == 2 * (more - few)


class TestRefusing:
    def test_without_the_right(self, alice, account):
        with pytest.raises(errors.ExportNotAllowed):
            exports.ask_for_export("accounts", QueryDict(), form="xlsx", language="en", actor=alice, now=timezone.now())

    def test_the_right_is_asked_for_again_when_it_runs(self, alice, account):
        job = make_export(alice)
        User.objects.filter(pk=alice.pk).update(may_export=False)
        run(job)
        assert (job.status, job.error_code, files()) == ("failed", "export_not_allowed", [])
        assert "may not export" in job.message

    def test_a_list_of_another_role(self, alice, account):
        with pytest.raises(errors.UnknownList):
            make_export(alice, "audit")

    def test_a_list_that_does_not_exist(self, alice, account):
        with pytest.raises(errors.UnknownList):
            make_export(alice, "secrets")

    def test_a_list_of_something_that_is_not_named(self, alice):
        with pytest.raises(errors.ListNotNarrowed):
            make_export(alice, "survey_invitations")

    def test_too_many_rows_before_it_starts_and_how_many(self, alice, account, settings):
        AccountFactory.create_batch(3, manager=alice)
        settings.EXPORT_MAX_ROWS = 3
        with pytest.raises(errors.TooManyExportRows) as refused:
            make_export(alice)
        assert str(refused.value).startswith("The list has 4 rows, and an export at most 3. Narrow the list")
        assert not ExportJob.objects.exists()

    def test_too_many_rows_by_the_time_it_runs(self, alice, account, settings):
        job = make_export(alice)
        AccountFactory.create_batch(3, manager=alice)
        settings.EXPORT_MAX_ROWS = 3
        run(job)
        assert (job.status, job.error_code, files()) == ("failed", "too_many_rows_to_export", [])
        assert "4 rows" in job.message

    def test_nothing(self, alice):
        with pytest.raises(errors.NothingToExport):
            make_export(alice)

    def test_more_than_five_at_a_time(self, alice, account):
        for _number in range(5):
            make_export(alice)
        with pytest.raises(errors.TooManyExports):
            make_export(alice)

    def test_a_bug_is_told_and_raised(self, alice, account, monkeypatch):
        job = make_export(alice)
        monkeypatch.setattr(exports, "writing", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(job)
        job.refresh_from_db()
        assert (job.status, job.error_code, files()) == ("failed", "export_broken", [])


class TestWorkers:
    def test_messages_twice_write_one_file(self, alice, account):
        job = made_export(alice)
        before = path_of(job).stat().st_mtime_ns
        assert exports.run_export(job.pk, clock=timezone.now) is False
        assert path_of(job).stat().st_mtime_ns == before
        assert actions(job).count("export.finished") == 1

    def test_what_a_dead_worker_left_is_taken_over_and_tidied_up(self, alice, account):
        job = make_export(alice)
        now = timezone.now()
        dead = exports._claim(job.pk, now)
        exports._take_over(dead)
        (exports._scratch(dead) / "file").write_text("half")
        assert exports.due_ids(now + dt.timedelta(minutes=1)) == []
        later = now + exports.LEASE + dt.timedelta(seconds=1)
        assert exports.due_ids(later) == [job.pk]
        exports.run_export(job.pk, clock=lambda: later)
        job.refresh_from_db()
        assert (job.status, job.attempts, files()) == ("done", 2, [path_of(job)])
        exports._finish(dead, later)  # the dead one wakes up: too late
        assert actions(job).count("export.finished") == 1
        with pytest.raises(exports.LostClaim):
            exports._reached(dead, later)

    def test_it_is_not_tried_for_ever(self, alice, account):
        job = make_export(alice)
        ExportJob.objects.filter(pk=job.pk).update(attempts=exports.MAX_ATTEMPTS)
        run(job)
        assert (job.status, job.error_code) == ("failed", "export_worker_died")

    def test_cancelled_while_it_waits(self, alice, account):
        job = exports.cancel_export(make_export(alice), actor=alice, now=timezone.now())
        assert exports.run_export(job.pk, clock=timezone.now) is False
        assert actions(job) == ["export.requested", "export.cancelled"]
        with pytest.raises(errors.ExportOver):
            exports.cancel_export(job, actor=alice, now=timezone.now())

    def test_cancelled_while_it_runs(self, alice, account):
        job = make_export(alice)

        def clock():
            if ExportJob.objects.get(pk=job.pk).status == "running":
                exports.cancel_export(job, actor=alice, now=timezone.now())
            return timezone.now()

        exports.run_export(job.pk, clock=clock)
        job.refresh_from_db()
        assert (job.status, job.file.name, files()) == ("cancelled", "", [])
        assert not Notification.objects.exists()

    def test_a_lost_message_is_rung_again(self, alice, account):
        app.conf.task_always_eager = True
        try:
            job = make_export(alice)
            assert sweep_exports() == 1
        finally:
            app.conf.task_always_eager = False
        job.refresh_from_db()
        assert job.status == "done"


class TestKeeping:
    def test_the_file_goes_when_its_time_is_over(self, alice, account, settings):
        job = made_export(alice)
        assert job.expires_at - job.finished_at == dt.timedelta(days=settings.EXPORT_DAYS)
        assert exports.take_away_outdated(job.expires_at - dt.timedelta(seconds=1)) == 0
        assert exports.take_away_outdated(job.expires_at) == 1
        assert exports.take_away_outdated(job.expires_at) == 0
        job.refresh_from_db()
        assert (job.status, job.file.name, files()) == ("expired", "", [])
        assert actions(job)[-1] == "export.expired"

    def test_the_link_ends_even_before_the_sweeper_comes(self, alice, account):
        job = made_export(alice)
        with pytest.raises(errors.ExportNotReady):
            exports.open_export(job, actor=alice, now=job.expires_at)

    def test_a_file_that_is_lost(self, alice, account):
        job = made_export(alice)
        path_of(job).unlink()
        with pytest.raises(errors.ExportNotReady):
            exports.open_export(job, actor=alice, now=timezone.now())

    def test_not_for_others_whatever_their_role(self, alice, root, account):
        job = made_export(alice)
        root.may_export = True
        with pytest.raises(errors.ExportNotAllowed):
            exports.open_export(job, actor=root, now=timezone.now())
        assert not ExportJob.objects.visible_to(root).exists()


class TestPages:
    def test_from_the_button_to_the_file(self, alice, account, client_for):
        alice.may_export = True
        alice.save()
        client = client_for(alice)
        page = client.get("/accounts/?region=&tier=none").content.decode()
        assert 'href="/dashboards/exports/new/?list=accounts&amp;region=&amp;tier=none"' in page
        form = client.get("/dashboards/exports/new/?list=accounts&region=&tier=none").content.decode()
        assert "1 row" in form
        assert "No tier" in form
        answer = client.post("/dashboards/exports/new/?list=accounts&tier=none", {"file_format": "csv"})
        job = ExportJob.objects.get()
        assert answer.url == job.get_absolute_url()
        assert (job.file_format, job.query) == ("csv", "tier=none")
        waiting = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
        assert 'hx-trigger="every 1s"' in waiting
        run(job)
        ready = client.get(job.get_absolute_url()).content.decode()
        assert 'hx-trigger="every 1s"' not in ready
        file = client.get(f"/dashboards/exports/{job.pk}/file/")
        assert b"".join(file.streaming_content).startswith(b"\xef\xbb\xbf")
        assert ".csv" in file["Content-Disposition"]
        assert file["Cache-Control"] == "private, no-store"
        assert actions(job)[-1] == "export.downloaded"
        assert "Accounts" in client.get("/dashboards/exports/").content.decode()

    def test_no_button_without_the_right(self, alice, account, client_for):
        assert "data-export" not in client_for(alice).get("/accounts/").content.decode()

    def test_the_right_taken_away_closes_the_download(self, alice, account, client_for):
        job = made_export(alice)
        User.objects.filter(pk=alice.pk).update(may_export=False)
        client = client_for(User.objects.get(pk=alice.pk))
        assert client.get(f"/dashboards/exports/{job.pk}/file/").status_code == 403
        assert "/file/" not in client.get(job.get_absolute_url()).content.decode()

    def test_somebody_elses_is_not_found(self, alice, root, account, client_for):
        job = made_export(alice)
        root.may_export = True
        root.save()
        for url in (job.get_absolute_url(), f"/dashboards/exports/{job.pk}/file/"):
            assert client_for(root).get(url).status_code == 404
        assert client_for(root).post(f"/dashboards/exports/{job.pk}/cancel/").status_code == 404

    def test_a_long_list_is_refused_in_words(self, alice, account, client_for, settings):
        settings.EXPORT_MAX_ROWS = 0
        alice.may_export = True
        alice.save()
        page = client_for(alice).get("/dashboards/exports/new/?list=accounts").content.decode()
        assert "The list has 1 rows, and an export at most 0." in page
        assert 'type="radio"' not in page

    def test_an_expired_link_says_so(self, alice, account, client_for):
        job = made_export(alice)
        ExportJob.objects.filter(pk=job.pk).update(expires_at=timezone.now())
        answer = client_for(alice).get(f"/dashboards/exports/{job.pk}/file/", follow=True)
        assert "no file to download" in answer.content.decode()


def test_a_list_that_is_gone_is_no_error(alice, account, client_for):
    job = made_export(alice)
    ExportJob.objects.filter(pk=job.pk).update(list_name="gone")
    assert client_for(alice).get(job.get_absolute_url()).status_code == 200
    assert Account.objects.exists()
