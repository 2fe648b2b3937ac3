"""The health of an account: the score point by point, its course, what changed, why the model says what it says."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import pages
from accounts.choices import Status
from accounts.models import Account
from core.agenda import link
from core.http import UserRequest, panel
from health import charts
from health.churn_words import raises_risk, sentence, topic
from health.explanations import explain
from health.models import AccountHealth, Alert, PlaybookTask
from health.next_steps import next_step
from health.pages import gap_now
from health.services import history
from users.models import User

COMPARED_WITH = dt.timedelta(days=28)
COURSE = dt.timedelta(days=366)
ALERTS_SHOWN, REASONS_SHOWN, TABLE_SHOWN = 11, 3, 60


@require_GET
def account_panel(request: UserRequest, account_pk: int) -> HttpResponse:
    """The health tab of the account's page."""
    account, today = pages.get_account(request.user, account_pk), timezone.localdate()
    context: dict[str, Any] = {"account": account, "active_tab": "health"}
    context["is_terminated"] = account.status == Status.TERMINATED
    context |= _now(request.user, account, today) | {"gap": gap_now(request.user)}
    health = context["health"]
    if health is not None:
        points = history.trend(account, health.as_of - COURSE)
        context |= {
            "since": history.changes_since(account, health.as_of - COMPARED_WITH),
            "points": points[: -TABLE_SHOWN - 1 : -1],
            "option": charts.history(points, health.profile) if len(points) > 1 else None,
            "reasons": _reasons(health),
            "by_rule": any(row["feature"] == "rule" for row in health.reasons),
            "alerts_url": link("health:alert_list", account=account.pk, state="resolved", scope="all"),
        }
    return render(request, panel(request, "health/account_panel.html"), context)


@require_GET
def account_attention(request: UserRequest, account_pk: int) -> HttpResponse:
    """For the overview: what needs attention, in words, and what to do next."""
    account, today = pages.get_account(request.user, account_pk), timezone.localdate()
    context = {"account": account, "active_tab": "health", **_now(request.user, account, today)}
    lost = context["found"].lost if context["found"] else []
    context["shown"] = [part for part in lost if part.is_bad][:REASONS_SHOWN]
    return render(request, panel(request, "health/account_attention.html"), context)


def _now(user: User, account: Account, today: dt.date) -> dict[str, Any]:
    """The newest score with its parts, the alerts, the next open task and the next step."""
    rows = AccountHealth.objects.visible_to(user).select_related("profile", "model").defer("model__document")
    health = rows.filter(account=account).first()
    alerts = Alert.objects.visible_to(user).filter(account=account).unresolved().select_related("owner")
    shown = list(alerts.defer("evidence", "evidence_now").order_by("-severity", "-rank", "-pk")[:ALERTS_SHOWN])
    tasks = PlaybookTask.objects.visible_to(user).open().filter(run__account=account).select_related("run__playbook")
    task = tasks.order_by("due_date", "pk").first()
    found = explain(health) if health is not None else None
    active = [alert for alert in shown if alert.status in ("open", "acknowledged")]
    return {
        "health": health,
        "found": found,
        "alerts": shown,
        "task": task,
        "next": next_step(account, found, active, task, today) if found and account.may_edit else None,
    }


def _reasons(health: AccountHealth) -> list[dict[str, Any]]:
    """What the model saw, with which way and how far it pushes; contributions are log-odds."""
    most = max((abs(float(row["contribution"])) for row in health.reasons), default=0.0) or 1.0
    return [
        {
            "topic": topic(row),
            "sentence": sentence(row),
            "raises": raises_risk(row),
            "contribution": float(row["contribution"]),
            "share": float(row["contribution"]) / most,
        }
        for row in health.reasons
    ]
