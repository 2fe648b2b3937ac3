"""The health of an account on its page: every point explained, what changed, why, what next."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import AccountSummary
from health.models import AccountHealth, HealthPoint
from health.templatetags.score_widgets import band_bar, gauge, odds, reason_bar
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import (
    make_alert,
    make_health,
    make_health_run,
    make_part,
    make_points,
    make_profile,
)

REASONS = [
    {"feature": "silence", "value": 60, "typical": 14, "contribution": 0.9},
    {"feature": "tenure", "value": 900, "typical": 700, "contribution": -0.2},
    {"feature": "rest", "value": None, "typical": None, "contribution": -0.1},
]


def panel(account, name="account_panel"):
    return reverse(f"health:{name}", args=[account.pk])


@pytest.fixture
def scored(account):
    """Alice's account with 38 points: two signals cost, one is fine, one is bad but weighs nothing."""
    parts = [
        make_part(lost=45.5),
        make_part("contact_gap", 2.5, group="contact", lost=16.5, severity=0.7, bound=1.5,
                  facts={"ever": True, "days": 40, "cadence": 14}),
        make_part("manager_changed", 2, group="relationship", weight=0, lost=0, severity=0.8, bound=2, facts={}),
        make_part("payment_overdue", 0, group="contracts", lost=0, severity=0, bound=30, facts={}),
    ]  # fmt: skip
    return make_health(account, parts=parts, missing=["nps_low"], reasons=REASONS)


class TestAccountPanel:
    def test_every_point_is_explained(self, client_for, alice, account, scored):
        page = client_for(alice).get(panel(account))
        found = page.context["found"]
        assert [(part.key, part.lost) for part in found.lost] == [("order_gap", 45.5), ("contact_gap", 16.5)]
        assert found.before_cap == scored.score == 38
        assert [part.key for part in found.watched] == ["manager_changed"]
        assert [part.key for part in found.fine] == ["payment_overdue"]
        assert [part.key for part in found.missing] == ["nps_low"]
        text = page.content.decode()
        assert "No order for 60 days, its own interval is 14 days" in text
        assert "100 − 62.0 lost = 38" in text
        assert "does not count" in text

    def test_an_exception_says_that_it_caps(self, client_for, alice, account):
        make_health(account, score=39, capped_by="stage_interrupted", parts=[make_part(lost=10.0)])
        page = client_for(alice).get(panel(account))
        assert page.context["found"].before_cap == 90
        assert "lets the score go no higher" in page.content.decode()

    def test_the_contributions_of_the_model(self, client_for, alice, account, scored):
        page = client_for(alice).get(panel(account))
        assert [(row["topic"], row["raises"]) for row in page.context["reasons"]] == [
            ("Silence", True), ("Time as a customer", False), ("Everything else", False),
        ]  # fmt: skip
        assert "last order 60 days ago" in page.content.decode()

    def test_what_changed_since_four_weeks(self, client_for, alice, account, scored):
        HealthPoint.objects.create(
            account=account, date=TODAY - dt.timedelta(days=28), score=80, band="healthy", tier="B",
            parts={"order_gap": [1.1, 0.1], "contact_gap": [3.0, 0.9]},
        )  # fmt: skip
        page = client_for(alice).get(panel(account))
        since = page.context["since"]
        assert (since.score_before, since.score_now) == (80, 38)
        changes = [(change.signal, change.is_worse) for change in since.changes]
        assert ("order_gap", True) in changes
        assert ("contact_gap", False) in changes

    def test_the_course_is_a_chart_and_a_table(self, client_for, alice, account, scored):
        make_points(account, 70, 60, 38)
        page = client_for(alice).get(panel(account))
        line = page.context["option"]["series"][0]
        assert [value for _day, value in line["data"]] == [70, 60, 38]
        assert [point.score for point in page.context["points"]] == [38, 60, 70]

    def test_one_point_is_no_course(self, client_for, alice, account, scored):
        make_points(account, 38)
        assert client_for(alice).get(panel(account)).context["option"] is None

    def test_as_htmx_asks_for_it(self, client_for, alice, account, scored):
        answer = client_for(alice).get(panel(account), headers={"HX-Request": "true"})
        assert "<html" not in answer.content.decode()

    def test_without_a_score(self, client_for, alice, account):
        assert "no health score yet" in client_for(alice).get(panel(account)).content.decode()

    def test_nothing_that_counts_is_known(self, client_for, alice, account):
        make_health(account, score=None, probability=None, parts=[], missing=["order_gap"], lifetime_value_amount=None)
        text = client_for(alice).get(panel(account)).content.decode()
        assert "so it has no score" in text
        assert "nothing to predict" in text

    def test_a_terminated_relationship(self, client_for, dora):
        ended = AccountFactory(status="terminated")
        assert "relationship has ended" in client_for(dora).get(panel(ended)).content.decode()

    def test_an_unknown_signal_shows_by_its_key(self, client_for, alice, account):
        make_health(account, parts=[make_part("case_backlog", 3, group="cases", facts={})])
        part = client_for(alice).get(panel(account)).context["found"].lost[0]
        assert (part.label, part.group_label) == ("case_backlog", "cases")

    def test_the_gap_in_the_orders_is_said(self, client_for, alice, account, scored):
        make_health_run(gap_from=TODAY - dt.timedelta(days=20), gap_until=TODAY, withheld=5)
        assert "5 are withheld" in client_for(alice).get(panel(account)).content.decode()

    def test_somebody_elses_is_not_found(self, client_for, mallory, account, scored):
        assert client_for(mallory).get(panel(account)).status_code == 404


