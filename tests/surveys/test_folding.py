"""Sums of answers: equal to a recount at any time, whoever reads, however often and wherever the fold stops."""

import datetime as dt
import random
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from accounts.services import assign_manager
from surveys import definition as definitions
from surveys.answering import parts
from surveys.choices import Cut
from surveys.models import Response, ResultCell
from surveys.results import Months, Scope, read, together
from surveys.services import folding, holders
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.orders import ProductLineFactory
from tests.factories.surveys import ANSWERS, NOW, CampaignFactory, ResponseFactory

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=2)


def month_of(day):
    return day.replace(day=1)


def naive(responses, *, by="", months=None):
    """The same sums from the answers as they are kept, one by one."""
    counts = Counter()
    for response in responses:
        if months is not None and month_of(response.date) not in months:
            continue
        asked = definitions.read(response.campaign.definition)
        key = getattr(response, f"{by}_id" if by in ("team", "manager", "product_line") else by) if by else ""
        key = "" if key is None else str(key)
        base = (response.campaign_id, key, month_of(response.date))
        counts[*base, "", "", -1, ""] += 1
        found = list(parts(asked, response.answers))
        for part in found:
            is_number = asked.by_key[part.question].kind == "number"
            value = -1 if part.value is None or is_number else int(part.value)
            counts[*base, part.question, part.part, value, part.choice] += 1
        for question in {part.question for part in found if part.part}:
            counts[*base, question, "", -1, ""] += 1
    return counts


def as_counter(sums):
    found = Counter()
    for row in sums:
        found[row[:-1]] += row.answers
    return found


def some_answers(rng):
    answers = {"recommend": rng.randint(0, 10), "satisfied": rng.randint(1, 5)}
    if answers["recommend"] <= 6:
        answers["reasons"] = {"choices": rng.sample(["quality", "delivery", "price"], rng.randint(1, 3))}
    if rng.random() < 0.5:
        answers |= {"aspects": {"product": rng.randint(1, 5)}, "order": {"choices": ["price", "speed", "quality"]}}
    if rng.random() < 0.5:
        answers |= {"years": str(rng.randint(0, 99)), "comment": "好", "contact": {"choice": "phone"}}
    return answers


@pytest.fixture
def campaign():
    return CampaignFactory()


@pytest.fixture
def many(campaign, account, foreign_account, mallory):
    """Sixty answers of three accounts over seven months: by link and by staff, old and of today, some only begun."""
    rng = random.Random(7)
    third = AccountFactory(manager=mallory, tier="A", region="east")
    line = ProductLineFactory()
    for number in range(60):
        at = NOW - dt.timedelta(days=rng.choice([0, 0, 1, 2, 20, 50, 100, 200]))
        ResponseFactory(
            campaign=campaign, account=rng.choice([account, foreign_account, third]), answers=some_answers(rng),
            completed_at=at, source=rng.choice(["link", "phone"]), product_line=rng.choice([line, None]),
            tier=rng.choice(["A", "B", ""]), status="partial" if number % 10 == 9 else "complete",
        )  # fmt: skip
    return Response.objects.complete().filter(campaign=campaign)


class TestExact:
    def check(self, user, campaign, responses):
        for by in ("", *[cut for cut in Cut.values if cut != "all"]):
            found = as_counter(read(Scope(user, [campaign]), by=by))
            assert found == naive(responses, by=by), by

    def test_before_between_and_after_folding(self, campaign, many, dora, alice, account):
        mine = many.filter(account=account)
        self.check(dora, campaign, many)
        assert folding.fold(NOW, batch=7) == many.filter(counted=True).count() > 0
        assert many.filter(counted=False).exists()
        self.check(dora, campaign, many)
        self.check(alice, campaign, mine)
        folding.fold(LATER)
        assert not many.filter(counted=False).exists()
        self.check(dora, campaign, many)
        self.check(alice, campaign, mine)

    def test_cells_alone_are_the_recount(self, campaign, many, dora):
        folding.fold(LATER, batch=13)
        assert folding.fold(LATER) == 0
        for by in Cut.values:
            rows = ResultCell.objects.filter(cut=by).values_list(
                "campaign_id", "cut_key", "month", "question", "part", "value", "choice", "count"
            )
            found = Counter()
            for row in rows:
                found[row[:-1]] += row[-1]
            assert found == naive(many, by="" if by == "all" else by), by

    def test_months_slices_and_one_question(self, campaign, many, dora):
        folding.fold(NOW)
        months = Months(month_of(TODAY - dt.timedelta(days=60)), month_of(TODAY))
        assert as_counter(read(Scope(dora, [campaign]), months=months)) == naive(many, months=months)
        sliced = read(Scope(dora, [campaign], Cut.TIER, "A"))
        assert sum(row.answers for row in sliced if not row.question) == many.filter(tier="A").count()
        one = read(Scope(dora, [campaign]), question="recommend", by=Cut.TIER, monthly=False)
        assert {row.month for row in one} == {None}
        assert sum(row.answers for row in one) == many.count()

    def test_somebody_elses_answers_are_not_counted(self, campaign, many, alice, mallory, ann, account):
        folding.fold(LATER)
        totals = {user: together(read(Scope(user, [campaign]))).responses for user in (alice, ann, mallory)}
        own = many.filter(account=account).count()
        assert totals == {alice: own, ann: own, mallory: many.count() - own}


