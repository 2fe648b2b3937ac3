"""Query budgets: a list costs the same with 3 and with 30 rows, and a page at most 12 statements."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import services as account_services
from accounts.choices import TierSource
from accounts.models import AccountSummary
from approvals import services as approval_services
from approvals.models import ApprovalRule
from audit.services import record
from contracts.models import Renewal
from core.models import CalendarDay, ExchangeRate
from health.models import AccountHealth, AlertRule, Playbook
from health.playbook_steps import MAX_STEPS
from health.services.alert_rules import ensure_defaults
from health.services.playbooks import save_playbook, steps_of
from health.services.profiles import ensure_default_profiles
from health.services.shipped_playbooks import ensure_playbooks
from integrations.models import ContractImportJob, ImportJob
from interactions.choices import GapReason
from interactions.models import (
    AccountRhythm,
    Capacity,
    ContactPolicy,
    CoverageMonth,
    InteractionFile,
    PlanningGap,
    PlanningRun,
    Topic,
)
from notifications.models import Delivery, Robot
from orders.models import ImportProfile
from surveys.models import EarlierImport
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory, TagFactory
from tests.factories.approvals import make_request, make_rule
from tests.factories.contact_imports import make_contact_import
from tests.factories.contacts import make_contact, make_link
from tests.factories.contract_imports import make_contract_import
from tests.factories.contracts import (
    make_contract,
    make_document,
    make_instalment,
    make_line,
    make_receipt,
    make_renewal,
    make_template,
    make_version,
)
from tests.factories.exports import make_job
from tests.factories.health_alerts import (
    make_alert,
    make_alert_rule,
    make_comment,
    make_health,
    make_points,
    make_profile,
)
from tests.factories.health_churn import make_backtest, make_churn_model
from tests.factories.health_playbooks import CALL, make_playbook
from tests.factories.health_playbooks import make_run as make_playbook_run
from tests.factories.imports import make_import, make_profile_row
from tests.factories.integrations import make_token
from tests.factories.interactions import (
    make_contact_policy,
    make_file,
    make_gap,
    make_greeting,
    make_interaction,
    make_step,
    make_visit,
)
from tests.factories.notifications import make_delivery, make_robot
from tests.factories.orders import make_order
from tests.factories.reports import make_report, make_report_run, make_schedule
from tests.factories.surveys import (
    CampaignFactory,
    FollowUpFactory,
    InvitationFactory,
    VerbatimTagFactory,
    answer,
    comment_of,
    make_earlier,
    make_mail,
)
from tests.factories.tiers import make_policy, make_run
from tests.factories.users import TeamFactory, UserFactory, make_leave
from tests.routes import all_routes
from tiers.models import TierOverride, TierProposal

BUDGET = 12
# The access rule takes another shape for each of them, but both databases count the same: each person is asked once.
PEOPLE = ["lee", "dora"] if connection.vendor == "postgresql" else ["alice"]
GETS = [route for route in all_routes() if "GET" in route.methods and not route.is_public]
# Pages without rows of their own, and what does not answer with a page.
NO_ROWS = {
    "account_change_password": "a form",
    "account_set_password": "a form",
    "api_docs": "static",
    "schema": "the document, made from the code",
    **({"api:change-list": "nothing: the test is not over"} if connection.vendor == "postgresql" else {}),
}
# Ten accounts with a value at risk fill the list of exceptions: those without are not looked for.
STOPS_EARLY = {"dashboards:cockpit", "dashboards:cockpit_now"}
# A page that may cost more, and why. Of surveys two are the person's: of what share of the company a supervisor leads.
DEARER: dict[str, int] = {
    "api:change-list": 24,  # one for each kind of row on the page
    "api:tile-list": 54,  # numbers of eight apps: each list's own filters count them
    "dashboards:cockpit": 31,
    "dashboards:cockpit_charts": 19,
    "dashboards:cockpit_more": 32,
    "dashboards:cockpit_now": 28,
    "health:account_panel": 15,  # a part of the account's page: score, course, changes, alerts, playbooks
    "api:survey-campaign-results": 16,  # sums, their corrections and what is not in them yet, once for each question
    "health:alert_detail": 13,
    "health:alert_list": 15,  # the list, the teams to narrow it to, and a whole alert with its evidence beside it
    "surveys:account_panel": 14,  # a part of the account's page: scores, answers, follow-ups, who may be asked
    "surveys:questionnaire_results": 13,
    "surveys:results_list": 13,
    "users:team_detail": 13,
}


def grow(request, alice, number: int) -> None:
    """`number` of everything that a list could show: accounts of Alice with orders, members, tags, tiers, history."""
    account = request.getfixturevalue("account")
    # What the first reader of a page would have made is there before: it would fill the newest entries of the audit.
    ensure_default_profiles()
    ensure_playbooks()
    ensure_defaults()
    for n in range(number):
        tag, user = TagFactory(), UserFactory(team=TeamFactory(parent=alice.team))
        row = AccountFactory(manager=alice, parent=account if n % 2 else None, tags=[tag.name])
        for owner in (row, account):
            AccountMemberFactory(account=owner, user=user)
        make_order(row, 100 + n, product=f"P{row.pk}", lines=None)
        make_order(account, 100 + n, product=f"Q{row.pk}")
        account_services.assign_manager(account, user, actor=None, reason="x", today=TODAY)
        account_services.assign_manager(account, alice, actor=None, reason="x", today=TODAY)
        move = [account_services.TierMove(owner.pk, "ABC"[n % 3], f"{n}") for owner in (row, account)]
        account_services.change_tiers(move, source=TierSource.IMPORT, actor=user, today=TODAY)
        ExchangeRate.objects.create(currency="USD", valid_from=TODAY - dt.timedelta(days=row.pk), rate=7)
        make_token(alice, "accounts:read")
        make_run(make_policy(f"p{row.pk}"), actor=user)
        make_import(request.getfixturevalue("dora"))
        make_contact_import(alice)
        for person in PEOPLE:
            grow_contract_import(request.getfixturevalue(person))
        grow_relationship(account, row, n)
        make_profile_row(f"profile {row.pk}")
        make_leave(alice, row.pk * 2, length=1)
        make_contact_policy(status="superseded")
        Capacity.objects.create(user=user, visits_per_day=3)
        AccountRhythm.objects.create(account=row, weekday=n % 5)
        CalendarDay.objects.create(country="CN", date=dt.date(2026, 1, 1) + dt.timedelta(days=row.pk % 365), name="x")
        make_delivery(alice, f"row {row.pk}")
        make_robot(alice)
        make_robot(team=alice.team, groups=["mentions"])
        make_job(alice)
        make_gap(row, user=user, reason=GapReason.values[n % 6])
        PlanningGap.objects.get_or_create(account=account, duty="manager", defaults={"due_date": TODAY, "as_of": TODAY})
        grow_approvals(request, alice, row.pk)
        grow_contracts(account, row)
        grow_surveys(account, row)
        grow_alerts(account, row, n)
        grow_playbooks(account, row)
        grow_reports(alice)
        PlanningRun.objects.create(as_of=TODAY, weeks=6, started_at=timezone.now())


def grow_contract_import(user) -> None:
    """One more import of contracts by whoever may, and one more bad row in the one that pages are about."""
    if user.leads:
        make_contract_import(user)
        first = ContractImportJob.objects.filter(created_by=user).order_by("pk").first()
        problem = {"code": "missing_value", "field": "title", "params": {}}
        first.found_rows.create(sheet="contracts", row=2, contract="A 1", result="bad", problems=[problem])


def grow_reports(alice) -> None:
    """Reports, files and schedules of Alice, and reports that everybody sees."""
    make_schedule(make_report(alice), [alice])
    make_report(alice, sharing="everyone")
    make_report_run(alice)


def grow_approvals(request, alice, number: int) -> None:
    """Rules, requests of Alice and to her, and comments on the request that a detail page is about."""
    lee, dora = request.getfixturevalue("lee"), request.getfixturevalue("dora")
    make_rule(("person", "all", [alice, dora]), subject="amendment")
    make_rule("superior", "director")
    mine = make_request(alice, number, now=timezone.now())
    make_request(lee, number, subject="amendment", now=timezone.now())
    approval_services.approve(mine, actor=lee, now=timezone.now())
    approval_services.add_comment(
        alice.approval_requests.order_by("pk").first(), actor=lee, now=timezone.now(), text=f"{number}"
    )


def grow_surveys(account, row) -> None:
    """Campaigns of their own questionnaires; invitations, answers and follow-ups of both accounts."""
    campaign = CampaignFactory(owner=account.manager)
    for owner in (row, account):
        InvitationFactory(campaign=campaign, account=owner)
        response = answer(InvitationFactory(campaign=campaign, account=owner), answers={"recommend": 3})
        FollowUpFactory(campaign=campaign, account=owner, response=response)
        comment_of(response).tags.add(VerbatimTagFactory())
    make_earlier(campaign.questionnaire_version, account.manager, f"{row.pk}.csv")


def grow_alerts(account, row, number: int) -> None:
    """Rules, scores and alerts of the rows; the account's own alert gets one more note."""
    make_health(row, number, number / 100)
    if not AccountHealth.objects.filter(account=account).exists():
        make_health(account)
    rule = make_alert_rule("other", name=f"{row.pk}")
    make_alert(row, "other", rule=rule, rank=number, due_at=timezone.now() + dt.timedelta(days=1))
    alert = account.alerts.first() or make_alert(account, rank=1000, due_at=timezone.now() + dt.timedelta(days=1))
    make_comment(alert, f"{number}", UserFactory())
    make_points(account, number, until=TODAY - dt.timedelta(days=row.pk % 180))


