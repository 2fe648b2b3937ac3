"""Coverage: every number is the number of the rows behind it; months; access; REST."""

import datetime as dt
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import services as account_services
from accounts.choices import TierSource
from accounts.models import Account, AccountSummary, ManagerAssignment, TierHistory
from core.paging import bounded_count
from interactions.coverage import first_month, month_end, previous_month
from interactions.models import AccountRhythm, CoverageMonth, Interaction
from interactions.services.coverage import rebuild_month, record_coverage
from interactions.tasks import record_coverage as task
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.interactions import make_contact_policy, make_interaction
from tests.factories.users import UserFactory
from users.models import Role

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
URL, ROWS = "/interactions/coverage/", "/interactions/coverage/accounts/"


def state(account, last: int | None, due: int | None) -> None:
    """Last contact and due date, in days from the real today, which the pages read."""
    today = timezone.localdate()
    AccountSummary.objects.filter(account=account).update(
        last_contact_date=None if last is None else today + last * DAY,
        contact_due_date=None if due is None else today + due * DAY,
    )


@pytest.fixture
def company_of_accounts(alice, ann, lee, mallory, dora, account, foreign_account):
    """Accounts of four managers, two teams and nobody, in every state."""
    homeless = UserFactory(username="homeless", role=Role.DIRECTOR, team=None)
    states = [(-5, 9), (-5, 0), (-50, -20), (None, -3), (None, 0), (-5, None)]
    for manager in (alice, ann, mallory, homeless, None):
        for number, (last, due) in enumerate(states):
            row = AccountFactory(manager=manager, tier=("A", "B", "")[number % 3], region=("east", "north")[number % 2])
            state(row, last, due)
    state(account, -1, 20)
    state(foreign_account, -100, -70)


def links_of(page: str) -> dict[str, int]:
    """Every link of the page that opens rows of coverage, with the number that it is on."""
    found = re.findall(rf'href="({ROWS}\?[^"]*)">([\d,]+)</a>', page)
    return {link.replace("&amp;", "&"): int(number.replace(",", "")) for link, number in found}


class TestNumbers:
    @pytest.mark.usefixtures("company_of_accounts")
    @pytest.mark.parametrize("person", ["alice", "ann", "lee", "dora", "mallory"])
    def test_every_number_equals_its_rows(self, request, client_for, person):
        record_coverage(today=timezone.localdate())
        CoverageMonth.objects.update(month=previous_month(timezone.localdate()))
        client = client_for(request.getfixturevalue(person))
        for query in ("", "?tier=A", "?region=east"):
            links = links_of(client.get(URL + query).content.decode())
            assert len(links) > 15
            for link, number in links.items():
                rows = client.get(link).context
                assert bounded_count(rows["filter"].qs) == (number, True), (query, link)

    @pytest.mark.usefixtures("company_of_accounts")
    def test_by_whom(self, client_for, dora, alice, north, region):
        found = client_for(dora).get(URL).context["found"]
        assert (found.whole.total, found.whole.covered) == (27, 11)
        managers = {group.key: (group.total, group.covered) for group in found.managers}
        assert managers[alice.pk] == (6, 3)
        assert managers[None] == (5, 2)
        teams = {group.key: group.total for group in found.teams}
        assert (teams[north.pk], teams[region.pk], teams[None]) == (11, 11, 5)
        assert {group.key for group in found.tiers} == {"A", "B", ""}

    @pytest.mark.usefixtures("company_of_accounts")
    def test_one_sees_only_the_own(self, client_for, alice, mallory):
        assert client_for(alice).get(URL).context["found"].whole.total == 6
        rows = client_for(alice).get(ROWS, {"manager": mallory.pk}).context["page"].rows
        assert rows == []

    def test_without_a_cadence_there_is_a_word(self, client_for, alice, account):
        assert "No cadence applies" in client_for(alice).get(URL).content.decode()

    @pytest.mark.usefixtures("company_of_accounts")
    def test_a_few_statements(self, client_for, dora, django_assert_max_num_queries):
        client = client_for(dora)
        for url in (URL, ROWS, f"{ROWS}?state=overdue"):
            with django_assert_max_num_queries(12):
                client.get(url)


