"""What a signal is, how a later app adds its own, and the words of each."""

import datetime as dt
import json

import pytest
from django.utils import translation

from health.choices import Direction, SignalGroup
from health.facts import gatherers, register_facts, unregister_facts
from health.services.scoring import Scorer
from health.signals import Reading, Signal, Unit, all_signals, find, register, unregister
from health.signals.words import bound_words, label, sentence, value_words
from tests.factories import TODAY

# What each signal's words need, as its assess gives it.
FACTS = {
    "order_gap": {"days": 60, "interval": 30},
    "revenue_trend": {"net": 100.0, "expected": 400.0},
    "lines_dropped": {
        "lines": [
            {"code": f"L{n}", "name": f"线{n}", "name_en": "", "last": "2025-10-01", "share": 0.1} for n in range(5)
        ]
    },
    "order_size": {"now": 50.0, "usual": 100.0},
    "order_breadth": {"now": 2.0, "usual": 8.5},
    "returns": {"sold": 100.0, "returned": 30.0},
    "contact_gap": {"days": 60, "cadence": 30, "ever": True},
    "nps_low": {"people": 2, "detractors": 1},
    "nps_fallen": {"people": 1},
    "csat_low": {"people": 1},
    "renewal_near": {"idle": True},
    "payment_overdue": {"count": 2, "amount": 1200.5, "currency": "CNY"},
    "key_contact_left": {"roles": ["decision_maker"], "known": 3},
    "single_threaded": {"known": 4},
    "stage_interrupted": {"reason": "quality"},
}
QUIET = {
    "lines_dropped": {"lines": []},
    "returns": {"sold": 100.0, "returned": 0.0},
    "contact_gap": {"days": 5, "cadence": 30, "ever": False},
    "renewal_near": {"idle": False},
    "payment_overdue": {},
    "stage_interrupted": {"reason": ""},
}


def part(key, value, facts, date="2026-03-01"):
    return {
        "signal": key, "group": "buying", "value": value, "bound": find(key).bound if find(key) else 1.0,
        "severity": 0.5, "weight": 0.1, "lost": 5.0, "date": date, "facts": facts,
    }  # fmt: skip


def complaints(facts, as_of):
    return Reading(facts, as_of, {})


@pytest.fixture
def cases():
    """The signal of an app that comes later, with its facts."""
    signal = Signal(
        "cases_open", SignalGroup.SATISFACTION, "Open complaints", Unit.COUNT, Direction.HIGH_IS_BAD,
        bound=2, fine=0, worst=4, weight=10, needs="cases", assess=complaints,
    )  # fmt: skip
    register(signal)
    register_facts("cases", lambda ids, as_of: dict.fromkeys(ids, 3))
    yield signal
    unregister("cases_open")
    unregister_facts("cases")


class TestSeverity:
    @pytest.mark.parametrize(
        ("value", "severity"), [(0, 0), (1.2, 0), (1.6, 0.25), (2, 0.5), (3, 0.75), (4, 1), (99, 1)]
    )
    def test_rises_from_fine_over_the_bound_to_worst(self, value, severity):
        assert find("order_gap").severity(value) == pytest.approx(severity)

    @pytest.mark.parametrize(("value", "severity"), [(9, 0), (4, 0), (3.5, 0.25), (3, 0.5), (2, 1), (1, 1)])
    def test_falls_where_low_is_bad(self, value, severity):
        assert find("csat_low").severity(value) == pytest.approx(severity)

    def test_moving_the_bound_moves_the_others(self):
        assert find("order_gap").scale(3) == pytest.approx((1.8, 3, 6))
        assert find("csat_low").scale(3.5) == pytest.approx((4.5, 3.5, 2.5))
        assert find("order_gap").severity(3, bound=3) == 0.5

    @pytest.mark.parametrize("key", list(all_signals()))
    def test_every_signal_is_half_bad_at_its_bound_wherever_that_is(self, key):
        signal = find(key)
        for bound in (signal.bound, signal.bound * 1.5, signal.bound * 0.5):
            assert signal.severity(bound, bound) == pytest.approx(0.5)

    def test_refuses_bounds_that_are_not_in_order(self):
        with pytest.raises(ValueError, match="not in order"):
            Signal(
                "x", SignalGroup.BUYING, "x", Unit.COUNT, Direction.LOW_IS_BAD,
                bound=2, fine=0, worst=4, weight=1, needs="orders", assess=complaints,
            )  # fmt: skip


class TestRegistry:
    def test_a_later_app_registers_its_signal_and_its_facts(self, cases, account, db):
        scored = Scorer(TODAY).score([account.pk])[0]

        [found] = [part for part in scored.result.parts if part["signal"] == "cases_open"]
        assert (found["value"], found["severity"], found["weight"]) == (3, 0.75, 0.5)
        assert sentence(found) == "Open complaints: 3 (limit 2)"

    def test_refuses_a_key_twice(self, cases):
        with pytest.raises(ValueError, match="another signal"):
            register(Signal(**{**vars(cases), "weight": 1}))
        with pytest.raises(ValueError, match="other facts"):
            register_facts("cases", lambda ids, as_of: {})

    def test_knows_where_every_signal_gets_its_facts(self):
        assert {signal.needs for signal in all_signals().values()} <= {"orders", "churn", *gatherers()}


class TestWords:
    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    @pytest.mark.parametrize("key", list(all_signals()))
    def test_say_the_number_and_the_bound(self, key, language):
        with translation.override(language):
            bad = part(key, find(key).bound, FACTS.get(key, {}))
            assert sentence(bad)
            assert "%(" not in sentence(bad)
            if key != "stage_interrupted":
                assert value_words(bad) in sentence(bad)

    @pytest.mark.parametrize("key", list(all_signals()))
    def test_say_good_news_too(self, key):
        quiet = part(key, 0.0, QUIET.get(key, FACTS.get(key, {})), None)

        assert sentence(quiet)
        assert "%(" not in sentence(quiet)

    def test_name_what_nobody_knows_any_more_by_its_key(self):
        assert label("gone") == "gone"
        assert sentence(part("gone", 1.26, {})) == "gone: 1.3 (limit 1)"

    def test_write_numbers_with_their_unit(self):
        assert value_words(part("payment_overdue", 1, {})) == "1 day"
        assert value_words(part("order_gap", 2.34, {})) == "2.3 times"
        assert value_words(part("returns", 0.234, {})) == "23%"
        assert bound_words(part("nps_low", 0, {})) == "−20"

    def test_facts_of_a_sentence_are_json(self):
        for facts in FACTS.values():
            assert json.loads(json.dumps(facts)) == facts

    def test_lines_are_named_in_the_language_of_the_reader(self):
        line = {"code": "B", "name": "包袋", "name_en": "Bags", "last": "2025-10-01", "share": 0.3}
        found = part("lines_dropped", 0.3, {"lines": [line]}, "2025-10-01")

        assert sentence(found).startswith("1 product line that made 30% of its revenue is dropped (limit 15%): Bags")
        with translation.override("zh-hans"):
            assert "包袋" in sentence(found)


def test_reading_keeps_a_day():
    assert complaints(1, dt.date(2026, 1, 1)).date == dt.date(2026, 1, 1)
