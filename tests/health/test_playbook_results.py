"""What came of playbooks, read from the history of scores."""

import datetime as dt
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from health.models import HealthPoint, PlaybookCase, PlaybookRun
from health.playbook_results import effects, judged_on, tallies
from health.services.jobs import run_health
from health.services.playbook_comparing import compare_playbooks
from health.services.playbook_runs import stop_playbook
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import NOW, make_health_run
from tests.factories.health_playbooks import make_playbook, make_point, make_run

DAY = dt.timedelta(days=1)
START = TODAY - 100 * DAY
ROW = ("run", "days", "recovered", "recovered_similar", "other_similar")


def treated(playbook, before, after, *, start=START, band="watch", **fields):
    """An account at which the playbook was at work, with its score before and 30 days later."""
    account = AccountFactory()
    make_run(account, playbook, today=start)
    states(account, before, after, start=start, band=band, **fields)
    return account


def states(account, before, after, *, start=START, band="watch", tier="B", days=30):
    make_point(account, start - 2 * DAY, before, band, tier)
    if after is not None:
        make_point(account, start + days * DAY, after, band, tier)
    return account


def of(playbook, runs, as_of):
    """As the night of that day finds it."""
    PlaybookCase.objects.all().delete()
    compare_playbooks(as_of)
    return effects([playbook], runs)[playbook.pk]


def of_30(playbook, as_of=TODAY):
    return of(playbook, PlaybookRun.objects.all(), as_of)[0]


@pytest.fixture
def playbook(db):
    return make_playbook()


