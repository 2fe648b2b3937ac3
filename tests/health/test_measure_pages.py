"""How good the alerts were, on the page: each number is that of its rows."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import make_alert

PAGE = reverse("health:alert_measures")
DAY = dt.timedelta(days=1)


@pytest.fixture
def history(alice):
    """Alerts of this month and of that before; one customer each."""
    now = timezone.now()
    rows = []
    states = [
        {"status": "open"}, {"status": "acknowledged", "acknowledged_at": now}, {"status": "snoozed"},
        {"status": "held"}, {"status": "resolved", "outcome": "saved"},
        {"status": "resolved", "outcome": "lost", "lost_cause": "price"},
        {"status": "resolved", "outcome": "false_alarm"}, {"status": "resolved", "outcome": "withdrawn"},
    ]  # fmt: skip
    for month in (timezone.localdate(), timezone.localdate().replace(day=1) - DAY):
        for fields in states:
            moment = dt.datetime.combine(month, dt.time(2), tzinfo=dt.UTC)
            more = {"resolved_at": moment + 2 * DAY} if fields["status"] == "resolved" else {}
            row = make_alert(
                AccountFactory(manager=alice), opened_on=month, opened_at=moment, **{**fields, **more}
            )  # fmt: skip
            rows.append(row)
    return rows


class TestPage:
    def test_each_number_opens_its_rows(self, client_for, alice, history):
        client = client_for(alice)
        page = client.get(PAGE)
        shown = [(page.context["total"], page.context["total_links"]), *page.context["rows"]]
        seen = 0
        for row, links in shown:
            numbers = {"raised": row.raised, "in_hand": row.unresolved}
            numbers |= {name: row.outcomes.get(name, 0) for name in ("saved", "lost", "false_alarm")}
            for name, number in numbers.items():
                assert len(client.get(links[name]).context["page"].rows) == number, (row.month, name)
                seen += number
        assert seen == 2 * 2 * (8 + 3 + 3)
        assert page.context["total"].precision.value == pytest.approx(2 / 3)
        assert len(page.context["rows"]) == 12

    def test_filters_go_along(self, client_for, alice, history):
        client = client_for(alice)
        make_alert(AccountFactory(manager=alice, tier="A"), "unhappy", opened_on=timezone.localdate())
        page = client.get(PAGE, {"reason": "unhappy", "months": "6"})
        assert page.context["total"].raised == 1
        assert len(page.context["rows"]) == 6
        assert len(client.get(page.context["total_links"]["raised"]).context["page"].rows) == 1
        assert "only the alerts are narrowed" in page.content.decode()

    def test_others_see_nothing(self, client_for, mallory, history):
        html = client_for(mallory).get(PAGE).content.decode()
        assert "No alert has been raised in these months." in html

    def test_the_fragment_alone(self, client_for, alice, history):
        html = client_for(alice).get(PAGE, headers={"HX-Request": "true"}).content.decode()
        assert html.lstrip().startswith('<div id="rows">')
