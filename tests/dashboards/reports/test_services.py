"""Saving, files in the background, schedules: what they do, what they refuse, once in effect."""

import datetime as dt
import io

import pytest
import python_calamine
from django.core import mail

from audit.models import AuditEntry
from dashboards.models import Report, ReportMail, ReportRun, ReportSchedule
from dashboards.reports.errors import InvalidReport, ReportBusy, ReportForbidden, ReportWithoutExport
from dashboards.services.report_runs import MOST_OPEN, STALE, ask_run, do_run, throw_away
from dashboards.services.reports import delete_report, save_report
from dashboards.services.schedules import make_mails, save_schedule, send_due
from tests.factories.reports import DEFINITION, make_report, make_report_run, make_schedule

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 16, 1, tzinfo=dt.UTC)  # nine in the morning in Shanghai
ROWS = {"object": "accounts", "columns": ["account", "manager"]}


def run(viewer, form="xlsx", definition=ROWS, **fields):
    asked = ReportRun(title="Accounts", source="1", definition=definition, format=form, **fields)
    return ask_run(asked, actor=viewer)


def sheet_of(content):
    """The cells of the first sheet, line by line."""
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


@pytest.fixture
def exporter(alice):
    alice.may_export = True
    alice.save()
    return alice


class TestSave:
    def test_saves_and_records(self, alice):
        report = save_report(Report(name="Mine", definition=DEFINITION), actor=alice)
        assert report.owner == alice
        report.sharing = "everyone"
        save_report(report, actor=alice)
        actions = (
            AuditEntry.objects.filter(object_type="dashboards.report").order_by("pk").values_list("action", flat=True)
        )
        assert list(actions) == ["report.created", "report.updated"]

    def test_refuses_a_field_that_there_is_not(self, alice):
        with pytest.raises(InvalidReport, match="shoe_size"):
            save_report(Report(name="x", definition={"object": "accounts", "columns": ["shoe_size"]}), actor=alice)

    def test_only_the_owner_changes_and_deletes(self, alice, mallory, admin_user):
        report = make_report(alice, sharing="everyone")
        for change in (save_report, delete_report):
            with pytest.raises(ReportForbidden):
                change(report, actor=mallory)
        delete_report(report, actor=admin_user)
        assert not Report.objects.exists()

    def test_sharing(self, alice, ann, lee, mallory, north):
        report = make_report(lee, sharing="team")
        for user, sees in ((lee, True), (alice, True), (ann, True), (mallory, False)):
            assert Report.objects.visible_to(user).filter(pk=report.pk).exists() is sees
        Report.objects.filter(pk=report.pk).update(sharing="private")
        assert not Report.objects.visible_to(alice).exists()


class TestRun:
    def test_writes_the_viewers_rows(self, exporter, account, foreign_account):
        account.name = "=1+1"
        account.name_en = ""
        account.save()
        row = run(exporter)
        assert do_run(row.pk, lambda: MONDAY)
        row.refresh_from_db()
        assert (row.status, row.rows, row.progress) == ("done", 1, 100)
        assert sheet_of(row.file.read()) == [["Account", "Account manager"], ["=1+1", "Alice"]]
        assert not do_run(row.pk, lambda: MONDAY)  # a second message does nothing

    @pytest.mark.parametrize("form", ["csv", "pdf", "page"])
    @pytest.mark.parametrize("definition", [ROWS, DEFINITION])
    def test_every_form_of_table_and_rows(self, exporter, account, form, definition):
        row = run(exporter, form, definition)
        do_run(row.pk, lambda: MONDAY)
        row.refresh_from_db()
        assert (row.status, row.error) == ("done", "")
        if form == "page":
            assert "grid" in row.result or row.result["count"] == 1
        else:
            assert row.file.read(4) in (b"%PDF", b"\xef\xbb\xbfA")

    def test_needs_the_right_to_export(self, alice):
        with pytest.raises(ReportWithoutExport):
            run(alice)
        run(alice, "page")

    def test_right_that_is_lost_meanwhile(self, exporter, account):
        row = run(exporter)
        type(exporter).objects.update(may_export=False)
        do_run(row.pk, lambda: MONDAY)
        row.refresh_from_db()
        assert row.status == "failed"
        assert not row.file

    def test_at_most_some_at_once(self, exporter):
        for _number in range(MOST_OPEN):
            run(exporter)
        with pytest.raises(ReportBusy):
            run(exporter)

    def test_a_dead_worker_is_followed_by_another(self, exporter, account):
        row = run(exporter)
        ReportRun.objects.filter(pk=row.pk).update(status="running", claimed_at=MONDAY, attempts=1)
        assert not do_run(row.pk, lambda: MONDAY + STALE)
        assert do_run(row.pk, lambda: MONDAY + STALE + dt.timedelta(seconds=1))
        assert ReportRun.objects.get(pk=row.pk).status == "done"

    def test_is_thrown_away_after_a_week(self, alice):
        row = make_report_run(alice)
        assert throw_away(row.created_at + dt.timedelta(days=6)) == 0
        assert throw_away(row.created_at + dt.timedelta(days=8)) == 1


