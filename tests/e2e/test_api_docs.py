"""The page that shows the document of the API."""

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_browser_shows_it_without_complaints(visit, alice):
    visitor = visit()
    visitor.log_in("alice")
    page = visitor.open("/api/docs/")
    page.locator("#operations-tag-Accounts").click(timeout=60_000)  # the document is made for the first who asks
    page.locator("#operations-Accounts-accounts_list .opblock-summary-control").click()
    page.wait_for_selector("#operations-Accounts-accounts_list .opblock-body")
    page.locator("#operations-tag-Contracts").click()
    page.wait_for_selector("#operations-Contracts-contracts_create")
    assert page.locator(".opblock").count() > 30
    assert visitor.faults == []
