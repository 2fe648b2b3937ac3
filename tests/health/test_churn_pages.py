"""The pages of models and backtests."""

import pytest

from audit.models import AuditEntry
from health.choices import JobStatus
from health.models import Backtest, ChurnModel
from health.services.training import ASKED
from tests.factories.health_churn import make_backtest, make_churn_model

pytestmark = pytest.mark.django_db


class TestPages:
    def test_the_model_in_use_with_its_measures(self, client, alice):
        make_churn_model()
        client.force_login(alice)
        page = client.get("/health/models/").content.decode()
        assert "0.750" in page
        assert "0.600" in page

    def test_without_a_model(self, client, alice):
        client.force_login(alice)
        assert client.get("/health/models/").status_code == 200

    def test_train_now(self, client, dora, django_capture_on_commit_callbacks):
        client.force_login(dora)
        assert client.post("/health/models/train/").status_code == 302
        assert ChurnModel.objects.get().verdict == ASKED

    def test_a_backtest_side_by_side(self, client, dora):
        row = make_backtest()
        client.force_login(dora)
        page = client.get(f"/health/backtests/{row.pk}/").content.decode()
        assert page.count("0.750") >= 2
        fragment = client.get(f"/health/backtests/{row.pk}/", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in fragment

    def test_ask_for_one(self, client, dora):
        client.force_login(dora)
        assert client.get("/health/backtests/new/").status_code == 200
        bad = {"from_date": "2025-02-01", "to_date": "2025-01-01", "every": "month", "horizon_days": 90}
        assert client.post("/health/backtests/new/", bad).status_code == 200
        good = bad | {"to_date": "2025-03-01"}
        assert client.post("/health/backtests/new/", good).status_code == 302
        assert Backtest.objects.get().status == JobStatus.QUEUED

    def test_rows_are_for_those_who_may_export(self, client, dora):
        row = make_backtest()
        client.force_login(dora)
        dora.may_export = False
        dora.save()
        assert client.get(f"/health/backtests/{row.pk}/rows/").status_code == 403
        dora.may_export = True
        dora.save()
        assert b"account_code" in b"".join(client.get(f"/health/backtests/{row.pk}/rows/").streaming_content)
        assert AuditEntry.objects.filter(action="backtest.exported").count() == 1
