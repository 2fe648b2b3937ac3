"""The API, asked for what its own document allows and for what it forbids: no server error, answers as documented."""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from integrations.scopes import SCOPES
from integrations.services import tokens
from kam.wsgi import application

# The explicit cases, a hundred for each operation, once in CI and not in every run on a developer's machine
THOROUGH = os.environ.get("KAM_REQUIRE_SERVICES") == "1"
document = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
document.app = application


@pytest.fixture
def director_token(db, dora, account):
    return tokens.create_token(dora, name="fuzz", scopes=list(SCOPES), expires_at=None, actor=dora)[1]


@pytest.fixture
def _one_connection(db):
    """A request is not the end of the connection: the test's transaction is on it (the test client does the same)."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.server
@document.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate] if THOROUGH else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_api(case, director_token):
    response = case.call(headers={"Authorization": f"Bearer {director_token}"})
    case.validate_response(
        response,
        checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
    )
