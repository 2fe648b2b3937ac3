import datetime as dt
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, AccountMember, AccountSummary, ManagerAssignment
from audit.models import AuditEntry
from contacts.models import Contact
from interactions.models import Interaction
from kam.demo import names
from kam.demo.load import make_demo
from kam.demo_cast import DEMO_LOGINS, DEMO_PASSWORD
from orders.models import MonthlyRevenue, Order, OrderLine, ProductLine
from search.models import SearchEntry
from tiers.models import TierProposal
from users.models import Role, Team, User

pytestmark = pytest.mark.django_db
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
    return [list(rows) for rows in (accounts, orders, people, revenue)]


class TestMakeDemo:
    def test_a_whole_company(self):
        load()
        assert Account.objects.count() == AccountSummary.objects.count() == 60
        for kind, rows in (
            ("account", 60),
            ("contact", Contact.objects.count()),
            ("interaction", Interaction.objects.count()),
        ):
            assert SearchEntry.objects.filter(kind=kind).count() == rows > 0, kind
        assert ProductLine.objects.count() == 12
        assert Team.objects.filter(parent__parent__parent__isnull=False).exists()
        assert AuditEntry.objects.filter(action="account.created").count() == 60
        assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
        assert Account.objects.filter(parent__isnull=False).exists()
        assert Order.objects.filter(kind="return", total_amount__lt=0).exists()
        assert Order.objects.exclude(currency="CNY").exists()
        assert not AccountSummary.objects.filter(revenue_complete=False).exists()
        assert Order.objects.latest("order_date").order_date <= TODAY
        assert Order.objects.earliest("order_date").order_date > TODAY - dt.timedelta(days=731)

    def test_every_login_works_and_alice_has_accounts(self):
        load()
        for login in DEMO_LOGINS:
            assert User.objects.get(username=login.username).check_password(DEMO_PASSWORD)
        alice, ann, lee = (User.objects.get(username=name) for name in ("alice", "ann", "lee"))
        assert Account.objects.visible_to(alice).exists()
        assert AccountMember.objects.filter(user=ann, account__manager=alice).exists()
        assert Account.objects.visible_to(lee).filter(manager=alice).exists()

    def test_the_rows_are_what_the_services_would_write(self):
        load()
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
        load(200)
        revenue = sorted(AccountSummary.objects.values_list("revenue_12m_amount", flat=True), reverse=True)
        assert Decimal("0.6") < sum(revenue[:40]) / sum(revenue) < Decimal("0.95")

    def test_tiers_are_decided_but_for_some(self):
        load(200)
        states = Counter(TierProposal.objects.values_list("state", flat=True))
        assert states["approved"] > 0
        assert states["pending"] > 0
        assert {"A", "B", "C"} <= set(Account.objects.values_list("tier", flat=True))

    def test_the_next_row_gets_the_next_key(self):
        load(20)
        last = Account.objects.latest("pk").pk
        assert Account.objects.create(code="NEXT", name="下一个").pk == last + 1

    @pytest.mark.django_db(transaction=True)
    def test_the_same_seed_gives_the_same_company(self):
        load(40)
        first = fingerprint()
        self._empty()
        load(40)
        assert fingerprint() == first
        self._empty()
        load(40, seed=2)
        assert fingerprint() != first

    def _empty(self):
        call_command("flush", interactive=False, verbosity=0, allow_cascade=True, reset_sequences=True)


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
