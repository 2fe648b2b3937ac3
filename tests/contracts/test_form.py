"""The form of a draft: rows of three kinds, typed once and never lost; refusals that name their row."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from accounts.choices import MemberRole, Right
from contracts import services
from contracts.choices import Phase
from contracts.models import Contract, ContractLine, Instalment
from tests.factories import TODAY
from tests.factories.accounts import AccountMemberFactory
from tests.factories.contacts import make_contact
from tests.factories.contracts import make_contract, make_instalment, make_line, make_product_line, make_signatory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)
CREATE = reverse("contracts:contract_create")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def product_line():
    return make_product_line("PUMP")


def rows(name, *values):
    """The fields of a formset with these rows."""
    data = {f"{name}-TOTAL_FORMS": len(values), f"{name}-INITIAL_FORMS": 0}
    for number, row in enumerate(values):
        data |= {f"{name}-{number}-{field}": value for field, value in row.items()}
    return data


def line(product_line, **values):
    return {"product_line": product_line.pk, "quantity": "2", "unit_price": "500", "discount": "0", **values}


def instalment(amount="1130", **values):
    return {"amount": amount, "due_by": "date", "due_date": "2026-05-01", "days_after": "0", **values}


def typed(alice, lines=(), instalments=(), signatories=(), **values):
    data = {
        "title": "年度供货", "kind": "supply", "external_number": "", "owner": alice.pk, "our_party": "我方",
        "customer_party": "晨光", "currency": "CNY", "start_date": "2026-04-01", "end_date": "2027-03-31",
        "notice_days": "30", "auto_renewal_months": "0", "tax_rate": "13", "payment_terms": "", "terms": "",
    }  # fmt: skip
    data |= values
    return data | rows("lines", *lines) | rows("instalments", *instalments) | rows("signatories", *signatories)


def html(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def problems(response) -> list[str]:
    return [text for _field, text in response.context["forms"].problems()]


@pytest.fixture
def post(client_for, alice, account):
    """`post(data)` to the form of a new contract with Alice's account."""
    return lambda data, user=alice: client_for(user).post(f"{CREATE}?account={account.pk}", data)


class TestCreate:
    def test_asks_for_the_account_first(self, client_for, alice, account, foreign_account):
        client = client_for(alice)
        assert "Go on" in html(client.get(CREATE))
        assert "New contract with Dawn Machinery" in html(client.get(CREATE, {"account": account.code}))
        assert client.get(CREATE, {"account": foreign_account.pk}).status_code == 404
        assert "There is no account with this code." in html(client.get(CREATE, {"account": foreign_account.code}))

    def test_readers_cannot(self, client_for, ann, account):
        assert client_for(ann).get(CREATE, {"account": account.pk}).status_code == 403

    def test_saves_all_rows(self, post, alice, account, product_line):
        contact = make_contact(account, "刘建国")
        lines = [line(product_line, description="XJ-200", unit="台", discount="10"), line(product_line, quantity="0.5")]
        plan = [
            instalment("600"), instalment("699.5", due_by="event", due_date="", event="验收", days_after="30"),
        ]  # fmt: skip
        people = [
            {"side": "ours", "user": alice.pk, "contact": contact.pk},
            {"side": "customer", "contact": contact.pk, "position": "采购经理"},
            {"side": "customer", "name": "王芳"},
        ]
        answer = post(typed(alice, lines, plan, people))
        contract = Contract.objects.get()
        assert answer.url == contract.get_absolute_url()
        version = contract.version
        assert (contract.phase, contract.number, contract.account) == (Phase.DRAFT, "2026-00001", account)
        assert [row.amount for row in version.lines.all()] == [Decimal(900), Decimal(250)]
        assert (version.net_amount, version.gross_amount) == (Decimal(1150), Decimal("1299.5"))
        assert [(row.amount, row.due_by, row.event, row.days_after) for row in version.instalments.all()] == [
            (Decimal(600), "date", "", 0),
            (Decimal("699.5"), "event", "验收", 30),
        ]
        people = {(row.side, row.name, row.user_id, row.contact_id) for row in version.signatories.all()}
        assert people == {
            ("ours", str(alice), alice.pk, None),
            ("customer", str(contact), None, contact.pk),
            ("customer", "王芳", None, None),
        }

    def test_empty_rows_and_those_taken_out_do_not_count(self, post, alice, product_line):
        empty = {"product_line": "", "description": "", "quantity": "1", "unit": "", "unit_price": "", "discount": "0"}
        gone = line(product_line, unit_price="broken", DELETE="on")
        post(typed(alice, [empty, line(product_line), gone], [instalment()], [{"side": "ours"}]))
        version = Contract.objects.get().version
        assert (version.lines.count(), version.signatories.count()) == (1, 0)

    def test_a_plan_that_does_not_sum_up_is_told_and_saved(self, client_for, alice, account, product_line):
        data = typed(alice, [line(product_line)], [instalment("1000")])
        page = html(client_for(alice).post(f"{CREATE}?account={account.pk}", data, follow=True))
        assert "The instalments sum to CNY\u00a01,000.00, the contract&#x27;s total is CNY\u00a01,130.00." in page

    def test_yen_have_no_decimals(self, post, alice, product_line):
        answer = post(typed(alice, [line(product_line, unit_price="10.5")], [instalment("0.5")], currency="JPY"))
        assert problems(answer) == ["Instalment 1: amounts in JPY have no decimals."]
        assert not Contract.objects.exists()


