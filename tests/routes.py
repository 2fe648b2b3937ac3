"""Every route of the product, and a row for each parameter: what test_access and test_queries walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.route_rights import PUBLIC, RESTRICTED

MISSING = 999_999_999

# (beginning of the route's name, parameter) -> (row, whose it is); the longest beginning counts. Whose:
#   account   as visible as Alice's account: nobody else's business
#   company   known to everybody who logs in
#   own       Alice's alone (and the administrators')
#   person    Alice's, and of those who lead her
#   asked     the same, and each may do only their own part of it
#   private   Alice's alone
PARAMETERS: dict[tuple[str, str], tuple[str, str]] = {
    ("accounts:", "pk"): ("account", "account"),
    ("accounts:member_", "pk"): ("member", "account"),
    ("accounts:member_create", "pk"): ("account", "account"),
    ("notifications:notification_", "pk"): ("notification", "private"),
    ("notifications:robot_", "pk"): ("robot", "private"),
    ("notifications:robot_delete", "pk"): ("robot", "own"),
    ("notifications:delivery_", "pk"): ("delivery", "company"),
    ("notifications:rule_", "role"): ("role", "company"),
    ("api:notification-", "pk"): ("notification", "private"),
    ("api:notification-default-", "role"): ("role", "company"),
    ("api:notification-delivery-", "pk"): ("delivery", "company"),
    ("api:robot-", "pk"): ("robot", "private"),
    ("contacts:", "account_pk"): ("account", "account"),
    ("contacts:", "pk"): ("contact", "account"),
    ("contacts:contact_move", "pk"): ("employment", "account"),
    ("contacts:employment_", "pk"): ("employment", "account"),
    ("contacts:employment_create", "pk"): ("contact", "account"),
    ("contacts:relationship_handover", "pk"): ("alice", "company"),
    ("orders:", "account_pk"): ("account", "account"),
    ("orders:account_", "pk"): ("account", "account"),
    ("orders:order_", "pk"): ("order", "account"),
    ("tiers:", "account_pk"): ("account", "account"),
    ("tiers:policy_", "pk"): ("policy", "company"),
    ("tiers:run_", "pk"): ("run", "company"),
    ("tiers:proposal_", "pk"): ("proposal", "account"),
    ("tiers:override_", "pk"): ("override", "account"),
    ("users:user_", "pk"): ("alice", "company"),
    ("users:team_", "pk"): ("north", "company"),
    ("users:leave_", "pk"): ("leave", "person"),
    ("users:calendar_", "country"): ("china", "company"),
    ("users:calendar_", "year"): ("calendar_year", "company"),
    ("users:calendar_day_remove", "pk"): ("calendar_day", "company"),
    ("integrations:token_", "pk"): ("token", "own"),
    ("integrations:contact_import_", "pk"): ("contact_import", "own"),
    ("integrations:contract_import_", "pk"): ("contract_import", "lee's"),
    ("integrations:import_", "pk"): ("import_job", "company"),
    ("integrations:profile_", "pk"): ("import_profile", "company"),
    ("dashboards:report_", "pk"): ("report", "private"),
    ("dashboards:report_run_", "pk"): ("report_run", "private"),
    ("dashboards:report_schedule_", "pk"): ("report_schedule", "private"),
    ("dashboards:report_schedule_create", "pk"): ("report", "private"),
    ("dashboards:report_shipped", "code"): ("report_code", "company"),
    ("dashboards:account_", "pk"): ("account", "account"),
    ("dashboards:export_", "pk"): ("export_job", "private"),
    ("api:export-", "pk"): ("export_job", "private"),
    ("api:rows-", "resource"): ("resource", "company"),
    ("dashboards:visit_", "pk"): ("visit", "account"),
    ("dashboards:scorecard_", "pk"): ("scorecard", "asked"),
    ("api:scorecard-", "pk"): ("scorecard", "asked"),
    ("interactions:", "account_pk"): ("account", "account"),
    ("interactions:contact_panel", "contact_pk"): ("contact", "account"),
    ("interactions:file_", "pk"): ("interaction_file", "account"),
    ("interactions:greeting_", "pk"): ("greeting", "account"),
    ("interactions:interaction_", "pk"): ("interaction", "account"),
    ("interactions:step_", "pk"): ("step", "account"),
    ("api:account-", "pk"): ("account", "account"),
    ("api:assignment-", "pk"): ("assignment", "account"),
    ("api:member-", "pk"): ("member", "account"),
    ("api:tier-history-", "pk"): ("tier_change", "account"),
    ("api:order-", "pk"): ("order", "account"),
    ("api:product-", "pk"): ("product", "company"),
    ("api:product-line-", "pk"): ("product_line", "company"),
    ("api:exchange-rate-", "pk"): ("rate", "company"),
    ("api:tier-policy-", "pk"): ("policy", "company"),
    ("api:tier-run-", "pk"): ("run", "company"),
    ("api:tier-proposal-", "pk"): ("proposal", "account"),
    ("api:contact-", "pk"): ("contact", "account"),
    ("api:contact-link-", "pk"): ("contact_link", "account"),
    ("api:employment-", "pk"): ("employment", "account"),
    ("api:team-", "pk"): ("north", "company"),
    ("api:user-", "pk"): ("alice", "company"),
    ("api:interaction-", "pk"): ("interaction", "account"),
    ("api:interaction-file-", "pk"): ("interaction_file", "account"),
    ("api:visit-", "pk"): ("visit", "account"),
    ("api:planning-gap-", "pk"): ("planning_gap", "account"),
    ("api:next-step-", "pk"): ("step", "account"),
    ("api:leave-", "pk"): ("leave", "person"),
    ("api:account-rhythm-", "pk"): ("account", "account"),
    ("api:capacity-", "pk"): ("alice", "person"),
    ("api:contact-policy-", "pk"): ("contact_policy", "company"),
    ("interactions:account_rhythm", "account_pk"): ("account", "account"),
    ("interactions:capacity_", "pk"): ("alice", "person"),
    ("interactions:policy_", "pk"): ("contact_policy", "company"),
    ("interactions:visit_", "pk"): ("visit", "account"),
    ("api:calendar-day-", "pk"): ("calendar_day", "company"),
    ("api:renewal-", "pk"): ("renewal", "account"),
    ("contracts:contract_", "pk"): ("contract", "account"),
    ("contracts:renewal_", "pk"): ("renewal", "account"),
    ("contracts:account_", "account_pk"): ("account", "account"),
    ("contracts:instalment_", "pk"): ("instalment", "account"),
    ("contracts:receipt_", "pk"): ("receipt", "account"),
    ("contracts:receipt_create", "pk"): ("contract", "account"),
    ("contracts:document_", "pk"): ("contract_document", "account"),
    ("contracts:document_generate", "pk"): ("contract", "account"),
    ("contracts:document_upload", "pk"): ("contract", "account"),
    ("contracts:template_", "pk"): ("document_template", "company"),
    ("api:contract-document-", "pk"): ("contract_document", "account"),
    ("api:document-template-", "pk"): ("document_template", "company"),
    ("api:instalment-", "pk"): ("instalment", "account"),
    ("api:receipt-", "pk"): ("receipt", "account"),
    ("api:contract-", "pk"): ("contract", "account"),
    ("api:contract-compare", "old"): ("version_number", "account"),
    ("api:contract-compare", "new"): ("version_number", "account"),
    ("api:contract-version-", "pk"): ("contract_version", "account"),
    ("api:contract-line-", "pk"): ("contract_line", "account"),
    ("surveys:account_", "account_pk"): ("account", "account"),
    ("surveys:earlier_", "pk"): ("earlier_import", "company"),
    ("surveys:earlier_template", "pk"): ("questionnaire_version", "company"),
    ("surveys:results", "pk"): ("campaign", "company"),
    ("surveys:verbatims", "pk"): ("campaign", "company"),
    ("surveys:verbatim_tag", "pk"): ("survey_comment", "account"),
    ("surveys:response_", "pk"): ("survey_response", "account"),
    ("surveys:follow_up_", "pk"): ("follow_up", "account"),
    ("surveys:questionnaire_", "pk"): ("questionnaire", "company"),
    ("surveys:questionnaire_discard", "pk"): ("questionnaire_version", "company"),
    ("surveys:questionnaire_edit", "pk"): ("questionnaire_version", "company"),
    ("surveys:questionnaire_preview", "pk"): ("questionnaire_version", "company"),
    ("surveys:questionnaire_publish", "pk"): ("questionnaire_version", "company"),
    ("surveys:campaign_", "pk"): ("campaign", "company"),
    ("surveys:invitation_", "pk"): ("invitation", "account"),
    ("surveys:mail_again", "pk"): ("survey_mail", "account"),
    ("surveys:loop_", "pk"): ("campaign", "company"),
    ("api:survey-questionnaire-", "pk"): ("questionnaire", "company"),
    ("api:survey-version-", "pk"): ("questionnaire_version", "company"),
    ("api:survey-campaign-", "pk"): ("campaign", "company"),
    ("api:survey-invitation-", "pk"): ("invitation", "account"),
    ("api:survey-response-", "pk"): ("survey_response", "account"),
    ("api:survey-follow-up-", "pk"): ("follow_up", "account"),
    ("health:alert_", "pk"): ("health_alert", "account"),
    ("api:health-alert-", "pk"): ("health_alert", "account"),
    ("api:health-alert-rule-", "pk"): ("health_rule", "company"),
    ("health:rule_", "pk"): ("health_rule", "company"),
    ("health:model_", "pk"): ("churn_model", "company"),
    ("health:profile_", "pk"): ("health_profile", "company"),
    ("api:health-profile-", "pk"): ("health_profile", "company"),
    ("api:health-score-", "pk"): ("account_health", "account"),
    ("api:health-history-", "pk"): ("health_point", "account"),
    ("health:backtest_", "pk"): ("backtest", "company"),
    ("api:churn-model-", "pk"): ("churn_model", "company"),
    ("api:backtest-", "pk"): ("backtest", "company"),
    ("health:playbook_", "pk"): ("playbook", "company"),
    ("health:playbook_run_", "pk"): ("playbook_run", "account"),
    ("health:playbook_task_", "pk"): ("playbook_task", "account"),
    ("health:account_", "account_pk"): ("account", "account"),
    ("api:health-playbook-", "pk"): ("playbook", "company"),
    ("api:health-playbook-run-", "pk"): ("playbook_run", "account"),
    ("api:health-playbook-task-", "pk"): ("playbook_task", "account"),
    ("api:company-", "panel"): ("panel", "company"),
    ("api:company-account-", "pk"): ("account", "account"),
    ("api:report-", "key"): ("report_code", "company"),
    ("approvals:request_", "pk"): ("approval", "asked"),
    ("approvals:rule_", "pk"): ("approval_rule", "company"),
    ("api:approval-", "pk"): ("approval", "asked"),
    ("api:approval-rule-", "pk"): ("approval_rule", "company"),
}

# Bodies for routes that look at the body before they look at the person.
BODIES: dict[str, Callable[..., dict[str, Any]]] = {
    "api:account-assignments": lambda cast: {"manager": cast("mallory").pk, "reason": "x"},
    "api:assignment-list": lambda cast: {
        "account": cast("account").pk,
        "manager": cast("mallory").pk,
        "reason": "x",
    },
    "dashboards:report_run_create": lambda cast: {"from": "ageing", "format": "page"},
    "api:calendar-day-list": lambda cast: {"country": "CN", "date": "2027-02-14", "working": True, "name": "x"},
    "api:exchange-rate-list": lambda cast: {"currency": "USD", "valid_from": "2026-01-01", "rate": "7.1"},
    "api:instalment-event": lambda cast: {"date": None},
    "api:instalment-invoice": lambda cast: {"number": "x"},
    "api:receipt-void": lambda cast: {"reason": "x"},
    "api:product-detail": lambda cast: {"code": "P", "name": "P", "line": cast("product_line").pk},
    "api:product-line-detail": lambda cast: {"code": "L", "name": "L"},
    "api:product-line-list": lambda cast: {"code": "L9", "name": "L9"},
    "api:product-list": lambda cast: {"code": "P9", "name": "P9", "line": cast("product_line").pk},
    "api:tier-policy-detail": lambda cast: {"code": "x", "name": "x", "method": "pareto"},
    "api:tier-policy-list": lambda cast: {"code": "x", "name": "x", "method": "pareto"},
    "api:tier-proposal-adjust": lambda cast: {"tier": "C", "reason": "x"},
    "api:tier-proposal-approve-many": lambda cast: {"ids": [cast("proposal").pk]},
    "api:tier-proposal-reject": lambda cast: {"reason": "x"},
    "api:tier-proposal-reject-many": lambda cast: {"ids": [cast("proposal").pk], "reason": "x"},
}


@dataclass(frozen=True)
class Route:
    """One pattern of the URLconf; `name` with its namespaces, `parameters` the names that its path takes."""

    name: str
    parameters: tuple[str, ...]
    callback: Callable[..., Any] = field(compare=False)
    methods: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api:")

    @property
    def is_public(self) -> bool:
        return self.name in PUBLIC

    def right(self, method: str) -> str | None:
        """The right that it asks for."""
        return RESTRICTED.get(self.name) or RESTRICTED.get(f"{self.name} {method}")

    def kind(self) -> str:
        """Whose row it is about; "" without parameters."""
        return self._lookup(self.parameters[0])[1] if self.parameters else ""

    def url(self, cast: Any, pk: int | None = None) -> str:
        """Its address for the cast's rows, or for the row `pk`."""
        return reverse(self.name, kwargs={name: pk or cast(self._lookup(name)[0]).pk for name in self.parameters})

    def _lookup(self, parameter: str) -> tuple[str, str]:
        fits = [key for key in PARAMETERS if key[1] == parameter and self.name.startswith(key[0])]
        assert fits, (
            f"{self.name} takes {parameter!r}, which the access test does not know: teach it in tests/routes.py, "
            "PARAMETERS (which row, and whose it is)."
        )
        return PARAMETERS[max(fits, key=lambda key: len(key[0]))]


def _walk(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, (*namespaces, *filter(None, [pattern.namespace])))
        else:
            yield ":".join([*namespaces, pattern.name or f"<{pattern.pattern}>"]), pattern


def all_routes() -> list[Route]:
    """Every route but those of Django's admin, which has a test of its own."""
    routes = []
    for name, pattern in _walk(get_resolver()):
        if name.startswith("admin:"):
            continue
        actions = getattr(pattern.callback, "actions", None)
        methods = tuple(method.upper() for method in actions) if actions else ("GET", "POST")
        parameters = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
        routes.append(Route(name, parameters, pattern.callback, methods))
    return routes
