"""The Celery application and its beat schedule.

No work lives only in the broker: jobs compute what is due from rows and dates, so a message that is lost is rung again
by the next beat. For the same reason a periodic message expires when the next one is due.
"""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")

app = Celery("kam")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HOUR = 3600
app.conf.beat_schedule = {
    "orders: refresh summaries": {
        "task": "orders.tasks.refresh_summaries",
        "schedule": crontab(hour=1, minute=30),
        "options": {"expires": 12 * HOUR},
    },
    "tiers: run due policies": {
        "task": "tiers.tasks.run_due_policies",
        "schedule": crontab(hour=2, minute=0),
        "options": {"expires": 12 * HOUR},
    },
    "tiers: sweep decisions": {
        "task": "tiers.tasks.sweep_decisions",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "integrations: sweep imports": {
        "task": "integrations.tasks.sweep_imports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "interactions: plan visits": {
        "task": "interactions.tasks.plan_visits",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 12 * HOUR},
    },
    "interactions: sweep planning": {
        "task": "interactions.tasks.sweep_planning",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": HOUR / 4},
    },
    "interactions: record coverage": {
        "task": "interactions.tasks.record_coverage",
        "schedule": crontab(hour=3, minute=30),
        "options": {"expires": 12 * HOUR},
    },
    "interactions: propose greetings": {
        "task": "interactions.tasks.propose_greetings",
        "schedule": crontab(hour="*/6", minute=45),
        "options": {"expires": 6 * HOUR},
    },
    "approvals: reassign lost votes": {
        "task": "approvals.tasks.reassign_lost_votes",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": HOUR / 4},
    },
    "contracts: nightly jobs": {
        "task": "contracts.tasks.run_contract_jobs",
        "schedule": crontab(hour=2, minute=15),
        "options": {"expires": 12 * HOUR},
    },
    "surveys: nightly jobs": {
        "task": "surveys.tasks.run_survey_jobs",
        "schedule": crontab(hour=2, minute=45),
        "options": {"expires": 12 * HOUR},
    },
    "surveys: ask": {
        "task": "surveys.tasks.ask_due",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": HOUR / 4},
    },
    # Four times a minute: the rate is counted over any sixty seconds, so one call a minute would often miss its turn.
    "surveys: watch follow-ups": {
        "task": "surveys.tasks.watch_follow_ups",
        "schedule": crontab(minute="5-59/15"),
        "options": {"expires": HOUR / 4},
    },
    "surveys: send mails": {
        "task": "surveys.tasks.send_mails",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "surveys: sweep imports of earlier results": {
        "task": "surveys.tasks.sweep_earlier_imports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "kam: clear expired sessions": {
        "task": "kam.tasks.clear_sessions",
        "schedule": crontab(hour=3, minute=0),
        "options": {"expires": 12 * HOUR},
    },
    "kam: sweep the embedded broker": {
        "task": "kam.tasks.sweep_broker",
        "schedule": crontab(minute=15),
        "options": {"expires": HOUR},
    },
}


@worker_ready.connect
def _start_heartbeat(**_kwargs: object) -> None:
    from kam import heartbeat  # noqa: PLC0415  it reads the settings, which are not ready when this module loads

    heartbeat.start()
