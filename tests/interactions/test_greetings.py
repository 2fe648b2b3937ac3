import datetime as dt

import pytest

from accounts.models import Account
from audit.models import AuditEntry
from interactions import occasions
from interactions.choices import GreetingStatus
from interactions.models import Greeting
from interactions.services import close_greeting, propose_greetings
from interactions.services.greetings import GreetingClosed
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_contact_policy, make_greeting

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 16, 1, tzinfo=dt.UTC)
SOON = {"birthday_month": 3, "birthday_day": 20}


@pytest.fixture
def account(account):
    """Alice's account, which the policies below greet."""
    Account.objects.filter(pk=account.pk).update(tier="A")
    return account


@pytest.fixture
def policy():
    return make_contact_policy(birthday_days_ahead=7, holiday_days_ahead=10, greeting_tiers=["A"])


def proposed() -> list[tuple[str, str, dt.date]]:
    return [(row.contact.name, row.occasion, row.date) for row in Greeting.objects.order_by("pk")]


class TestProposeGreetings:
    def test_a_birthday_of_the_next_days_goes_to_the_manager(self, account, policy, alice):
        make_contact(account, "近", **SOON)
        make_contact(account, "远", birthday_month=4, birthday_day=20)
        make_contact(account, "无")

        assert propose_greetings(TODAY) == 1

        assert proposed() == [("近", "birthday", dt.date(2026, 3, 20))]
        assert Greeting.objects.get().owner == alice
        entry = AuditEntry.objects.get(action="greeting.proposed")
        assert (entry.account_id, entry.actor) == (account.pk, None)

    def test_a_second_run_proposes_nothing(self, account, policy):
        make_contact(account, **SOON)
        propose_greetings(TODAY)

        assert propose_greetings(TODAY) == 0
        assert propose_greetings(TODAY + dt.timedelta(days=1)) == 0
        assert Greeting.objects.count() == AuditEntry.objects.filter(action="greeting.proposed").count() == 1

    def test_what_was_skipped_is_not_proposed_again(self, account, policy):
        make_greeting(make_contact(account, **SOON), 4, status="skipped", closed_at=NOW)

        assert propose_greetings(TODAY) == 0

    def test_the_lunar_calendar(self, account, policy):
        # 2026-03-19 is the first day of the second lunar month.
        make_contact(account, birthday_calendar="lunar", birthday_month=2, birthday_day=1)
        make_contact(account, "阳历", birthday_month=2, birthday_day=1)

        propose_greetings(TODAY)

        assert proposed() == [("王建国", "birthday", dt.date(2026, 3, 19))]

    def test_born_on_29_february_in_a_common_year(self, account, policy):
        make_contact(account, birthday_month=2, birthday_day=29)

        propose_greetings(dt.date(2026, 2, 25))

        assert proposed() == [("王建国", "birthday", dt.date(2026, 2, 28))]

    def test_lunar_new_years_eve_without_a_thirtieth(self, account, policy):
        # The twelfth month of the lunar year 2025 has 29 days; its last is 2026-02-16.
        make_contact(account, birthday_calendar="lunar", birthday_month=12, birthday_day=30)

        propose_greetings(dt.date(2026, 2, 12))

        assert proposed() == [("王建国", "birthday", dt.date(2026, 2, 16))]

    def test_who_works_at_two_accounts_is_greeted_once(self, account, policy, alice):
        other = AccountFactory(manager=alice, tier="A")
        contact = make_contact(account, **SOON)
        contact.employments.create(account=other)

        assert propose_greetings(TODAY) == 1

    @pytest.mark.parametrize(
        "fields",
        [{"no_greetings": True}, {"consent": "withdrawn"}, {"until": TODAY - dt.timedelta(1)}, {"erased": True}],
    )
    def test_nobody_who_does_not_want_it_or_has_left(self, account, policy, fields):
        make_contact(account, **SOON, **fields)

        assert propose_greetings(TODAY) == 0

    def test_nobody_at_a_terminated_account_or_one_without_a_manager(self, policy, alice):
        make_contact(AccountFactory(tier="A"), **SOON)
        make_contact(AccountFactory(manager=alice, status="terminated", tier="A"), **SOON)

        assert propose_greetings(TODAY) == 0

    def test_holidays_for_the_tiers_of_the_policy(self, alice):
        make_contact_policy(holidays=["mid_autumn", "christmas"], greeting_tiers=["A"], holiday_days_ahead=10)
        make_contact(AccountFactory(manager=alice, tier="A"), "甲")
        make_contact(AccountFactory(manager=alice, tier="B"), "乙")

        assert propose_greetings(dt.date(2026, 9, 14)) == 0
        assert propose_greetings(dt.date(2026, 9, 15)) == 1
        assert proposed() == [("甲", "mid_autumn", dt.date(2026, 9, 25))]

    def test_nobody_where_no_tier_is_chosen(self, account):
        make_contact_policy(greeting_tiers=[], holidays=["new_year"])
        make_contact(account, **SOON)

        assert propose_greetings(TODAY) == 0

    def test_nothing_without_a_policy(self, account):
        make_contact(account, **SOON)

        assert propose_greetings(TODAY) == 0

    @pytest.mark.parametrize("people", [1, 20])
    def test_costs_the_same_for_many(self, account, policy, people, django_assert_max_num_queries):
        for _n in range(people):
            make_contact(account, **SOON)

        with django_assert_max_num_queries(8):
            assert propose_greetings(TODAY) == people