class TestRefusals:
    def test_errors_name_the_row_and_keep_what_was_typed(self, post, alice, product_line):
        lines = [line(product_line), line(product_line, quantity="-1", unit_price="", description="第二行")]
        answer = post(typed(alice, lines, [instalment(due_date="")], [{"side": "customer", "position": "经理"}]))
        assert problems(answer) == [
            "Line 2: Quantity: Ensure this value is greater than or equal to 0.",
            "Line 2: Unit price: This field is required.",
            "Signatory 1: Name: Choose a person or write a name.",
            "Instalment 1: Due date: A due date is needed.",
        ]
        page = html(answer)
        assert 'value="第二行"' in page
        assert 'href="#id_lines-1-quantity"' in page
        assert "id_lines-1-quantity_error" in page

    def test_of_the_service_beside_its_row(self, post, alice, account, foreign_account, product_line):
        answer = post(typed(alice, [line(product_line, quantity="9" * 13, unit_price="9" * 14)]))
        assert problems(answer) == ["Line 1: the amount is too large."]
        assert answer.context["forms"].lines.forms[0].errors["quantity"]
        answer = post(typed(alice, [line(product_line)], start_date="2026-04-01", end_date="2026-04-10"))
        assert problems(answer) == [
            "Notice period in days: The notice period of 30 days is longer than the term of 10 days."
        ]

    def test_end_before_start(self, post, alice, product_line):
        answer = post(typed(alice, [line(product_line)], end_date="2026-03-01"))
        assert problems(answer) == ["End: The end is before the start."]

    def test_choices_are_scoped(self, post, alice, foreign_account, product_line):
        stranger = make_contact(foreign_account, "外人")
        answer = post(typed(alice, [line(product_line)], (), [{"side": "customer", "contact": stranger.pk}]))
        unknown = post(typed(alice, [line(product_line)], (), [{"side": "customer", "contact": 99_999_999}]))
        assert problems(answer)[0].replace(f" {stranger.pk} ", " N ") == problems(unknown)[0].replace(
            " 99999999 ", " N "
        )
        assert "Select a valid choice" in problems(answer)[0]

    def test_too_many_rows(self, post, alice, product_line):
        answer = post(typed(alice, [line(product_line)] * 201))
        assert any("200" in text for text in problems(answer))
        assert not Contract.objects.exists()

    def test_without_its_management_form(self, client_for, alice, account):
        answer = client_for(alice).post(f"{CREATE}?account={account.pk}", {"title": "x"})
        assert answer.status_code == 200
        assert not Contract.objects.exists()


class TestRowsWithoutAScript:
    def test_one_more_and_one_less(self, post, alice, product_line):
        data = typed(alice, [line(product_line, description="一"), line(product_line, description="二")], title="")
        more = post({**data, "add": "lines"}).context["forms"]
        assert [form["description"].value() for form in more.lines.forms] == ["一", "二", None]
        less = post({**data, "remove": "lines-0"}).context["forms"]
        assert [form["description"].value() for form in less.lines.forms] == ["二"]
        assert less.contract_form["customer_party"].value() == "晨光"
        assert not less.has_problems  # nothing is checked before it is saved
        assert not Contract.objects.exists()

    def test_sums_are_computed_by_the_server_too(self, post, alice, product_line):
        data = typed(alice, [line(product_line, quantity="0.1"), line(product_line, quantity="x")], [instalment("7")])
        forms = post({**data, "add": "signatories"}).context["forms"]
        assert (forms.totals().gross_amount, forms.planned()) == (Decimal("56.50"), Decimal(7))

    def test_nonsense(self, post, alice):
        for total in ("x", "-1", "9" * 30, ""):
            assert post({"add": "lines", "lines-TOTAL_FORMS": total}).status_code == 200


