"""Pages of renewals: pipeline, workspace, panel, rates; My day."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from contracts.models import Contract, Renewal
from contracts.services import renewals as services
from core.models import ExchangeRate
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_instalment, make_parts, make_renewal
from tests.factories.interactions import make_step
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)
LIST = reverse("contracts:renewal_list")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def renewal(account):
    return make_renewal(make_contract(account, "expiring"), step=make_step(account, 30))


def hx(client, url, data=None):
    return client.get(url, data, headers={"HX-Request": "true"})


def url_of(name, row):
    return reverse(f"contracts:{name}", args=[row.pk])


class TestPipeline:
    def test_each_number_of_a_month_opens_its_rows(self, client_for, alice, account):
        for number, days in enumerate((40, 45, 70, 100)):
            currency = "USD" if number == 1 else "CNY"
            contract = make_contract(account, "expiring", end_date=TODAY + days * DAY, currency=currency)
            make_renewal(contract)
        ExchangeRate.objects.create(currency="USD", valid_from=TODAY - DAY, rate=7)
        client = client_for(alice)
        page = client.get(LIST)
        months = page.context["months"]
        assert [(month.key, month.count) for month in months] == [("2026-04", 2), ("2026-05", 1), ("2026-06", 1)]
        assert (months[0].value, months[0].amounts) == (8000, {"CNY": 1000, "USD": 1000})
        assert page.context["total"].value == 10_000
        for month in months:
            rows = client.get(LIST, {"month": month.key}).context["page"].rows
            assert len(rows) == month.count
            assert {row.term_end.month for row in rows} == {month.first.month}
            assert f"?month={month.key}" in page.content.decode()
        chosen = client.get(LIST, {"month": "2026-05"})
        assert [month.count for month in chosen.context["months"]] == [2, 1, 1]  # the table stays

    def test_contracts_whose_renewal_is_not_opened_yet_stand_beside_them(self, client_for, alice, mallory, account):
        make_renewal(make_contract(account, "expiring", end_date=TODAY + 40 * DAY))
        later = TODAY + 20 * DAY
        waiting = make_contract(account, end_date=dt.date(2026, 9, 30), renewal_date=later, currency="USD")
        Contract.objects.filter(pk=waiting.pk).update(renewal_date=later)
        for end, opens, phase in (
            (dt.date(2027, 3, 1), later, "signed"),  # beyond the horizon
            (dt.date(2026, 9, 30), TODAY, "signed"),  # the job opens it
            (dt.date(2026, 9, 30), later, "terminated"),
        ):
            other = make_contract(account, end_date=end)
            Contract.objects.filter(pk=other.pk).update(renewal_date=opens, phase=phase, terminated_on=TODAY)
        followed = make_contract(account, end_date=dt.date(2026, 9, 30))
        Contract.objects.filter(pk=followed.pk).update(renewal_date=later)
        make_contract(account, "signed", predecessor=followed, end_date=dt.date(2027, 9, 30))
        ExchangeRate.objects.create(currency="USD", valid_from=TODAY - DAY, rate=7)
        client = client_for(alice)
        page = client.get(LIST)
        told = [(row.key, row.count, row.waiting_count, row.value, row.waiting_value) for row in page.context["months"]]
        assert told == [("2026-04", 1, 0, 1000, 0), ("2026-09", 0, 1, 0, 7000)]
        assert page.context["total"].at_risk == 8000
        assert "?month=2026-09&amp;opened=no" in page.content.decode()
        opened = client.get(LIST, {"month": "2026-09", "opened": "no"})
        assert [row.pk for row in opened.context["page"].rows] == [waiting.pk]
        assert "Not opened yet" in opened.content.decode()
        assert "opens on" in opened.content.decode()
        assert not client.get(LIST, {"opened": "no", "tier": "A"}).context["page"].rows
        assert not client_for(mallory).get(LIST, {"opened": "no"}).context["page"].rows
        lost = client.get(LIST, {"outcome": "lost", "opened": "no"})
        assert (lost.context["not_yet"], lost.context["total"].waiting_count) == (False, 0)

    def test_without_a_rate_it_is_counted_and_said(self, client_for, alice, account):
        make_renewal(make_contract(account, "expiring", currency="USD"))
        page = client_for(alice).get(LIST)
        assert (page.context["total"].count, page.context["total"].value, page.context["total"].unpriced) == (1, 0, 1)
        assert "1 without a rate" in page.content.decode()

    def test_filters(self, client_for, dora, alice, mallory, account, foreign_account, north, south):
        ours = make_renewal(make_contract(account, "expiring"), alerted_on=TODAY)
        theirs = make_renewal(make_contract(foreign_account, "expiring"))
        lost = make_renewal(make_contract(account, "expiring"), outcome="lost")
        account.tier = "A"
        account.save()
        client = client_for(dora)

        def found(**query):
            return {row.pk for row in client.get(LIST, query).context["page"].rows}

        assert found() == {ours.pk, theirs.pk}
        assert found(outcome="all") == {ours.pk, theirs.pk, lost.pk}
        assert found(outcome="lost") == {lost.pk}
        assert found(state="alert") == {ours.pk}
        assert found(tier="A") == {ours.pk}
        assert found(tier="none") == {theirs.pk}
        assert found(team=south.pk) == {theirs.pk}
        assert found(manager=alice.pk) == {ours.pk}
        assert found(q=ours.contract.number) == {ours.pk}
        assert found(month="2026-13") == set()
        assert {row.pk for row in client_for(alice).get(LIST).context["page"].rows} == {ours.pk}

    def test_fragment_empty_and_states(self, client_for, alice, mallory, renewal):
        part = hx(client_for(alice), LIST)
        assert part.content.decode().lstrip().startswith('<div id="rows">')
        assert "No renewal is open." in client_for(mallory).get(LIST).content.decode()
        Renewal.objects.update(alerted_on=TODAY)
        assert "dot-danger" in client_for(alice).get(LIST).content.decode()


class TestWorkspace:
    def test_shows_usage_prices_money_and_history(self, client_for, alice, account, renewal):
        line = renewal.contract.version.lines.get().product_line
        from orders.models import Product  # noqa: PLC0415

        Product.objects.create(code="P-X", name="轴承", line=line)
        make_order(account, date=TODAY - 20 * DAY, lines=[("P-X", 5, 50)])
        make_order(account, date=TODAY - 400 * DAY, lines=[("P-X", 5, 40)])
        services.give_notice_of(renewal, on=TODAY, reason="x", actor=alice, today=TODAY, now=NOON)
        page = client_for(alice).get(url_of("renewal_detail", renewal))
        html = page.content.decode()
        assert page.context["usage"].share == Decimal("0.25")
        assert [row.change for row in page.context["prices"]] == [Decimal("0.25")]
        assert "Notice noted at the renewal" in html
        assert reverse("surveys:account_panel", args=[account.pk]) in html

    def test_overdue_money(self, client_for, alice, account):
        parts = make_parts(instalments=[make_instalment(None, "1130", days=-5)])
        renewal = make_renewal(make_contract(account, "expiring", parts=parts))
        page = client_for(alice).get(url_of("renewal_detail", renewal))
        assert page.context["overdue"] == {"count": 1, "amount": 1130}

    def test_renew_by_one_click(self, client_for, alice, renewal):
        response = client_for(alice).post(url_of("renewal_renew", renewal))
        successor = Contract.objects.get(predecessor=renewal.contract)
        assert response["Location"] == successor.get_absolute_url()
        again = client_for(alice).post(url_of("renewal_renew", renewal), follow=True)
        assert f"renewed by {successor.number} already" in again.content.decode()

    def test_lost_with_a_reason_and_open_again(self, client_for, alice, renewal):
        client = client_for(alice)
        bad = client.post(url_of("renewal_lose", renewal), {"reason": " "})
        assert (bad.status_code, bad.context["lost_form"].errors.keys()) == (200, {"reason"})
        assert client.post(url_of("renewal_lose", renewal), {"reason": "价格"}).status_code == 302
        renewal.refresh_from_db()
        assert (renewal.outcome, renewal.outcome_note) == ("lost", "价格")
        late = client.post(url_of("renewal_lose", renewal), {"reason": "还是价格"}, follow=True)
        assert "decided already" in late.content.decode()
        client.post(url_of("renewal_reopen", renewal))
        renewal.refresh_from_db()
        assert renewal.outcome == "open"

    def test_notice_keeps_what_was_typed(self, client_for, alice, account):
        renewal = make_renewal(make_contract(account, "expiring", auto_renewal_months=12))
        client = client_for(alice)
        page = client.get(url_of("renewal_detail", renewal)).content.decode()
        assert "give notice first" in page
        assert url_of("renewal_lose", renewal) not in page
        bad = client.post(url_of("renewal_notice", renewal), {"on": "2026-03-20", "reason": "不再合作"})
        assert "不再合作" in bad.content.decode()
        assert bad.context["notice_form"].errors.keys() == {"on"}
        assert client.post(url_of("renewal_notice", renewal), {"on": "2026-03-16", "reason": "x"}).status_code == 302
        assert url_of("renewal_lose", renewal) in client.get(url_of("renewal_detail", renewal)).content.decode()

    def test_readers_see_and_may_not_decide(self, client_for, ann, mallory, renewal):
        page = client_for(ann).get(url_of("renewal_detail", renewal))
        assert "Close as lost" not in page.content.decode()
        for name in ("renewal_renew", "renewal_lose", "renewal_notice", "renewal_reopen"):
            assert client_for(ann).post(url_of(name, renewal), {"reason": "x"}).status_code == 403
            assert client_for(mallory).post(url_of(name, renewal)).status_code == 404

    def test_an_alert_is_danger_in_words(self, client_for, alice, renewal):
        Renewal.objects.update(alerted_on=TODAY)
        html = client_for(alice).get(url_of("renewal_detail", renewal)).content.decode()
        assert "alert-danger" in html
        assert re.search(r"notice is due in \d+ days", html)


class TestPanel:
    def test_open_to_come_and_none(self, client_for, alice, account, renewal):
        client = client_for(alice)
        part = hx(client, url_of("contract_renewal", renewal.contract)).content.decode()
        assert url_of("renewal_detail", renewal) in part
        assert "<html" not in part
        later, draft = make_contract(account, "in_force"), make_contract(account, "draft")
        assert "The renewal opens on" in client.get(url_of("contract_renewal", later)).content.decode()
        assert "<html" in client.get(url_of("contract_renewal", draft)).content.decode()


class TestRates:
    URL = reverse("contracts:renewal_rates")

    def test_numbers_open_their_rows(self, client_for, alice, account):
        for outcome in ("renewed", "auto_renewed", "lost", "open"):
            contract = make_contract(account, "expired", end_date=TODAY - 20 * DAY)
            make_renewal(contract, outcome=outcome)
        client = client_for(alice)
        page = client.get(self.URL)
        row = page.context["rows"][0]
        assert (row["rate"].by_count, row["rate"].by_value) == (Decimal("0.5"), Decimal("0.5"))
        counts = {"due": 4, "renewed": 2, "lost": 1, "undecided": 1}
        for name, count in counts.items():
            assert getattr(row["rate"], name) == count
            assert len(client.get(row["links"][name]).context["page"].rows) == count
        assert client.get(self.URL, {"by": "year"}).context["rows"][0]["period"].name == "2026"
        assert hx(client, self.URL).content.decode().lstrip().startswith('<div id="rows">')

    def test_accounts_behind_the_net_retention_sum_to_it(self, client_for, alice, lee, account):
        ended = AccountFactory(manager=alice)
        make_contract(account, start_date=dt.date(2025, 7, 1), end_date=dt.date(2026, 6, 30))
        make_contract(account, start_date=dt.date(2026, 2, 1), end_date=dt.date(2027, 1, 31))
        make_contract(ended, start_date=dt.date(2025, 1, 1), end_date=dt.date(2025, 12, 31))
        client = client_for(lee)
        row = client.get(self.URL).context["rows"][0]
        net = row["net"]
        assert (net.start, net.expansion, net.contraction, net.lost) == (2000, 1000, 0, 1000)
        assert net.rate == 1
        for figure, wanted in (("start", "start"), ("end", "end")):
            assert client.get(row["links"][f"net_{figure}"]).context[wanted] == getattr(net, figure)
        lost = client.get(row["links"]["net_lost"]).context
        assert [account.pk for account, _row in lost["rows"]] == [ended.pk]
        assert -lost["change"] == net.lost
        assert client.get(row["links"]["net_expansion"]).context["change"] == net.expansion
        assert client.get(reverse("contracts:renewal_rate_accounts"), {"period": "1999-Q1"}).status_code == 404

    def test_of_a_team_or_a_tier_only(self, client_for, dora, account, foreign_account, south):
        for owner in (account, foreign_account):
            make_renewal(make_contract(owner, "expired", end_date=TODAY - 20 * DAY), outcome="lost")
        page = client_for(dora).get(self.URL, {"team": south.pk})
        assert page.context["rows"][0]["rate"].due == 1
        assert client_for(dora).get(self.URL).context["rows"][0]["rate"].due == 2

    def test_empty(self, client_for, mallory):
        assert "No term has ended yet." in client_for(mallory).get(self.URL).content.decode()


class TestMyDay:
    @pytest.mark.parametrize("number", [0, 3, 12])
    def test_counts_are_those_of_the_rows(self, client_for, alice, lee, number):
        for n in range(number):
            owner = AccountFactory(manager=alice)
            parts = make_parts(instalments=[make_instalment(None, "1130", days=-5 - n)])
            contract = make_contract(owner, "expiring", parts=parts)
            make_renewal(contract, alerted_on=TODAY if n % 3 else None)
        make_renewal(make_contract(AccountFactory(manager=alice), "expiring"), acted_at=NOON)
        for user, query in ((alice, {}), (lee, {"view": "team"})):
            client = client_for(user)
            page = client.get("/", query)
            found = {one.kind.code: one for _part, lists in page.context["parts"] for one in lists}
            alerts = sum(1 for n in range(number) if n % 3)
            expected = {"renewal_alerts": alerts, "renewals": number - alerts, "instalments_overdue": number}
            for kind, count in expected.items():
                assert (found[kind].count if kind in found else 0) == count, kind
                listed = client.get(reverse("dashboards:agenda_list"), {"kind": kind, **query})
                assert (len(listed.context["items"]), listed.context["count"][0]) == (count, count)
