"""The cast that every test knows.

    company
    ├── region            Lee leads it: sees north, not south
    │   └── north         Alice manages the account, Ann is its deputy with the right to read
    └── south             Mallory manages other accounts

Dora directs, the administrator administrates. Everybody reads English, so that messages can be compared.
"""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts import services as account_services
from accounts.choices import MemberRole, Right, TierSource
from core.models import CalendarDay, ExchangeRate
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.approvals import make_approval, make_rule
from tests.factories.contact_imports import make_contact_import
from tests.factories.contacts import make_contact, make_link
from tests.factories.contract_imports import make_contract_import
from tests.factories.contracts import make_contract, make_document, make_receipt, make_renewal, make_template
from tests.factories.dashboards import make_scorecard
from tests.factories.exports import make_job
from tests.factories.health_alerts import make_alert, make_alert_rule, make_health, make_points, make_profile
from tests.factories.health_churn import make_backtest, make_churn_model
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
from tests.factories.notifications import make_delivery, make_notification, make_robot
from tests.factories.orders import ProductFactory, make_order
from tests.factories.reports import make_report, make_report_run, make_schedule
from tests.factories.surveys import (
    CampaignFactory,
    FollowUpFactory,
    InvitationFactory,
    answer,
    comment_of,
    make_earlier,
    make_mail,
)
from tests.factories.tiers import make_policy, make_run
from tests.factories.users import TeamFactory, UserFactory, make_leave
from tiers.models import TierOverride, TierProposal
from users.models import Role


@pytest.fixture
def today() -> dt.date:
    return TODAY


@pytest.fixture
def company(db):
    return TeamFactory(name="Company")


@pytest.fixture
def region(company):
    return TeamFactory(name="Region", parent=company)


@pytest.fixture
def north(region):
    return TeamFactory(name="North", parent=region)


@pytest.fixture
def south(company):
    return TeamFactory(name="South", parent=company)


@pytest.fixture
def alice(north):
    """Manages the account."""
    return UserFactory(username="alice", team=north)


@pytest.fixture
def ann(north):
    """Deputy on the account, with the right to read (see `account`)."""
    return UserFactory(username="ann", team=north)


@pytest.fixture
def lee(region):
    """Supervisor of the region, which north belongs to."""
    return UserFactory(username="lee", team=region, role=Role.SUPERVISOR)


@pytest.fixture
def dora(company):
    """Director."""
    return UserFactory(username="dora", team=company, role=Role.DIRECTOR)


@pytest.fixture
def admin_user(company):
    """Administrator of the product."""
    return UserFactory(
        username="root", name="Root", team=company, role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True
    )


@pytest.fixture
def root(admin_user):
    """The administrator, by their name."""
    return admin_user


@pytest.fixture
def mallory(south):
    """A manager of another team, who must never see Alice's account."""
    return UserFactory(username="mallory", team=south)


@pytest.fixture
def account(alice, ann):
    """Alice's account; Ann may read it."""
    account = AccountFactory(code="ALICE-1", name="晨光机械有限公司", name_en="Dawn Machinery", manager=alice)
    AccountMemberFactory(account=account, user=ann, role=MemberRole.DEPUTY, right=Right.READ)
    return account


@pytest.fixture
def scorecard(alice, admin_user):
    """Alice's for the month of TODAY, with one target."""
    return make_scorecard(alice, admin_user)


@pytest.fixture
def foreign_account(mallory):
    """Mallory's account, which Alice must never see."""
    return AccountFactory(code="MALLORY-1", name="南方贸易有限公司", name_en="Southern Trading", manager=mallory)


