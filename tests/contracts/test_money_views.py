"""The pages of money: payments of a contract, forms, ageing, expected against received."""

import datetime as dt
import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from contracts.models import Contract, Instalment, Receipt
from core.models import ExchangeRate
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_instalment, make_receipt

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FORM = {"kind": "receipt", "date": "2026-03-16", "amount": "100.00", "method": "transfer", "reference": "FT1"}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(dt.datetime(2026, 3, 16, 3, tzinfo=dt.UTC))


@pytest.fixture
def contract(account):
    rows = [
        make_instalment(amount="400.00", days=60, title="尾款"),
        make_instalment(amount="300.00", days=-40, title="首款"),
        make_instalment(amount="430.00", event="验收", days_after=10),
    ]
    return make_contract(account, instalments=rows)


def text(response):
    return response.content.decode()


def fresh(contract):
    return Contract.objects.get(pk=contract.pk)


class TestMoneyPanel:
    def test_shows_plan_receipts_and_balance(self, client_for, alice, contract):
        make_receipt(contract, "100.00", shares=[(2, 60)], reference="FT-77")
        make_receipt(contract, "5.00", voided_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), void_reason="记错了")
        make_receipt(contract, "20.00", kind="refund")
        page = client_for(alice).get(reverse("contracts:contract_money", args=[contract.pk]))
        assert page.context["settled"] == 80
        assert (page.context["open"], page.context["overdue"], page.context["credit"]) == (1050, 220, 0)
        for words in (
            "40 days overdue",
            "Waits for the event",
            "FT-77",
            "记错了",
            "−20.00",
            "instalment 2",
            "Not yet due",
        ):
            assert words in text(page), words
        part = client_for(alice).get(reverse("contracts:contract_money", args=[contract.pk]), headers=HTMX)
        assert "<html" not in text(part)
        assert "Post a receipt" in text(part)

    def test_credit(self, client_for, alice, contract):
        make_receipt(contract, "1200.00")
        page = client_for(alice).get(reverse("contracts:contract_money", args=[contract.pk]))
        assert page.context["credit"] == 70
        assert "Credit" in text(page)

    def test_readers_have_no_buttons(self, client_for, ann, contract):
        make_receipt(contract)
        page = text(client_for(ann).get(reverse("contracts:contract_money", args=[contract.pk])))
        assert "Post a receipt" not in page
        assert "Note the event" not in page
        assert ">Void<" not in page

    def test_a_draft_shows_its_plan(self, client_for, alice, account):
        draft = make_contract(account, "draft")
        page = text(client_for(alice).get(reverse("contracts:contract_money", args=[draft.pk])))
        assert "Planned" in page
        assert "Post a receipt" not in page


class TestReceiptForm:
    def url(self, contract):
        return reverse("contracts:receipt_create", args=[contract.pk])

    def test_offers_the_open_instalments_in_the_order_they_are_due(self, client_for, alice, contract):
        page = text(client_for(alice).get(self.url(contract)))
        places = [page.index(f'name="share_{position}"') for position in (2, 1, 3)]
        assert places == sorted(places)
        assert "Amount in CNY" in page
        assert 'value="2026-03-16"' in page

    def test_posts_with_shares(self, client_for, alice, contract):
        answer = client_for(alice).post(self.url(contract), {**FORM, "share_1": "60", "share_3": "40"})
        assert answer.status_code == 302
        assert answer.url == contract.get_absolute_url()
        receipt = Receipt.objects.get()
        assert (receipt.amount, receipt.currency, receipt.posted_by, receipt.reference) == (100, "CNY", alice, "FT1")
        rows = Instalment.objects.order_by("position").values_list("settled_amount", flat=True)
        assert list(rows) == [60, 0, 40]

    def test_refunds(self, client_for, alice, contract):
        make_receipt(contract, "100")
        client_for(alice).post(self.url(contract), {**FORM, "kind": "refund", "amount": "30"})
        assert fresh(contract).received_amount == 70

    @pytest.mark.parametrize(
        ("fields", "field", "words"),
        [
            ({"amount": "1130.01"}, "amount", "more than all that is open"),
            ({"amount": "1.001"}, "amount", "at most 2 decimals"),
            ({"amount": "-1"}, "amount", "greater than or equal"),
            ({"amount": "abc"}, "amount", "Enter a number"),
            ({"date": "2026-03-17"}, "date", "cannot lie in the future"),
            ({"date": "16.03.2026x"}, "date", "valid date"),
            ({"kind": "refund"}, "amount", "more than was received"),
            ({"share_1": "60", "share_2": "41"}, None, "The shares sum to CNY\u00a0101.00"),
            ({"share_2": "5", "share_3": "0.001"}, "share_3", "Share 2: amounts in CNY"),
            ({"share_3": "0"}, "share_3", "above zero"),
            ({"kind": "refund", "amount": "5", "share_1": "5"}, None, "A refund has no shares"),
        ],
    )
    def test_refused_it_keeps_what_was_typed(self, client_for, alice, contract, fields, field, words):
        page = client_for(alice).post(self.url(contract), {**FORM, "note": "保留我", **fields})
        assert page.status_code == 200
        assert words in unescape(text(page))
        assert "保留我" in text(page)
        assert field is None or field in page.context["form"].errors
        assert not Receipt.objects.exists()

    def test_credit_is_a_tick_away(self, client_for, alice, contract):
        fields = {**FORM, "amount": "1200"}
        assert client_for(alice).post(self.url(contract), fields).status_code == 200
        assert client_for(alice).post(self.url(contract), {**fields, "allow_credit": "on"}).status_code == 302
        assert fresh(contract).received_amount == 1200

    def test_yen_have_no_decimals(self, client_for, alice, account):
        yen = make_contract(account, currency="JPY", instalments=[make_instalment(amount="5000")])
        page = client_for(alice).post(self.url(yen), {**FORM, "amount": "1.5"})
        assert "amounts in JPY have no decimals" in text(page)
        assert client_for(alice).post(self.url(yen), {**FORM, "amount": "1500"}).status_code == 302

    def test_a_draft_is_refused_in_words(self, client_for, alice, account):
        page = client_for(alice).post(self.url(make_contract(account, "draft")), FORM)
        assert "only after the contract is signed" in text(page)

    def test_readers_may_not(self, client_for, ann, mallory, contract):
        assert client_for(ann).get(self.url(contract)).status_code == 403
        assert client_for(mallory).get(self.url(contract)).status_code == 404


