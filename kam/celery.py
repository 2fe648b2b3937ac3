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
    "accounts: note expired members": {
        "task": "accounts.tasks.note_expired_members",
        "schedule": crontab(minute=20),
        "options": {"expires": HOUR},
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
    "dashboards: sweep exports": {
        "task": "dashboards.tasks.sweep_exports",
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
    "surveys: watch follow-ups": {
        "task": "surveys.tasks.watch_follow_ups",
        "schedule": crontab(minute="5-59/15"),
        "options": {"expires": HOUR / 4},
    },
    "surveys: score answers": {
        "task": "surveys.tasks.score_answers",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Four times a minute: the rate is counted over any sixty seconds, so one call a minute would often miss its turn.
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
    "health: train the churn model": {
        "task": "health.tasks.train_if_due",
        "schedule": crontab(hour=2, minute=50),
        "options": {"expires": 12 * HOUR},
    },
    "health: score and alert": {
        "task": "health.tasks.run_health",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 12 * HOUR},
    },
    "health: go on with a broken night": {
        "task": "health.tasks.resume_health",
        "schedule": crontab(minute="12-59/15"),
        "options": {"expires": HOUR / 4},
    },
    "health: watch alerts": {
        "task": "health.tasks.watch_alerts",
        "schedule": crontab(minute="10-59/15"),
        "options": {"expires": HOUR / 4},
    },
    "health: sweep trainings and backtests": {
        "task": "health.tasks.sweep_questions",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Four times a minute: a message that its doorbell did not send waits no longer than that.
    "notifications: deliver": {
        "task": "notifications.tasks.deliver",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "dashboards: sweep reports": {
        "task": "dashboards.tasks.sweep_reports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "dashboards: send scheduled reports": {
        "task": "dashboards.tasks.send_reports",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": HOUR / 12},
    },
    "dashboards: count the company": {
        "task": "dashboards.tasks.count_company",
        "schedule": crontab(hour="4-23", minute=0),  # at four; later only where that did not end
        "options": {"expires": HOUR},
    },
    "dashboards: compute scorecards": {
        "task": "dashboards.tasks.compute_scorecards",
        "schedule": crontab(hour=4, minute=20),
        "options": {"expires": 12 * HOUR},
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