@pytest.fixture
def client_for():
    """`client_for(alice)`: a browser in which Alice is logged in; `client_for(None)`: nobody is."""

    def make(user=None, **kwargs) -> Client:
        client = Client(**kwargs)
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture
def api_for():
    """`api_for(alice)`: a JSON client with Alice's session; `api_for(None)`: without."""

    def make(user=None, **kwargs) -> APIClient:
        client = APIClient(**kwargs)
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture
def cast(request, account, alice):
    """`cast("order")`: the row of that name that belongs to Alice's account, or the person."""
    make = {
        "member": lambda: account.members.get(),
        "assignment": lambda: account.assignments.get(),
        "tier_change": lambda: account.tier_history.first(),
        "order": lambda: account.orders.get(),
        "product": lambda: ProductFactory(code="ACCESS"),
        "product_line": lambda: cast("product").line,
        "rate": lambda: ExchangeRate.objects.create(currency="EUR", valid_from=TODAY, rate=8),
        "policy": lambda: cast("run").version.policy,
        "run": lambda: make_run(make_policy()),
        "proposal": lambda: TierProposal.objects.get(run=cast("run"), account=account),
        "override": lambda: TierOverride.objects.create(account=account, tier="A", reason="x", expires_on="2099-01-01"),
        "token": lambda: make_token(alice),
        "export_job": lambda: make_job(alice),
        "import_job": lambda: make_import(request.getfixturevalue("dora")),
        "contact_import": lambda: make_contact_import(alice),
        "contract_import": lambda: make_contract_import(request.getfixturevalue("lee")),
        "import_profile": make_profile_row,
        "leave": lambda: make_leave(alice),
        "contact_policy": lambda: make_contact_policy(status="draft"),
        "china": lambda: SimpleNamespace(pk="CN"),
        "calendar_year": lambda: SimpleNamespace(pk=2026),
        "calendar_day": lambda: CalendarDay.objects.create(country="CN", date=TODAY, name="x"),
        "greeting": lambda: make_greeting(cast("contact")),
        "contact": lambda: make_contact(account),
        "employment": lambda: cast("contact").employments.get(),
        "contact_link": lambda: make_link(cast("employment")),
        "interaction": lambda: make_interaction(account, 1),
        "interaction_file": lambda: make_file(cast("interaction")),
        "notification": lambda: make_notification(alice),
        "robot": lambda: make_robot(alice),
        "delivery": lambda: make_delivery(alice),
        "role": lambda: SimpleNamespace(pk="supervisor"),
        "panel": lambda: SimpleNamespace(pk="months"),
        "step": lambda: make_step(account),
        "visit": lambda: make_visit(account),
        "planning_gap": lambda: make_gap(account),
        "contract": lambda: make_contract(account),
        "renewal": lambda: make_renewal(make_contract(account, "expiring")),
        "instalment": lambda: cast("contract").instalments.get(),
        "contract_document": lambda: make_document(cast("contract")),
        "document_template": make_template,
        "receipt": lambda: make_receipt(cast("contract")),
        "contract_version": lambda: cast("contract").version,
        "contract_line": lambda: cast("contract").version.lines.get(),
        "version_number": lambda: SimpleNamespace(pk=1),
        "campaign": lambda: CampaignFactory(owner=request.getfixturevalue("dora")),
        "questionnaire": lambda: cast("campaign").questionnaire_version.questionnaire,
        "questionnaire_version": lambda: cast("campaign").questionnaire_version,
        "invitation": lambda: InvitationFactory(campaign=cast("campaign"), account=account),
        "survey_response": lambda: answer(cast("invitation")),
        "survey_mail": lambda: make_mail(cast("invitation"), status="uncertain"),
        "survey_comment": lambda: comment_of(cast("survey_response")),
        "earlier_import": lambda: make_earlier(cast("questionnaire_version"), request.getfixturevalue("dora")),
        "follow_up": lambda: FollowUpFactory(campaign=cast("campaign"), account=account),
        "health_alert": lambda: make_alert(account),
        "health_rule": make_alert_rule,
        "health_profile": make_profile,
        "account_health": lambda: make_health(account),
        "health_point": lambda: make_points(account, 50) or account.health_points.get(),
        "churn_model": make_churn_model,
        "backtest": make_backtest,
        "playbook": lambda: cast("playbook_run").playbook,
        "playbook_run": lambda: make_playbook_run(account),
        "playbook_task": lambda: cast("playbook_run").tasks.get(position=1),
        "report": lambda: make_report(alice),
        "report_run": lambda: make_report_run(alice),
        "report_schedule": lambda: make_schedule(cast("report"), [alice]),
        "report_code": lambda: SimpleNamespace(pk="ageing"),
        "approval_rule": make_rule,
        "approval": lambda: make_approval(request, alice, note="Dawn Machinery"),
    }
    made = {}
    account_services.change_tiers(
        [account_services.TierMove(account.pk, "B", "x")], source=TierSource.IMPORT, actor=None, today=TODAY
    )
    make_order(account, 500)

    def cast(name):
        if name not in made:
            made[name] = make[name]() if name in make else request.getfixturevalue(name)
        return made[name]

    cast.forget = made.clear
    return cast


@pytest.fixture
def sid(south):
    """Supervisor of the other team: leads, but not here."""
    return UserFactory(username="sid", team=south, role=Role.SUPERVISOR)


@pytest.fixture
def resource():
    """A resource of the API that is exported row by row."""
    return SimpleNamespace(pk="orders")
