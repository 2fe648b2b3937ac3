"""Alerts, scores, accounts at risk and playbooks at work as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.exports import ACCOUNT
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.sheets import Kind
from health.choices import AlertStatus
from health.evidence_words import headline
from health.filters import ACTIVE, ALERT_SORTS, RISK_DEFAULT_SORT, RISK_SORTS, AlertInboxFilter, RiskListFilter
from health.filters_playbooks import RUN_DEFAULT_SORT, RUN_SORTS, PlaybookRunListFilter
from health.filters_scores import SCORE_DEFAULT_SORT, SCORE_SORTS, ScoreFilter
from health.models import AccountHealth, Alert, PlaybookRun
from health.playbook_progress import with_progress

STARTS_WITH = {ACTIVE: "-rank", AlertStatus.RESOLVED.value: "-resolved_at"}


def _alerts(asked: Asked) -> Found:
    rows = Alert.objects.visible_to(asked.user).order_by()
    found = AlertInboxFilter(asked.query, queryset=rows, request=asked)
    return filtered(
        found, asked, ALERT_SORTS, lambda filterset: STARTS_WITH.get(filterset.tab, "-rank"),
        rows=lambda filterset: filterset.in_tab,
    )  # fmt: skip


def _alert_cells(asked: Asked) -> Sequence[Cell]:
    def why(row: Any) -> str:
        return str(headline(row.evidence_now or row.evidence))

    return cells_of(
        Alert, *ACCOUNT, Cell(_("tier"), "account.tier"), "reason", Cell(_("evidence"), why, width=50), "severity",
        "status", "owner", "opened_at", "due_at", Cell(_("churn probability"), "probability", Kind.SHARE), "currency",
        "value_at_risk_amount", "acknowledged_at", "snoozed_until", "escalation", "escalated_at", "resolved_at",
        "resolved_by", "outcome", "lost_cause", Cell(_("what happened"), "resolution", width=40),
    )  # fmt: skip


def _load_alerts(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account", "owner", "resolved_by")


def _scores(asked: Asked) -> Found:
    found = ScoreFilter(asked.query, queryset=AccountHealth.objects.visible_to(asked.user).order_by(), request=asked)
    return filtered(found, asked, SCORE_SORTS, SCORE_DEFAULT_SORT)


def _risk(asked: Asked) -> Found:
    found = RiskListFilter(asked.query, queryset=AccountHealth.objects.visible_to(asked.user).order_by(), request=asked)
    return filtered(found, asked, RISK_SORTS, RISK_DEFAULT_SORT)


def _score_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        AccountHealth, *ACCOUNT, "account.tier", "account.stage", "account.region", "account.manager", "score", "band",
        "as_of", Cell(_("churn probability"), "probability", Kind.SHARE),
        Cell(_("probability of a drop"), "drop_probability", Kind.SHARE), "account.summary.revenue_12m_amount",
        "currency", "value_at_risk_amount", "lifetime_value_amount", "account.summary.open_alerts",
    )  # fmt: skip


def _load_scores(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account__summary", "account__manager").defer("parts", "missing", "reasons")


def _runs(asked: Asked) -> Found:
    rows = PlaybookRun.objects.visible_to(asked.user).order_by()
    found = PlaybookRunListFilter(asked.query, queryset=rows, request=asked)
    return filtered(found, asked, RUN_SORTS, RUN_DEFAULT_SORT)


def _run_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        PlaybookRun, *ACCOUNT, "playbook", "status", "started_on", "started_by", "score_at_start",
        Cell(_("tasks"), "task_count", Kind.WHOLE), Cell(_("tasks settled"), "settled_count", Kind.WHOLE), "ended_at",
    )  # fmt: skip


def _load_runs(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return with_progress(rows).select_related("account", "playbook", "started_by")


register(
    ListExport(
        "alerts", _("Alerts"), Alert, {"health:alert_list": {}}, find=_alerts, cells=_alert_cells, load=_load_alerts
    ),
    ListExport(
        "health_scores", _("Health scores"), AccountHealth, {"health:distribution_list": {}}, find=_scores,
        cells=_score_cells, load=_load_scores,
    ),
    ListExport(
        "accounts_at_risk", _("Accounts at risk"), AccountHealth, {"health:risk_list": {}}, find=_risk,
        cells=_score_cells, load=_load_scores,
    ),
    ListExport(
        "playbook_runs", _("Playbooks at work"), PlaybookRun, {"health:playbook_run_list": {}}, find=_runs,
        cells=_run_cells, load=_load_runs,
    ),
)  # fmt: skip
