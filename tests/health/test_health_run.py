"""The night: once, resumed, caught up; what it keeps; the doors to it."""

import csv
import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AccountSummary
from audit.models import AuditEntry
from health import tasks
from health.choices import Band, RunStage
from health.errors import HealthRunOlder
from health.models import AccountHealth, Alert, HealthPoint, HealthPolicy, HealthProfile, HealthRun
from health.services import jobs
from health.services.history import changes_since, trend, what_changed
from health.services.storing import thin_points, trend_days
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_scores import rhythm
from tests.factories.orders import make_order

DAY = dt.timedelta(days=1)


def noon(day):
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def night(day=TODAY, **fields):
    return jobs.run_health(day, noon(day), **fields)


def content():
    """Everything that a night keeps."""
    return [
        list(AccountHealth.objects.order_by("pk").values()),
        list(HealthPoint.objects.order_by("account", "date").values("account", "date", "score", "band", "parts")),
        list(AccountSummary.objects.order_by("pk").values("account", "health_score", "health_band", "health_trend")),
        list(Alert.objects.order_by("account", "reason").values("account", "reason", "status", "seen_on")),
        list(HealthRun.objects.values("as_of", "stage", "scored", "scored_through")),
    ]


@pytest.fixture
def customers(alice):
    """Seven who buy, three of whom stopped."""
    found = [AccountFactory(manager=alice) for _number in range(7)]
    for number, account in enumerate(found):
        rhythm(account, gap=20, silent=150 if number < 3 else 0, count=6)
    return found


class TestNight:
    def test_scores_all_and_raises_alerts(self, customers):
        report = night()

        assert report.scored == 7
        assert AccountHealth.objects.filter(as_of=TODAY).count() == 7
        assert Alert.objects.exists()
        run = HealthRun.objects.get()
        assert (run.stage, run.scored, run.finished_at) == (RunStage.DONE, 7, noon(TODAY))
        assert HealthProfile.objects.count() == 4

    def test_twice_changes_nothing(self, customers):
        night()
        before, entries = content(), AuditEntry.objects.count()

        report = night()

        assert (report.scored, report.opened) == (0, 0)
        assert content() == before
        assert AuditEntry.objects.count() == entries

    def test_dry_run_reports_the_same_and_keeps_nothing(self, customers):
        dry = night(dry_run=True)

        assert not AccountHealth.objects.exists()
        assert not HealthRun.objects.exists()
        assert night() == dry

    def test_goes_on_where_it_was_killed(self, customers, monkeypatch):
        monkeypatch.setattr(jobs, "BATCH", 3)
        scored = []

        def die(_scored):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            jobs.score_day(TODAY, tell=die)
        assert HealthRun.objects.get().scored_through == customers[2].pk
        jobs.score_day(TODAY, tell=scored.append)

        assert scored == [3, 4, 4]
        assert AccountHealth.objects.count() == 7
        assert jobs.is_unfinished(TODAY)
        assert night().opened == Alert.objects.filter(status="open").count()
        assert not jobs.is_unfinished(TODAY)

    def test_standstill_is_caught_up_by_the_newest(self, customers):
        night()
        night(TODAY + 9 * DAY)

        assert [run.as_of for run in HealthRun.objects.order_by("as_of")] == [TODAY, TODAY + 9 * DAY]
        assert set(AccountHealth.objects.values_list("as_of", flat=True)) == {TODAY + 9 * DAY}

    def test_a_night_that_never_ended_is_given_up(self, customers):
        HealthRun.objects.create(as_of=TODAY - DAY, scored_through=3)

        night()

        assert list(HealthRun.objects.values_list("as_of", "stage")) == [(TODAY, RunStage.DONE)]

    def test_an_import_that_failed_for_a_month_raises_nothing_and_is_said(self, alice, client_for):
        accounts = [AccountFactory(manager=alice) for _number in range(8)]
        for number, account in enumerate(accounts):
            for week in range(34):
                make_order(account, 100, date=TODAY - (40 + 7 * week + number % 7) * DAY)

        report = night()

        run = HealthRun.objects.get()
        assert run.gap_from <= TODAY - 30 * DAY
        assert run.gap_until == TODAY - DAY
        assert (report.opened, Alert.objects.count()) == (0, 0)
        assert not AccountHealth.objects.filter(band=Band.AT_RISK).exists()
        page = client_for(alice).get("/health/alerts/").content.decode()
        assert "Orders are missing in the data of the whole company" in page

    def test_a_clock_set_back_does_nothing(self, customers):
        night()
        before = content()

        with pytest.raises(HealthRunOlder, match="2026-03-16"):
            night(TODAY - DAY)

        assert content() == before

    def test_ended_relationships_leave(self, customers):
        night()
        customers[0].status = "terminated"
        customers[0].save()

        night(TODAY + DAY)

        assert AccountHealth.objects.count() == 6
        summary = AccountSummary.objects.get(account=customers[0])
        assert (summary.health_score, summary.health_band, summary.health_trend) == (None, "", [])
        assert HealthPoint.objects.filter(account=customers[0]).count() == 1

    def test_an_account_without_a_manager_is_scored(self, db):
        pooled = AccountFactory()
        rhythm(pooled)

        assert night().scored == 1


