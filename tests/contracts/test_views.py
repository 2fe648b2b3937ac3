"""Pages of contracts: list, one contract, the steps of its life, versions side by side, the tab of an account."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from audit.models import AuditEntry
from contracts import services
from contracts.choices import Phase, VersionStatus
from contracts.models import Contract, ContractLine
from tests.factories import TODAY
from tests.factories.contracts import (
    make_contract,
    make_instalment,
    make_line,
    make_parts,
    make_product_line,
    make_signatory,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)
LIST = reverse("contracts:contract_list")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def html(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def url_of(name, contract):
    return reverse(f"contracts:{name}", args=[contract.pk])


def actions(page: str) -> str:
    """The buttons of the page's head."""
    return page.split('class="page-actions"')[1].split("</main>")[0].split('aria-label="Contract"')[0]


class TestList:
    def test_page_and_rows(self, client_for, alice, account, foreign_account):
        make_contract(account, title="泵")
        make_contract(foreign_account, title="阀")
        page, rows = html(client_for(alice).get(LIST)), html(client_for(alice).get(LIST, headers=HTMX))
        assert "<html" in page
        assert "<html" not in rows
        for text in (page, rows):
            assert "泵" in text
            assert "阀" not in text

    def test_views_choose_states(self, client_for, alice, account):
        made = {state: make_contract(account, state) for state in ("draft", "in_force", "expiring", "expired")}
        client = client_for(alice)
        tabs = {tab["label"]: tab for tab in client.get(LIST, {"q": "", "kind": "supply"}).context["tabs"]}
        wanted = {"All": set(made), "In force": {"in_force", "expiring"}, "Expiring": {"expiring"},
                  "In approval": set(), "Drafts": {"draft"}, "Ended": {"expired"}}  # fmt: skip
        for label, states in wanted.items():
            page = client.get(LIST + tabs[label]["url"])
            assert {row.pk for row in page.context["page"].rows} == {made[state].pk for state in states}, label
            assert [tab["label"] for tab in page.context["tabs"] if tab["active"]] == [label]
            assert page.context["filter"].form.cleaned_data["kind"] == ["supply"]  # the other filters stay

    def test_an_answer_to_htmx_brings_the_views_along(self, client_for, alice, account):
        make_contract(account, "expiring")
        rows = html(client_for(alice).get(LIST, {"state": "expiring"}, headers=HTMX))
        assert 'hx-swap-oob="true"' in rows
        assert 'hx-swap-oob="true"' not in html(client_for(alice).get(LIST))

    def test_sums_by_currency(self, client_for, alice, account):
        for currency, price in (("CNY", "1000"), ("CNY", "500"), ("USD", "70"), ("JPY", "900")):
            make_contract(account, lines=[make_line(unit_price=price)], currency=currency)
        sums = {row["currency"]: (row["contracts"], row["net"]) for row in client_for(alice).get(LIST).context["sums"]}
        assert sums == {"CNY": (2, Decimal(1500)), "JPY": (1, Decimal(900)), "USD": (1, Decimal(70))}
        alone = html(client_for(alice).get(reverse("contracts:contract_sums"), {"currency": "USD"}))
        assert "USD, 1 contract" in alone
        assert "CNY" not in alone

    def test_sums_of_a_long_list_come_later(self, client_for, alice, account, monkeypatch):
        make_contract(account)
        monkeypatch.setattr("contracts.views.contracts.bounded_count", lambda _rows: (1000, False))
        page = html(client_for(alice).get(LIST, {"kind": "supply"}))
        assert f'hx-get="{reverse("contracts:contract_sums")}?kind=supply"' in page
        assert "CNY, 1 contract" not in page

    def test_empty(self, client_for, alice, account):
        assert "Draft a contract" in html(client_for(alice).get(LIST))
        assert "No contract fits these filters." in html(client_for(alice).get(LIST, {"q": "zzz"}))


