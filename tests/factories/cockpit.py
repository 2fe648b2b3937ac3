"""A small company in which every number of the cockpit counts something, for Alice in the north and Mallory in the
south; and things beside it that no number may count."""

import datetime as dt

from accounts.choices import MemberRole
from accounts.models import AccountSummary
from contracts.models import Instalment
from health.models import HealthPoint, HealthRun
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.contracts import make_contract, make_instalment, make_parts, make_renewal
from tests.factories.health_alerts import NOW, make_alert, make_health
from tests.factories.interactions import make_visit
from tests.factories.orders import make_order
from tests.factories.surveys import CampaignFactory, FollowUpFactory, InvitationFactory, answer
from tests.factories.users import UserFactory

DAY = dt.timedelta(days=1)
BANDS = ("at_risk", "watch", "healthy", "")
SCORES = {"at_risk": 20, "watch": 50, "healthy": 90, "": None}
REGIONS = ("east", "north", "")


def make_company(*managers, each=6):
    """`each` accounts of every manager, no two alike."""
    campaign = CampaignFactory(owner=managers[0])
    HealthRun.objects.create(as_of=TODAY, stage="done", scored=1, finished_at=NOW)
    for place, manager in enumerate(managers):
        for number in range(each):
            make_busy_account(manager, place * each + number, campaign)
    gone = UserFactory(team=managers[0].team, is_active=True)
    left = AccountFactory(manager=gone, tier="B", region="east")
    gone.is_active = False
    gone.save()
    return left


def make_busy_account(manager, number, campaign):
    """An account with everything that can be wrong, or that is right, by its number."""
    account = AccountFactory(manager=manager, tier="ABC"[number % 3], region=REGIONS[number % 3 - 1])
    make_order(account, 1000 * (number + 1), product=f"P{number % 2}", date=TODAY - 40 * DAY)
    band, before = BANDS[number % 4], BANDS[(number + 1) % 4]
    contacted = TODAY - 10 * DAY if number % 3 else None
    AccountSummary.objects.filter(pk=account.pk).update(
        health_band=band, health_band_before=before, last_contact_date=contacted, open_alerts=1, alert_severity=3,
        contact_due_date=TODAY + (number % 5 - 2) * DAY if number % 7 else None,
    )  # fmt: skip
    make_health(account, score=SCORES[band], value_at_risk_amount=1000 + number if number % 5 else None)
    for day, was in ((TODAY - 28 * DAY, before), (TODAY, band)):
        HealthPoint.objects.create(account=account, date=day, band=was, score=SCORES[was])
    make_alert(
        account, severity=number % 4 + 1, due_at=NOW + (number % 3 - 1) * DAY, opened_on=TODAY - 12 * number * DAY
    )
    make_alert(account, "contact_left", status="resolved")
    if number % 2:
        AccountMemberFactory(account=account, user=UserFactory(), role=MemberRole.DEPUTY)
    make_papers(account, number)
    for days, status in ((-5, "planned"), (3, "planned"), (-1, "done"), (-2, "missed"), (4, "cancelled")):
        closed = None if status == "planned" else NOW
        make_visit(account, days - number % 3, status=status, source="manual", closed_at=closed)
    invitation = InvitationFactory(campaign=campaign, account=account, asked_on=TODAY - number % 3 * DAY)
    if number % 2:
        answer(invitation, answers={"recommend": (3, 8, 10)[number % 3]})
    FollowUpFactory(campaign=campaign, account=account, response__none=True, due_at=NOW + (number % 3 - 1) * DAY)
    FollowUpFactory(campaign=campaign, account=account, response__none=True, status="closed")
    return account


def make_papers(account, number):
    """A renewal to come, one decided, one not opened yet, and what is not paid."""
    plan = make_parts(instalments=[make_instalment(days=-10 - 25 * (number % 5))])
    contract = make_contract(account, "expiring", parts=plan, currency="CNY" if number % 3 else "USD")
    Instalment.objects.filter(contract=contract).update(due_date=TODAY - (10 + 25 * (number % 5)) * DAY)
    make_renewal(contract, acted_at=NOW if number % 2 else None)
    ended = make_contract(account, "expired")
    outcome = ("renewed", "auto_renewed", "lost", "open")[number % 4]
    make_renewal(ended, term_end=TODAY - (number + 1) * DAY, outcome=outcome)
    make_contract(account, "in_force", end_date=TODAY + 60 * DAY, notice_days=0)
