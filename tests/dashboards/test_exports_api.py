"""Exports over REST."""

import pytest
from django.utils import timezone

from dashboards.models import ExportJob
from dashboards.services import exports
from tests.factories.exports import made_export

pytestmark = pytest.mark.django_db
URL = "/api/v1/exports/"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def api(alice, account, api_for):
    alice.may_export = True
    alice.save()
    return api_for(alice)


def test_from_the_request_to_the_bytes(api):
    asked = api.post(URL, {"list": "accounts", "filters": {"tier": ["none"], "sort": "-revenue"}, "format": "csv"})
    assert asked.status_code == 202
    assert (asked.json()["status"], asked.json()["query"]) == ("queued", "tier=none&sort=-revenue")
    pk = asked.json()["id"]
    early = api.get(f"{URL}{pk}/content/")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    exports.run_export(pk, clock=timezone.now)
    done = api.get(f"{URL}{pk}/").json()
    assert (done["status"], done["rows_done"], done["list"]) == ("done", 1, "accounts")
    content = api.get(f"{URL}{pk}/content/", headers={"Accept": "*/*"})
    assert b"ALICE-1" in b"".join(content.streaming_content)
    over = api.post(f"{URL}{pk}/cancel/")
    assert (over.status_code, over.json()["code"]) == (409, "export_over")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"list": "secrets"}, "unknown_list"),
        ({"list": "audit"}, "unknown_list"),
        ({"list": "survey_invitations"}, "list_not_narrowed"),
        ({"list": "accounts", "filters": {"region": "north"}}, "nothing_to_export"),
        ({"list": "accounts", "filters": {"colour": "red"}}, "invalid"),
        ({"list": "accounts", "filters": {"region": "nowhere"}}, "invalid"),
        ({"list": "accounts", "format": "pdf"}, "invalid"),
        ({}, "invalid"),
    ],
)
def test_refused(api, body, code):
    answer = api.post(URL, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not ExportJob.objects.exists()


def test_too_long_says_how_many(api, settings):
    settings.EXPORT_MAX_ROWS = 0
    answer = api.post(URL, {"list": "accounts"})
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_rows_to_export")
    assert "1 rows" in answer.json()["detail"]


def test_not_without_the_right(alice, account, api_for):
    answer = api_for(alice).post(URL, {"list": "accounts"})
    assert (answer.status_code, answer.json()["code"]) == (403, "export_not_allowed")


def test_ones_own_alone(alice, root, account, api_for):
    job = made_export(alice)
    assert api_for(root).get(f"{URL}{job.pk}/").status_code == 404
    assert api_for(root).get(URL).json()["results"] == []
    assert [row["id"] for row in api_for(alice).get(URL).json()["results"]] == [job.pk]