class TestDetail:
    @pytest.mark.parametrize(
        ("state", "action"),
        [
            ("draft", "Submit for approval"),
            ("approved", "Note the signature"),
            ("in_force", "Post a receipt"),
            ("expiring", "Renew"),
            ("expired", "Renew"),
        ],
    )
    def test_the_main_action_follows_from_the_state(self, client_for, alice, ann, account, state, action):
        contract = make_contract(account, state)
        page = actions(html(client_for(alice).get(contract.get_absolute_url())))
        assert re.search(rf'btn-primary"[^>]*>.*{action}', page)
        read_only = actions(html(client_for(ann).get(contract.get_absolute_url())))
        assert "btn" not in read_only.split("</div>")[0]

    def test_shows_what_was_agreed(self, client_for, alice, account):
        lines = [make_line(unit_price="1250.5", quantity=4, description="XJ-200", discount=10)]
        contract = make_contract(account, lines=lines, signatories=[make_signatory(name="刘建国")])
        page = html(client_for(alice).get(contract.get_absolute_url()))
        for text in ("XJ-200", "4,501.80", "1,250.50", "5,087.03", "刘建国", contract.number):
            assert text in page

    def test_timeline_has_what_belongs_to_it(self, client_for, alice, account):
        contract, other = make_contract(account), make_contract(account)
        for row in (contract, other):
            services.amend_contract(row, reason=f"加量 {row.pk}", effective_date=TODAY, actor=alice)
        entries = list(client_for(alice).get(contract.get_absolute_url()).context["entries"])
        assert [entry.reason for entry in entries] == [f"加量 {contract.pk}"]

    def test_only_the_first_lines_are_shown(self, client_for, alice, account):
        contract = make_contract(account, lines=[make_line(unit_price=1) for _n in range(60)])
        page = client_for(alice).get(contract.get_absolute_url())
        assert (len(page.context["lines"]), page.context["more_lines"]) == (50, True)
        lines = client_for(alice).get(url_of("contract_lines", contract))
        assert len(lines.context["page"].rows) == 50
        following = client_for(alice).get(
            url_of("contract_lines", contract), {"cursor": lines.context["page"].next_cursor}
        )
        assert [row.position for row in following.context["page"].rows] == list(range(51, 61))

    def test_an_amendment_is_told_with_what_to_do(self, client_for, alice, account):
        contract = make_contract(account)
        services.amend_contract(contract, reason="客户加量", effective_date=TODAY, actor=alice)
        page = html(client_for(alice).get(contract.get_absolute_url()))
        assert "Amendment, version 2" in page
        assert "客户加量" in page
        assert url_of("contract_amend", contract) not in page