class TestKept:
    def test_points_daily_for_a_weekly_for_others(self, alice):
        first, other = AccountFactory(manager=alice, tier="A"), AccountFactory(manager=alice, tier="C")
        for account in (first, other):
            rhythm(account, gap=10, count=10)
        for days in range(9):
            night(TODAY + days * DAY)

        assert HealthPoint.objects.filter(account=first).count() == 9
        days = set(HealthPoint.objects.filter(account=other).values_list("date", flat=True))
        bands = HealthPoint.objects.filter(account=other).order_by("date").values_list("date", "band")
        changed = {day for (day, band), (_d, before) in zip(list(bands)[1:], bands, strict=False) if band != before}
        assert {TODAY, TODAY + 7 * DAY} <= days <= {TODAY, TODAY + 7 * DAY} | changed

    def test_the_summary_has_the_score_and_the_mondays_before(self, customers):
        account = customers[-1]
        for days in (0, 7, 9):
            night(TODAY + days * DAY)

        summary = AccountSummary.objects.get(account=account)
        health = AccountHealth.objects.get(account=account)
        points = HealthPoint.objects.filter(account=account, date__in=[TODAY, TODAY + 7 * DAY]).order_by("date")
        assert (summary.health_score, summary.health_band) == (health.score, health.band)
        assert summary.health_trend == [*[point.score for point in points][:1], health.score]

    def test_trend_days_are_seven_mondays(self):
        days = trend_days(TODAY + 3 * DAY)

        assert len(days) == 7
        assert all(day.weekday() == 0 for day in days)
        assert days[-1] == TODAY - 7 * DAY

    def test_old_points_go(self, customers):
        night()

        assert thin_points(TODAY + 91 * DAY, 90) == 7
        assert not HealthPoint.objects.exists()

    def test_the_policy_says_how_long(self, customers):
        HealthPolicy.objects.create(pk=1, keep_days=90)
        night()
        night(TODAY + 120 * DAY)

        assert not HealthPoint.objects.filter(date=TODAY).exists()


class TestHistory:
    def test_says_what_has_changed(self, account):
        rhythm(account, gap=20, count=8)
        night()
        night(TODAY + 60 * DAY)

        found = changes_since(account, TODAY)
        assert found.score_now < found.score_before
        assert {"order_gap", "churn_probability"} <= {change.signal for change in found.changes if change.is_worse}
        assert any(
            words.startswith("Silence against its own rhythm got worse: from") for words in what_changed(account, TODAY)
        )
        assert next(point.date for point in trend(account, TODAY)) == TODAY

    def test_nothing_to_compare(self, account):
        rhythm(account)
        night()

        assert what_changed(account, TODAY - 30 * DAY) == []
        assert changes_since(account, TODAY) is None


class TestDoors:
    def test_the_command_scores_and_says_so(self, customers):
        out = StringIO()
        call_command("run_health", "--as-of", "2026-03-16", stdout=out)

        assert "2026-03-16: accounts scored 7" in out.getvalue()

    def test_refuses_a_clock_set_back(self, customers):
        night()

        with pytest.raises(CommandError, match="Is the clock right"):
            call_command("run_health", "--as-of", "2026-03-15")

    @pytest.mark.parametrize("day", ["tomorrow", "2999-01-01", "1026-01-01"])
    def test_refuses_what_is_no_day(self, db, day):
        with pytest.raises(CommandError):
            call_command("score_health", "--as-of", day)

    def test_score_health_writes_a_row_for_each_account(self, customers, tmp_path):
        path, out = tmp_path / "scores.csv", StringIO()
        call_command("score_health", "--as-of", "2026-03-16", "--csv", str(path), stdout=out)

        rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
        kept = dict(AccountHealth.objects.values_list("account__code", "score"))
        assert {row["account_code"]: int(row["score"]) for row in rows} == kept
        assert rows[0]["reasons"].startswith("Probability of no order")
        assert not Alert.objects.exists()
        assert "; kept." in out.getvalue()

    def test_score_health_of_a_past_day_leaves_the_newest_alone(self, customers, tmp_path):
        night()
        before, out = content(), StringIO()

        call_command("score_health", "--as-of", "2026-01-01", "--csv", str(tmp_path / "x.csv"), stdout=out)

        assert content() == before
        assert "not kept" in out.getvalue()

    def test_says_where_a_file_cannot_be_written(self, customers, tmp_path):
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("score_health", "--as-of", "2026-03-16", "--csv", str(tmp_path / "no" / "x.csv"))

    def test_the_task_runs_the_night_and_only_once(self, customers, time_machine):
        time_machine.move_to(noon(TODAY))

        tasks.run_health()
        tasks.resume_health()

        assert HealthRun.objects.get().stage == RunStage.DONE

    def test_the_task_goes_on_with_a_broken_night(self, customers, time_machine):
        time_machine.move_to(noon(TODAY))
        jobs.score_day(TODAY)

        tasks.resume_health()
        tasks.watch_alerts()

        assert HealthRun.objects.get().stage == RunStage.DONE

    def test_the_task_survives_a_clock_set_back(self, customers, time_machine, caplog):
        night()
        time_machine.move_to(noon(TODAY - 5 * DAY))

        tasks.run_health()

        assert "refused" in caplog.text
        assert Band.HEALTHY in set(AccountHealth.objects.values_list("band", flat=True)) | {Band.HEALTHY}