def grow_playbooks(account, row) -> None:
    """One more playbook at work at both accounts; the first one has one more step and runs at one more account."""
    known = Playbook.objects.filter(code__isnull=True).order_by("pk").first()
    made = make_playbook(f"{row.pk}")
    for owner, playbook in ((row, made), (account, made), (row, known)):
        if playbook is not None:
            make_playbook_run(owner, playbook)
    save_playbook(known or made, [*steps_of(known or made), CALL][:MAX_STEPS], actor=None)


def grow_contracts(account, row) -> None:
    """Contracts of both accounts; the one that a detail page is about gets one more version, each with more rows."""
    for owner in (row, account):
        # More than a page, so that the list of open instalments never needs those without a date to fill one.
        make_contract(owner, instalments=[make_instalment() for _ in range(10)])
        make_renewal(make_contract(owner, "expiring", lines=[make_line(), make_line()]))
    first = account.contracts.order_by("pk").first()
    for owner in (row, account):
        contract = owner.contracts.order_by("pk").first()
        make_document(contract)
        make_receipt(contract, shares=[(1, 1)])
        make_receipt(contract, kind="refund")
    draft = make_version(first, "discarded")
    for _ in range(draft.number):
        make_line(draft)


def grow_relationship(account, row, number: int) -> None:
    """People, history, tasks and visits, at the account that detail pages are about and at one more."""
    for owner in (row, account):
        contact = make_contact(owner, f"王{number}", reports_to=owner.employments.first())
        make_link(contact.employments.get())
        talk = make_interaction(owner, number, contacts=[contact], colleagues=[owner.manager], title=f"{number}")
        first = owner.interactions.order_by("pk").first()
        for parent in (talk, first):
            make_step(owner, number - 5, interaction=parent)
            make_file(parent)
            parent.topics.add(Topic.objects.get_or_create(name=f"{owner.pk} {parent.pk} {number}")[0])
        record("interaction.updated", first, actor=owner.manager)
        make_visit(owner, number - 3)
        make_visit(owner, (timezone.localdate() - TODAY).days)  # My day is about the day on which it is opened
        make_greeting(contact)
    AccountSummary.objects.filter(account=row).update(contact_due_date=TODAY, last_contact_date=TODAY)
    CoverageMonth.objects.create(
        month="2026-03-01", account=row, manager=row.manager, due_date=TODAY, covered=bool(number % 2)
    )


