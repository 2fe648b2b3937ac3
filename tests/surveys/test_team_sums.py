"""Sums of teams and managers: whoever reads, after any handovers and moves, what is read is a recount."""

import datetime as dt
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountMember
from accounts.services import assign_manager
from surveys import counting
from surveys.choices import Cut
from surveys.models import Response, ResultHolder, TeamCell
from surveys.reports import build
from surveys.results import Months, Scope, one_moment, read
from surveys.services import folding, holders
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.orders import ProductLineFactory
from tests.factories.surveys import NOW, CampaignFactory, ResponseFactory
from tests.surveys.test_folding import as_counter, month_of, naive
from users.models import Team, User

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=2)
CUTS = [cut for cut in Cut.values if cut != Cut.ALL]
PEOPLE = ("alice", "ann", "lee", "sid", "mallory", "dora")
ANSWERS = [
    {"recommend": 9, "satisfied": 4},
    {"recommend": 3, "satisfied": 1, "reasons": {"choices": ["quality", "price"]}},
    {"recommend": 7, "aspects": {"product": 5}, "order": {"choices": ["price", "speed", "quality"]}, "years": "12"},
]

# What happens, and to whom: numbers pick from what there is.
number = st.integers(0, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), number, number, st.integers(0, 70), st.booleans()),
        st.tuples(st.just("hand over"), number, number),
        st.tuples(st.just("to the pool"), number),
        st.tuples(st.just("move person"), number, number),
        st.tuples(st.just("move team"), st.booleans()),
        st.tuples(st.just("join"), number, number),
        st.tuples(st.just("leave"), number),
        st.tuples(st.just("fold"), st.booleans()),
        st.tuples(st.just("move sums")),
    ),
    min_size=4,
    max_size=14,
)


@pytest.fixture
def world(account, foreign_account, alice, ann, lee, sid, mallory, dora):
    """Four accounts, one of them in the pool, a campaign and what the steps pick from."""
    line = ProductLineFactory()
    accounts = [
        account,
        foreign_account,
        AccountFactory(manager=ann, tier="A", region="east"),
        AccountFactory(tier="B"),
    ]
    return CampaignFactory(), accounts, line


class Story:
    """Does the steps."""

    def __init__(self, campaign, accounts, line):
        self.campaign, self.accounts, self.line = campaign, accounts, line
        self.people = [User.objects.get(username=name) for name in ("alice", "ann", "mallory", "lee")]
        self.teams = list(Team.objects.order_by("pk"))

    def account(self, place):
        return Account.objects.get(pk=self.accounts[place].pk)

    def do(self, verb, *args):
        getattr(self, verb.replace(" ", "_"))(*args)

    def answer(self, place, what, days, by_link):
        account = self.account(place)
        ResponseFactory(
            campaign=self.campaign, account=account, answers=ANSWERS[what % 3], tier=account.tier,
            completed_at=NOW - dt.timedelta(days=days), source="link" if by_link else "phone",
            manager=account.manager, team=account.manager.team if account.manager else None, region=account.region,
            product_line=self.line if what % 2 else None,
        )  # fmt: skip

    def hand_over(self, place, person):
        account = self.account(place)
        if account.manager_id != self.people[person].pk:
            assign_manager(account, self.people[person], actor=None, reason="x", today=TODAY)

    def to_the_pool(self, place):
        Account.objects.filter(pk=self.accounts[place].pk).update(manager=None)

    def move_person(self, person, team):
        User.objects.filter(pk=self.people[person].pk).update(team=self.teams[team % len(self.teams)])

    def move_team(self, away):
        """North, where Alice is, goes to South or back under Region."""
        north, south, region = (Team.objects.get(name=name) for name in ("North", "South", "Region"))
        parent = south if away else region
        Team.objects.filter(pk=north.pk).update(parent=parent, path=f"{parent.path}{north.pk:06}.")

    def join(self, place, person):
        if not AccountMember.objects.filter(account=self.accounts[place], user=self.people[person]).exists():
            AccountMemberFactory(account=self.accounts[place], user=self.people[person])

    def leave(self, place):
        AccountMember.objects.filter(account=self.accounts[place]).delete()

    def fold(self, later):
        folding.fold(LATER if later else NOW, batch=3)

    def move_sums(self):
        holders.move_sums()
        assert holders.move_sums() == 0


def all_exact(campaign):
    """Every reader, every cut, a slice and a period, against what they see, counted one by one."""
    complete = Response.objects.complete().filter(campaign=campaign).select_related("campaign")
    months = Months(month_of(TODAY - dt.timedelta(days=40)), month_of(TODAY))
    for name in PEOPLE:
        user = User.objects.get(username=name)
        seen = list(complete.filter(account__in=Account.objects.visible_to(user, timezone.localdate())))
        for by in ("", *CUTS):
            assert as_counter(read(Scope(user, [campaign]), by=by)) == naive(seen, by=by), (name, by)
        assert as_counter(read(Scope(user, [campaign]), months=months, by=Cut.TEAM)) == naive(
            seen, by=Cut.TEAM, months=months
        )
        for tier in ("A", ""):
            found = as_counter(read(Scope(user, [campaign], Cut.TIER, tier)))
            assert found == naive([row for row in seen if row.tier == tier]), (name, tier)


