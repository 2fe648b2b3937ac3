"""The band of four weeks before the newest night, for what is there already."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import migrations

WEEKS, WINDOW = dt.timedelta(days=28), dt.timedelta(days=14)
BATCH = 5000


def fill(apps: Any, _schema_editor: Any) -> None:
    newest = apps.get_model("health", "HealthRun").objects.exclude(stage="scoring").order_by("-as_of").first()
    if newest is None:
        return
    day = newest.as_of - WEEKS
    points = apps.get_model("health", "HealthPoint").objects.filter(date__lte=day, date__gt=day - WINDOW).exclude(band="")
    bands = dict(points.order_by("date").values_list("account", "band"))
    summaries = apps.get_model("accounts", "AccountSummary").objects
    for band in set(bands.values()):
        keys = sorted(key for key, value in bands.items() if value == band)
        for at in range(0, len(keys), BATCH):
            summaries.filter(pk__in=keys[at : at + BATCH]).update(health_band_before=band)


class Migration(migrations.Migration):
    dependencies = [("health", "0007_for_sums"), ("accounts", "0007_for_sums")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
