from decimal import Decimal

import pytest
from django.utils import translation

from tiers import charts, parameters, summary, wording
from tiers.models import TierPolicy, TierPolicyVersion, TierProposal, TierRun
from tiers.notation import notation


def version(method="pareto", months=6, currency="", **values):
    cleaned = parameters.clean(method, values)
    return TierPolicyVersion(
        policy=TierPolicy(code="p", name="政策", name_en="Policy"), number=2, method=method, months=months,
        currency=currency, parameters=cleaned,
    )  # fmt: skip


def proposal(**values):
    defaults = {
        "tier_before": "B", "raw_tier": "B", "proposed_tier": "B", "revenue_amount": Decimal("1234.5"), "rank": 7,
        "cum_before": Decimal("0.84999999"), "evidence": {},
    }  # fmt: skip
    return TierProposal(**{**defaults, **values})


def sentence(row, found):
    with translation.override("en"):
        return wording.sentence(row, wording.Basis(found, "GBP", 1540)).replace("\xa0", " ")


class TestPareto:
    @pytest.mark.parametrize(
        ("tier", "share", "rule"),
        [
            ("A", "0.79999999", "79.99% of all revenue lies before it (A below 80%)."),
            ("B", "0.80000000", "80.00% of all revenue lies before it (B from 80% and below 95%)."),
            ("C", "0.96", "96.00% of all revenue lies before it (C from 95%)."),
        ],
    )
    def test_never_rounds_a_share_up_to_its_cut(self, tier, share, rule):
        found = sentence(proposal(raw_tier=tier, cum_before=Decimal(share)), version())
        assert found == f"Revenue GBP 1,234.50 in 6 months, rank 7 of 1,540; {rule}"

    def test_without_revenue(self):
        row = proposal(rank=None, cum_before=Decimal(1), revenue_amount=Decimal(-5), raw_tier="C")
        assert sentence(row, version(months=1)) == "No positive revenue in 1 month (GBP −5.00): C."


class TestOtherMethods:
    def test_threshold(self):
        rules = {"bound_a": "2000", "bound_b": "1000"}
        assert sentence(proposal(), version("threshold", **rules)) == (
            "Revenue GBP 1,234.50 in 6 months (A from GBP 2,000.00, B from GBP 1,000.00): B."
        )
        monthly = proposal(evidence={"measured": "12"}, raw_tier="C")
        assert sentence(monthly, version("threshold", measure="every_month", **rules)).startswith(
            "The lowest of 6 months has GBP 12.00 (in every month A from GBP 2,000.00"
        )

    def test_scorecard(self):
        parts = {
            "revenue": ["5000.0000", "50.0000", "0.5000"],
            "growth": ["-12.5000", "30.0000", "0.3000"],
            "tenure": ["4.2500", "42.5000", "0.2000"],
            "margin": [None, None, "0.0000"],
        }
        row = proposal(score=Decimal("42.5"), evidence={"parts": parts})
        found = sentence(row, version("scorecard"))
        assert found.startswith("Score 42.5 of 100 (A from 70, B from 40): Revenue GBP 5,000.00 gives 50.0 × 50%, ")
        assert "Growth −12.5% gives 30.0 × 30%" in found
        assert "Tenure 4.3 years gives" in found
        assert found.endswith("No data for Margin: the weight went to the others.")

    def test_never_rounds_a_score_up_to_its_band(self):
        row = proposal(score=Decimal("69.9999"), evidence={"parts": {"revenue": ["5", "69.9999", "1"]}})
        assert sentence(row, version("scorecard")).startswith("Score 69.9 of 100 (A from 70")

    def test_scorecard_without_any_data(self):
        row = proposal(score=None, raw_tier="", hold="no_data", evidence={"parts": {"margin": [None, None, "0"]}})
        assert sentence(row, version("scorecard")).endswith("It keeps its tier (B).")


class TestHeld:
    @pytest.mark.parametrize(
        ("hold", "rules", "words"),
        [
            ("runs", {"down_runs": 2}, "a downgrade passes after 2 runs in a row."),
            ("margin", {"margin": 2}, "a downgrade passes more than 2 points of cumulative share beyond the cut."),
            ("runs_margin", {"down_runs": 3, "margin": 2}, "after 3 runs in a row or more than 2 points"),
            ("runs_margin", {"down_runs": 3, "margin": 2, "combine": "all"}, "after 3 runs in a row and more than"),
        ],
    )
    def test_says_when_it_would_pass(self, hold, rules, words):
        found = sentence(proposal(raw_tier="C", hold=hold), version(**rules))
        assert "Held at B; " in found
        assert words in found

    def test_upgrade_override_and_missing_rate(self):
        assert "an upgrade passes after 3 runs" in sentence(proposal(raw_tier="A", hold="runs"), version(up_runs=3))
        assert sentence(proposal(hold="override"), version()).endswith("A manual override keeps it at B.")
        assert "no exchange rate is known" in sentence(proposal(evidence={"incomplete": True}), version())


