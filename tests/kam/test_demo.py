import datetime as dt
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import Account, AccountMember, AccountSummary, ManagerAssignment
from approvals.models import ApprovalRequest
from audit.models import AuditEntry
from contacts.models import Contact
from contracts import ageing, services
from contracts.models import (
    Contract,
    ContractLine,
    ContractPolicy,
    ContractVersion,
    Instalment,
    NumberSequence,
    Receipt,
    ReceiptShare,
    Renewal,
    Signatory,
)
from contracts.services.jobs import run_contract_jobs
from contracts.services.parts import set_columns
from contracts.totals import totals
from interactions.models import Interaction
from kam.demo import names
from kam.demo.load import make_demo
from kam.demo_cast import DEMO_LOGINS, DEMO_PASSWORD
from orders.models import MonthlyRevenue, Order, OrderLine, ProductLine
from search.models import SearchEntry
from surveys.models import FollowUp, Response
from tiers.models import TierProposal
from users.models import Role, Team, User

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]
TODAY = dt.date(2026, 11, 15)
NOW = dt.datetime(2026, 11, 15, 4, tzinfo=dt.UTC)
SHORT_NAMES = Path(__file__).parents[3] / "shared" / "data" / "cn_company_short_names_20k.csv.gz"


def load(accounts=60, seed=1):
    make_demo(accounts, seed=seed, today=TODAY, now=NOW, progress=lambda text: None)


def fingerprint():
    """Everything that could differ, as values."""
    accounts = Account.objects.order_by("pk").values_list("code", "name", "name_en", "credit_code", "tier", "city")
    orders = Order.objects.order_by("external_id").values_list("order_date", "currency", "total_amount", "kind")
    people = User.objects.order_by("pk").values_list("username", "name", "role")
    revenue = AccountSummary.objects.order_by("pk").values_list("revenue_12m_amount", flat=True)
    contracts = Contract.objects.order_by("pk").values_list(
        "number", "title", "gross_amount", "received_amount", "phase"
    )
    renewals = Renewal.objects.order_by("contract", "term_end").values_list("contract__number", "term_end", "outcome")
    answers = Response.objects.order_by("pk").values_list("campaign__name", "account__code", "answers", "date")
    follow_ups = FollowUp.objects.order_by("pk").values_list("account__code", "kind", "status", "due_at")
    found = (accounts, orders, people, revenue, contracts, renewals, answers, follow_ups)
    return [list(rows) for rows in found]