class TestOtherForms:
    def test_void(self, client_for, alice, contract):
        receipt = make_receipt(contract, "100")
        url = reverse("contracts:receipt_void", args=[receipt.pk])
        page = client_for(alice).get(url)
        assert "CNY\u00a0100.00" in text(page)
        page = client_for(alice).post(url, {"reason": ""})
        assert "Say why." in text(page)
        assert client_for(alice).post(url, {"reason": "记错"}).status_code == 302
        assert fresh(contract).received_amount == 0
        page = client_for(alice).post(url, {"reason": "再来"})
        assert "voided already" in text(page)
        assert "再来" in text(page)

    def test_event(self, client_for, alice, contract):
        row = contract.instalments.get(position=3)
        url = reverse("contracts:instalment_event", args=[row.pk])
        assert "due 10 days later" in text(client_for(alice).get(url))
        assert "still to come" in text(client_for(alice).post(url, {"date": "2026-03-17"}))
        assert client_for(alice).post(url, {"date": "2026-03-15"}).status_code == 302
        assert Instalment.objects.get(pk=row.pk).due_date == dt.date(2026, 3, 25)
        assert client_for(alice).post(url, {"date": ""}).status_code == 302
        assert Instalment.objects.get(pk=row.pk).due_date is None
        by_date = contract.instalments.get(position=1)
        url = reverse("contracts:instalment_event", args=[by_date.pk])
        assert "due on a date" in text(client_for(alice).post(url, {"date": "2026-03-15"}))

    def test_invoice(self, client_for, alice, contract):
        row = contract.instalments.get(position=1)
        url = reverse("contracts:instalment_invoice", args=[row.pk])
        page = client_for(alice).post(url, {"number": "", "date": "2026-03-15"})
        assert "needs an invoice number" in text(page)
        assert client_for(alice).post(url, {"number": "F-1", "date": "2026-03-15"}).status_code == 302
        assert Instalment.objects.get(pk=row.pk).invoice_number == "F-1"

    @pytest.mark.parametrize("name", ["instalment_event", "instalment_invoice"])
    def test_others_may_not(self, client_for, ann, mallory, contract, name):
        url = reverse(f"contracts:{name}", args=[contract.instalments.get(position=3).pk])
        assert client_for(ann).post(url, {}).status_code == 403
        assert client_for(mallory).post(url, {}).status_code == 404


@pytest.fixture
def books(account, contract, foreign_account):
    """Alice's in three currencies, JPY without a rate; one of somebody else's."""
    ExchangeRate.objects.create(currency="USD", valid_from=TODAY, rate=7)
    make_contract(account, currency="USD", instalments=[make_instalment(amount="10", days=-n) for n in (1, 35, 95)])
    make_contract(account, currency="JPY", instalments=[make_instalment(amount="700", days=-2)])
    make_contract(foreign_account, instalments=[make_instalment(amount="999", days=-2)])