class TestUpdate:
    def test_what_is_stored_comes_back_unchanged(self, client_for, alice, account, product_line):
        contract = make_contract(
            account, "draft", lines=[make_line(unit_price="12.5", quantity=100, discount="7.5", description="泵")],
            instalments=[make_instalment(amount="50"), make_instalment(amount="60", event="验收", days_after=30)],
            signatories=[make_signatory("ours", "李", user=alice)],
        )  # fmt: skip
        url = reverse("contracts:contract_update", args=[contract.pk])
        forms = client_for(alice).get(url).context["forms"]
        data = {}
        every = [forms.contract_form, forms.version_form]
        for formset in forms.rows.values():
            every += [formset.management_form, *formset.forms]
        for form in every:
            values = {bound.html_name: bound.value() for bound in form if bound.name != "DELETE"}
            data |= {name: "" if value is None else value for name, value in values.items()}
        before = content_of(contract)
        assert client_for(alice).post(url, data).status_code == 302
        assert content_of(contract) == before

    def test_a_draft(self, client_for, alice, account, product_line):
        contract = make_contract(account, "draft")
        url = reverse("contracts:contract_update", args=[contract.pk])
        answer = client_for(alice).post(url, typed(alice, [line(product_line, quantity="3")], title="新"))
        assert answer.url == contract.get_absolute_url()
        contract.refresh_from_db()
        assert (contract.title, contract.net_amount) == ("新", Decimal(1500))

    def test_an_amendment_keeps_events_and_numbers_of_instalments(self, client_for, alice, account, product_line):
        plan = [make_instalment(amount=100), make_instalment(amount=30, event="验收")]
        contract = make_contract(account, instalments=plan)
        signed = contract.version.instalments.get(position=2)
        Instalment.objects.filter(pk=signed.pk).update(event_date=TODAY, due_date=TODAY, invoice_number="F-1")
        draft = services.amend_contract(contract, reason="x", effective_date=TODAY, actor=alice)
        data = typed(alice, [line(product_line)], [
            {"position": "2", "amount": "40", "due_by": "event", "event": "验收", "days_after": "0"}, instalment("5"),
        ], reason="加量", effective_date=TODAY)  # fmt: skip
        for name in ("kind", "our_party", "customer_party", "currency"):
            del data[name]  # they are fixed: the browser sends none
        url = reverse("contracts:contract_update", args=[contract.pk])
        assert client_for(alice).post(url, data).status_code == 302
        rows = {row.position: row for row in draft.instalments.all()}
        assert set(rows) == {2, 3}
        assert (rows[2].amount, rows[2].event_date, rows[2].invoice_number) == (40, TODAY, "F-1")

    def test_without_a_draft_only_the_details(self, client_for, alice, account):
        contract = make_contract(account)
        url = reverse("contracts:contract_update", args=[contract.pk])
        assert "make an amendment" in html(client_for(alice).get(url))
        client_for(alice).post(url, {"title": "新标题", "owner": alice.pk, "currency": "USD"})
        contract.refresh_from_db()
        assert (contract.title, contract.currency) == ("新标题", "CNY")

    def test_too_many_lines_are_shown_and_stay(self, client_for, alice, account):
        contract = make_contract(account, "draft", lines=[make_line(unit_price=1) for _n in range(201)])
        url = reverse("contracts:contract_update", args=[contract.pk])
        page = client_for(alice).get(url)
        assert "This draft has 201 lines." in html(page)
        assert (page.context["forms"].lines, len(page.context["forms"].shown_lines)) == (None, 50)
        data = {name: value for name, value in typed(alice, title="新").items() if not name.startswith("lines")}
        assert client_for(alice).post(url, data).status_code == 302
        assert ContractLine.objects.filter(version=contract.version).count() == 201

    def test_people_are_searched_where_they_are_many(self, client_for, alice, account):
        contract = make_contract(account, "draft", signatories=[make_signatory("ours", "李", user=alice)])
        UserFactory.create_batch(101)
        page = client_for(alice).get(reverse("contracts:contract_update", args=[contract.pk]))
        choices = page.context["forms"].choices
        assert choices.lookup == reverse("users:user_lookup")
        assert [pk for pk, _name in choices.users] == ["", alice.pk]

    def test_a_deputy_with_the_right_may(self, client_for, ann, alice, foreign_account):
        AccountMemberFactory(account=foreign_account, user=alice, role=MemberRole.DEPUTY, right=Right.EDIT)
        contract = make_contract(foreign_account, "draft")
        assert client_for(alice).get(reverse("contracts:contract_update", args=[contract.pk])).status_code == 200


def content_of(contract):
    """Everything that a draft says, to compare before and after."""
    contract = Contract.objects.get(pk=contract.pk)
    version = contract.version
    shown = [
        (row.position, row.product_line_id, row.quantity, row.unit_price, row.discount) for row in version.lines.all()
    ]
    plan = [(r.position, r.amount, r.due_by, r.due_date, r.event, r.days_after) for r in version.instalments.all()]
    people = [(r.side, r.name, r.user_id) for r in version.signatories.all()]
    return (contract.title, version.start_date, version.end_date, version.tax_rate, shown, plan, people)
