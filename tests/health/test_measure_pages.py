"""How good the alerts were, on the page: each number is that of its rows."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from core.paging import InvalidCursor
from health.views import measures
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import make_alert
from tests.factories.orders import make_order

PAGE = reverse("health:alert_measures")
SILENT = reverse("health:silent_list")
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

    def test_the_silent_open_theirs(self, client_for, alice, mallory):
        today, accounts = timezone.localdate(), [AccountFactory(manager=alice) for _number in range(3)]
        for account in accounts:
            for days in (150, 160, 170):
                make_order(account, 100, date=today - days * DAY)
        opened = dt.datetime.combine(today - 110 * DAY, dt.time(2), tzinfo=dt.UTC)
        make_alert(accounts[0], opened_on=opened.date(), opened_at=opened)
        client = client_for(alice)
        page = client.get(PAGE)
        row, links = next((row, links) for row, links in page.context["rows"] if row.silent)
        assert (row.silent, row.warned.part) == (3, 1)
        for row_links in (links, page.context["total_links"]):
            for name, number in (("silent", 3), ("warned", 1)):
                assert len(client.get(row_links[name]).context["rows"]) == number, name
        for warned, number in (("30", 0), ("60", 1), ("no", 2)):
            assert len(client.get(SILENT, {"warned": warned}).context["rows"]) == number, warned
        [(account, quiet)] = client.get(SILENT, {"warned": "60"}).context["rows"]
        assert (account, quiet.after, quiet.lead) == (accounts[0], 40, 50)
        assert client.get(SILENT, {"month": today.isoformat()}).context["rows"] == []
        assert client_for(mallory).get(SILENT).context["rows"] == []

    def test_the_silent_by_pages(self, client_for, alice, monkeypatch):
        monkeypatch.setattr(measures, "PAGE", 2)
        found = [(pk, TODAY, None) for pk in range(5)]
        pages = [measures._page(found, cursor) for cursor in ("", "2", "4", "99")]
        assert [len(page) for page in pages] == [2, 2, 1, 0]
        assert [(page.previous_cursor, page.next_cursor) for page in pages[:3]] == [
            (None, "2"),
            ("0", "4"),
            ("2", None),
        ]
        assert pages[0].last_cursor == "4"
        for cursor in ("x", "-1", "9" * 11, "²"):
            with pytest.raises(InvalidCursor):
                measures._page(found, cursor)

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
