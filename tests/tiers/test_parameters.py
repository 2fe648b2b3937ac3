import pytest
from django.core.exceptions import ValidationError

from tiers import parameters


def errors(method, **raw):
    with pytest.raises(ValidationError) as caught:
        parameters.clean(method, raw)
    return caught.value.message_dict


class TestClean:
    def test_fills_in_the_defaults_and_one_spelling(self):
        assert parameters.clean("pareto", {"cut_a": 70, "cut_b": "90.00"}) == {
            "cut_a": "70", "cut_b": "90", "down_runs": 1, "up_runs": 1, "margin": "0", "combine": "any",
        }  # fmt: skip

    @pytest.mark.parametrize("cut", ["0", "-5", "100.1", "200"])
    def test_refuses_cuts_of_0_or_above_100(self, cut):
        assert errors("pareto", cut_a=cut) == {"cut_a": ["A cut lies above 0 and not above 100."]}
        assert errors("pareto", cut_b=cut) == {"cut_b": ["A cut lies above 0 and not above 100."]}

    @pytest.mark.parametrize("cut", ["80", "70"])
    def test_b_ends_after_a(self, cut):
        assert errors("pareto", cut_a="80", cut_b=cut) == {"cut_b": ["B must end after A: enter more than 80."]}

    @pytest.mark.parametrize("value", ["x", "NaN", "Infinity", "1e99", None, True, [], "", "0.0000001"])
    def test_refuses_what_is_not_a_number(self, value):
        assert errors("pareto", cut_a=value) == {"cut_a": ["Enter a number."]}

    def test_overlapping_bounds_and_bands(self):
        assert "overlap" in errors("threshold", bound_a="100", bound_b="100")["bound_b"][0]
        assert "overlap" in errors("scorecard", band_a="40", band_b="60")["band_b"][0]
        assert errors("threshold", bound_a="0") == {"bound_a": ["A bound lies above 0."]}

    def test_weights_that_sum_to_0(self):
        assert errors("scorecard", weight_revenue="0") == {
            "weight_revenue": ["The weights sum to 0: give at least one criterion a weight."]
        }
        assert "weight_growth" in errors("scorecard", weight_revenue="5", weight_growth="-5")

    def test_unknown_names(self):
        assert errors("scorecard", weight_luck="5") == {"weight_luck": ["There is no criterion “luck”."]}
        assert errors("pareto", bound_a="5") == {"bound_a": ["There is no parameter “bound_a” in this method."]}
        assert errors("star", cut_a="5") == {"method": ["“star” is not a method."]}
        assert errors("threshold", measure="sometimes")["measure"]
        with pytest.raises(ValidationError):
            parameters.clean("pareto", ["cut_a"])

    @pytest.mark.parametrize("runs", [0, -1, "1.5", 99, "x"])
    def test_runs_are_whole_and_at_least_one(self, runs):
        assert errors("pareto", down_runs=runs) == {"down_runs": ["Enter a whole number from 1 to 12."]}

    def test_a_margin_is_not_negative(self):
        assert errors("pareto", margin="-1") == {"margin": ["A margin lies between 0 and 100."]}

    @pytest.mark.parametrize("points", [[], [["0", "0"]], [["0"], ["1"]], "0:0", [["0", "x"], ["1", "1"]], [1, 2]])
    def test_points_are_pairs(self, points):
        assert (
            "at least two points" in errors("scorecard", weight_revenue=1, points_revenue=points)["points_revenue"][0]
        )

    def test_points_rise_and_scores_stay_in_their_range(self):
        assert "rise" in errors("scorecard", points_growth=[[5, 0], [5, 100]])["points_growth"][0]
        assert "between 0 and 100" in errors("scorecard", points_growth=[[0, 0], [5, 101]])["points_growth"][0]

    def test_naming_one_weight_leaves_the_others_out(self):
        cleaned = parameters.clean("scorecard", {"weight_growth": 3})
        assert list(parameters.criteria(cleaned)) == ["growth"]


def test_points_as_text():
    assert parameters.parse_points("0:0, 10 : 100") == [["0", "0"], ["10", "100"]]
    assert parameters.parse_points("0：0，10：100") == [["0", "0"], ["10", "100"]]
    assert parameters.points_text([["0", "0"], ["10", "100"]]) == "0:0, 10:100"
    with pytest.raises(ValueError, match="5"):
        parameters.parse_points("5")
