"""When a rule fires."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.conditions import Facts, Fired, Rule, compiled, order_signals, problem, reading, shown_parts, worst
from health.models import AlertRule
from health.signals import all_signals
from tests.factories.health_alerts import make_part

GROUPS = {key: signal.group for key, signal in all_signals().items()}
FACTS = Facts(
    "A", 38, 0.72, 0.81, 86_400.0,
    {"order_gap": make_part(severity=0.9, value=4.2), "nps_low": make_part("nps_low", 3, severity=0.4)},
)  # fmt: skip

JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def rule(*conditions, pk=1, reason="order_gap", tiers=(), any_of=False):
    return Rule(pk, reason, frozenset(tiers), any_of, tuple(conditions))


class TestReading:
    @pytest.mark.parametrize(
        ("measure", "value"),
        [
            ("score", 38), ("probability", 0.72), ("drop_probability", 0.81), ("value_at_risk", 86_400),
            ("signal:order_gap", 0.9), ("value:order_gap", 4.2), ("signal:csat_low", None), ("value:csat_low", None),
            ("signal:", None), ("parts", None), ("tier", None), ("nothing", None),
        ],
    )  # fmt: skip
    def test_of_each_measure(self, measure, value):
        assert reading(measure, FACTS) == value

    @pytest.mark.parametrize("value", [None, math.nan, math.inf, "many", [1]])
    def test_what_is_no_number_is_missing(self, value):
        facts = FACTS._replace(parts={"order_gap": make_part(value=value)})
        assert reading("value:order_gap", facts) is None


class TestFires:
    def test_all_conditions_hold(self):
        fired = rule(("signal:order_gap", "gte", 0.5), ("score", "lte", 40.0)).fires(FACTS)
        assert fired == Fired(1, "order_gap", 0.9, ["order_gap"])

    def test_not_where_one_does_not(self):
        assert rule(("signal:order_gap", "gte", 0.5), ("score", "lte", 30.0)).fires(FACTS) is None

    def test_any_of_them(self):
        fired = rule(("signal:nps_low", "gte", 0.5), ("signal:order_gap", "gte", 0.5), any_of=True).fires(FACTS)
        assert fired.signals == ["order_gap"]

    def test_at_the_bound(self):
        assert rule(("probability", "gte", 0.72)).fires(FACTS)
        assert rule(("probability", "lte", 0.72)).fires(FACTS)

    def test_the_probability_is_said_by_the_signal_of_the_model(self):
        assert rule(("probability", "gte", 0.5)).fires(FACTS) == Fired(1, "order_gap", 0.72, ["churn_probability"])

    def test_the_score_alone_is_as_bad_as_it_is_low(self):
        assert rule(("score", "lte", 40.0)).fires(FACTS).strength == pytest.approx(0.62)

    @pytest.mark.parametrize(("tiers", "fires"), [((), True), (("A",), True), (("B", ""), False)])
    def test_only_in_its_tiers(self, tiers, fires):
        assert bool(rule(("score", "lte", 40.0), tiers=tiers).fires(FACTS)) is fires

    @pytest.mark.parametrize("any_of", [True, False])
    @pytest.mark.parametrize("op", ["gte", "lte"])
    def test_what_is_missing_makes_no_condition_true(self, op, any_of):
        nothing = Facts("", None, None, None, None, {})
        conditions = [(measure, op, 0.0) for measure in ("score", "probability", "value_at_risk", "signal:order_gap")]
        assert rule(*conditions, any_of=any_of).fires(nothing) is None

    @pytest.mark.parametrize("any_of", [True, False])
    def test_a_rule_without_conditions_never_fires(self, any_of):
        assert rule(any_of=any_of).fires(FACTS) is None


class TestWorst:
    def test_of_two_rules_of_a_reason_the_worse_one(self):
        weak = rule(("signal:nps_low", "gte", 0.1), pk=1)
        strong = rule(("signal:order_gap", "gte", 0.1), pk=2)
        assert worst([weak, strong], FACTS)["order_gap"].rule == 2

    def test_of_equals_the_older(self):
        first, second = (rule(("score", "lte", 40.0), pk=pk) for pk in (1, 2))
        assert worst([first, second], FACTS)["order_gap"].rule == 1


class TestBuildsOnOrders:
    @pytest.mark.parametrize(
        ("reason", "measure", "expected"),
        [
            ("order_gap", "signal:nps_low", True),
            ("other", "signal:order_gap", True),
            ("other", "value:lines_dropped", True),
            ("other", "probability", True),
            ("other", "score", True),
            ("unhappy", "signal:nps_low", False),
            ("contact_left", "signal:key_contact_left", False),
        ],
    )
    def test_by_its_reason_or_by_what_it_looks_at(self, reason, measure, expected):
        row = AlertRule(pk=1, reason=reason, conditions=[{"measure": measure, "op": "gte", "value": 0.5}])
        assert compiled(row, order_signals(GROUPS)).builds_on_orders is expected


class TestProblem:
    @pytest.mark.parametrize(
        ("condition", "wrong"),
        [
            ({"measure": "signal:order_gap", "op": "gte", "value": 0.5}, ""),
            ({"measure": "value:order_gap", "op": "lte", "value": -3}, ""),
            ({"measure": "value_at_risk", "op": "gte", "value": 10**9}, ""),
            ({"measure": "signal:order_gap", "op": "gte"}, "form"),
            ({"measure": "score", "op": "gte", "value": 1, "more": 1}, "form"),
            ("score > 3", "form"),
            (None, "form"),
            ({"measure": "signal:unknown", "op": "gte", "value": 0.5}, "measure"),
            ({"measure": "parts", "op": "gte", "value": 0.5}, "measure"),
            ({"measure": ["score"], "op": "gte", "value": 0.5}, "measure"),
            ({"measure": "score", "op": ">", "value": 0.5}, "op"),
            ({"measure": "score", "op": "gte", "value": True}, "value"),
            ({"measure": "score", "op": "gte", "value": None}, "value"),
            ({"measure": "score", "op": "gte", "value": math.nan}, "value"),
            ({"measure": "score", "op": "gte", "value": "40"}, "value"),
            ({"measure": "probability", "op": "gte", "value": 60}, "value"),
            ({"measure": "signal:order_gap", "op": "gte", "value": -0.1}, "value"),
        ],
    )
    def test_names_what_is_wrong(self, condition, wrong):
        assert problem(condition, all_signals()) == wrong

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
        )
    )
    def test_takes_anything(self, junk):
        assert problem(junk, all_signals()) == "form"
        assert problem({"measure": junk, "op": junk, "value": junk}, all_signals())


class TestShownParts:
    def test_what_made_it_fire_comes_first(self):
        parts = [make_part("order_gap", lost=20), make_part("nps_low", lost=10), make_part("returns", lost=0)]
        shown = shown_parts(Fired(1, "unhappy", 0.5, ["nps_low", "gone"]), parts, 6)
        assert [part["signal"] for part in shown] == ["nps_low", "order_gap"]
        assert len(shown_parts(Fired(1, "unhappy", 0.5, []), parts, 1)) == 1
