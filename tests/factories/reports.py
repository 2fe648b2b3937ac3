"""Reports as people save them."""

import datetime as dt

from dashboards.models import Report, ReportRun, ReportSchedule
from tests.factories import TODAY

DEFINITION = {"object": "accounts", "groups": [{"column": "manager"}], "sums": [{"function": "count"}]}


def make_report(owner, definition=None, **fields):
    """A saved report: accounts by manager."""
    return Report.objects.create(owner=owner, definition=definition or DEFINITION, **{"name": "My report", **fields})


def make_report_run(viewer, **fields):
    """One that is done, with rows to show."""
    fields = {"title": "My report", "source": "ageing", "format": "page", "status": "done", "rows": 1, **fields}
    return ReportRun.objects.create(viewer=viewer, definition=DEFINITION, **fields)


def make_schedule(report, receivers=(), **fields):
    """Every Monday at eight, since long ago."""
    since = fields.pop("since", dt.datetime(TODAY.year - 1, 1, 1, tzinfo=dt.UTC))
    row = ReportSchedule.objects.create(report=report, owner=report.owner, since=since, **fields)
    row.receivers.set(receivers)
    return row
