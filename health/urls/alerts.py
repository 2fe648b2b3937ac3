"""Alerts, the risk matrix, rules and the policy."""

from __future__ import annotations

from django.urls import URLPattern, path

from health.views import alert_bulk, alerts, matrix, measures, policy, rules

urlpatterns: list[URLPattern] = [
    path("alerts/", alerts.alert_list, name="alert_list"),
    path("alerts/bulk/", alert_bulk.alert_bulk, name="alert_bulk"),
    path("alerts/measures/", measures.measures, name="alert_measures"),
    path("alerts/measures/silent/", measures.silent_list, name="silent_list"),
    path("alerts/<int:pk>/", alerts.alert_detail, name="alert_detail"),
    path("alerts/<int:pk>/acknowledge/", alerts.alert_acknowledge, name="alert_acknowledge"),
    path("alerts/<int:pk>/snooze/", alerts.alert_snooze, name="alert_snooze"),
    path("alerts/<int:pk>/wake/", alerts.alert_wake, name="alert_wake"),
    path("alerts/<int:pk>/comment/", alerts.alert_comment, name="alert_comment"),
    path("alerts/<int:pk>/resolve/", alerts.alert_resolve, name="alert_resolve"),
    path("alerts/<int:pk>/reopen/", alerts.alert_reopen, name="alert_reopen"),
    path("alerts/<int:pk>/reassign/", alerts.alert_reassign, name="alert_reassign"),
    path("matrix/", matrix.matrix, name="matrix"),
    path("matrix/accounts/", matrix.risk_list, name="risk_list"),
    path("rules/", rules.rule_list, name="rule_list"),
    path("rules/new/", rules.rule_create, name="rule_create"),
    path("rules/<int:pk>/", rules.rule_update, name="rule_update"),
    path("rules/<int:pk>/delete/", rules.rule_delete, name="rule_delete"),
    path("policy/", policy.policy_update, name="policy_update"),
]
