"""Who hears that a report in the background, or one by mail, has ended; values of filters that are searched for."""

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse

from core import reporting
from core.post import Outcome, Verdict
from dashboards.models import ReportRun
from dashboards.reports import building
from dashboards.services import schedules
from dashboards.services.report_runs import ask_run, do_run
from dashboards.services.schedules import make_mails, send_due
from notifications.models import Notification
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.orders import make_order
from tests.factories.reports import make_report, make_schedule

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 16, 1, tzinfo=dt.UTC)
ROWS = {"object": "accounts", "columns": ["account", "manager"]}


@pytest.fixture
def exporter(alice):
    alice.may_export = True
    alice.save()
    return alice


class TestTold:
    def test_who_asked_hears_that_it_is_ready(self, alice, account):
        row = ask_run(ReportRun(title="Mine", definition=ROWS, format="page"), actor=alice)
        for _time in range(2):
            do_run(row.pk, lambda: MONDAY)
        note = Notification.objects.get(user=alice)
        assert note.url == row.get_absolute_url()
        assert note.sentence == "Your report is ready: Mine, 1 rows"

    def test_who_asked_hears_that_it_failed_and_why(self, exporter, account):
        row = ask_run(ReportRun(title="Mine", definition=ROWS, format="xlsx"), actor=exporter)
        type(exporter).objects.filter(pk=exporter.pk).update(may_export=False)
        do_run(row.pk, lambda: MONDAY)
        row.refresh_from_db()
        note = Notification.objects.get(user=exporter)
        assert (row.status, note.kind) == ("failed", "report_failed")
        assert row.error in note.sentence

    def test_the_owner_hears_of_a_mail_that_bounces(self, exporter, mallory, account, monkeypatch):
        type(mallory).objects.filter(pk=mallory.pk).update(may_export=True)
        schedule = make_schedule(make_report(exporter, ROWS), [mallory])
        refused = Verdict(Outcome.REFUSED, "550 no such user")
        monkeypatch.setattr(schedules.Post, "send", lambda post, message: refused)
        make_mails(MONDAY)
        for _time in range(2):
            send_due(lambda: MONDAY)
        note = Notification.objects.get(user=exporter)
        assert (schedule.mails.get().status, note.kind) == ("refused", "report_mail_failed")
        assert note.sentence == "The report My report did not reach Mallory: 550 no such user"

    def test_the_owner_hears_of_a_report_that_cannot_be_run(self, exporter, account):
        make_schedule(make_report(exporter, {"object": "accounts", "columns": ["shoe_size"]}), [exporter])
        make_mails(MONDAY)
        send_due(lambda: MONDAY)
        assert "shoe_size" in Notification.objects.get(user=exporter).sentence
        assert not mail.outbox


def test_the_last_working_day_is_that_of_the_owners_country(exporter, account):
    """30 April 2027 is a Friday; 31 May a Monday, on which China works and the United States do not."""
    zones = {"Asia/Shanghai": dt.date(2027, 5, 31), "America/New_York": dt.date(2027, 5, 28)}
    for zone, day in zones.items():
        exporter.time_zone = zone
        exporter.save()
        schedule = make_schedule(make_report(exporter, ROWS), [exporter], frequency="monthly", month_day=0)
        make_mails(dt.datetime(2027, 5, 31, 23, tzinfo=dt.UTC))
        assert schedule.mails.get().period == day.isoformat()


class TestLookup:
    """Related rows are found however many there are, by whoever sees them."""

    URL = "dashboards:report_lookup"

    def found(self, client, one, column, text):
        answer = client.get(reverse(self.URL), {"object": one, "column": column, "q": text})
        return [row["text"] for row in answer.json()["results"]]

    def test_finds_a_part_of_the_name_among_what_the_reader_sees(self, client_for, alice, account, foreign_account):
        make_contact(account, "王芳")
        make_contact(foreign_account, "王强")
        make_order(account, product="PUMP")
        client = client_for(alice)
        assert self.found(client, "contacts", "contact", "王") == ["王芳"]
        assert self.found(client, "accounts", "account", "Dawn") == ["晨光机械有限公司"]
        assert self.found(client, "accounts", "account", "Southern") == []
        assert self.found(client, "order_lines", "product", "pump") == ["PUMP"]

    @pytest.mark.parametrize(("one", "column"), [("", ""), ("accounts", "tier"), ("shoes", "size"), ("accounts", "x")])
    def test_nonsense_finds_nothing(self, client_for, alice, one, column):
        assert self.found(client_for(alice), one, column, "\x00") == []

    def test_every_relation_can_be_searched(self, client_for, dora):
        client = client_for(dora)
        for one in reporting.reportable().values():
            for column in one.columns:
                if column.kind == reporting.Kind.RELATION:
                    assert self.found(client, one.key, column.key, "zzzz") == [], (one.key, column.key)

    def test_the_builder_searches_where_the_values_are_many(self, client_for, dora, monkeypatch):
        monkeypatch.setattr(building, "FEW", 1)
        for name in ("A", "B"):
            AccountFactory(name=name)
        data = {"object": "accounts", "f0_column": "account", "f0_op": "in", "name": "x"}
        page = client_for(dora).post(reverse("dashboards:report_create"), data).content.decode()
        assert 'data-lookup="/dashboards/reports/lookup/?object=accounts&amp;column=account"' in page


def test_every_ratio_has_nothing_where_there_is_nothing_to_divide_by(ask, dora, account):
    """Of all objects; over rows without amounts, and over no rows at all."""
    seen = 0
    for one in reporting.reportable().values():
        for column in one.columns:
            if not column.ratio:
                continue
            for filters in ([], [{"column": "account", "op": "in", "value": [999_999]}]):
                raw = {"object": one.key, "filters": filters, "sums": [{"function": "ratio", "column": column.key}]}
                assert ask(dora, raw).total.cells[-1][0] in (None, 0), (one.key, column.key)
                seen += 1
    assert seen >= 4
