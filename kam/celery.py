"""The Celery application and its beat schedule.

No work lives only in the broker: jobs compute what is due from rows and dates, so a message that is lost is rung again
by the next beat.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")

app = Celery("kam")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {}
__all__ = ["app", "crontab"]