class TestSteps:
    def test_submit_and_sign(self, client_for, alice, account):
        contract = make_contract(account, "draft")
        client = client_for(alice)
        client.post(url_of("contract_submit", contract), {"note": "急"})
        contract.refresh_from_db()
        assert contract.phase == Phase.APPROVED  # no rule: nobody has to agree
        answer = client.post(url_of("contract_sign", contract), {"signed_on": TODAY + DAY})
        assert "The day of signing cannot lie in the future." in html(answer)
        answer = client.post(url_of("contract_sign", contract), {"signed_on": TODAY}, follow=True)
        assert "is signed." in html(answer)
        contract.refresh_from_db()
        assert (contract.phase, contract.signed_on) == (Phase.SIGNED, TODAY)

    def test_a_version_at_work_is_told_before_another_is_typed(self, client_for, alice, account):
        contract = make_contract(account)
        services.amend_contract(contract, reason="x", effective_date=TODAY, actor=alice)
        client, address = client_for(alice), url_of("contract_amend", contract)
        assert "Version 2 is “Draft”. Sign or discard it first." in html(client.get(address, follow=True))
        refused = html(client.post(address, {"reason": "再加量", "effective_date": TODAY}))
        assert "Version 2 is “Draft”" in refused
        assert "再加量" in refused, "what was typed stays"
        contract.versions.filter(number=2).update(status="in_approval")
        details = html(client.get(url_of("contract_update", contract)))
        assert "Version 2, which changes them, is “In approval”" in details

    def test_a_missing_rate_is_told_before_it_is_submitted(self, client_for, alice, account):
        contract = make_contract(account, "draft", currency="KWD")
        assert "no exchange rate for KWD" in html(client_for(alice).get(url_of("contract_submit", contract)))

    def test_amend_leads_to_the_form(self, client_for, alice, account):
        contract = make_contract(account)
        answer = client_for(alice).post(
            url_of("contract_amend", contract), {"reason": "加量", "effective_date": TODAY}, follow=True
        )
        assert "Edit amendment" in html(answer)
        assert contract.versions.get(number=2).reason == "加量"

    def test_a_refusal_keeps_what_was_typed(self, client_for, alice, account):
        contract = make_contract(account)
        late = contract.end_date + DAY
        page = html(
            client_for(alice).post(url_of("contract_amend", contract), {"reason": "加量", "effective_date": late})
        )
        assert "within the contract" in page
        assert 'value="加量"' in page
        assert contract.versions.count() == 1

    def test_discard(self, client_for, alice, account):
        contract = make_contract(account, "draft")
        client = client_for(alice)
        assert "This field is required." in html(client.post(url_of("contract_discard", contract), {"reason": " "}))
        client.post(url_of("contract_discard", contract), {"reason": "客户取消"})
        contract.refresh_from_db()
        assert contract.phase == Phase.DISCARDED
        assert AuditEntry.objects.of(contract).first().reason == "客户取消"

    def test_reopen(self, client_for, alice, account):
        contract = make_contract(account, "approved")
        client_for(alice).post(url_of("contract_reopen", contract), {"reason": "价格错"})
        contract.refresh_from_db()
        assert contract.phase == Phase.DRAFT

    def test_notice(self, client_for, alice, account):
        contract = make_contract(account, auto_renewal_months=12)
        client_for(alice).post(url_of("contract_notice", contract), {"on": TODAY, "reason": "换供应商"})
        contract.refresh_from_db()
        assert contract.notice_given_on == TODAY

    def test_terminate_tells_what_is_still_open(self, client_for, alice, account):
        contract = make_contract(account)
        assert "Of the plan, CNY\u00a01,130.00 are still open" in html(
            client_for(alice).get(url_of("contract_terminate", contract))
        )
        answer = client_for(alice).post(
            url_of("contract_terminate", contract), {"as_of": TODAY, "reason": "破产"}, follow=True
        )
        assert "The contract is terminated." in html(answer)
        contract.refresh_from_db()
        assert (contract.phase, contract.terminated_on) == (Phase.TERMINATED, TODAY)

    def test_renew(self, client_for, alice, account):
        contract = make_contract(account, "expiring")
        answer = client_for(alice).post(url_of("contract_renew", contract))
        successor = Contract.objects.get(predecessor=contract)
        assert answer.url == successor.get_absolute_url()
        again = client_for(alice).post(url_of("contract_renew", contract), follow=True)
        assert f"renewed by {successor.number} already" in html(again)

    @pytest.mark.parametrize("name", ["sign", "submit", "reopen", "discard"])
    def test_in_the_wrong_state_the_contract_says_why(self, client_for, alice, account, name):
        contract = make_contract(account, "in_approval")
        for method in ("get", "post"):
            answer = getattr(client_for(alice), method)(url_of(f"contract_{name}", contract), follow=True)
            assert answer.redirect_chain == [(contract.get_absolute_url(), 302)]
            assert "this cannot be done with it now" in html(answer)
        contract.refresh_from_db()
        assert contract.phase == Phase.IN_APPROVAL

    @pytest.mark.parametrize("name", ["amend", "notice", "terminate"])
    def test_only_signed_contracts(self, client_for, alice, account, name):
        contract = make_contract(account, "draft")
        answer = client_for(alice).post(url_of(f"contract_{name}", contract), follow=True)
        assert "This contract is “Draft”" in html(answer)

    def test_who_may_only_read_gets_no_form(self, client_for, ann, mallory, account):
        contract = make_contract(account, "draft")
        for name in ("update", "submit", "discard"):
            assert client_for(ann).get(url_of(f"contract_{name}", contract)).status_code == 403
            assert client_for(mallory).get(url_of(f"contract_{name}", contract)).status_code == 404


