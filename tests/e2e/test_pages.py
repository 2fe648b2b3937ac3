"""Every kind of page that links lead to: keeps the content policy, runs without errors, accessible, fits a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import NoReverseMatch, reverse

from accounts.models import Account
from tests.e2e.conftest import PHONE, pages_from
from tests.factories import TODAY
from tests.factories.orders import make_order
from tests.factories.tiers import make_run
from tiers.models import TierRun

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STARTS = ("/accounts/", "/auth/password/change/", "/search/?q=ALICE")
AT_LEAST = {
    "accounts:account_list",
    "accounts:account_create",
    "accounts:account_detail",
    "accounts:account_team",
    "accounts:account_group",
    "accounts:account_history",
    "audit:entry_list",
    "integrations:import_list",
    "integrations:import_upload",
    "integrations:profile_list",
    "integrations:token_list",
    "orders:account_panel",
    "orders:order_detail",
    "orders:order_list",
    "orders:product_list",
    "orders:rate_list",
    "search:search",
    "tiers:policy_list",
    "tiers:run_list",
    "tiers:run_detail",
    "tiers:proposal_detail",
    "tiers:account_panel",
    "users:user_list",
    "users:team_list",
}


@pytest.fixture
def company_at_work(account, foreign_account, admin_user):
    """Accounts with orders, a policy, a run with proposals."""
    make_order(foreign_account, 200, date=TODAY.replace(month=1))  # keys of orders are not those of accounts
    make_order(account, 900, date=TODAY.replace(month=2))
    make_order(foreign_account, 100, date=TODAY.replace(month=2))
    make_run(actor=admin_user)


def serious(page) -> list[str]:
    """What axe finds serious or critical on the page."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{page.url}: {one['id']}: {node['html'][:160]} {[check['message'] for check in node['any'][:1]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


def address(name: str, pk: int) -> str:
    """The page of that name; where it is about one row, that of this key."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=[pk])


class TestEveryPage:
    def test_keeps_the_policy_and_is_accessible_in_light_and_dark(self, visit, company_at_work):
        visitor = visit()
        page = visitor.log_in("root")
        account, run = Account.objects.get(code="ALICE-1"), TierRun.objects.first()
        rows = {
            "order_detail": account.orders.get().pk,
            "run_detail": run.pk,
            "proposal_detail": run.proposals.first().pk,
        }
        starts = [address(name, rows.get(name.split(":")[1], account.pk)) for name in sorted(AT_LEAST)]
        visited, found = set(), []
        for name, _path in pages_from(visitor, *starts, *STARTS):
            visited.add(name)
            page.wait_for_load_state("networkidle")
            found += visitor.violations() + serious(page)
            page.click("[data-theme-switch]")
            found += [f"dark: {text}" for text in serious(page)]
            page.click("[data-theme-switch]")

        found += visitor.faults
        assert not found, "\n".join(found)
        assert visited >= AT_LEAST

    def test_fits_a_phone(self, visit, company_at_work):
        visitor = visit(viewport=PHONE)
        page = visitor.log_in("root")
        wide = []
        for _name, path in pages_from(visitor, *STARTS, "/accounts/new/", "/tiers/", "/orders/", "/people/", "/audit/"):
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > PHONE["width"]:
                wide.append(f"{path}: {width}")

        assert wide == []

    @pytest.mark.parametrize("path", ["/auth/login/", "/auth/password/reset/", "/no/such/page/"])
    def test_pages_before_the_login_too(self, visit, db, path):
        for theme in ("light", "dark"):
            visitor = visit(theme=theme)
            page = visitor.open(path)

            assert visitor.violations() + serious(page) == []
