"""The REST API of contracts: drafts with their rows, the steps of the life cycle, versions and lines."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from audit.models import AuditEntry
from contracts.choices import State
from contracts.models import Contract, ContractVersion
from tests.factories import TODAY
from tests.factories.contracts import (
    make_approval_rule,
    make_contract,
    make_instalment,
    make_line,
    make_product_line,
    make_signatory,
    make_version,
)
from tests.factories.integrations import make_token

URL = "/api/v1/contracts/"
pytestmark = pytest.mark.usefixtures("lee", "_today")


@pytest.fixture
def _today():
    with time_machine.travel(dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def api(api_for, alice):
    return api_for(alice)


def body(account, **draft):
    return {
        "account": account.pk,
        "title": "轴承年度供货",
        "our_party": "我方有限公司",
        "currency": "CNY",
        "draft": {
            "start_date": "2026-04-01",
            "end_date": "2027-03-31",
            "lines": [{"product_line": make_product_line().pk, "quantity": "10", "unit_price": "100.00"}],
            "signatories": [{"side": "customer", "name": "王芳", "position": "总经理"}],
            "instalments": [{"amount": "1130.00", "due_by": "date", "due_date": "2026-05-01"}],
            **draft,
        },
    }


def url(contract, verb=""):
    return f"{URL}{contract.pk}/{verb}{'/' if verb else ''}"


class TestCreate:
    def test_drafts_with_all_rows(self, api, account, alice):
        response = api.post(URL, body(account))
        assert response.status_code == 201, response.data
        data = response.json()
        assert (data["number"], data["phase"], data["state"]) == ("2026-00001", "draft", "draft")
        assert (data["net_amount"], data["gross_amount"]) == ("1000.000", "1130.000")
        assert (data["owner"]["id"], data["customer_party"]) == (alice.pk, account.name)
        assert data["draft"]["number"] == 1
        assert data["draft"]["lines"][0]["amount"] == "1000.000"
        assert data["draft"]["signatories"][0]["name"] == "王芳"
        assert data["draft"]["instalments"][0]["position"] == 1
        assert data["warnings"] == []
        entry = AuditEntry.objects.of(Contract.objects.get()).get()
        assert (entry.action, entry.via) == ("contract.drafted", "api")

    def test_warns_of_a_plan_that_does_not_sum_to_the_total(self, api, account):
        response = api.post(URL, body(account, instalments=[]))
        assert response.status_code == 201
        assert response.json()["warnings"] == [
            "The instalments sum to CNY\u00a00.00, the contract's total is CNY\u00a01,130.00."
        ]

    @pytest.mark.parametrize(
        ("draft", "code", "field"),
        [
            ({"end_date": "2026-03-31"}, "end_before_start", "draft.end_date"),
            ({"notice_days": 999}, "notice_too_long", "draft.notice_days"),
            ({"instalments": [{"amount": "0.301", "due_date": "2026-05-01"}]}, "too_many_decimals",
             "draft.instalments.0.amount"),
            ({"instalments": [{"amount": "1"}]}, "row_invalid", "draft.instalments.0.due_date"),
            ({"lines": [{"product_line": 999999, "unit_price": "1"}]}, "invalid", "draft.lines.0.product_line"),
            ({"lines": [{"product_line": "1", "unit_price": "1"}]}, "invalid", "draft.lines.0.product_line"),
            ({"lines": [{"unit_price": "1"}]}, "invalid", "draft.lines.0.product_line"),
            ({"lines": "x"}, "invalid", "draft.lines"),
            ({"strange": 1}, "invalid", "draft.strange"),
            ({"status": "signed"}, "invalid", "draft.status"),
        ],
    )  # fmt: skip
    def test_refuses_and_names_the_field(self, api, account, draft, code, field):
        response = api.post(URL, body(account, **draft))
        assert (response.status_code, response.json()["code"]) == (400, code)
        assert [error["field"] for error in response.json()["errors"]] == [field]
        assert not Contract.objects.exists()

    def test_an_amount_that_is_sent_must_be_right(self, api, account):
        line = {"product_line": make_product_line().pk, "quantity": "3", "unit_price": "33.3333", "amount": "99.99"}
        response = api.post(URL, body(account, lines=[line]))
        assert response.status_code == 400
        assert response.json()["errors"] == [
            {"field": "draft.lines.0.amount", "code": "invalid", "message": "The amount of this line is 100.00."}
        ]
        line["amount"] = "100.00"
        assert api.post(URL, body(account, lines=[line])).status_code == 201

    def test_refuses_a_draft_without_terms(self, api, account):
        response = api.post(URL, {**body(account), "draft": None})
        assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "draft")

    def test_refuses_readers_and_strangers(self, api_for, account, ann, mallory):
        response = api_for(ann).post(URL, body(account))
        assert (response.status_code, response.json()["code"]) == (403, "account_read_only")
        assert api_for(mallory).post(URL, body(account)).status_code == 400  # no such account

    def test_ten_thousand_lines(self, api, account, django_assert_max_num_queries):
        line = {"product_line": make_product_line().pk, "quantity": "1", "unit_price": "0.01"}
        sent = body(account, lines=[line] * 10_000, instalments=[{"amount": "113", "due_date": "2026-05-01"}])
        with django_assert_max_num_queries(160):
            response = api.post(URL, sent)
        assert response.status_code == 201
        assert len(response.json()["draft"]["lines"]) == 10_000

    @pytest.mark.parametrize(
        ("scopes", "status"), [(["contracts:read"], 403), (["contracts:read", "contracts:write"], 201)]
    )
    def test_needs_the_scope(self, api_for, account, alice, scopes, status):
        client = api_for()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(alice, *scopes).text}")
        assert client.post(URL, body(account)).status_code == status


class TestRead:
    def test_list_is_scoped_and_costs_the_same_for_many(
        self, api, account, foreign_account, django_assert_max_num_queries
    ):
        rows = [make_contract(account) for _ in range(5)]
        make_contract(foreign_account)
        with django_assert_max_num_queries(8):
            data = api.get(URL).json()
        assert [row["id"] for row in data["results"]] == [row.pk for row in reversed(rows)]
        assert "draft" not in data["results"][0]

    @pytest.mark.parametrize("state", State.values)
    def test_state_of_today(self, api, account, state):
        made = make_contract(account, state)
        make_contract(account, "draft" if state != "draft" else "in_force")
        found = api.get(URL, {"state": state}).json()["results"]
        assert [(row["id"], row["state"]) for row in found if row["id"] == made.pk] == [(made.pk, state)]
        assert {row["state"] for row in found} == {state}

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"kind": "supply"}, 1),
            ({"kind": ["supply", "service"]}, 2),
            ({"currency": "JPY"}, 1),
            ({"net_amount_min": "1000.01"}, 1),
            ({"net_amount_min": "1000", "net_amount_max": "1000"}, 1),
            ({"end_date_after": "2030-01-01"}, 1),
            ({"end_date_before": "2030-01-01"}, 1),
            ({"tier": "none"}, 2),
            ({"tier": "A"}, 0),
            ({"q": "Dawn"}, 2),
        ],
    )
    def test_filters(self, api, account, query, count):
        account.refresh_from_db()
        make_contract(account)
        make_contract(
            account, kind="service", currency="JPY", end_date=dt.date(2030, 6, 1),
            lines=[make_line(unit_price="5000")], instalments=[],
        )  # fmt: skip
        assert len(api.get(URL, query).json()["results"]) == count

    def test_refuses_unknown_parameters(self, api):
        assert api.get(URL, {"strange": "1"}).json()["code"] == "unknown_parameter"

    @pytest.mark.parametrize("ordering", ["net_amount", "-net_amount", "end_date", "-renewal_date", "id"])
    def test_ordering_and_cursor(self, api, account, ordering):
        rows = [make_contract(account, lines=[make_line(unit_price=price)], instalments=[]) for price in (3, 1, 2)]
        seen, page = [], api.get(URL, {"ordering": ordering, "page_size": 1}).json()
        while True:
            seen += [row["id"] for row in page["results"]]
            if page["next"] is None:
                break
            page = api.get(page["next"]).json()
        assert sorted(seen) == [row.pk for row in rows]

    def test_detail_shows_the_version_at_work(self, api, account):
        contract = make_contract(account)
        assert api.get(url(contract)).json()["draft"] is None
        make_version(contract)
        assert api.get(url(contract)).json()["draft"]["number"] == 2

    def test_strangers_find_nothing(self, api_for, account, mallory):
        contract = make_contract(account)
        for path in ("", "submit", "sign", "compare/1/1"):
            assert api_for(mallory).get(url(contract, path)).status_code in (404, 405)
        assert api_for(mallory).post(url(contract, "submit"), {}).status_code == 404


class TestUpdate:
    def test_what_was_read_can_be_sent_back(self, api, account):
        made = api.post(URL, body(account)).json()
        response = api.put(f"{URL}{made['id']}/", {k: v for k, v in made.items() if k != "warnings"})
        assert response.status_code == 200, response.data
        assert response.json()["draft"]["lines"] == made["draft"]["lines"]
        assert AuditEntry.objects.filter(object_type="contracts.contract").count() == 1  # nothing changed

    def test_changes_a_part_and_keeps_the_rest(self, api, account):
        contract = make_contract(account, "draft", signatories=[make_signatory()])
        response = api.patch(url(contract), {"title": "新", "draft": {"notice_days": 60}})
        assert response.status_code == 200, response.data
        version = ContractVersion.objects.get()
        assert (version.notice_days, version.lines.count(), version.signatories.count()) == (60, 1, 1)
        assert Contract.objects.get().title == "新"

    def test_replaces_a_list_as_a_whole(self, api, account):
        contract = make_contract(account, "draft", lines=[make_line(), make_line()])
        line = {"product_line": make_product_line().pk, "unit_price": "7"}
        assert api.patch(url(contract), {"draft": {"lines": [line]}}).status_code == 200
        assert [row.amount for row in ContractVersion.objects.get().lines.all()] == [Decimal(7)]
        assert ContractVersion.objects.get().instalments.count() == 1

    @pytest.mark.parametrize("method", ["put", "patch"])
    def test_refuses_a_signed_version(self, api, account, method):
        contract = make_contract(account)
        before = ContractVersion.objects.values().get()
        response = getattr(api, method)(url(contract), body(account))
        assert (response.status_code, response.json()["code"]) == (409, "version_signed")
        assert ContractVersion.objects.values().get() == before

    def test_refuses_what_others_are_deciding(self, api, account):
        contract = make_contract(account, "in_approval")
        response = api.patch(url(contract), {"draft": {"notice_days": 1}})
        assert (response.status_code, response.json()["code"]) == (409, "wrong_status")

    def test_owner_of_a_signed_one_can_be_changed_but_not_its_currency(self, api, account, lee):
        contract = make_contract(account)
        assert api.patch(url(contract), {"owner": lee.pk}).json()["owner"]["id"] == lee.pk
        response = api.patch(url(contract), {"currency": "USD"})
        assert (response.status_code, response.json()["code"]) == (409, "fixed_by_signing")

    def test_refuses_to_write_what_is_only_read(self, api, account):
        contract = make_contract(account, "draft")
        response = api.patch(url(contract), {"phase": "signed"})
        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "read_only")

    def test_refuses_readers(self, api_for, account, ann):
        response = api_for(ann).patch(url(make_contract(account, "draft")), {"title": "x"})
        assert (response.status_code, response.json()["code"]) == (403, "account_read_only")

    def test_delete_discards_with_a_reason(self, api, account):
        contract = make_contract(account, "draft")
        assert api.delete(url(contract), {}).status_code == 400
        assert api.delete(url(contract), {"reason": "取消"}).status_code == 204
        assert Contract.objects.get().phase == "discarded"

    def test_there_is_nothing_to_discard_of_what_was_signed(self, api, account):
        response = api.delete(url(make_contract(account)), {"reason": "取消"})
        assert (response.status_code, response.json()["code"]) == (409, "no_version_at_work")
        assert "can be terminated" in response.json()["detail"]


class TestLife:
    def test_from_draft_to_amendment(self, api, account):
        made = api.post(URL, body(account)).json()
        path = f"{URL}{made['id']}/"
        assert api.post(f"{path}submit/", {"note": "急"}).json()["phase"] == "approved"
        assert api.post(f"{path}sign/", {"signed_on": "2026-03-16"}).json()["state"] == "signed"
        amended = api.post(f"{path}amend/", {"reason": "加量", "effective_date": "2026-06-01"})
        assert (amended.status_code, amended.json()["draft"]["number"]) == (201, 2)
        line = {"product_line": make_product_line().pk, "quantity": "12", "unit_price": "100"}
        assert api.patch(path, {"draft": {"lines": [line]}}).status_code == 200
        found = api.get(f"{path}compare/1/2/").json()
        assert [row["name"] for row in found["amounts"]] == ["list_amount", "net_amount", "tax_amount", "gross_amount"]
        assert found["amounts"][1] == {"name": "net_amount", "old": "1000.000", "new": "1200.000", "delta": "200.0000"}
        assert [(row["kind"], row["old"], row["new"]) for row in found["lines"]] == [("changed", 1, 1)]
        assert (found["signatories"], found["instalments"]) == ([], [])
        assert api.post(f"{path}submit/", {}).status_code == 200
        assert api.post(f"{path}sign/", {"signed_on": "2026-03-16"}).json()["net_amount"] == "1200.000"

    def test_submit_waits_where_a_rule_fits(self, api, account):
        make_approval_rule()
        contract = make_contract(account, "draft")
        assert api.post(url(contract, "submit"), {}).json()["phase"] == "in_approval"
        assert api.post(url(contract, "submit"), {}).json()["code"] == "wrong_status"

    def test_without_a_version_at_work(self, api, account):
        response = api.post(url(make_contract(account), "submit"), {})
        assert (response.status_code, response.json()["code"]) == (409, "no_version_at_work")

    def test_amend_twice(self, api, account):
        contract = make_contract(account)
        sent = {"reason": "x", "effective_date": str(TODAY)}
        assert api.post(url(contract, "amend"), sent).status_code == 201
        assert api.post(url(contract, "amend"), sent).json()["code"] == "version_at_work"

    def test_reopen_and_discard(self, api, account):
        contract = make_contract(account, "approved")
        assert api.post(url(contract, "reopen"), {"reason": "x"}).json()["phase"] == "draft"
        assert api.post(url(contract, "discard"), {"reason": "x"}).json()["phase"] == "discarded"

    def test_notice_and_termination(self, api, account):
        contract = make_contract(account)
        data = api.post(url(contract, "give-notice"), {"on": "2026-03-16", "reason": "x"}).json()
        assert data["notice_given_on"] == "2026-03-16"
        data = api.post(url(contract, "terminate"), {"as_of": "2026-03-16", "reason": "x"}).json()
        assert (data["phase"], data["state"]) == ("terminated", "in_force")
        assert data["warnings"] == ["Of the plan, CNY\u00a01,130.00 are still open; they stay due."]

    def test_renew(self, api, account):
        contract = make_contract(account)
        response = api.post(url(contract, "renew"), {})
        assert (response.status_code, response.json()["predecessor"]["id"]) == (201, contract.pk)
        assert api.post(url(contract, "renew"), {}).json()["code"] == "renewed_already"

    @pytest.mark.parametrize(
        "verb", ["submit", "sign", "amend", "discard", "reopen", "give-notice", "terminate", "renew"]
    )
    def test_refuses_readers(self, api_for, account, ann, verb):
        response = api_for(ann).post(url(make_contract(account), verb), {})
        assert (response.status_code, response.json()["code"]) == (403, "account_read_only")

    def test_compare_of_a_version_that_is_not_there(self, api, account):
        assert api.get(url(make_contract(account), "compare/1/9")).status_code == 404


class TestVersionsAndLines:
    def test_versions(self, api, account, foreign_account):
        contract = make_contract(account)
        second = make_version(contract)
        make_contract(foreign_account)
        rows = api.get("/api/v1/contract-versions/", {"contract": contract.pk}).json()["results"]
        assert [(row["number"], row["status"]) for row in rows] == [(2, "draft"), (1, "signed")]
        detail = api.get(f"/api/v1/contract-versions/{second.pk}/").json()
        assert len(detail["lines"]) == len(detail["instalments"]) == 1
        assert api.get("/api/v1/contract-versions/", {"status": "signed"}).json()["results"][0]["id"] != second.pk

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_versions_are_only_read(self, api, account, method):
        contract = make_contract(account)
        for path in ("contract-versions", "contract-lines"):
            pk = contract.version_id if path == "contract-versions" else contract.version.lines.get().pk
            assert getattr(api, method)(f"/api/v1/{path}/{pk}/", {}).status_code == 405

    def test_lines(self, api, account, foreign_account, django_assert_max_num_queries):
        contract = make_contract(account, lines=[make_line() for _ in range(4)], instalments=[make_instalment()])
        second = make_version(contract)
        make_contract(foreign_account)
        with django_assert_max_num_queries(8):
            rows = api.get("/api/v1/contract-lines/").json()["results"]
        assert len(rows) == 5
        assert rows[0]["contract"] == {"id": contract.pk, "name": str(contract)}
        for query, count in (
            ({"version": second.pk}, 1),
            ({"contract": contract.pk}, 5),
            ({"current": "true"}, 4),
            ({"current": "false"}, 1),
            ({"product_line": make_product_line().pk}, 5),
        ):
            assert len(api.get("/api/v1/contract-lines/", query).json()["results"]) == count