class TestMonths:
    def test_recording_twice_is_recording_once(self, account):
        state(account, -1, 20)
        today = timezone.localdate()
        for _time in range(2):
            assert record_coverage(today=today) >= 1
        row = CoverageMonth.objects.get(month=today.replace(day=1), account=account)
        assert (row.covered, row.manager) == (True, account.manager)
        state(account, -1, None)
        task()
        assert not CoverageMonth.objects.filter(month=today.replace(day=1)).exists()

    def test_a_past_month_from_the_history(self, account, alice, ann):
        """As of the end of February: contact on the 10th within 14 days? No: due on the 24th."""
        make_contact_policy()
        Account.objects.update(tier="A", created_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
        ManagerAssignment.objects.all().delete()
        ManagerAssignment.objects.create(
            account=account, manager=ann, from_date=dt.date(2025, 1, 1), until_date=TODAY - DAY
        )
        ManagerAssignment.objects.create(account=account, manager=alice, from_date=TODAY)
        contact = make_interaction(account, (TODAY - dt.date(2026, 2, 10)).days)
        february = dt.date(2026, 2, 1)

        assert rebuild_month(february, today=TODAY) == 1
        row = CoverageMonth.objects.get()
        assert (row.covered, row.due_date, row.manager) == (False, dt.date(2026, 2, 24), ann)

        Interaction.objects.filter(pk=contact.pk).update(date=dt.date(2026, 2, 20))
        make_interaction(account, 0)  # in March: February does not know it
        rebuild_month(february, today=TODAY)
        row = CoverageMonth.objects.get()
        assert (row.covered, row.last_contact_date) == (True, dt.date(2026, 2, 20))

    def test_the_tier_of_then(self, account):
        make_contact_policy()
        TierHistory.objects.all().delete()
        Account.objects.update(created_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
        for tier, day in (("A", dt.date(2026, 1, 15)), ("C", dt.date(2026, 3, 1))):
            account_services.change_tiers(
                [account_services.TierMove(account.pk, tier, "x")], source=TierSource.IMPORT, actor=None, today=day
            )
        tiers = {}
        for month in (1, 2, 3):
            rebuild_month(dt.date(2026, month, 1), today=dt.date(2026, 3, 31))
            tiers[month] = CoverageMonth.objects.get(month=dt.date(2026, month, 1)).tier
        assert tiers == {1: "A", 2: "A", 3: "C"}
        rebuild_month(dt.date(2025, 12, 1), today=TODAY)
        assert not CoverageMonth.objects.filter(month=dt.date(2025, 12, 1)).exists(), "Without a tier no rule fits."

    def test_paused_and_terminated_accounts_have_no_row(self, account):
        make_contact_policy({"cadence_days": 30})
        Account.objects.update(created_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
        february = dt.date(2026, 2, 1)
        assert rebuild_month(february, today=TODAY) == 1
        rhythm = AccountRhythm.objects.create(account=account, paused_until=dt.date(2026, 4, 1))
        assert rebuild_month(february, today=TODAY) == 0
        rhythm.delete()
        Account.objects.update(status="terminated")
        assert rebuild_month(february, today=TODAY) == 0
        assert not CoverageMonth.objects.exists()

    def test_who_was_never_contacted_is_not_covered_on_the_first_day_either(self, account):
        make_contact_policy({"cadence_days": 30})
        Account.objects.update(created_at=dt.datetime.combine(TODAY, dt.time(4), dt.UTC))
        rebuild_month(TODAY, today=TODAY)
        row = CoverageMonth.objects.get()
        assert (row.due_date, row.last_contact_date, row.covered) == (TODAY, None, False)

    def test_now_and_the_rebuilt_month_agree(self, account):
        """The nightly row from the summary is what the history gives."""
        from interactions.services import refresh_rhythms  # noqa: PLC0415

        make_contact_policy({"cadence_days": 30})
        Account.objects.update(created_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
        make_interaction(account, 10)
        refresh_rhythms(today=TODAY)
        record_coverage(today=TODAY)
        values = list(CoverageMonth.objects.values_list("account", "due_date", "covered", "tier", "manager"))
        rebuild_month(TODAY, today=TODAY)
        assert list(CoverageMonth.objects.values_list("account", "due_date", "covered", "tier", "manager")) == values

    def test_the_command(self, account, capsys):
        make_contact_policy({"cadence_days": 30})
        make_interaction(account, 10)
        call_command("rebuild_coverage", "--from", "2026-02", "--until", "2026-03")
        assert "2026-03: 1 accounts" in capsys.readouterr().out
        for bad in ("2026-13", "x"):
            with pytest.raises(CommandError):
                call_command("rebuild_coverage", "--from", bad)
        with pytest.raises(CommandError):
            call_command("rebuild_coverage", "--until", "2199-01")

    def test_ends_of_months(self):
        assert month_end(dt.date(2024, 2, 1)) == dt.date(2024, 2, 29)
        assert previous_month(dt.date(2026, 1, 31)) == dt.date(2025, 12, 1)
        assert first_month(dt.date(2026, 3, 16)) == dt.date(2025, 4, 1)


class TestRest:
    url = "/api/v1/coverage/"

    @pytest.mark.usefixtures("company_of_accounts")
    def test_the_same_numbers(self, api_for, client_for, dora, alice):
        record_coverage(today=timezone.localdate())
        found = client_for(dora).get(URL).context["found"]
        api = api_for(dora)
        for group_by, groups in (("manager", found.managers), ("team", found.teams), ("tier", found.tiers)):
            rows = api.get(self.url, {"group_by": group_by}).json()["results"]
            assert [(row["accounts"], row["covered"]) for row in rows] == [(g.total, g.covered) for g in groups]
        (month,) = api.get(self.url, {"group_by": "month"}).json()["results"]
        assert (month["group"], month["accounts"]) == (f"{timezone.localdate():%Y-%m}", 27)
        one = api.get(self.url, {"manager": alice.pk, "tier": "A"}).json()["results"]
        assert [row["group"] for row in one] == [str(alice.pk)]

    def test_nonsense_is_an_error(self, api_for, dora):
        assert api_for(dora).get(self.url, {"group_by": "moon"}).status_code == 400
        assert api_for(dora).get(self.url, {"moon": "1"}).status_code == 400
        assert api_for(dora).post(self.url, {}).status_code == 405
