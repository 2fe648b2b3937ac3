"""What the comparison of two OpenAPI documents calls breaking, and what not; what is deprecated says so."""

import copy
import datetime as dt
import importlib.util

import pytest
from django.conf import settings

from accounts.api.views import AccountViewSet
from core.api.views import Deprecation

SPEC = importlib.util.spec_from_file_location("compare_api", settings.BASE_DIR / "bin" / "compare_api.py")
compare_api = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(compare_api)

DOCUMENT = {
    "paths": {
        "/a/": {
            "get": {
                "parameters": [{"in": "query", "name": "q", "schema": {"type": "string", "enum": ["x", "y"]}}],
                "responses": {"200": {"content": {"json": {"schema": {"$ref": "#/components/schemas/A"}}}}},
            },
            "post": {
                "requestBody": {"content": {"json": {"schema": {"$ref": "#/components/schemas/AWrite"}}}},
                "responses": {"201": {"content": {"json": {"schema": {"$ref": "#/components/schemas/A"}}}}},
            },
        }
    },
    "components": {
        "schemas": {
            "A": {
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer"},
                    "child": {"allOf": [{"$ref": "#/components/schemas/A"}]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
            "AWrite": {"properties": {"name": {"type": "string"}}},
        }
    },
}
GET, POST = DOCUMENT["paths"]["/a/"]["get"], DOCUMENT["paths"]["/a/"]["post"]
SHOWN, WRITTEN = ("components", "schemas", "A"), ("components", "schemas", "AWrite")
QUERY = ("paths", "/a/", "get", "parameters", 0)


def changed(*path, to=None):
    """The document with what is at `path` put there, or taken out."""
    document = copy.deepcopy(DOCUMENT)
    at = document
    for step in path[:-1]:
        at = at[step]
    if to is None:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return document


@pytest.mark.parametrize(
    ("new", "line"),
    [
        (changed("paths", "/a/", "post"), "POST /a/: gone"),
        (changed(*QUERY), "GET /a/ q: gone"),
        (changed(*QUERY, "schema", "enum", to=["x"]), "GET /a/ q: no longer y"),
        (changed(*QUERY, "required", to=True), "GET /a/ q: required"),
        (changed(*SHOWN, "properties", "id"), "GET /a/ 200.id: gone"),
        (changed(*SHOWN, "properties", "id", "type", to="string"), "GET /a/ 200.id: integer/number became string"),
        (changed(*SHOWN, "properties", "id", "type", to=["integer", "null"]),
         "GET /a/ 200.id: integer/number became integer/null/number"),
        (changed(*SHOWN, "properties", "tags", "items", "type", to="object"),
         "GET /a/ 200.tags[]: string became object"),
        (changed(*SHOWN, "required", to=[]), "GET /a/ 200.id: may be missing"),
        (changed(*WRITTEN, "properties", "name"), "POST /a/ body.name: gone"),
        (changed(*WRITTEN, "required", to=["name"]), "POST /a/ body.name: required"),
        (changed("paths", "/a/", "get", "responses", "200", "content", "json"), "GET /a/ 200: no json"),
    ],
)  # fmt: skip
def test_what_breaks_a_client(new, line):
    assert line in compare_api.breaking(DOCUMENT, new)


@pytest.mark.parametrize(
    "new",
    [
        DOCUMENT,
        changed("paths", "/b/", to={}),
        changed("paths", "/a/", "get", "parameters", 0, "schema", "enum", to=["x", "y", "z"]),
        changed(*SHOWN, "properties", "more", to={"type": "string"}),
        changed(*WRITTEN, "properties", "more", to={"type": "string"}),
        changed(*WRITTEN, "properties", "name", "type", to=["string", "null"]),
    ],
)
def test_what_may_be_added(new):
    assert compare_api.breaking(DOCUMENT, new) == []


@pytest.mark.django_db
def test_what_is_deprecated_says_until_when(api_for, alice, account, monkeypatch):
    client, url = api_for(alice), f"/api/v1/accounts/{account.pk}/"
    assert "Deprecation" not in client.get(url)
    monkeypatch.setattr(AccountViewSet, "deprecation", Deprecation(dt.date(2026, 12, 1), dt.date(2027, 12, 1)))
    response = client.get(url)
    assert response["Deprecation"] == "@1796083200"
    assert response["Sunset"] == "Wed, 01 Dec 2027 00:00:00 GMT"
