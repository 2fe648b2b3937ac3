"""Scorecards: the arithmetic, whose numbers count when, who may do what, and what stays after the signature."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import services as account_services
from audit.models import AuditEntry
from contracts.terms import add_months
from dashboards import errors
from dashboards.choices import Measure, PeriodKind
from dashboards.models import Scorecard
from dashboards.scorecards import rules
from dashboards.scorecards.actuals import actuals
from dashboards.scorecards.rules import Line, Period, score, share_of_days, team_median
from dashboards.services import scorecards as services
from dashboards.services.scorecards import Wanted
from interactions.models import CoverageMonth
from notifications.models import Notification
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_receipt
from tests.factories.orders import make_order
from tests.factories.users import UserFactory

NOW = dt.datetime(2026, 5, 4, 1, tzinfo=dt.UTC)
TODAY = NOW.date()
QUARTER = Period(PeriodKind.QUARTER, dt.date(2026, 1, 1))
HALVES = [Wanted("revenue", Decimal(1000), 50), Wanted("coverage", Decimal("0.8"), 50)]
numbers = st.integers(0, 10**6).map(Decimal)


def make(person, actor, wanted=HALVES, today=TODAY, **fields):
    values = {"person": person, "kind": "quarter", "first_day": dt.date(2026, 2, 14), **fields}
    return services.create_scorecard(Scorecard(**values), wanted, actor=actor, today=today, now=NOW)


def line(weight, actual, target=Decimal(100), measure="revenue"):
    return Line(measure, target, weight, actual)


class TestScore:
    @given(st.lists(st.tuples(st.integers(1, 100), st.none() | numbers, numbers), min_size=1, max_size=5))
    def test_counted_weights_add_up_to_one_or_nothing_counts(self, rows):
        lines = [line(weight, actual, target) for weight, actual, target in rows]
        total = score(lines)
        present = [one for one in lines if one.achievement is not None]
        counted = sum(one.counted for one in lines)
        if not present:
            assert total is None
            assert counted == 0
            return
        assert abs(counted - 1) < Decimal("1e-20")
        assert all(one.counted == 0 for one in lines if one.achievement is None)
        low, high = min(one.achievement for one in present), max(one.achievement for one in present)
        assert 100 * low - Decimal("1e-9") <= total <= 100 * high + Decimal("1e-9")

    def test_the_weight_of_what_is_missing_goes_to_the_others(self):
        lines = [line(50, Decimal(80)), line(30, Decimal(100)), line(20, None)]
        assert score(lines) == Decimal("87.5")  # (50 × 0.8 + 30 × 1) ÷ 80
        assert [one.counted for one in lines] == [Decimal("0.625"), Decimal("0.375"), 0]

    @pytest.mark.parametrize(
        ("measure", "actual", "target", "expected"),
        [
            ("revenue", 50, 0, None),  # nothing to divide by
            ("revenue", -50, 100, 0),  # more returned than sold
            ("revenue", 900, 100, "1.5"),
            ("nps", -100, -100, None),
            ("nps", 0, 0, 1),
            ("nps", -20, 60, "0.5"),
            ("coverage", None, 1, None),
        ],
    )
    def test_achievement(self, measure, actual, target, expected):
        actual = None if actual is None else Decimal(actual)
        found = rules.achievement(measure, actual, Decimal(target))
        assert found == (None if expected is None else Decimal(expected))

    @given(st.lists(st.none() | numbers))
    def test_the_median_lies_between_and_hides_the_few(self, scores):
        known = sorted(one for one in scores if one is not None)
        found = team_median(scores)
        if len(known) < 3:
            assert found is None
        else:
            assert known[0] <= found <= known[-1]
            assert sum(one <= found for one in known) * 2 >= len(known)


class TestPeriods:
    @given(st.sampled_from(PeriodKind.values), st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
    def test_every_day_is_in_its_period_and_periods_touch(self, kind, day):
        period = Period.of(kind, day)
        assert period.first <= day <= period.last
        assert Period.of(kind, period.last + dt.timedelta(days=1)).first == period.last + dt.timedelta(days=1)
        assert period.months[0] == period.first
        assert period.months[-1] <= period.last

    @given(st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 31)), st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 31)))
    def test_the_shares_of_two_managers_add_up_to_the_month(self, change, until):
        first, last = min(change, until), max(change, until)
        before, after = [(dt.date(2020, 1, 1), change)], [(change, None)]
        assert share_of_days(before, first, last) + share_of_days(after, first, last) == 1


@pytest.fixture
def handed_over(alice, mallory):
    """Alice's until 16 January 2026, Mallory's from then on: 15 of the 31 days were Alice's."""
    account = AccountFactory(manager=None)
    give = account_services.assign_manager
    give(account, alice, actor=None, reason="x", today=dt.date(2025, 1, 1))
    for day in ((2025, 1, 10), (2026, 1, 31), (2026, 2, 1)):
        make_order(account, 3100, date=dt.date(*day), today=TODAY)
    give(account, mallory, actor=None, reason="x", today=dt.date(2026, 1, 16))
    return account