class TestNextStep:
    def test_an_open_alert_comes_first(self, client_for, alice, account, scored):
        alert = make_alert(account)
        step = client_for(alice).get(panel(account)).context["next"]
        assert step.url == alert.get_absolute_url()

    def test_then_the_contact_that_is_overdue(self, client_for, alice, account, scored):
        AccountSummary.objects.filter(account=account).update(contact_due_date=dt.date(2020, 1, 1))
        step = client_for(alice).get(panel(account)).context["next"]
        assert step.url == f"{reverse('interactions:visit_create')}?account={account.pk}"

    def test_then_the_heaviest_loss(self, client_for, alice, account, scored):
        step = client_for(alice).get(panel(account)).context["next"]
        assert step.url == reverse("orders:account_panel", args=[account.pk])

    def test_nothing_where_all_is_well(self, client_for, alice, account):
        make_health(account, score=97, parts=[make_part(lost=3.0, severity=0.2)])
        assert client_for(alice).get(panel(account)).context["next"] is None

    def test_a_reader_is_asked_for_nothing(self, client_for, ann, account, scored):
        make_alert(account)
        assert client_for(ann).get(panel(account)).context["next"] is None


class TestAttention:
    def test_the_worst_reasons_and_the_alerts(self, client_for, alice, account, scored):
        make_alert(account)
        page = client_for(alice).get(panel(account, "account_attention"))
        assert [part.key for part in page.context["shown"]] == ["order_gap", "contact_gap"]
        assert "Orders stopped" in page.content.decode()

    def test_it_is_loaded_into_the_overview(self, client_for, alice, account):
        assert panel(account, "account_attention") in client_for(alice).get(account.get_absolute_url()).content.decode()


class TestWidgets:
    def test_no_style_attributes(self, account):
        health = AccountHealth(score=50, band="watch", profile=make_profile())
        for svg in (gauge(health), reason_bar(-0.5), band_bar([("healthy", 1), ("", 2)], "x")):
            assert "style=" not in svg

    def test_a_gauge_without_a_score(self, account):
        assert "–" in gauge(AccountHealth(score=None, band="", profile=make_profile()))

    def test_odds(self):
        assert odds(0.0) == "×1.00"
        assert odds(0.6931) == "×2.00"
