import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from core import reporting
from core.reporting import Asked
from dashboards.reports.definition import check
from dashboards.reports.running import ONLINE, run
from tests.factories import TODAY


@pytest.fixture
def ask():
    """`ask(alice, {…})`: the report as Alice reads it on TODAY, at noon of her zone."""

    def ask(viewer, raw, cell=None, bounds=ONLINE, zone="Asia/Shanghai", page=1):
        objects = reporting.reportable()
        definition = check(raw, objects)
        now = dt.datetime.combine(TODAY, dt.time(12), ZoneInfo(zone))
        asked = Asked(viewer, TODAY, now, ZoneInfo(zone), english=True)
        return run(definition, objects[definition.object], asked, bounds, cell=cell, page=page)

    return ask
