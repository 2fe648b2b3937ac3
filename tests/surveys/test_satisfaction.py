"""The score of an account: the newest NPS answer of each contact in twelve months."""

import datetime as dt
import random
import threading
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import connection, connections

from accounts.models import AccountSummary
from surveys.models import Response
from surveys.services import satisfaction
from surveys.services.jobs import run_surveys
from surveys.services.responses import save_partial, submit
from surveys.services.satisfaction import refresh_satisfaction, score_answers
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

    def test_statements_do_not_grow(self, account, campaign, django_assert_max_num_queries):
        say(account, None, 9, campaign=campaign)
        with django_assert_max_num_queries(5):
            refresh_satisfaction(today=TODAY)
        for _ in range(5):
            say(AccountFactory(), None, 9, campaign=campaign)
        with django_assert_max_num_queries(5):
            assert refresh_satisfaction(today=TODAY) == 5


class TestWhereItShows:
    def test_on_the_page_of_the_account(self, client_for, account, alice, campaign):
        say(account, None, 0, campaign=campaign)
        refresh_satisfaction(today=TODAY)
        text = client_for(alice).get(account.get_absolute_url()).text
        assert "\N{MINUS SIGN}100" in text

    def test_within_a_minute_after_an_answer_and_in_the_night(self, account, campaign):
        submit(token_of(InvitationFactory(account=account, campaign=campaign)), ANSWERS, language="en", now=NOW)
        assert score_of(account) is None
        assert score_answers(today=TODAY) == 1
        assert score_of(account) == 100
        AccountSummary.objects.update(nps=None)
        assert run_surveys(today=TODAY, now=NOW).scored == 1
        assert score_of(account) == 100


class TestAnswersThatWait:
    """Answers by link note that they are not in the score; a job brings them in, however often it is killed."""

    def answer(self, account, campaign, value=9, **fields):
        token = token_of(InvitationFactory(account=account, campaign=campaign, **fields))
        submit(token, {**ANSWERS, "recommend": value}, language="en", now=NOW)
        return token

    def test_a_changed_answer_waits_again(self, account, campaign):
        token = self.answer(account, campaign)
        score_answers(today=TODAY)
        assert not Response.objects.filter(score_due=True).exists()
        submit(token, {"recommend": 1}, language="en", now=NOW + dt.timedelta(hours=1))
        assert score_of(account) == 100
        assert score_answers(today=TODAY) == 1
        assert score_of(account) == -100

    def test_a_part_and_an_anonymous_answer_do_not_wait(self, account, campaign):
        save_partial(token_of(InvitationFactory(account=account, campaign=campaign)), {"recommend": 9}, language="en",
                     now=NOW)  # fmt: skip
        self.answer(account, CampaignFactory(anonymous=True))
        assert not Response.objects.filter(score_due=True).exists()
        assert score_answers(today=TODAY) == 0

    def test_what_is_killed_half_way_waits_still(self, campaign, monkeypatch):
        accounts = [AccountFactory() for _ in range(5)]
        for each in accounts:
            self.answer(each, campaign)
        monkeypatch.setattr(satisfaction, "BATCH", 2)
        real, calls = satisfaction.refresh_satisfaction, []

        def dies_in_the_second(*args, **kwargs):
            calls.append(args)
            changed = real(*args, **kwargs)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return changed

        monkeypatch.setattr(satisfaction, "refresh_satisfaction", dies_in_the_second)
        with pytest.raises(KeyboardInterrupt):
            score_answers(today=TODAY)
        assert Response.objects.filter(score_due=True).count() == 3
        assert sum(score_of(each) == 100 for each in accounts) == 2
        assert score_answers(today=TODAY) == 3
        assert all(score_of(each) == 100 for each in accounts)

    def test_statements_do_not_grow(self, campaign, django_assert_max_num_queries):
        for number in (1, 6):
            for _ in range(number):
                self.answer(AccountFactory(), campaign)
            with django_assert_max_num_queries(12):
                assert score_answers(today=TODAY) == number


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
@pytest.mark.django_db(transaction=True)
def test_answers_and_scorers_at_once_end_as_a_recount(account):
    """Answers of one account come in while two jobs score it: whatever their order, nothing is overwritten by less."""
    campaign = CampaignFactory()
    people = [make_contact(account, f"{n}") for n in range(12)]
    tokens = [token_of(InvitationFactory(account=account, campaign=campaign, contact=contact)) for contact in people]
    done = threading.Event()

    def say_all(mine, value):
        for token in mine:
            submit(token, {"recommend": value}, language="en", now=NOW)

    def score():
        while not done.is_set():
            score_answers(today=TODAY)

    speakers = [in_thread(say_all, tokens[::2], 10), in_thread(say_all, tokens[1::2], 2)]
    scorers = [in_thread(score), in_thread(score)]
    for thread in speakers:
        thread.join()
    done.set()
    for thread in scorers:
        thread.join()
    score_answers(today=TODAY)
    assert Response.objects.complete().count() == 12
    assert score_of(account) == 0
    assert refresh_satisfaction(today=TODAY) == 0


def in_thread(work, *args):
    def run():
        try:
            work(*args)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