@pytest.fixture
def rows(request, account, alice):
    """`rows("order")`: the row that a detail page is about; always one that has much below it."""
    newest = TierProposal.objects.filter(account=account).order_by("-pk")
    make = {
        "member": lambda: account.members.first(),
        "assignment": lambda: account.assignments.first(),
        "tier_change": lambda: account.tier_history.first(),
        "order": lambda: account.orders.first(),
        "product": lambda: account.orders.first().lines.first().product,
        "product_line": lambda: account.orders.first().lines.first().product.line,
        "rate": lambda: ExchangeRate.objects.first(),
        "policy": lambda: newest.first().run.version.policy,
        "run": lambda: newest.first().run,
        "proposal": lambda: newest.first(),
        "override": lambda: TierOverride.objects.get_or_create(
            account=account, defaults={"tier": "A", "reason": "x", "expires_on": "2099-01-01"}
        )[0],
        "contract": lambda: account.contracts.order_by("pk").first(),
        "renewal": lambda: Renewal.objects.filter(contract__account=account).order_by("pk").first(),
        "instalment": lambda: account.contracts.order_by("pk").first().instalments.first(),
        "contract_document": lambda: account.contracts.order_by("pk").first().documents.first(),
        "document_template": make_template,
        "receipt": lambda: account.contracts.order_by("pk").first().receipts.first(),
        "contract_version": lambda: account.contracts.order_by("pk").first().versions.first(),
        "contract_line": lambda: account.contracts.order_by("pk").first().version.lines.first(),
        "version_number": lambda: SimpleNamespace(pk=1),
        "campaign": lambda: cast_of("survey_response").campaign,
        "questionnaire": lambda: cast_of("campaign").questionnaire_version.questionnaire,
        "questionnaire_version": lambda: cast_of("campaign").questionnaire_version,
        "invitation": lambda: account.invitations.order_by("pk").first(),
        "survey_response": lambda: account.survey_responses.order_by("pk").first(),
        "survey_mail": lambda: cast_of("invitation").mails.first() or make_mail(cast_of("invitation")),
        "survey_comment": lambda: comment_of(cast_of("survey_response")),
        "earlier_import": lambda: EarlierImport.objects.first(),
        "follow_up": lambda: account.survey_follow_ups.order_by("pk").first(),
        "health_alert": lambda: account.alerts.order_by("pk").first(),
        "health_rule": lambda: AlertRule.objects.first(),
        "health_profile": make_profile,
        "account_health": lambda: AccountHealth.objects.get(account=account),
        "health_point": lambda: account.health_points.first(),
        "playbook": lambda: account.playbook_runs.order_by("pk").first().playbook,
        "playbook_run": lambda: account.playbook_runs.order_by("pk").first(),
        "playbook_task": lambda: account.playbook_runs.order_by("pk").first().tasks.first(),
        "churn_model": make_churn_model,
        "backtest": make_backtest,
        "report": lambda: alice.reports.order_by("pk").first(),
        "report_run": lambda: alice.report_runs.order_by("pk").first(),
        "report_schedule": lambda: alice.reports.order_by("pk").first().schedules.first(),
        "report_code": lambda: SimpleNamespace(pk="ageing"),
        "approval": lambda: alice.approval_requests.order_by("pk").first(),
        "approval_rule": lambda: ApprovalRule.objects.first(),
        "token": lambda: make_token(alice),
        "leave": lambda: alice.leaves.first(),
        "contact_policy": lambda: ContactPolicy.objects.first(),
        "china": lambda: SimpleNamespace(pk="CN"),
        "calendar_year": lambda: SimpleNamespace(pk=2026),
        "calendar_day": lambda: CalendarDay.objects.first(),
        "import_job": lambda: ImportJob.objects.first(),
        "import_profile": lambda: ImportProfile.objects.first(),
        "contact_import": lambda: make_contact_import(alice),
        "contract_import": lambda: (
            ContractImportJob.objects.order_by("pk").first() or make_contract_import(request.getfixturevalue("lee"))
        ),
        "export_job": lambda: alice.exports.first(),
        "robot": lambda: Robot.objects.filter(user=alice).order_by("pk").first(),
        "delivery": lambda: Delivery.objects.order_by("pk").first(),
        "notification": lambda: alice.notifications.first(),
        "role": lambda: SimpleNamespace(pk="supervisor"),
        "panel": lambda: SimpleNamespace(pk="months"),
        "contact": lambda: account.employments.last().contact,
        "employment": lambda: account.employments.last(),
        "contact_link": lambda: account.contact_links.first(),
        "interaction": lambda: account.interactions.order_by("pk").first(),
        "interaction_file": lambda: InteractionFile.objects.filter(interaction__account=account).first(),
        "step": lambda: account.next_steps.first(),
        "visit": lambda: account.visits.first(),
        "planning_gap": lambda: account.planning_gaps.first(),
        "greeting": lambda: account.greetings.first(),
    }

    def cast_of(name):
        return make[name]() if name in make else request.getfixturevalue(name)

    return cast_of