def cells_are_a_recount():
    """The sums of a team are those of the counted answers of the accounts that stand with it."""
    for by in Cut.values:
        found, expected = Counter(), Counter()
        names = ("campaign_id", "cut_key", "month", "question", "part", "value", "choice", "team_id", "count")
        for *key, count in TeamCell.objects.filter(cut=by, count__gt=0).values_list(*names):
            found[tuple(key)] += count
        stands = dict(ResultHolder.objects.exclude(team=None).values_list("account_id", "team_id"))
        counted = Response.objects.complete().filter(counted=True).select_related("campaign")
        for team in set(stands.values()):
            rows = [row for row in counted if stands.get(row.account_id) == team]
            for key, count in naive(rows, by="" if by == Cut.ALL else by).items():
                expected[*key, team] += count
        assert found == expected, by


class TestExact:
    @given(steps)
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_after_any_story(self, world, story):
        from django.db import transaction  # noqa: PLC0415  one world for all stories: each is rolled back

        with transaction.atomic():
            told = Story(*world)
            for step in [("answer", 0, 0, 3, False), ("answer", 1, 1, 30, False), *story]:
                told.do(*step)
            all_exact(world[0])
            cells_are_a_recount()
            told.move_sums()
            told.fold(True)
            all_exact(world[0])
            cells_are_a_recount()
            transaction.set_rollback(True)

    def test_a_whole_team_moves(self, world):
        story = Story(*world)
        for place in range(4):
            for what in range(3):
                story.answer(place, what, 10 * what, False)
        story.fold(True)
        for away in (True, False):
            story.move_team(away)
            all_exact(world[0])
            story.move_sums()
            all_exact(world[0])

    def test_a_team_is_deleted(self, world):
        story = Story(*world)
        story.answer(2, 1, 5, False)
        Response.objects.update(team=None)
        story.fold(True)
        gone = Team.objects.create(name="Gone", path="000099.")
        assert TeamCell.objects.exists()
        ResultHolder.objects.update(team=gone)
        gone.delete()
        assert set(ResultHolder.objects.values_list("team", flat=True)) == {None}
        TeamCell.objects.all().delete()
        all_exact(world[0])
        story.move_sums()
        all_exact(world[0])
        cells_are_a_recount()


class TestSpeed:
    def test_who_leads_reads_sums_and_counts_nothing_that_is_in_them(self, world, lee, monkeypatch):
        """Only the uncounted are counted, in every cut: with all in the sums, none."""
        story = Story(*world)
        story.answer(0, 1, 5, False)
        story.fold(True)
        found = []
        count = counting.count
        monkeypatch.setattr("surveys.results.count", lambda rows, how: found.extend(count(rows, how)) or [])
        for by in CUTS:
            assert read(Scope(lee, [world[0]]), by=by)
        assert read(Scope(lee, [world[0]], Cut.TIER, world[1][0].tier))
        assert found == []

    def test_the_first_move_fills_the_sums_of_teams(self, world, lee):
        """As after the migration that brought them: no account stands with a team yet."""
        story = Story(*world)
        for place in range(3):
            story.answer(place, place, 5, False)
        story.fold(True)
        TeamCell.objects.all().delete()
        ResultHolder.objects.update(team=None)
        all_exact(world[0])
        assert holders.move_sums() == 3
        all_exact(world[0])
        cells_are_a_recount()


class TestOneMoment:
    def test_in_a_transaction_it_asks_for_nothing(self, world, dora, django_assert_num_queries):
        with django_assert_num_queries(0), one_moment():
            pass

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite would make writers wait")
    @pytest.mark.django_db(transaction=True)
    def test_what_is_folded_in_between_is_not_seen(self, world, dora):
        import threading  # noqa: PLC0415  this test alone

        campaign = world[0]
        Story(*world).answer(0, 0, 5, False)

        def fold():
            try:
                folding.fold(LATER)
            finally:
                connection.close()

        with one_moment():
            before = Response.objects.filter(counted=False).count()
            thread = threading.Thread(target=fold)
            thread.start()
            thread.join()
            assert Response.objects.filter(counted=False).count() == before == 1
            assert build(Scope(dora, [campaign]), language="en").responses == 1
        assert not Response.objects.filter(counted=False).exists()
        assert build(Scope(dora, [campaign]), language="en").responses == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_adding_waits_for_moving(world, alice, mallory):
    """An answer that is added while its account moves comes to stand where the account does."""
    import threading  # noqa: PLC0415  this test alone

    campaign = world[0]
    story = Story(*world)
    for what in range(3):
        story.answer(0, what, 5, False)
    story.fold(True)
    for round_ in range(3):
        assign_manager(story.account(0), (mallory, alice)[round_ % 2], actor=None, reason="x", today=TODAY)
        for what in range(3):
            story.answer(0, what, 5, False)

        def run(work):
            try:
                work()
            finally:
                connection.close()

        threads = [
            threading.Thread(target=run, args=(work,))
            for work in (holders.move_sums, lambda: folding.fold(LATER, batch=5), holders.move_sums)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        all_exact(campaign)
        cells_are_a_recount()
    assert Response.objects.filter(counted=True).count() == 12