class TestActuals:
    def test_an_account_that_changed_hands_counts_by_days(self, handed_over, alice, mallory):
        january = Period("month", dt.date(2026, 1, 1))
        assert actuals([alice.pk], january, TODAY)["revenue"].value == Decimal("1500.00")
        assert actuals([mallory.pk], january, TODAY)["revenue"].value == Decimal("1600.00")
        assert actuals([alice.pk, mallory.pk], january, TODAY)["revenue"].value == Decimal("3100.00")
        assert actuals([mallory.pk], Period("month", dt.date(2026, 2, 1)), TODAY)["revenue"].value == Decimal("3100.00")

    def test_retention_compares_the_same_months_by_the_same_days(self, handed_over, alice):
        assert actuals([alice.pk], Period("month", dt.date(2026, 1, 1)), TODAY)["retention"].value == 1
        assert actuals([alice.pk], Period("month", dt.date(2026, 2, 1)), TODAY)["retention"].value is None

    def test_the_current_month_counts_the_days_so_far_and_is_no_retention_yet(self, handed_over, alice, mallory):
        january = Period("month", dt.date(2026, 1, 1))
        found = actuals([mallory.pk], january, dt.date(2026, 1, 30))
        assert found["revenue"].value == Decimal("1550.00")  # 15 of 30 days
        assert found["retention"].value is None

    def test_receipts_count_for_whoever_had_the_account_on_their_day(self, handed_over, alice, mallory):
        contract = make_contract(handed_over)
        for day in (15, 16):
            make_receipt(contract, date=dt.date(2026, 1, day), amount=Decimal(100))
        january = Period("month", dt.date(2026, 1, 1))
        assert actuals([alice.pk], january, TODAY)["collections"].value == Decimal("100.00")
        assert actuals([mallory.pk], january, TODAY)["collections"].value == Decimal("100.00")

    def test_coverage_by_the_manager_of_the_months_end(self, account, alice, mallory):
        for month, manager, covered in ((1, alice, True), (2, alice, False), (3, mallory, True)):
            CoverageMonth.objects.create(
                month=dt.date(2026, month, 1), account=account, manager=manager, covered=covered, due_date=TODAY
            )
        assert actuals([alice.pk], QUARTER, TODAY)["coverage"].value == Decimal("0.5")

    def test_nobody_or_a_period_that_has_not_begun_has_no_numbers(self, alice):
        later = Period("month", dt.date(2027, 1, 1))
        for found in (actuals([], QUARTER, TODAY), actuals([alice.pk], later, TODAY)):
            assert {name: one.value for name, one in found.items()} == dict.fromkeys(Measure.values)

    def test_who_never_had_an_account_has_none_either(self, db):
        assert actuals([UserFactory().pk], QUARTER, TODAY)["revenue"].value is None