def test_every_rule_has_words():
    with translation.override("en"):
        for method in parameters.DEFAULTS:
            rows = wording.rules_in_words(version(method, currency="CNY", down_runs=2, up_runs=2, margin=5))
            assert all(label and text for label, text in rows)
        assert wording.hysteresis_text(version()) == "Downgrades at once. Upgrades at once."


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("manual", "By hand only"),
        ("monthly", "Every month, on day 5"),
        ("quarterly", "February, May, August, November, on day 5"),
        ("half_yearly", "February, August, on day 5"),
    ],
)
def test_schedules_in_words(schedule, words):
    with translation.override("en"):
        assert wording.schedule_text(TierPolicy(schedule=schedule, schedule_month=8, schedule_day=5)) == words


def test_consequences_name_what_depends_on_the_tier():
    with translation.override("en"):
        assert [wording.consequences(tier)[0][:30] for tier in ("A", "B", "C")] == [
            "The account needs a deputy and", "The account needs a deputy; th", "Neither a deputy nor an execut",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "values", "signs"),
    [
        ("pareto", {"raw_tier": "A", "cum_before": Decimal("0.5")}, "#7 · 50.00% < 80%"),
        ("pareto", {"raw_tier": "A", "cum_before": Decimal("0.79999999")}, "#7 · 79.99% < 80%"),
        ("pareto", {}, "#7 · 84.99% < 95%"),
        ("pareto", {"raw_tier": "C", "rank": None}, "≤ 0"),
        ("scorecard", {"score": Decimal("69.9999")}, "69.9/100 (A ≥ 70, B ≥ 40)"),
        ("threshold", {}, "A ≥ 1000000, B ≥ 200000"),
    ],
)
def test_notation_needs_no_translation(method, values, signs):
    row = proposal(**values)
    row.run = TierRun(version=version(method), as_of="2026-03-16", currency="GBP")
    assert notation(row).startswith("p v2 · 2026-03-16 · GBP 1234.50 · ")
    assert notation(row).endswith(signs)


TOTALS = {
    "accounts": 4, "ranked": 3, "revenue": "100",
    "tiers": {"A": {"accounts": 1, "revenue": "70"}, "B": {"accounts": 1, "revenue": "20"},
              "C": {"accounts": 2, "revenue": "10"}, "": {"accounts": 0, "revenue": "0"}},
    "flow": [["", "C", 1], ["A", "A", 1], ["A", "B", 1], ["B", "C", 1]],
    "curve": [[0, 0], [33.3, 70], [100, 100]],
}  # fmt: skip


class TestPictures:
    def test_bands_cover_the_axis_once(self):
        bands = charts.curve(TOTALS)["series"][0]["markArea"]["data"]
        assert [(band[0]["name"], band[0]["xAxis"], band[1]["xAxis"]) for band in bands] == [
            ("A", 0.0, 33.333), ("B", 33.333, 66.667), ("C", 66.667, 100.0),
        ]  # fmt: skip

    def test_every_link_has_its_nodes(self):
        series = charts.flow(TOTALS)["series"][0]
        names = {node["name"] for node in series["data"]}
        assert {end for link in series["links"] for end in (link["source"], link["target"])} <= names
        assert sum(link["value"] for link in series["links"]) == 4

    def test_shares_and_flow_as_tables(self):
        rows = summary.shares(TOTALS)
        assert [(row.tier, row.accounts, row.revenue_share) for row in rows] == [
            ("A", 1, Decimal("0.7")), ("B", 1, Decimal("0.2")), ("C", 2, Decimal("0.1")),
        ]  # fmt: skip
        columns, lines = summary.flow_table(TOTALS)
        assert columns == ["A", "B", "C"]
        assert lines == [("A", [1, 1, 0]), ("B", [0, 0, 1]), ("", [0, 0, 1])]

    def test_nothing(self):
        assert charts.curve({})["series"][0]["data"] == []
        assert charts.flow({})["series"][0]["links"] == []
        assert summary.flow_table({}) == ([], [])
