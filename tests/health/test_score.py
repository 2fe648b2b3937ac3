"""The arithmetic of the health score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.choices import Band
from health.profile_checks import problems
from health.score import Scale, readings_of
from health.signals import all_signals
from tests.factories.health_scores import make_profile, readings

KNOWN = all_signals()
ANY = st.fixed_dictionaries(
    {}, optional={"order_gap": st.floats(0, 50), "contact_gap": st.floats(0, 50), "returns": st.floats(0, 1)}
)


def scale(**fields):
    return Scale(make_profile(**fields), KNOWN)


class TestScore:
    def test_loses_the_weight_times_the_severity(self):
        result = scale().score(readings(order_gap=2, contact_gap=1))

        assert (result.score, result.band) == (75, Band.HEALTHY)
        [gap, contact] = result.parts
        assert (gap["signal"], gap["weight"], gap["severity"], gap["lost"]) == ("order_gap", 0.5, 0.5, 25)
        assert contact["lost"] == 0

    def test_the_weight_of_what_is_missing_goes_to_the_rest(self):
        result = scale().score(readings(order_gap=2))

        assert result.score == 50
        assert result.missing == ["contact_gap"]
        assert result.parts[0]["weight"] == 1

    def test_a_missing_signal_within_a_group_leaves_the_group_its_weight(self):
        signals = {key: {"weight": 10} for key in ("order_gap", "returns", "contact_gap")}

        [gap, contact] = scale(signals=signals).score(readings(order_gap=4, contact_gap=0)).parts

        assert (gap["weight"], contact["weight"]) == (0.5, 0.5)

    def test_nothing_known_is_no_score(self):
        result = scale().score({})

        assert (result.score, result.band, result.parts) == (None, "", [])

    def test_next_to_nothing_known_is_no_score(self):
        signals = {"order_gap": {"weight": 99}, "returns": {"weight": 1}}

        assert scale(signals=signals).score(readings(returns=0)).score is None
        assert scale(signals=signals).score(readings(order_gap=0)).score == 100

    def test_what_the_profile_does_not_weigh_is_shown_and_costs_nothing(self):
        result = scale().score(readings(order_gap=0, contact_gap=0, returns=1))

        assert result.score == 100
        assert [part["lost"] for part in result.parts] == [0, 0, 0]
        assert "returns" not in result.missing

    def test_own_bounds(self):
        signals = {"order_gap": {"weight": 10, "bound": 4}, "contact_gap": {"weight": 10, "bound": 1.5}}

        assert scale(signals=signals).score(readings(order_gap=4, contact_gap=0)).parts[0]["severity"] == 0.5

    def test_an_exception_caps(self):
        exceptions = [{"signal": "returns", "at": 0.5, "cap": 39}, {"signal": "returns", "at": 0.9, "cap": 10}]
        capped = scale(exceptions=exceptions)

        assert capped.score(readings(order_gap=0, contact_gap=0, returns=0.1)).capped_by == ""
        result = capped.score(readings(order_gap=0, contact_gap=0, returns=0.2))
        assert (result.score, result.band, result.capped_by) == (39, Band.AT_RISK, "returns")
        assert capped.score(readings(order_gap=0, contact_gap=0, returns=1)).score == 10

    def test_an_exception_holds_from_its_severity_on(self):
        capped = scale(exceptions=[{"signal": "returns", "at": 1, "cap": 39}])
        assert capped.score(readings(order_gap=0, contact_gap=0, returns=1)).capped_by == "returns"

    def test_an_exception_does_not_raise_what_is_lower(self):
        result = scale(exceptions=[{"signal": "order_gap", "at": 0.5, "cap": 39}]).score(
            readings(order_gap=9, contact_gap=9)
        )

        assert (result.score, result.capped_by) == (0, "")

    def test_weights_that_sum_to_nothing_make_no_score(self):
        empty = scale(groups={"buying": 0, "contact": 0})

        assert not empty.weighs_something
        assert empty.score(readings(order_gap=9)).score is None

    @given(ANY)
    def test_is_between_0_and_100_and_the_parts_add_up(self, values):
        result = scale().score(readings(**values))
        weighs = [part for part in result.parts if part["weight"]]

        if result.score is None:
            assert not weighs
        else:
            assert 0 <= result.score <= 100
            assert result.score == pytest.approx(100 - sum(part["lost"] for part in result.parts), abs=0.6)
            assert sum(part["weight"] for part in weighs) == pytest.approx(1, abs=0.001)

    @given(ANY, st.sampled_from(["order_gap", "contact_gap"]))
    def test_less_data_never_makes_what_is_fine_worse(self, values, key):
        """Taking away a signal that costs more than the mean never lowers the score."""
        full = scale().score(readings(**values))
        part = next((one for one in full.parts if one["signal"] == key), None)
        rest = scale().score(readings(**{name: value for name, value in values.items() if name != key}))

        if part and rest.score is not None and full.score is not None and part["severity"] * 100 >= 100 - full.score:
            assert rest.score >= full.score - 1

    @given(ANY)
    def test_a_stored_score_scores_the_same_again(self, values):
        first = scale().score(readings(**values))

        again = scale().score(readings_of(first.parts))

        assert again.score == pytest.approx(first.score, abs=1) if first.score is not None else again.score is None


class TestProblems:
    def test_a_good_one_has_none(self):
        assert problems(make_profile(), KNOWN) == {}

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("groups", {"buying": 0}, "sum to 0"),
            ("groups", {"buying": -1}, "from 0 to 100"),
            ("groups", {"buying": float("nan")}, "from 0 to 100"),
            ("groups", {"moods": 1}, "not among"),
            ("groups", [], "not an object"),
            ("signals", {"order_gap": {"weight": 0}, "contact_gap": {"weight": 0}}, "sum to 0"),
            ("signals", {"stars": {"weight": 1}}, "no signal stars"),
            ("signals", {"order_gap": {"weight": True}}, "from 0 to 100"),
            ("signals", {"order_gap": {"weight": 1, "bound": 0}}, "no bound"),
            ("signals", {"returns": {"weight": 1, "bound": 20}}, "no bound"),
            ("signals", {"order_gap": {"weight": 1, "bound": "x"}}, "no bound"),
            ("signals", [], "not an object"),
            ("exceptions", [{"signal": "stars", "at": 1, "cap": 3}], "no signal stars"),
            ("exceptions", [{"signal": "returns", "at": 0, "cap": 3}], "severity"),
            ("exceptions", [{"signal": "returns", "at": 1, "cap": 300}], "0 to 100"),
            ("exceptions", ["x"], "no signal x"),
            ("exceptions", {}, "not a list"),
            ("tiers", ["Z"], "not among"),
            ("stages", "mid", "not a list"),
            ("statuses", ["gone"], "not among"),
            ("categories", ["gone"], "not among"),
        ],
    )
    def test_names_the_field(self, field, value, words):
        found = problems(make_profile(**{field: value}), KNOWN)

        assert words in found["groups" if "sum" in words else field][0]
