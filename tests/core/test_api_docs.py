"""The OpenAPI document and the page that shows it."""

import pytest
from django.core.management import call_command
from playwright.sync_api import sync_playwright

from tests.services import chromium_path, require

pytestmark = pytest.mark.django_db


def test_the_document_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_the_document_is_for_people_who_are_logged_in(api_for, alice):
    refused = api_for(None).get("/api/schema/")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    document = api_for(alice).get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    assert document["openapi"] == "3.1.0"
    assert set(document["components"]["securitySchemes"]) == {"bearerToken", "cookieAuth"}
    operation = document["paths"]["/api/v1/accounts/{id}/"]["patch"]
    assert "accounts:write" in operation["description"]
    assert "application/problem+json" in operation["responses"]["403"]["content"]


def test_the_page_has_nothing_inline(client_for, alice):
    assert client_for(None).get("/api/docs/")["Location"].startswith("/auth/login/")
    page = client_for(alice).get("/api/docs/")
    assert page.status_code == 200
    html = page.content.decode()
    assert "<style" not in html
    assert "<script>" not in html
    assert "unsafe" not in page["Content-Security-Policy"]
    script = client_for(alice).get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")


@pytest.mark.e2e
def test_a_browser_shows_it_without_complaints(live_server, client_for, alice):
    require("chromium")
    session = client_for(alice).cookies["sessionid"].value
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/api/docs/")
        page.locator("#operations-tag-Accounts").click(timeout=30_000)
        page.locator("#operations-Accounts-accounts_list .opblock-summary-control").click()
        page.wait_for_selector("#operations-Accounts-accounts_list .opblock-body")
        page.locator("#operations-tag-Contracts").click()
        page.wait_for_selector("#operations-Contracts-contracts_create")
        assert page.locator(".opblock").count() > 30
        browser.close()
    assert complaints == []
