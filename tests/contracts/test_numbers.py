"""Numbers without gaps, whoever drafts at the same time and whatever is rolled back."""

import threading

import pytest
from django.db import connection, transaction

from contracts import services
from contracts.errors import EndBeforeStart
from contracts.models import Contract, NumberSequence
from tests.factories import TODAY
from tests.factories.contracts import draft
from tests.services import require

ACROSS = 8


class TestTakeNumbers:
    def test_counts_from_one_in_each_year(self, db):
        assert list(services.take_numbers(2026)) == [1]
        assert list(services.take_numbers(2026)) == [2]
        assert list(services.take_numbers(2027)) == [1]

    def test_gives_many_at_once(self, db):
        services.take_numbers(2026)
        assert services.take_numbers(2026, 3) == range(2, 5)
        assert NumberSequence.objects.get(year=2026).last == 4

    def test_text_is_year_and_five_digits(self):
        assert services.number_text(2026, 7) == "2026-00007"
        assert services.number_text(2026, 123_456) == "2026-123456"


class TestDraftsTakeNumbers:
    def test_one_after_the_other(self, account, alice):
        assert [draft(account, alice).number for _ in range(3)] == ["2026-00001", "2026-00002", "2026-00003"]

    def test_a_refused_draft_leaves_no_gap(self, account, alice):
        draft(account, alice)
        with pytest.raises(EndBeforeStart):
            draft(account, alice, terms={"end_date": TODAY.replace(year=2020)})
        assert draft(account, alice).number == "2026-00002"

    def test_a_draft_that_is_rolled_back_leaves_no_gap(self, account, alice):
        draft(account, alice)
        with transaction.atomic():
            assert draft(account, alice).number == "2026-00002"
            transaction.set_rollback(True)
        assert draft(account, alice).number == "2026-00002"


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """With real connections of their own."""

    @pytest.fixture(autouse=True)
    def _postgresql(self):
        require("postgresql")

    def run(self, *works):
        errors = []

        def guarded(work):
            try:
                work()
            except Exception as error:  # noqa: BLE001  a thread's error must reach the test
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not errors, errors

    def test_many_first_drafts_of_a_year_get_different_numbers_without_a_gap(self, account, alice):
        barrier = threading.Barrier(ACROSS)

        def work():
            barrier.wait(30)
            draft(account, alice)

        self.run(*[work] * ACROSS)
        found = sorted(Contract.objects.values_list("sequence", flat=True))
        assert found == list(range(1, ACROSS + 1))

    def test_who_waits_gets_the_number_that_the_first_one_gave_back(self, account, alice):
        taken, may_roll_back, waiting = threading.Event(), threading.Event(), threading.Event()
        numbers = {}

        def first():
            with transaction.atomic():
                numbers["first"] = draft(account, alice).number
                taken.set()
                assert may_roll_back.wait(30)
                transaction.set_rollback(True)

        def second():
            assert taken.wait(30)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                waiting.pid = cursor.fetchone()[0]
                waiting.set()
                numbers["second"] = draft(account, alice).number

        def watch():
            assert waiting.wait(30)
            with connection.cursor() as cursor:
                blocked = False
                for _ in range(200):
                    cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [waiting.pid])
                    if blocked := cursor.fetchone()[0]:
                        break
                    threading.Event().wait(0.05)
            may_roll_back.set()
            assert blocked, "the second draft did not wait for the first"

        self.run(first, second, watch)
        assert numbers == {"first": "2026-00001", "second": "2026-00001"}
        assert list(Contract.objects.values_list("number", flat=True)) == ["2026-00001"]
