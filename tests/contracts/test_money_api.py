"""Instalments, receipts and receivables over the API."""

import datetime as dt
from decimal import Decimal

import pytest

from audit.models import AuditEntry
from contracts.models import Contract, Instalment, Receipt
from core.models import ExchangeRate
from tests.factories import TODAY
from tests.factories.contracts import make_contract, make_instalment, make_receipt

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(dt.datetime(2026, 3, 16, 3, tzinfo=dt.UTC))


@pytest.fixture
def contract(account):
    rows = [
        make_instalment(amount="400.00", days=60),
        make_instalment(amount="300.00", days=-40),
        make_instalment(amount="430.00", event="验收", days_after=10),
    ]
    return make_contract(account, instalments=rows)


@pytest.fixture
def post(api_for, alice, contract):
    """Post a receipt of 100.00 as Alice, but for what is given."""

    def post(user=alice, **fields):
        body = {"contract": contract.pk, "date": "2026-03-16", "amount": "100.00", **fields}
        return api_for(user).post(f"{API}/receipts/", body, format="json")

    return post


class TestReceipts:
    def test_create(self, post, contract, alice):
        answer = post(shares=[{"instalment": 3, "amount": "40.00"}], reference="FT1")
        assert answer.status_code == 201
        body = answer.json()
        assert body["contract"] == {"id": contract.pk, "name": str(contract)}
        assert (body["amount"], body["currency"], body["kind"]) == ("100.000", "CNY", "receipt")
        assert body["shares"] == [{"instalment": 3, "amount": "40.000"}]
        assert (body["posted_by"]["id"], body["voided_at"]) == (alice.pk, None)
        assert "allow_credit" not in body
        rows = Instalment.objects.order_by("position").values_list("settled_amount", flat=True)
        assert list(rows) == [0, 60, 40]
        assert AuditEntry.objects.of(Receipt.objects.get()).get().via == "api"

    @pytest.mark.parametrize(
        ("fields", "status", "code"),
        [
            ({"amount": "1130.01"}, 400, "more_than_open"),
            ({"amount": "1.001"}, 400, "too_many_decimals"),
            ({"currency": "USD"}, 400, "currency_differs"),
            ({"date": "2026-03-17"}, 400, "receipt_in_future"),
            ({"kind": "refund"}, 400, "more_than_received"),
            ({"shares": [{"instalment": 9, "amount": "1"}]}, 400, "no_such_instalment"),
            ({"shares": [{"instalment": 1, "amount": "100.01"}]}, 400, "shares_too_large"),
            ({"shares": [{"instalment": 1, "amount": "1"}] * 2}, 400, "share_twice"),
            ({"shares": [{"instalment": 1, "amount": "NaN"}]}, 400, None),
            ({"shares": [{"instalment": 1, "amount": "-1"}]}, 400, None),
            ({"shares": "all"}, 400, None),
            ({"amount": "0"}, 400, None),
            ({"amount": "1e400"}, 400, None),
            ({"amount": None}, 400, None),
            ({"posted_by": 1}, 400, None),
            ({"nonsense": 1}, 400, None),
            ({"contract": 999_999}, 400, None),
        ],
    )
    def test_create_refuses(self, post, fields, status, code):
        answer = post(**fields)
        assert answer.status_code == status, answer.json()
        assert code is None or answer.json()["code"] == code
        assert not Receipt.objects.exists()

    def test_names_the_row_of_a_share(self, post):
        body = post(shares=[{"instalment": 1, "amount": "1"}, {"instalment": 9, "amount": "1"}]).json()
        assert body["detail"] == "Share 2: the plan has no instalment 9."

    def test_credit_has_to_be_allowed(self, post, contract):
        assert post(amount="1200").status_code == 400
        assert post(amount="1200", allow_credit=True).status_code == 201
        assert Contract.objects.get(pk=contract.pk).received_amount == 1200

    def test_a_draft_takes_none(self, api_for, alice, account):
        draft = make_contract(account, "draft")
        body = {"contract": draft.pk, "date": "2026-03-16", "amount": "1"}
        answer = api_for(alice).post(f"{API}/receipts/", body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "receipts_need_signature")

    def test_others_may_not(self, post, ann, mallory):
        assert post(ann).status_code == 403
        assert post(mallory).status_code == 400
        assert not Receipt.objects.exists()

    def test_is_never_changed(self, api_for, alice, contract):
        receipt = make_receipt(contract)
        for method in ("put", "patch", "delete"):
            assert getattr(api_for(alice), method)(f"{API}/receipts/{receipt.pk}/", {}).status_code == 405

    def test_void(self, api_for, alice, ann, mallory, contract):
        receipt = make_receipt(contract, "100")
        url = f"{API}/receipts/{receipt.pk}/void/"
        assert api_for(mallory).post(url, {"reason": "x"}, format="json").status_code == 404
        assert api_for(ann).post(url, {"reason": "x"}, format="json").status_code == 403
        assert api_for(alice).post(url, {}, format="json").status_code == 400
        answer = api_for(alice).post(url, {"reason": "记错"}, format="json")
        assert (answer.status_code, answer.json()["void_reason"]) == (200, "记错")
        answer = api_for(alice).post(url, {"reason": "记错"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "receipt_voided")

    def test_list(self, api_for, alice, contract, foreign_account):
        first = make_receipt(contract, "100", date=TODAY - dt.timedelta(days=5), reference="FT-1")
        back = make_receipt(contract, "30", kind="refund")
        gone = make_receipt(contract, "1", voided_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
        make_receipt(make_contract(foreign_account), "5")

        def ids(query=""):
            return [row["id"] for row in api_for(alice).get(f"{API}/receipts/?{query}").json()["results"]]

        assert ids() == [gone.pk, back.pk, first.pk]
        assert ids("voided=true") == [gone.pk]
        assert ids("voided=false") == [back.pk, first.pk]
        assert ids("kind=refund") == [back.pk]
        assert ids("reference=FT-1") == [first.pk]
        assert ids(f"contract={contract.pk}&ordering=date") == [first.pk, back.pk, gone.pk]
        assert ids("date_after=2026-03-16") == [gone.pk, back.pk]
        assert ids("q=ALICE-1") == [gone.pk, back.pk, first.pk]
        assert ids(f"q={contract.number}") == [gone.pk, back.pk, first.pk]
        assert api_for(alice).get(f"{API}/receipts/{first.pk}/").json()["amount"] == "100.000"


class TestInstalments:
    def test_list_and_retrieve(self, api_for, alice, contract, account, foreign_account):
        make_contract(foreign_account)
        draft = make_contract(account, "draft")
        make_receipt(contract, "100")

        def found(query=""):
            return api_for(alice).get(f"{API}/instalments/?{query}").json()["results"]

        assert len(found()) == 4
        assert [row["position"] for row in found("current=true")] == [1, 2, 3]
        assert [row["position"] for row in found("open=true&ordering=due_date")] == [2, 1, 3]
        late = found("bucket=31-60")
        assert [row["position"] for row in late] == [2]
        assert (late[0]["open_amount"], late[0]["days_overdue"], late[0]["bucket"]) == ("200.000", 40, "31-60")
        assert late[0]["account"] == {"id": account.pk, "name": str(account)}
        plan = found(f"contract={draft.pk}")[0]
        assert (plan["is_current"], plan["bucket"], plan["days_overdue"]) == (False, None, None)
        one = api_for(alice).get(f"{API}/instalments/{late[0]['id']}/").json()
        assert one == late[0]

    def test_event(self, api_for, alice, ann, mallory, contract):
        row = contract.instalments.get(position=3)
        url = f"{API}/instalments/{row.pk}/event/"
        assert api_for(mallory).post(url, {"date": "2026-03-10"}, format="json").status_code == 404
        assert api_for(ann).post(url, {"date": "2026-03-10"}, format="json").status_code == 403
        assert api_for(alice).post(url, {}, format="json").status_code == 400
        body = api_for(alice).post(url, {"date": "2026-03-10"}, format="json").json()
        assert (body["event_date"], body["due_date"], body["bucket"]) == ("2026-03-10", "2026-03-20", "not_due")
        answer = api_for(alice).post(url, {"date": "2026-03-17"}, format="json")
        assert answer.json()["code"] == "event_in_future"
        assert api_for(alice).post(url, {"date": None}, format="json").json()["due_date"] is None

    def test_invoice(self, api_for, alice, contract):
        row = contract.instalments.get(position=1)
        url = f"{API}/instalments/{row.pk}/invoice/"
        body = api_for(alice).post(url, {"number": "F-1", "date": "2026-03-10"}, format="json").json()
        assert (body["invoice_number"], body["invoice_date"]) == ("F-1", "2026-03-10")
        answer = api_for(alice).post(url, {"number": "", "date": "2026-03-10"}, format="json")
        assert answer.json()["code"] == "invoice_number_missing"

    def test_cannot_be_written(self, api_for, alice, contract):
        row = contract.instalments.first()
        assert api_for(alice).post(f"{API}/instalments/", {}).status_code == 405
        assert api_for(alice).patch(f"{API}/instalments/{row.pk}/", {}).status_code == 405


class TestReceivables:
    def test_ageing_of_today(self, api_for, alice, account, contract, foreign_account):
        ExchangeRate.objects.create(currency="USD", valid_from=TODAY, rate=7)
        make_contract(account, currency="USD", instalments=[make_instalment(amount="10", days=-n) for n in (1, 95)])
        make_contract(account, currency="JPY", instalments=[make_instalment(amount="700", days=-2)])
        make_contract(foreign_account)
        body = api_for(alice).get(f"{API}/receivables/").json()
        assert (body["as_of"], body["reporting_currency"], body["not_converted"]) == ("2026-03-16", "CNY", ["JPY"])
        cells = {(row["currency"], row["bucket"]): row for row in body["results"]}
        assert set(cells) == {
            ("CNY", "not_due"), ("CNY", "31-60"), ("CNY", "no_date"), ("USD", "0-30"), ("USD", "90+"), ("JPY", "0-30"),
        }  # fmt: skip
        assert cells["USD", "90+"]["reporting_amount"] == "70.000"
        assert cells["JPY", "0-30"]["reporting_amount"] is None
        totals = {row["bucket"]: (row["count"], Decimal(row["amount"])) for row in body["totals"]}
        assert totals == {
            "not_due": (1, 400), "0-30": (1, 70), "31-60": (1, 300), "61-90": (0, 0), "90+": (1, 70),
            "no_date": (1, 430),
        }  # fmt: skip

    def test_every_number_is_found_among_the_instalments(self, api_for, alice, contract):
        for row in api_for(alice).get(f"{API}/receivables/").json()["results"]:
            query = {"bucket": row["bucket"], "currency": row["currency"]}
            found = api_for(alice).get(f"{API}/instalments/", query).json()["results"]
            assert len(found) == row["count"]
            assert sum(Decimal(one["open_amount"]) for one in found) == Decimal(row["amount"])

    def test_narrows(self, api_for, alice, contract):
        body = api_for(alice).get(f"{API}/receivables/?bucket=31-60").json()
        assert [row["bucket"] for row in body["results"]] == ["31-60"]
        assert api_for(alice).get(f"{API}/receivables/?tier=A").json()["results"] == []
        assert api_for(alice).get(f"{API}/receivables/?bucket=x").status_code == 400
        assert api_for(alice).get(f"{API}/receivables/?nonsense=1").status_code == 400