@pytest.fixture(scope="class")
def company_of_240(django_db_setup, django_db_blocker):
    """The demo company, made once for all tests of a class, which read it (what they write is undone after each)."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(240)
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("company_of_240")
class TestCompany:
    def test_is_whole(self):
        assert Account.objects.count() == AccountSummary.objects.count() == 240
        for kind, rows in (
            ("account", 240),
            ("contact", Contact.objects.count()),
            ("interaction", Interaction.objects.count()),
            ("contract", Contract.objects.count()),
        ):
            assert SearchEntry.objects.filter(kind=kind).count() == rows > 0, kind
        assert ProductLine.objects.count() == 12
        assert Team.objects.filter(parent__parent__parent__isnull=False).exists()
        assert AuditEntry.objects.filter(action="account.created").count() == 240
        assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
        assert Account.objects.filter(parent__isnull=False).exists()
        assert Order.objects.filter(kind="return", total_amount__lt=0).exists()
        assert Order.objects.exclude(currency="CNY").exists()
        assert not AccountSummary.objects.filter(revenue_complete=False).exists()
        assert Order.objects.latest("order_date").order_date <= TODAY
        assert Order.objects.earliest("order_date").order_date > TODAY - dt.timedelta(days=731)

    def test_every_login_works_and_alice_has_accounts(self):
        for login in DEMO_LOGINS:
            assert User.objects.get(username=login.username).check_password(DEMO_PASSWORD)
        alice, ann, lee = (User.objects.get(username=name) for name in ("alice", "ann", "lee"))
        assert Account.objects.visible_to(alice).exists()
        assert AccountMember.objects.filter(user=ann, account__manager=alice).exists()
        assert Account.objects.visible_to(lee).filter(manager=alice).exists()

    def test_the_rows_are_what_the_services_would_write(self):
        for account in Account.objects.all():
            account.full_clean()
            assert account.path.endswith(f"{account.pk}.")
            assert account.path.startswith(account.parent.path if account.parent else "")
        for user in User.objects.all():
            user.full_clean(exclude=["password"])
        open_ones = ManagerAssignment.objects.filter(until_date__isnull=True)
        assert dict(open_ones.values_list("account", "manager")) == dict(
            Account.objects.filter(manager__isnull=False).values_list("pk", "manager")
        )
        totals = Counter()
        for order, amount in OrderLine.objects.values_list("order", "amount"):
            totals[order] += amount
        assert totals == dict(Order.objects.values_list("pk", "total_amount"))
        assert sum(totals.values()) == sum(MonthlyRevenue.objects.values_list("net_amount", flat=True))

    def test_a_few_accounts_bring_most_of_the_revenue(self):
        revenue = sorted(AccountSummary.objects.values_list("revenue_12m_amount", flat=True), reverse=True)
        assert Decimal("0.6") < sum(revenue[:40]) / sum(revenue) < Decimal("0.95")

    def test_tiers_are_decided_but_for_some(self):
        states = Counter(TierProposal.objects.values_list("state", flat=True))
        assert states["approved"] > 0
        assert states["pending"] > 0
        assert {"A", "B", "C"} <= set(Account.objects.values_list("tier", flat=True))


COLUMNS = ("start_date", "end_date", "notice_date", "renewal_date", "renews_itself", "net_amount", "gross_amount")


@pytest.mark.usefixtures("company_of_240")
class TestContracts:
    def test_every_state_bucket_and_kind_of_row_is_there(self):
        states = Counter(Contract.objects.with_state(TODAY).values_list("state_now", flat=True))
        assert {
            "draft", "in_approval", "approved", "signed", "in_force", "expiring", "renewed", "expired", "terminated"
        } <= set(states)  # fmt: skip
        assert set(Contract.objects.values_list("kind", flat=True)) == {"framework", "supply", "service"}
        assert Contract.objects.exclude(currency="CNY").filter(received_amount__gt=0).exists()
        assert set(Account.objects.filter(contracts__isnull=False).values_list("tier", flat=True)) >= {"A", "B", "C"}
        buckets = {cell.bucket for cell in ageing.counted(Instalment.objects.open(), TODAY)}
        assert buckets == set(ageing.Bucket.values)
        assert ContractVersion.objects.filter(number=2, status="signed").exists()
        assert Receipt.objects.filter(kind="refund").exists()
        assert ReceiptShare.objects.exists()
        assert {"open", "renewed", "auto_renewed", "lost"} == set(Renewal.objects.values_list("outcome", flat=True))
        urgencies = {row.urgency for row in Renewal.objects.filter(outcome="open")}
        assert urgencies >= {"acted", "escalated", "alert"}
        asked = {
            vote.user.username
            for request in ApprovalRequest.objects.filter(status="pending")
            for step in request.steps.filter(status="open")
            for vote in step.votes.all()
        }
        assert {"lee", "dora"} <= asked
        assert ContractPolicy.objects.get().our_party

    def test_the_numbers_of_a_year_have_no_gaps(self):
        by_year = {}
        for year, sequence, number in Contract.objects.values_list("year", "sequence", "number"):
            by_year.setdefault(year, []).append(sequence)
            assert number == services.number_text(year, sequence)
        assert len(by_year) > 1
        assert all(sorted(found) == list(range(1, len(found) + 1)) for found in by_year.values())
        assert dict(NumberSequence.objects.values_list("year", "last")) == {y: len(f) for y, f in by_year.items()}

    def test_receipts_settle_what_the_service_would_settle(self):
        before = self._settled()
        assert any(amount for amount, _received in before.values())
        for contract in Contract.objects.all():
            services.resettle(contract)
        assert self._settled() == before

    def _settled(self):
        rows = Instalment.objects.values_list("pk", "settled_amount", "contract__received_amount")
        return {pk: (settled, received) for pk, settled, received in rows}

    def test_the_rows_are_what_the_services_would_write(self):
        for contract in Contract.objects.select_related("version", "account"):
            version = contract.version
            contract.clean_fields(exclude=["account", "owner", "version", "predecessor", "phase"])
            before = [getattr(contract, name) for name in COLUMNS]
            signed = contract.phase in ("signed", "terminated")
            set_columns(contract, version, today=TODAY if signed else None)
            after = [getattr(contract, name) for name in COLUMNS]
            if not Contract.objects.filter(predecessor=contract, phase="signed").exists():
                assert after == before, contract
            assert (version.status == "signed") == signed
            found = totals(version.lines.all(), version.tax_rate, contract.currency)
            assert found.gross_amount == version.gross_amount
            plan = list(version.instalments.all())
            assert not plan or sum(row.amount for row in plan) == version.gross_amount
            assert all(row.is_current == signed for row in plan)
        assert not Instalment.objects.filter(is_current=True).exclude(version__status="signed").exists()
        for model in (ContractVersion, ContractLine, Signatory, Instalment, Receipt):
            for row in model.objects.all()[:300]:
                row.clean_fields()

    def test_the_nightly_job_of_today_has_run(self):
        assert not run_contract_jobs(today=TODAY)


class TestSeeds:
    def test_the_next_row_gets_the_next_key(self):
        load(20)
        last = Account.objects.latest("pk").pk
        assert Account.objects.create(code="NEXT", name="下一个").pk == last + 1

    def test_the_same_seed_gives_the_same_company(self):
        first = self._made(seed=1)
        assert self._made(seed=1) == first
        assert self._made(seed=2) != first

    def _made(self, seed):
        """What it looks like; nothing stays (signed contracts cannot be deleted)."""
        with transaction.atomic():
            load(20, seed=seed)
            found = fingerprint()
            transaction.set_rollback(True)
        return found


class TestCommand:
    def test_loads_and_refuses_a_second_time(self):
        call_command("demo", accounts=5, verbosity=0)
        assert Account.objects.count() == 5
        with pytest.raises(CommandError, match="already"):
            call_command("demo", accounts=5, verbosity=0)
        assert Account.objects.count() == 5

    @pytest.mark.parametrize(
        "options", [{"accounts": 0}, {"accounts": 1_000_001}, {"seed": -1}, {"orders_per_account": 0}]
    )
    def test_refuses_what_it_cannot_make(self, options):
        with pytest.raises(CommandError):
            call_command("demo", verbosity=0, **options)


class TestNames:
    def test_no_two_companies_are_the_same(self):
        made = {(names.brand_of(n, 1)[0], names.place_and_trade(n, 1)) for n in range(20_000)}
        assert len(made) == 20_000

    def test_credit_codes_are_valid_and_differ(self):
        codes = {names.credit_code(number, "310115") for number in range(5_000)}
        assert len(codes) == 5_000

    @pytest.mark.skipif(not SHORT_NAMES.exists(), reason=f"{SHORT_NAMES} (names of real companies) is not here")
    def test_no_brand_is_a_known_one(self):
        with gzip.open(SHORT_NAMES, "rt", encoding="utf-8") as lines:
            known = {line.strip() for line in lines}
        assert not known & {chinese for chinese, _latin in names.brands()}
