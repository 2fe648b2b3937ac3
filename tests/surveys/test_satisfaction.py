"""The score of an account: the newest NPS answer of each contact in twelve months."""

import datetime as dt
import random
from decimal import ROUND_HALF_UP, Decimal

import pytest

from accounts.models import AccountSummary
from surveys.services.jobs import run_surveys
from surveys.services.responses import submit
from surveys.services.satisfaction import refresh_satisfaction
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.surveys import (
    ANSWERS,
    NOW,
    CampaignFactory,
    InvitationFactory,
    ResponseFactory,
    definition,
    page,
    question,
    token_of,
)

pytestmark = pytest.mark.django_db


def say(account, contact, value, days_ago=0, **fields):
    return ResponseFactory(
        account=account, contact=contact, answers={**ANSWERS, "recommend": value},
        completed_at=NOW - dt.timedelta(days=days_ago), **fields,
    )  # fmt: skip


def score_of(account):
    return AccountSummary.objects.get(account=account).nps


@pytest.fixture
def campaign():
    return CampaignFactory()


class TestScore:
    def test_only_the_newest_of_each_contact_counts(self, account, campaign):
        wang, li = make_contact(account), make_contact(account, "李")
        say(account, wang, 2, 100, campaign=campaign)
        say(account, wang, 10, 3, campaign=campaign)
        say(account, li, 8, 300, campaign=campaign)
        assert refresh_satisfaction(today=TODAY) == 1
        assert score_of(account) == 50
        assert refresh_satisfaction(today=TODAY) == 0

    def test_after_twelve_months_it_is_gone(self, account, campaign):
        say(account, make_contact(account), 10, 0, campaign=campaign)
        refresh_satisfaction(today=TODAY)
        assert score_of(account) == 100
        refresh_satisfaction([account.pk], today=TODAY + dt.timedelta(days=364))
        assert score_of(account) == 100
        refresh_satisfaction([account.pk], today=TODAY + dt.timedelta(days=365))
        assert score_of(account) is None

    def test_answers_without_a_person_count_by_themselves(self, account, campaign):
        for value in (10, 10, 0):
            say(account, None, value, campaign=campaign)
        refresh_satisfaction(today=TODAY)
        assert score_of(account) == 33

    def test_neither_anonymous_nor_begun_nor_other_questions(self, account):
        say(account, None, 0, campaign=CampaignFactory(anonymous=True))
        say(account, None, 0, status="partial")
        other = CampaignFactory(definition=definition(page("one", question("recommend", "ces"))))
        ResponseFactory(account=account, campaign=other, answers={"recommend": 1})
        refresh_satisfaction(today=TODAY)
        assert score_of(account) is None

    def test_one_account_alone(self, account, campaign):
        other = AccountFactory()
        for each in (account, other):
            say(each, None, 9, campaign=campaign)
        refresh_satisfaction([account.pk], today=TODAY)
        assert (score_of(account), score_of(other)) == (100, None)

    def test_as_a_naive_count(self, campaign):
        rng = random.Random(3)
        accounts = [AccountFactory() for _ in range(4)]
        people = {account.pk: [make_contact(account, f"{n}") for n in range(3)] for account in accounts}
        said = []
        for _ in range(60):
            account = rng.choice(accounts)
            said.append(say(account, rng.choice(people[account.pk]), rng.randint(0, 10), rng.randint(0, 500),
                            campaign=campaign))  # fmt: skip
        refresh_satisfaction(today=TODAY)
        for account in accounts:
            newest = {}
            for one in sorted(said, key=lambda response: (response.date, response.pk)):
                if one.account_id == account.pk and TODAY - one.date < dt.timedelta(days=365):
                    newest[one.contact_id] = one.answers["recommend"]
            up, down = sum(v >= 9 for v in newest.values()), sum(v <= 6 for v in newest.values())
            exact = Decimal(100 * (up - down)) / len(newest)
            assert score_of(account) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def test_statements_do_not_grow(self, account, campaign, django_assert_num_queries):
        say(account, None, 9, campaign=campaign)
        with django_assert_num_queries(2):
            refresh_satisfaction(today=TODAY)
        for _ in range(5):
            say(AccountFactory(), None, 9, campaign=campaign)
        with django_assert_num_queries(2):
            assert refresh_satisfaction(today=TODAY) == 5


class TestWhereItShows:
    def test_on_the_page_of_the_account(self, client_for, account, alice, campaign):
        say(account, None, 0, campaign=campaign)
        refresh_satisfaction(today=TODAY)
        text = client_for(alice).get(account.get_absolute_url()).text
        assert "\N{MINUS SIGN}100" in text

    def test_at_once_after_an_answer_and_in_the_night(self, account, campaign):
        submit(token_of(InvitationFactory(account=account, campaign=campaign)), ANSWERS, language="en", now=NOW)
        assert score_of(account) == 100
        AccountSummary.objects.update(nps=None)
        assert run_surveys(today=TODAY, now=NOW).scored == 1
        assert score_of(account) == 100
