"""The schedule names tasks that exist."""

import pytest

from kam.celery import app


@pytest.mark.parametrize("name", sorted({entry["task"] for entry in app.conf.beat_schedule.values()}))
def test_every_scheduled_task_exists(name):
    app.loader.import_default_modules()
    assert name in app.tasks


@pytest.mark.parametrize("name", sorted(app.conf.beat_schedule))
def test_a_missed_message_expires(name):
    assert app.conf.beat_schedule[name]["options"]["expires"] > 0