class TestCloseGreeting:
    def test_is_recorded(self, account, alice):
        greeting = make_greeting(make_contact(account))

        close_greeting(greeting, GreetingStatus.SENT, actor=alice, now=NOW)

        assert (greeting.status, greeting.closed_at) == ("sent", NOW)
        assert AuditEntry.objects.get(action="greeting.sent").actor == alice

    def test_only_once(self, account, alice):
        greeting = make_greeting(make_contact(account))
        close_greeting(greeting, GreetingStatus.SENT, actor=alice, now=NOW)

        with pytest.raises(GreetingClosed):
            close_greeting(greeting, GreetingStatus.SKIPPED, actor=alice, now=NOW)
        assert Greeting.objects.get().status == "sent"


class TestPages:
    def test_begin_with_what_is_proposed_to_oneself(self, client_for, account, alice, lee):
        make_greeting(make_contact(account, "我的"))
        make_greeting(make_contact(account, "别人的"), owner=lee)
        make_greeting(make_contact(account, "已发"), status="sent", closed_at=NOW)

        page = client_for(alice).get("/interactions/greetings/").content.decode()

        assert ("我的" in page, "别人的" in page, "已发" in page) == (True, False, False)

    def test_closing_answers_with_the_row(self, client_for, account, alice):
        greeting = make_greeting(make_contact(account))

        answer = client_for(alice).post(
            f"/interactions/greetings/{greeting.pk}/close/", {"status": "sent"}, headers={"HX-Request": "true"}
        )

        assert "Sent" in answer.content.decode()
        assert "<html" not in answer.content.decode()

    def test_who_may_only_read_closes_nothing(self, client_for, account, ann):
        greeting = make_greeting(make_contact(account))

        assert client_for(ann).post(f"/interactions/greetings/{greeting.pk}/close/").status_code == 404


class TestOccasions:
    @pytest.mark.parametrize(
        ("holiday", "day"),
        [
            ("new_year", dt.date(2027, 1, 1)),
            ("spring_festival", dt.date(2027, 2, 6)),
            ("lantern_festival", dt.date(2027, 2, 20)),
            ("dragon_boat", dt.date(2026, 6, 19)),
            ("mid_autumn", dt.date(2026, 9, 25)),
            ("national_day", dt.date(2026, 10, 1)),
            ("christmas", dt.date(2026, 12, 25)),
        ],
    )
    def test_fall_on_their_days(self, holiday, day):
        assert occasions.next_day_of(holiday, TODAY) == day
        assert occasions.next_day_of(holiday, day) == day

    def test_every_day_of_a_year_has_its_solar_birthday(self):
        first = dt.date(2026, 1, 1)
        days = {
            day
            for birthday, day in occasions.birthdays_between(first, first + dt.timedelta(364))
            if birthday[0] == "solar"
        }

        assert len(days) == 365
