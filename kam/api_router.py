"""Every route of the REST API, version 1."""

from django.urls import path

from accounts.api import views as accounts
from approvals.api import views as approvals
from contacts.api import views as contacts
from contracts.api import contracts, documents, money
from contracts.api import renewals as contract_renewals
from core.api.resources import ResourceRouter
from dashboards.api import company, exports, scorecards
from dashboards.api.reports import ReportViewSet
from dashboards.api.tiles import TileViewSet
from health.api import alerts as health_alerts
from health.api import churn as health_churn
from health.api import playbook_runs as health_playbook_runs
from health.api import playbooks as health_playbooks
from health.api import policy as health_policies
from health.api import profiles as health_profiles
from health.api import rules as health_rules
from health.api import scores as health_scores
from integrations.api import changes
from integrations.api.rows import RowsViewSet
from interactions.api import coverage, interactions, policies, steps, visits
from notifications.api import administration as notification_administration
from notifications.api import robots as notification_robots
from notifications.api import views as notifications
from orders.api import views as orders
from surveys.api import campaigns as survey_campaigns
from surveys.api import follow_ups as survey_follow_ups
from surveys.api import invitations as survey_invitations
from surveys.api import policy as survey_policies
from surveys.api import questionnaires as survey_questionnaires
from surveys.api import responses as survey_responses
from surveys.api.answers import SurveyAnswerView
from tiers.api import views as tiers
from users.api import leave
from users.api import views as users

router = ResourceRouter(use_regex_path=False)
router.register("accounts", accounts.AccountViewSet, "account")
router.register("assignments", accounts.AssignmentViewSet, "assignment")
router.register("members", accounts.MemberViewSet, "member")
router.register("tier-history", accounts.TierHistoryViewSet, "tier-history")
router.register("interactions", interactions.InteractionViewSet, "interaction")
router.register("interaction-files", interactions.InteractionFileViewSet, "interaction-file")
router.register("coverage", coverage.CoverageViewSet, "coverage")
router.register("visits", visits.VisitViewSet, "visit")
router.register("planning-gaps", visits.PlanningGapViewSet, "planning-gap")
router.register("next-steps", steps.NextStepViewSet, "next-step")
router.register("contacts", contacts.ContactViewSet, "contact")
router.register("employments", contacts.EmploymentViewSet, "employment")
router.register("contact-links", contacts.ContactLinkViewSet, "contact-link")
router.register("teams", users.TeamViewSet, "team")
router.register("users", users.UserViewSet, "user")
router.register("leave", leave.LeaveViewSet, "leave")
router.register("calendar-days", leave.CalendarDayViewSet, "calendar-day")
router.register("contact-policies", policies.ContactPolicyViewSet, "contact-policy")
router.register("account-rhythms", policies.RhythmViewSet, "account-rhythm")
router.register("capacities", policies.CapacityViewSet, "capacity")
router.register("orders", orders.OrderViewSet, "order")
router.register("products", orders.ProductViewSet, "product")
router.register("product-lines", orders.ProductLineViewSet, "product-line")
router.register("exchange-rates", orders.ExchangeRateViewSet, "exchange-rate")
router.register("contracts", contracts.ContractViewSet, "contract")
router.register("contract-versions", contracts.ContractVersionViewSet, "contract-version")
router.register("contract-lines", contracts.ContractLineViewSet, "contract-line")
router.register("contract-documents", documents.DocumentViewSet, "contract-document")
router.register("document-templates", documents.TemplateViewSet, "document-template")
router.register("instalments", money.InstalmentViewSet, "instalment")
router.register("receipts", money.ReceiptViewSet, "receipt")
router.register("receivables", money.ReceivablesViewSet, "receivables")
router.register("renewals", contract_renewals.RenewalViewSet, "renewal")
router.register("survey-questionnaires", survey_questionnaires.QuestionnaireViewSet, "survey-questionnaire")
router.register("survey-versions", survey_questionnaires.QuestionnaireVersionViewSet, "survey-version")
router.register("survey-campaigns", survey_campaigns.CampaignViewSet, "survey-campaign")
router.register("survey-invitations", survey_invitations.InvitationViewSet, "survey-invitation")
router.register("survey-responses", survey_responses.ResponseViewSet, "survey-response")
router.register("survey-follow-ups", survey_follow_ups.FollowUpViewSet, "survey-follow-up")
router.register("tier-policies", tiers.PolicyViewSet, "tier-policy")
router.register("tier-runs", tiers.RunViewSet, "tier-run")
router.register("tier-proposals", tiers.ProposalViewSet, "tier-proposal")
router.register("churn-models", health_churn.ChurnModelViewSet, "churn-model")
router.register("backtests", health_churn.BacktestViewSet, "backtest")
router.register("health-scores", health_scores.ScoreViewSet, "health-score")
router.register("health-history", health_scores.HistoryViewSet, "health-history")
router.register("health-signals", health_scores.SignalViewSet, "health-signal")
router.register("health-profiles", health_profiles.HealthProfileViewSet, "health-profile")
router.register("health-alerts", health_alerts.AlertViewSet, "health-alert")
router.register("health-alert-rules", health_rules.AlertRuleViewSet, "health-alert-rule")
router.register("health-playbooks", health_playbooks.PlaybookViewSet, "health-playbook")
router.register("health-playbook-runs", health_playbook_runs.PlaybookRunViewSet, "health-playbook-run")
router.register("health-playbook-tasks", health_playbook_runs.PlaybookTaskViewSet, "health-playbook-task")
router.register("notifications", notifications.NotificationViewSet, "notification")
router.register("notification-defaults", notification_administration.NotificationDefaultViewSet, "notification-default")
router.register("notification-deliveries", notification_administration.DeliveryViewSet, "notification-delivery")
router.register("robots", notification_robots.RobotViewSet, "robot")
router.register("tiles", TileViewSet, "tile")
router.register("company", company.CompanyPanelViewSet, "company")
router.register("company-accounts", company.CompanyAccountViewSet, "company-account")
router.register("exports", exports.ExportViewSet, "export")
router.register("scorecards", scorecards.ScorecardViewSet, "scorecard")
router.register("approvals", approvals.ApprovalViewSet, "approval")
router.register("reports", ReportViewSet, "report")
router.register("approval-rules", approvals.ApprovalRuleViewSet, "approval-rule")
router.register("changes", changes.ChangesViewSet, "change")

app_name = "api"
contract_policy = contract_renewals.ContractPolicyViewSet.as_view({"get": "show", "put": "replace"}, detail=False)
survey_policy = survey_policies.SurveyPolicyViewSet.as_view({"get": "show", "put": "replace"}, detail=False)
health_policy = health_policies.HealthPolicyViewSet.as_view({"get": "show", "put": "replace"}, detail=False)
notification_preferences = notifications.NotificationPreferenceViewSet.as_view(
    {"get": "show", "put": "replace", "delete": "reset"}, detail=False
)
urlpatterns = [
    *router.urls,
    path("notification-preferences/", notification_preferences, name="notification-preferences"),
    path("health-policy/", health_policy, name="health-policy"),
    path("contract-policy/", contract_policy, name="contract-policy"),
    path("survey-policy/", survey_policy, name="survey-policy"),
    path("<slug:resource>/export/", RowsViewSet.as_view({"get": "list"}, detail=False), name="rows-export"),
    path("survey-answers/", SurveyAnswerView.as_view(), name="survey-answer"),
]