class TestTallies:
    def test_count_and_take_the_median(self, playbook, alice):
        runs = [make_run(AccountFactory(), playbook, today=START) for _number in range(4)]
        stop_playbook(runs[0], "x", actor=None, now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        for run, days in ((runs[1], 10), (runs[2], 20)):
            ended = dt.datetime.combine(START + days * DAY, dt.time(6), tzinfo=dt.UTC)
            PlaybookRun.objects.filter(pk=run.pk).update(status="done", ended_at=ended)
        found = tallies([playbook, make_playbook("other")], PlaybookRun.objects.all())
        assert (found[0].started, found[0].running, found[0].finished, found[0].stopped) == (4, 1, 2, 1)
        assert found[0].median_days == 15
        assert (found[1].started, found[1].median_days) == (0, None)


class TestEffects:
    def test_compares_with_similar_accounts(self, playbook):
        treated(playbook, 45, 60)
        treated(playbook, 45, 46)
        for after in (60, 44, 46, 47):
            states(AccountFactory(), 43, after)
        found = of_30(playbook)
        assert (found.cases, found.share, found.similar_share) == (2, 0.5, 0.25)
        assert (found.similar_accounts, found.alone, found.unknown) == (4, 0, 0)
        assert found.low < 0.25 < found.high

    def test_other_tiers_bands_and_scores_are_not_similar(self, playbook):
        treated(playbook, 45, 60)
        states(AccountFactory(), 45, 60, tier="A")
        states(AccountFactory(), 45, 60, band="at_risk")
        states(AccountFactory(), 51, 90)
        states(AccountFactory(), 45, None)
        found = of_30(playbook)
        assert (found.cases, found.alone, found.share) == (0, 1, None)

    def test_where_it_was_at_work_meanwhile_is_not_without_it(self, playbook):
        treated(playbook, 45, 60)
        treated(playbook, 45, 44, start=START + 10 * DAY)
        states(Account.objects.order_by("-pk").first(), 46, 70)
        ended = treated(playbook, 45, 44, start=START - 60 * DAY)
        PlaybookRun.objects.filter(account=ended).update(
            status="done", ended_at=dt.datetime.combine(START - 30 * DAY, dt.time(), tzinfo=dt.UTC)
        )
        states(ended, 45, 45)
        first = of_30(playbook, START + 30 * DAY)
        assert (first.cases, first.similar_accounts, first.similar_share) == (1, 1, 0)

    def test_the_newest_score_before_the_start_counts_and_none_after_it(self, playbook):
        account = AccountFactory()
        make_run(account, playbook, today=START)
        make_point(account, START - 6 * DAY, 90, "healthy")
        make_point(account, START, 45)
        make_point(account, START + DAY, 5, "at_risk")
        make_point(account, START + 30 * DAY, 56)
        states(AccountFactory(), 45, 50)
        control = states(AccountFactory(), 45, 50)
        make_point(control, START - DAY, 80, "healthy")
        found = of_30(playbook)
        assert (found.cases, found.share, found.similar_accounts) == (1, 1, 1)

    def test_an_old_score_is_none(self, playbook):
        account = AccountFactory()
        make_run(account, playbook, today=START)
        make_point(account, START - 7 * DAY, 45)
        make_point(account, START + 30 * DAY, 60)
        assert of_30(playbook).unknown == 1

    def test_what_is_too_young_does_not_count_yet(self, playbook):
        treated(playbook, 45, 60, start=TODAY - 29 * DAY)
        assert of(playbook, PlaybookRun.objects.all(), TODAY) == [
            type(of_30(playbook))(30), type(of_30(playbook))(60), type(of_30(playbook))(90)
        ]  # fmt: skip

    def test_windows_are_apart(self, playbook):
        account = treated(playbook, 45, 46)
        make_point(account, START + 60 * DAY, 56)
        other = states(AccountFactory(), 45, 45)
        make_point(other, START + 60 * DAY, 45)
        found = of(playbook, PlaybookRun.objects.all(), TODAY)
        assert [(row.days, row.cases, row.share, row.unknown) for row in found] == [
            (30, 1, 0, 0), (60, 1, 1, 0), (90, 0, None, 1)
        ]  # fmt: skip

    def test_statements_do_not_grow_with_the_accounts(self, playbook, django_assert_num_queries):
        counts = []
        for number in (3, 12):
            for _number in range(number):
                treated(playbook, 45, 60)
                states(AccountFactory(), 45, 50)
            PlaybookCase.objects.all().delete()
            with CaptureQueriesContext(connection) as night:
                compare_playbooks(TODAY)
            counts.append(len(night))
            with django_assert_num_queries(1):
                found = effects([playbook], PlaybookRun.objects.all())[playbook.pk][0]
        assert found.cases == 15
        assert counts[0] == counts[1]

    def test_a_large_company_is_looked_at_in_parts(self, playbook, monkeypatch):
        treated(playbook, 45, 60)
        for _number in range(9):
            states(AccountFactory(), 45, 50)
        monkeypatch.setattr("health.playbook_comparing.POOL", 5)
        assert 3 <= of_30(playbook).similar_accounts <= 5

    def test_only_runs_that_are_seen_are_cases(self, playbook, account, alice, mallory):
        make_run(account, playbook, today=START)
        states(account, 45, 60)
        states(AccountFactory(), 45, 50)
        assert HealthPoint.objects.count() == 4
        seen = [of(playbook, PlaybookRun.objects.visible_to(user), TODAY)[0].cases for user in (alice, mallory)]
        assert seen == [1, 0]


class TestNights:
    """What is stored night by night is what a recount at the end would find, for every reader."""

    @pytest.fixture
    def both(self, playbook, alice, mallory):
        """Two managers' accounts with two playbooks, scores every week of half a year, some of them without."""
        other, random = make_playbook("other"), Random(7)
        for number in range(24):
            account = AccountFactory(manager=(alice, mallory)[number % 2])
            for week in range(26):
                if random.random() < 0.9:
                    score = random.randint(30, 70)
                    band = "at_risk" if score < 40 else "watch" if score < 60 else "healthy"
                    make_point(account, TODAY - 7 * week * DAY, score, band, "AB"[number % 3 == 0])
            if number % 3:
                start = TODAY - random.randint(20, 150) * DAY
                run = make_run(account, (playbook, other)[number % 4 == 1], today=start)
                if number % 5 == 0:
                    ended = dt.datetime.combine(start, dt.time(12), tzinfo=dt.UTC)
                    PlaybookRun.objects.filter(pk=run.pk).update(status="stopped", ended_at=ended)
                    make_run(account, run.playbook, today=start)  # begun again on the same day: one start
        return [playbook, other]

    def found(self, both, *users):
        return [effects(both, PlaybookRun.objects.visible_to(user)) for user in users]

    def test_are_what_a_recount_finds(self, both, alice, mallory, dora):
        nights = [TODAY - DAY * days for days in range(120, -1, -5)]
        new = [compare_playbooks(night) for night in nights]
        people = (alice, mallory, dora)
        by_night, rows = (
            self.found(both, *people),
            list(PlaybookCase.objects.order_by("run", "days").values_list(*ROW)),
        )
        assert sum(new) == len(rows) > 20
        assert compare_playbooks(TODAY) == 0
        PlaybookCase.objects.all().delete()
        assert compare_playbooks(TODAY) == len(rows)
        assert list(PlaybookCase.objects.order_by("run", "days").values_list(*ROW)) == rows
        assert self.found(both, *people) == by_night
        assert by_night[0] != by_night[1] != by_night[2]
        assert sum(row.cases for row in by_night[2][both[0].pk]) > 5

    def test_a_start_is_one_however_often_it_was_begun_on_the_day(self, both, dora):
        compare_playbooks(TODAY)
        runs = PlaybookRun.objects.filter(started_on__lte=TODAY - 30 * DAY)
        starts = set(runs.values_list("playbook", "account", "started_on"))
        assert runs.count() > len(starts)
        (found,) = self.found(both, dora)
        assert sum(row[0].cases + row[0].left_out for row in found.values()) == len(starts)

    def test_what_came_after_a_judgement_does_not_change_it(self, playbook):
        account = treated(playbook, 45, 60)
        control = states(AccountFactory(), 45, 50)
        compare_playbooks(START + 30 * DAY)
        make_point(account, START + 29 * DAY, 10, "at_risk")
        control.delete()
        assert compare_playbooks(START + 40 * DAY) == 0
        found = effects([playbook], PlaybookRun.objects.all())[playbook.pk][0]
        assert (found.cases, found.share, found.similar_share) == (1, 1, 0)

    def test_a_night_says_that_it_has_judged(self, playbook, dora):
        make_health_run(TODAY - DAY, compared=True)
        make_health_run(TODAY)
        assert judged_on(dora) == TODAY - DAY
        compare_playbooks(TODAY)
        assert judged_on(dora) == TODAY

    def test_the_nightly_job_judges(self, playbook, account):
        make_run(account, playbook, today=START)
        report = run_health(TODAY, NOW)
        assert report.judged == 3
        assert run_health(TODAY, NOW).judged == 0
        assert judged_on(account.manager) == TODAY