class TestCompare:
    @pytest.fixture
    def amended(self, account, alice):
        lines = [
            make_line(unit_price=1000, description="泵"),
            make_line(unit_price=50, product_line=make_product_line("VALVE")),
        ]
        contract = make_contract(account, lines=lines, terms="一\n二")
        draft = services.amend_contract(contract, reason="加量", effective_date=TODAY, actor=alice)
        parts = services.parts_of(draft)
        parts.lines[0].quantity = Decimal(3)
        del parts.lines[1]
        parts.lines.append(make_line(unit_price=7, product_line=make_product_line("SERVICE")))
        draft.end_date += 30 * DAY
        draft.terms = "一\n三"
        services.update_draft(contract, draft, parts, actor=alice)
        return contract

    def test_side_by_side(self, client_for, alice, amended):
        page = client_for(alice).get(url_of("contract_compare", amended))
        context = page.context
        assert (context["old"].number, context["new"].number) == (1, 2)
        assert [context["lines"][kind] for kind in ("added", "removed", "changed")] == [1, 1, 1]
        assert context["terms"] == [("removed", "二"), ("added", "三")]
        text = html(page)
        assert "<del>1</del> <ins>3</ins>" in text
        assert "+1,957.00" in text

    def test_only_one_version(self, client_for, alice, account):
        contract = make_contract(account)
        assert "There is only one version." in html(client_for(alice).get(url_of("contract_compare", contract)))

    @pytest.mark.parametrize("query", ["old=9&new=9", "old=x&new=-1", "new=1", "old=2&new=2"])
    def test_versions_that_are_none(self, client_for, alice, amended, query):
        assert client_for(alice).get(url_of("contract_compare", amended) + f"?{query}").status_code == 200

    def test_of_many_lines_only_the_changed_ones(self, client_for, alice, account):
        contract = make_contract(account, lines=[make_line(unit_price=1, description=f"{n}") for n in range(100)])
        draft = services.amend_contract(contract, reason="x", effective_date=TODAY, actor=alice)
        ContractLine.objects.filter(version=draft, position=50).update(unit_price=2, amount=2)
        page = client_for(alice).get(url_of("contract_compare", contract))
        assert [row.new.position for row in page.context["lines"]["rows"]] == [50]
        assert "99 rows are the same in both and not shown." in html(page)


class TestAccountPanel:
    def test_balance_and_what_ends_next(self, client_for, alice, account):
        plan = [make_instalment(amount=100, days=-5), make_instalment(amount=50, days=5)]
        first = make_contract(account, "expiring", parts=make_parts(instalments=plan))
        make_contract(account, "in_force", currency="USD", instalments=[make_instalment(amount=9)])
        make_contract(account, "draft")
        page = client_for(alice).get(reverse("contracts:account_panel", args=[account.pk]))
        assert [(row["currency"], row["open"], row["overdue"]) for row in page.context["balances"]] == [
            ("CNY", Decimal(150), Decimal(100)),
            ("USD", Decimal(9), Decimal(0)),
        ]
        assert page.context["ends_next"] == first
        assert len(page.context["page"].rows) == 3
        assert "<html" not in html(client_for(alice).get(page.request["PATH_INFO"], headers=HTMX))

    def test_the_account_page_names_the_next_renewal(self, client_for, alice, account):
        account.summary.next_renewal_date = dt.date(2027, 5, 4)
        account.summary.save()
        page = html(client_for(alice).get(account.get_absolute_url()))
        assert "Next renewal" in page
        assert "4 May 2027" in page

    def test_sorting_asks_for_the_rows_only(self, client_for, alice, account):
        make_contract(account)
        url = reverse("contracts:account_panel", args=[account.pk])
        rows = html(client_for(alice).get(url, {"sort": "end_date"}, headers={**HTMX, "HX-Target": "rows"}))
        assert 'id="rows"' in rows
        assert "account-contracts" not in rows


def test_versions_of_a_discarded_amendment_are_not_compared(client_for, alice, account):
    contract = make_contract(account)
    draft = services.amend_contract(contract, reason="x", effective_date=TODAY, actor=alice)
    services.discard_version(draft, reason="y", actor=alice)
    assert draft.status == VersionStatus.DISCARDED
    assert "There is only one version." in html(client_for(alice).get(url_of("contract_compare", contract)))