class TestCards:
    def test_is_computed_at_once_and_tells_the_person(self, alice, lee, handed_over):
        card = make(alice, lee)
        assert card.first_day == QUARTER.first
        assert card.team == alice.team
        assert card.lines[0]["actual"] == "1500.0000"
        assert card.score == Decimal("150.00")  # coverage has nothing to count
        assert Notification.objects.get(user=alice).kind == "scorecard_set"
        assert AuditEntry.objects.filter(action="scorecard.created", object_id=card.pk).exists()

    @pytest.mark.parametrize("weights", [(50, 49), (100, 1), (100, 0)])
    def test_weights_add_up_to_100(self, alice, lee, weights):
        wanted = [Wanted("revenue", Decimal(1), weights[0]), Wanted("nps", Decimal(1), weights[1])]
        with pytest.raises(errors.WeightsWrong):
            make(alice, lee, wanted)
        assert not Scorecard.objects.exists()

    @pytest.mark.parametrize(("measure", "target"), [("coverage", 90), ("nps", 101), ("revenue", -1), ("cases", 1)])
    def test_impossible_targets_are_refused(self, alice, lee, measure, target):
        with pytest.raises(errors.TargetWrong):
            make(alice, lee, [Wanted(measure, Decimal(target), 100)])

    def test_one_card_for_a_period(self, alice, lee):
        make(alice, lee)
        with pytest.raises(errors.ScorecardExists):
            make(alice, lee, first_day=dt.date(2026, 3, 31))

    def test_nobody_sets_or_signs_their_own_nor_that_of_others_teams(self, alice, lee, mallory, dora, region, north):
        for person, actor in ((lee, lee), (mallory, lee), (alice, alice), (dora, dora)):
            with pytest.raises(errors.NotYourScorecard):
                make(person, actor)
        with pytest.raises(errors.NotYourScorecard):
            make(None, lee, team=region)
        assert make(None, lee, team=north).results["people"] == 1

    def test_signing_freezes_and_reopening_needs_a_reason(self, alice, lee, handed_over):
        card = make(alice, lee)
        with pytest.raises(errors.PeriodNotOver):
            services.sign_scorecard(card, actor=lee, today=dt.date(2026, 3, 31), now=NOW)
        card = services.sign_scorecard(card, actor=lee, today=TODAY, now=NOW)
        make_order(handed_over, 5000, date=dt.date(2026, 1, 5), today=TODAY)
        services.compute_open(today=TODAY, now=NOW)
        for change in (
            lambda: services.compute_scorecard(card, today=TODAY, now=NOW),
            lambda: services.set_targets(card, HALVES, actor=lee, today=TODAY, now=NOW),
            lambda: services.sign_scorecard(card, actor=lee, today=TODAY, now=NOW),
        ):
            with pytest.raises(errors.ScorecardSigned):
                change()
        card.refresh_from_db()
        assert card.lines[0]["actual"] == "1500.0000"
        with pytest.raises(errors.ReasonNeeded):
            services.reopen_scorecard(card, " ", actor=lee, now=NOW)
        services.reopen_scorecard(card, "an order came late", actor=lee, now=NOW)
        services.compute_open(today=TODAY, now=NOW)
        card.refresh_from_db()
        assert Decimal(card.lines[0]["actual"]) > 1500
        assert AuditEntry.objects.get(action="scorecard.reopened").reason == "an order came late"
        kinds = set(Notification.objects.filter(user=alice).values_list("kind", flat=True))
        assert kinds == {"scorecard_set", "scorecard_signed", "scorecard_reopened"}

    def test_who_moved_keeps_the_numbers_and_is_compared_with_the_new_team(self, alice, lee, south, handed_over):
        card = make(alice, lee)
        alice.team = south
        alice.save()
        services.compute_open(today=TODAY, now=NOW)
        card.refresh_from_db()
        assert card.team == south
        assert card.lines[0]["actual"] == "1500.0000"
        assert not Scorecard.objects.visible_to(lee).exists()

    def test_a_deactivated_person_keeps_the_numbers_and_hears_nothing(self, alice, lee, handed_over):
        card = make(alice, lee)
        alice.is_active = False
        alice.save()
        Notification.objects.all().delete()
        signed = services.sign_scorecard(card, actor=lee, today=TODAY, now=NOW)
        assert signed.score == Decimal("150.00")
        assert not Notification.objects.filter(user=alice).exists()

    def test_a_comment_tells_the_other_side(self, alice, lee):
        card = make(alice, lee)
        services.add_comment(card, "Two big orders slipped into April.", actor=alice, now=NOW)
        assert Notification.objects.filter(user=lee, kind="scorecard_commented").count() == 1
        with pytest.raises(errors.CommentEmpty):
            services.add_comment(card, "  ", actor=alice, now=NOW)


