"""The OpenAPI document and the page that shows it."""

import pytest
from django.core.management import call_command

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