class TestSchedule:
    def test_each_receiver_gets_their_own_rows_once(self, exporter, mallory, account, foreign_account):
        type(mallory).objects.filter(pk=mallory.pk).update(may_export=True)
        make_schedule(make_report(exporter, ROWS), [exporter, mallory])
        for _time in range(2):
            make_mails(MONDAY)
            send_due(lambda: MONDAY)
        assert sorted(one.to[0] for one in mail.outbox) == [exporter.email, mallory.email]
        found = {}
        for one in mail.outbox:
            _name, content, _type = one.attachments[0]
            found[one.to[0]] = [line[0] for line in sheet_of(content)[1:]]
        assert found == {exporter.email: ["Dawn Machinery"], mallory.email: ["Southern Trading"]}
        leads = {one.to[0]: "/dashboards/reports/" in one.body for one in mail.outbox}
        assert leads == {exporter.email: True, mallory.email: False}  # who does not see the report gets no dead link
        assert make_mails(MONDAY + dt.timedelta(days=1)) == 0
        assert make_mails(MONDAY + dt.timedelta(days=9)) == 2  # late by two days, and for the next Monday

    def test_not_before_it_was_made_nor_when_paused(self, exporter):
        report = make_report(exporter)
        make_schedule(report, [exporter], since=MONDAY + dt.timedelta(hours=1))
        make_schedule(report, [exporter], is_active=False)
        assert make_mails(MONDAY + dt.timedelta(hours=2)) == 0

    def test_nothing_for_the_deactivated_and_those_without_the_right(self, exporter, ann, account):
        schedule = make_schedule(make_report(exporter, ROWS), [exporter, ann])
        assert make_mails(MONDAY) == 1  # Ann may not export
        type(exporter).objects.filter(pk=exporter.pk).update(is_active=False)
        assert send_due(lambda: MONDAY) == 0
        assert ReportMail.objects.get(schedule=schedule).status == "dropped"
        assert not mail.outbox

    def test_a_sender_that_died(self, exporter, account):
        schedule = make_schedule(make_report(exporter, ROWS), [exporter])
        make_mails(MONDAY)
        later = MONDAY + dt.timedelta(minutes=16)
        ReportMail.objects.update(claimed_at=MONDAY)  # died before the mail server was called
        assert send_due(lambda: MONDAY + dt.timedelta(minutes=1)) == 0
        assert send_due(lambda: later) == 1
        ReportMail.objects.update(status="sending", claimed_at=MONDAY)  # died while it was called
        assert send_due(lambda: later) == 0
        assert schedule.mails.get().status == "uncertain"

    def test_a_field_that_is_gone_sends_nothing_and_says_so(self, exporter, account):
        report = make_report(exporter, {"object": "accounts", "columns": ["shoe_size"]})
        schedule = make_schedule(report, [exporter])
        make_mails(MONDAY)
        send_due(lambda: MONDAY)
        assert schedule.mails.get().status == "dropped"
        assert "shoe_size" in schedule.mails.get().error

    def test_only_the_owner_with_the_right_schedules(self, exporter, mallory):
        report = make_report(exporter, sharing="everyone")
        with pytest.raises(ReportForbidden):
            save_schedule(ReportSchedule(report=report), [mallory], actor=mallory, now=MONDAY)
        saved = save_schedule(ReportSchedule(report=report), [exporter], actor=exporter, now=MONDAY)
        assert saved.since == MONDAY
        assert AuditEntry.objects.get(action="report_schedule.created").object_id == saved.pk