class TestHolders:
    """Sums stand with the manager of the day on which they were made; everybody reads exactly what they see."""

    def exact(self, campaign, many, *users):
        for user in users:
            seen = many.filter(account__in=Account.objects.visible_to(user, timezone.localdate()))
            assert as_counter(read(Scope(user, [campaign]))) == naive(seen), user

    def test_after_every_change_of_who_sees_what(self, campaign, many, account, foreign_account, alice, ann, lee,
                                                 mallory):  # fmt: skip
        folding.fold(NOW)
        people = (alice, ann, lee, mallory)
        self.exact(campaign, many, *people)
        AccountMemberFactory(account=foreign_account, user=lee)
        self.exact(campaign, many, *people)
        assign_manager(account, mallory, actor=None, reason="x", today=TODAY)
        assign_manager(foreign_account, alice, actor=None, reason="x", today=TODAY)
        self.exact(campaign, many, *people)
        folding.fold(LATER)
        self.exact(campaign, many, *people)
        assert holders.move_sums() == 2
        assert holders.move_sums() == 0
        self.exact(campaign, many, *people)
        assert not ResultCell.objects.filter(count__lt=0).exists()

    def test_what_was_moved_is_the_recount(self, campaign, many, account, mallory):
        folding.fold(LATER)
        assign_manager(account, mallory, actor=None, reason="x", today=TODAY)
        holders.move_sums()
        found = Counter()
        for row in ResultCell.objects.filter(cut="holder", count__gt=0):
            found[row.cut_key, row.month, row.question, row.part, row.value, row.choice] += row.count
        expected = Counter()
        for (_campaign, _key, *rest), number in naive(many).items():
            expected[str(mallory.pk), *rest] += number
        assert found == expected


class TestWhatIsSettled:
    def test_answers_by_link_wait_a_day(self, campaign, account):
        ResponseFactory(campaign=campaign, account=account, completed_at=NOW)
        assert folding.fold(NOW + dt.timedelta(hours=23, minutes=59)) == 0
        assert folding.fold(NOW + dt.timedelta(hours=24)) == 1

    def test_entered_ones_do_not(self, campaign, account):
        for source in ("phone", "paper", "import"):
            ResponseFactory(campaign=campaign, account=account, completed_at=NOW, source=source)
        assert folding.fold(NOW) == 3

    def test_a_batch_that_fails_leaves_nothing(self, campaign, account, monkeypatch):
        for _ in range(6):
            ResponseFactory(campaign=campaign, account=account, completed_at=NOW)
        add, calls = folding._add, []

        def fail_second(*args):
            add(*args)
            calls.append(args)
            if len(calls) == 2:
                raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr(folding, "_add", fail_second)
            with pytest.raises(RuntimeError):
                folding.fold(LATER, batch=5)
        assert Response.objects.filter(counted=True).count() == 5
        assert ResultCell.objects.get(cut="all", question="").count == 5
        assert folding.fold(LATER) == 1
        assert ResultCell.objects.get(cut="all", question="").count == 6


class TestAnonymous:
    def test_grow_in_fives_for_everybody_the_same(self, alice, dora, mallory, account):
        campaign = CampaignFactory(anonymous=True)
        for number in range(1, 12):
            ResponseFactory(campaign=campaign, account=account, answers={**ANSWERS, "recommend": number % 11})
            for user in (alice, dora, mallory):
                shown = together(read(Scope(user, [campaign]))).responses
                assert shown == number - number % 5
        folding.fold(NOW + dt.timedelta(days=4))
        assert Response.objects.filter(counted=True).count() == 10
        assert together(read(Scope(mallory, [campaign]))).responses == 10

    def test_wait_three_days(self, account):
        campaign = CampaignFactory(anonymous=True)
        for _ in range(5):
            ResponseFactory(campaign=campaign, account=account)
        assert folding.fold(NOW + dt.timedelta(days=2)) == 0
        assert folding.fold(NOW + dt.timedelta(days=3)) == 5


def test_statements_do_not_grow(campaign, account, alice, dora, django_assert_max_num_queries):
    for _ in range(12):
        ResponseFactory(campaign=campaign, account=account)
    for user in (alice, dora):
        with django_assert_max_num_queries(9):
            read(Scope(user, [campaign]))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked on PostgreSQL only")
class TestTwoAtOnce:
    @pytest.mark.django_db(transaction=True)
    def test_count_nothing_twice(self, campaign, account):
        import threading  # noqa: PLC0415  this test alone

        from django.db import connections  # noqa: PLC0415  as above

        for _ in range(40):
            ResponseFactory(campaign=campaign, account=account)
        found = []

        def run():
            try:
                found.append(folding.fold(LATER, batch=5))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(found) == 40
        assert ResultCell.objects.get(cut="all", question="").count == 40