class TestPages:
    def test_a_manager_sees_the_own_card_only(self, client_for, alice, lee, dora, mallory):
        card = make(alice, lee)
        make(mallory, dora)
        page = client_for(alice).get(reverse("dashboards:scorecard_list"))
        assert [one for one, _lines in page.context["cards"]] == [card]
        assert client_for(mallory).get(card.get_absolute_url()).status_code == 404
        assert b"Take the signature back" not in client_for(alice).get(card.get_absolute_url()).content

    def test_from_targets_to_signature(self, client_for, alice, lee):
        client, last = client_for(lee), add_months(timezone.localdate().replace(day=1), -1)
        form = {"person": alice.pk, "kind": "month", "first_day": last}
        form |= {"target_coverage": "90", "weight_coverage": "60", "target_nps": "30", "weight_nps": "30"}
        refused = client.post(reverse("dashboards:scorecard_create"), form)
        assert b"add up to 90" in refused.content
        client.post(reverse("dashboards:scorecard_create"), form | {"weight_nps": "40"})
        card = Scorecard.objects.get()
        assert str(card.targets.get(measure="coverage").target) == "0.9000"
        page = client.get(reverse("dashboards:scorecard_update", args=[card.pk]))
        assert page.context["form"]["target_coverage"].value() == "90"
        client.post(reverse("dashboards:scorecard_sign", args=[card.pk]))
        card.refresh_from_db()
        assert card.signed_by == lee
        client.post(reverse("dashboards:scorecard_comment", args=[card.pk]), {"text": "well done"})
        client.post(reverse("dashboards:scorecard_reopen", args=[card.pk]), {"reason": "late receipts"})
        card.refresh_from_db()
        assert not card.is_signed
        assert b"well done" in client_for(alice).get(card.get_absolute_url()).content

    def test_the_median_shows_from_three_on(self, client_for, alice, ann, lee, north, handed_over):
        cards = [make(person, lee) for person in (alice, ann, UserFactory(team=north))]
        assert client_for(alice).get(cards[0].get_absolute_url()).context["median"] is None
        Scorecard.objects.filter(pk=cards[1].pk).update(score=80)
        Scorecard.objects.filter(pk=cards[2].pk).update(score=90)
        assert client_for(alice).get(cards[0].get_absolute_url()).context["median"] == 90


class TestApi:
    def test_set_compute_sign(self, api_for, alice, lee):
        body = {"person": alice.pk, "kind": "quarter", "first_day": "2026-02-14",
                "targets": [{"measure": "revenue", "target": "1000", "weight": 100}]}  # fmt: skip
        made = api_for(lee).post("/api/v1/scorecards/", body, format="json")
        assert made.status_code == 201, made.content
        url = f"/api/v1/scorecards/{made.json()['id']}/"
        assert made.json()["first_day"] == "2026-01-01"
        assert api_for(alice).post(f"{url}sign/").json()["code"] == "not_your_scorecard"
        assert api_for(lee).post(f"{url}sign/").json()["signed_by"]["id"] == lee.pk
        assert api_for(lee).post(f"{url}compute/").json()["code"] == "scorecard_signed"
        assert api_for(alice).get(url).json()["lines"][0]["measure"] == "revenue"