def statements(client, url, headers) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, headers=headers)  # 404: what is Alice's alone
    assert response.status_code in {200, 302, 403, 404, 405}, (url, response.status_code)
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.everywhere
class TestBudget:
    @pytest.mark.parametrize("person", PEOPLE)
    def test_3_rows_cost_what_30_cost(self, request, rows, client_for, alice, person, subtests):
        """Every route that answers to GET, as a page and as htmx asks for it."""
        client = client_for(request.getfixturevalue(person))
        counts: dict[tuple[str, tuple[str, ...], str], list[list[str]]] = {}
        for number in (3, 27):
            grow(request, alice, number)
            for route in [route for route in GETS if route.name not in NO_ROWS]:
                if number == 3:
                    client.get(route.url(rows))  # whatever is kept from the first time on
                for kind, headers in (("page", {}), ("htmx", {"HX-Request": "true"})):
                    if kind == "page" or not route.is_api:
                        found = statements(client, route.url(rows), headers)
                        counts.setdefault((route.name, route.parameters, kind), []).append(found)
        for (name, _parameters, kind), (few, many) in counts.items():
            with subtests.test(route=name, kind=kind, person=person):
                assert len(few) - len(many) in ((0, 1) if name in STOPS_EARLY else (0,)), (
                    f"{name}: {len(few)} statements at 3 rows, {len(many)} at 30:\n" + extra(few, many)
                )
                assert len(many) <= DEARER.get(name, BUDGET), f"{name}: {len(many)} statements:\n" + "\n".join(many)
                offenders = [sql for sql in many if " OFFSET " in sql]
                assert not offenders, offenders


def extra(few: list[str], many: list[str]) -> str:
    """What the longer list asks that the shorter one does not, for the person who has to find it."""
    begin = {sql[:120] for sql in few}
    return "\n".join(sorted({sql[:300] for sql in many if sql[:120] not in begin or many.count(sql) > 1})[:8])
