import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from accounts.models import Account, TierHistory
from tests.factories.accounts import AccountFactory
from tests.factories.tiers import make_fact, make_policy
from tiers.models import TierPolicy, TierProposal, TierRun

pytestmark = pytest.mark.django_db


def run_tiers(**options):
    out = StringIO()
    call_command("run_tiers", **{"as_of": "2026-03-16", "stdout": out, **options})
    return out.getvalue()


@pytest.fixture
def facts():
    for code, amount in (("N0", 80), ("N1", 15), ("N2", 5)):
        make_fact(AccountFactory(code=code), amount)


class TestRunTiers:
    def test_makes_the_standard_policy_where_there_is_none(self, facts):
        text = run_tiers()
        assert "3 accounts (A 1, B 1, C 1, – 0), 0 applied." in text
        assert TierPolicy.objects.get().code == "standard"
        assert TierProposal.objects.pending().count() == 3

    def test_writes_the_csv(self, facts, tmp_path):
        make_policy()
        path = tmp_path / "tiers.csv"
        run_tiers(policy="plain", csv=path)
        with path.open(encoding="utf-8", newline="") as source:
            rows = list(csv.reader(source))
        assert rows[0] == ["account_code", "tier", "previous_tier", "revenue", "cum_before", "reason"]
        assert rows[2] == [
            "N1", "B", "", "15.00", "0.80000000",
            "Revenue CNY\xa015.00 in 6 months, rank 2 of 3; 80.00% of all revenue lies before it "
            "(B from 70% and below 90%).",
        ]  # fmt: skip

    def test_apply_approves_as_of_the_day(self, facts):
        make_policy()
        assert "3 applied" in run_tiers(policy="plain", apply=True)
        assert Account.objects.get(code="N0").tier == "A"
        assert {str(change.since) for change in TierHistory.objects.all()} == {"2026-03-16"}
        assert "0 applied" in run_tiers(policy="plain", apply=True)
        assert TierRun.objects.count() == 1

    def test_the_file_names_what_was_decided(self, facts, tmp_path):
        make_policy()
        path = tmp_path / "tiers.csv"
        run_tiers(policy="plain", apply=True, csv=path)
        with path.open(encoding="utf-8", newline="") as source:
            assert [row["tier"] for row in csv.DictReader(source)] == ["A", "B", "C"]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"as_of": "2026-02-31"}, "is not a date"),
            ({"as_of": "2999-01-01"}, "future"),
            ({"as_of": "0001-01-01"}, "nothing to sort by"),
            ({"policy": "nope"}, "There is no policy “nope”; there are: plain"),
        ],
    )
    def test_refuses(self, options, message):
        make_policy()
        with pytest.raises(CommandError, match=message):
            run_tiers(**options)
        assert not TierRun.objects.exists()

    def test_a_file_that_cannot_be_written(self, tmp_path):
        make_policy()
        with pytest.raises(CommandError, match=r"nowhere/x\.csv: No such file"):
            run_tiers(policy="plain", csv=tmp_path / "nowhere" / "x.csv")

    def test_a_code_that_looks_like_a_formula(self, tmp_path):
        make_policy()
        make_fact(AccountFactory(code="-1-1"), 5)
        run_tiers(policy="plain", csv=tmp_path / "x.csv")
        assert "'-1-1" in (tmp_path / "x.csv").read_text(encoding="utf-8")

    def test_reasons_in_the_active_language(self, facts, tmp_path):
        make_policy()
        with translation.override("zh-hans"):
            run_tiers(policy="plain", csv=tmp_path / "x.csv")
        assert (tmp_path / "x.csv").stat().st_size > 100


class TestCreateTierPolicy:
    def create(self, *args, **options):
        call_command("create_tier_policy", *args, stdout=StringIO(), **options)

    def test_a_half_yearly_one_without_hysteresis(self):
        self.create("half", "--method", "pareto", "--cuts", "70", "90", "--months", "6", "--no-hysteresis")
        version = TierPolicy.objects.get().current_version
        assert version.months == 6
        assert version.parameters == {
            "cut_a": "70", "cut_b": "90", "down_runs": 1, "up_runs": 1, "margin": "0", "combine": "any",
        }  # fmt: skip

    def test_a_scorecard(self):
        self.create("card", "--method", "scorecard", "--bands", "80", "50", "--set", "weight_growth=3")
        parameters = TierPolicy.objects.get().current_version.parameters
        assert (parameters["band_a"], parameters["weight_growth"], parameters["weight_revenue"]) == ("80", "3", "0")
        assert parameters["down_runs"] == 2

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--cuts", "0", "90"], "cut_a: A cut lies above 0"),
            (["--cuts", "90", "70"], "cut_b: B must end after A"),
            (["--months", "0"], "months"),
            (["--currency", "XYZ"], "currency"),
            (["--set", "weight"], "is not NAME=VALUE"),
            (["--method", "scorecard", "--set", "weight_luck=1"], "no criterion “luck”"),
        ],
    )
    def test_refuses(self, arguments, message):
        with pytest.raises(CommandError, match=message):
            self.create("bad", *arguments)
        assert not TierPolicy.objects.exists()