class TestPages:
    def test_a_number_opens_its_rows(self, client_for, alice, account):
        client = client_for(alice)
        page = client.get(f"/dashboards/reports/{make_report(alice).pk}/")
        assert f"/rows/?g0={alice.pk}" in page.content.decode()
        rows = client.get(f"/dashboards/reports/{Report.objects.get().pk}/rows/", {"g0": alice.pk})
        assert "Dawn Machinery" in rows.content.decode()

    def test_a_field_that_is_gone_needs_consent(self, client_for, alice, account):
        report = make_report(alice, {"object": "accounts", "columns": ["account", "shoe_size"]})
        client = client_for(alice)
        page = client.get(report.get_absolute_url()).content.decode()
        assert "shoe_size" in page
        assert "Dawn Machinery" not in page
        assert "Dawn Machinery" in client.get(report.get_absolute_url(), {"without": "1"}).content.decode()

    def test_group_by_hand(self, client_for, alice, account):
        url = f"/dashboards/reports/{make_report(alice).pk}/rows/"
        for value in ("x", "~", "9" * 30, "\x00", "-1"):
            assert client_for(alice).get(url, {"g0": value, "g1": value, "page": value}).status_code in (200, 400)

    def test_builds_previews_and_saves(self, client_for, alice, account):
        client = client_for(alice)
        data = {
            "object": "accounts",
            "columns": ["account", "tier"],
            "f0_column": "status",
            "f0_op": "in",
            "f0_value": ["active", "prospect"],
            "f1_column": "last_contact",
            "f1_op": "older",
            "name": "Built",
            "sharing": "team",
        }
        preview = client.post("/dashboards/reports/new/", data, headers={"HX-Request": "true"})
        assert "Dawn Machinery" in preview.content.decode()
        assert "<html" not in preview.content.decode()
        assert client.post("/dashboards/reports/new/", {**data, "name": "", "save": "1"}).status_code == 200
        saved = client.post("/dashboards/reports/new/", {**data, "save": "1"})
        report = Report.objects.get()
        assert saved["Location"] == report.get_absolute_url()
        assert report.definition == {
            "object": "accounts",
            "columns": ["account", "tier"],
            "filters": [{"column": "status", "op": "in", "value": ["active", "prospect"]}],
        }

    def test_builder_with_groups_of_another_object(self, client_for, alice, account):
        data = {
            "object": "orders",
            "g0_column": "manager",
            "g2_column": "date",
            "g2_grain": "week",
            "sums": ["sum:amount", "sum:shoe"],
            "sort": "-sum:5",
            "f0_column": "shoe",
        }
        page = client_for(alice).post("/dashboards/reports/new/", data)
        assert page.status_code == 200

    def test_file_is_for_who_may_export(self, client_for, exporter, account):
        client = client_for(exporter)
        answer = client.post("/dashboards/reports/files/new/", {"from": "ageing", "format": "csv"})
        row = ReportRun.objects.get()
        assert answer["Location"] == row.get_absolute_url()
        do_run(row.pk, lambda: MONDAY)
        assert b"Total" in b"".join(client.get(f"{row.get_absolute_url()}file/").streaming_content)
        assert AuditEntry.objects.filter(action="report_run.exported").count() == 1