class TestAgeing:
    URL = "/contracts/ageing/"

    def test_lists_the_longest_overdue_first(self, client_for, alice, books):
        page = client_for(alice).get(self.URL)
        late = [row.days_late for row in page.context["page"].rows]
        assert late == [95, 40, 35, 2, 1, None, None]
        assert page.context["count"] == (7, True)
        assert "南方贸易" not in text(page)
        assert "Alice" in text(page) or alice.name in text(page)
        assert "No exchange rate, not converted: JPY" in text(page)

    @pytest.mark.parametrize("name", ["alice", "lee", "dora"])
    def test_every_number_opens_exactly_its_rows(self, request, client_for, name, books):
        client = client_for(request.getfixturevalue(name))
        for extra in ("", "?tier=none", "?q=ALICE-1"):
            page = client.get(self.URL + extra)
            seen = 0
            for row in [*page.context["rows"], page.context["together"]]:
                for part in row["cells"]:
                    cell = part["cell"]
                    if not cell.count:
                        assert part["url"] == ""
                        continue
                    opened = client.get(self.URL + part["url"])
                    assert opened.context["count"] == (cell.count, True), part["url"]
                    rows = opened.context["page"].rows
                    if row is not page.context["together"]:
                        assert sum(r.open_amount for r in rows) == cell.amount
                    else:
                        rates = {"CNY": 1, "USD": 7}
                        assert sum(r.open_amount * rates[r.contract.currency] for r in rows) == cell.amount
                    seen += 1
            assert seen > 10

    def test_the_numbers_do_not_change_by_opening_one(self, client_for, alice, books):
        page = client_for(alice).get(self.URL)
        opened = client_for(alice).get(self.URL + "?bucket=90%2B&currency=USD")
        assert [row.days_late for row in opened.context["page"].rows] == [95]
        cells = [[part["cell"] for part in row["cells"]] for row in page.context["rows"]]
        assert [[part["cell"] for part in row["cells"]] for row in opened.context["rows"]] == cells
        chosen = [part["label"] for row in opened.context["rows"] for part in row["cells"] if part["chosen"]]
        assert chosen == ["Over 90 days"]

    def test_narrows(self, client_for, lee, alice, north, south, mallory, books, account):
        account.tier = "A"
        account.save()
        other = AccountFactory(manager=lee, tier="B")
        make_contract(other, instalments=[make_instalment(amount="1", days=-3)])
        client = client_for(lee)
        for query, count in (
            (f"team={north.pk}", 7), (f"manager={alice.pk}", 7), (f"manager={lee.pk}", 1), ("tier=A", 7), ("tier=B", 1),
            ("tier=none", 0), (f"account={other.pk}", 1), ("bucket=no_date", 1), ("bucket=0-30&bucket=31-60", 5),
            ("currency=JPY", 1), ("q=ALICE-1", 7),
        ):  # fmt: skip
            assert client.get(f"{self.URL}?{query}").context["count"] == (count, True), query

    def test_pages_go_on_by_keys(self, client_for, alice, account):
        rows = [make_instalment(amount="1", days=n - 70) for n in range(70)] + [
            make_instalment(amount="1", event="验收")
        ]
        make_contract(account, instalments=rows)
        client = client_for(alice)
        first = client.get(self.URL)
        assert len(first.context["page"].rows) == 50
        rest = client.get(f"{self.URL}?cursor={first.context['page'].next_cursor}", headers=HTMX)
        assert len(rest.context["page"].rows) == 21
        assert rest.context["page"].rows[-1].due_date is None
        assert "<html" not in text(rest)

    def test_empty(self, client_for, alice):
        assert "No instalment is open." in text(client_for(alice).get(self.URL))
        page = text(client_for(alice).get(self.URL + "?bucket=90%2B"))
        assert "No open instalment fits these filters." in page


class TestReceivables:
    URL = "/contracts/receivables/"

    def test_chart_and_table_say_the_same(self, client_for, alice, books, contract):
        make_receipt(contract, "120")
        page = client_for(alice).get(self.URL)
        curve, option = page.context["curve"], page.context["option"]
        assert (curve.currency, curve.undated) == ("CNY", 430)
        march = next(row for row in curve.months if row.first == dt.date(2026, 3, 1))
        assert (march.received, march.total_received) == (120, 120)
        assert option["series"][1]["data"][11] == 120.0
        assert option["series"][0]["data"] == [float(row.total_expected) for row in curve.months]
        assert curve.unpriced == ["JPY", "USD"]  # no rate before today
        assert re.search(r'id="receivables-curve"', text(page))

    def test_one_currency(self, client_for, alice, books):
        page = client_for(alice).get(self.URL + "?currency=USD", headers=HTMX)
        assert page.context["curve"].currency == "USD"
        assert page.context["curve"].months[-1].total_expected == 30
        assert "<html" not in text(page)
        assert client_for(alice).get(self.URL + "?currency=KWD").context["curve"].currency == "CNY"

    def test_narrows(self, client_for, dora, alice, mallory, books):
        client = client_for(dora)

        def total(query):
            return client.get(f"{self.URL}?currency=CNY&{query}").context["curve"].months[-1].total_expected

        assert (total(""), total(f"manager={alice.pk}"), total(f"manager={mallory.pk}")) == (1699, 700, 999)

    def test_of_an_account(self, client_for, alice, mallory, account, books):
        url = reverse("contracts:account_receivables", args=[account.pk])
        page = client_for(alice).get(url + "?currency=CNY")
        assert page.context["curve"].months[-1].total_expected == Decimal(700)
        assert "<html" not in text(client_for(alice).get(url, headers=HTMX))
        assert client_for(mallory).get(url).status_code == 404

    def test_empty(self, client_for, alice, account):
        assert "Nothing was expected or received yet." in text(client_for(alice).get(self.URL))
