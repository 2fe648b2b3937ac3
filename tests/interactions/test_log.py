"""Logging what happened: what is kept, what is refused, what follows from it."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.choices import Status
from accounts.errors import AccountReadOnly
from accounts.models import Account, AccountSummary
from audit.models import AuditEntry
from contacts.choices import Seniority
from contacts.models import Employment
from interactions import services
from interactions.choices import VisitStatus
from interactions.errors import (
    BeforeAccount,
    ColleagueInactive,
    ContactElsewhere,
    DueTooEarly,
    FileTypeRefused,
    InFuture,
    NotDeletable,
    ReasonNeeded,
    TooLong,
    TooManyParts,
    VisitClosed,
    VisitElsewhere,
)
from interactions.models import CheckIn, Interaction, InteractionFile, NextStep, Topic
from interactions.moments import local_date
from interactions.services.log import changed_part, known_since
from search.services import matching_ids
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_contact_policy, make_visit
from tests.factories.users import UserFactory
from tests.services import require
from tests.tiers.test_decisions import in_threads

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 16, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _old_accounts(account):
    """Known for a year."""
    Account.objects.update(created_at=NOW - 365 * DAY)
    account.refresh_from_db()


def log(account, actor, *, at=NOW - dt.timedelta(hours=1), kind="visit", **given):
    fields = {name: given.pop(name) for name in ("title", "minutes", "client_key", "outcome", "place") if name in given}
    row = Interaction(account=account, kind=kind, occurred_at=at, **fields)
    return services.log_interaction(row, actor=actor, now=NOW, **given)


class TestLog:
    def test_keeps_everything_that_belongs_to_it(self, account, alice, ann):
        contact = make_contact(account, seniority=Seniority.DIRECTOR)
        step = NextStep(kind="promise", text="报价", owner=alice, due_date=TODAY + DAY)
        row = log(
            account, alice, title="季度回顾", minutes="一\r\n二", contacts=[contact], colleagues=[ann], steps=[step],
            topics=["交期", " 交期 ", "新品"], files=[SimpleUploadedFile("报价.txt", b"12")],
            check_in=CheckIn(latitude="31.23040", longitude="121.47370", checked_in_at=NOW),
        )  # fmt: skip
        row = Interaction.objects.get(pk=row.pk)
        assert (row.author, row.date, row.minutes, row.top_seniority) == (alice, TODAY, "一\n二", Seniority.DIRECTOR)
        assert (list(row.contacts.all()), list(row.colleagues.all())) == ([contact], [ann])
        assert sorted(topic.name for topic in row.topics.all()) == ["交期", "新品"]
        assert row.next_steps.get().account == account
        assert row.files.get().file.read() == b"12"
        assert str(row.check_in) == "31.23040, 121.47370"
        assert AuditEntry.objects.of(row).get().action == "interaction.logged"
        assert [pk for (pk,) in matching_ids("interaction", "季度").values_list("object_id")] == [row.pk]

    def test_moves_the_dates_of_the_account(self, account, alice):
        make_contact_policy({"cadence_days": 14})
        log(account, alice, contacts=[make_contact(account)])
        summary = AccountSummary.objects.get(account=account)
        assert (summary.last_contact_date, summary.contact_due_date) == (TODAY, TODAY + 14 * DAY)

    def test_completes_the_visit(self, account, alice):
        visit = make_visit(account, days=0)
        row = log(account, alice, visit=visit)
        visit.refresh_from_db()
        assert (visit.status, visit.interaction) == (VisitStatus.DONE, row)

    def test_a_visit_that_somebody_closed_keeps_nothing(self, account, alice):
        visit = make_visit(account, days=0)
        services.cancel_visit(visit, "krank", actor=alice, now=NOW)
        with pytest.raises(VisitClosed):
            log(account, alice, visit=visit, files=[SimpleUploadedFile("a.txt", b"1")])
        assert not Interaction.objects.exists()
        assert not InteractionFile.objects.exists()

    def test_a_visit_elsewhere(self, account, alice):
        with pytest.raises(VisitElsewhere):
            log(account, alice, visit=make_visit(AccountFactory(manager=alice)))

    def test_sent_twice_is_there_once(self, account, alice, mallory):
        key = uuid.uuid4()
        first = log(account, alice, client_key=key, title="甲", topics=["x"])
        assert log(account, alice, client_key=key, title="乙", topics=["y"]) == first
        assert (Interaction.objects.count(), Topic.objects.count()) == (1, 1)
        assert log(account, mallory, client_key=key).pk != first.pk, "a key is its author's own"

    def test_seniority_is_that_of_the_day(self, account, alice):
        contact = make_contact(account, seniority=Seniority.EXECUTIVE)
        Employment.objects.update(from_date=TODAY - 10 * DAY, until_date=TODAY - 2 * DAY)
        assert log(account, alice, at=NOW - 3 * DAY, contacts=[contact]).top_seniority == Seniority.EXECUTIVE
        for days in (0, 11):
            assert log(account, alice, at=NOW - days * DAY, contacts=[contact]).top_seniority == Seniority.UNKNOWN


class TestRefused:
    def test_the_future(self, account, alice):
        assert log(account, alice, at=NOW + dt.timedelta(minutes=4)), "clocks differ"
        with pytest.raises(InFuture) as refusal:
            log(account, alice, at=NOW + dt.timedelta(minutes=6))
        assert (refusal.value.code, refusal.value.field) == ("in_future", "occurred_at")

    def test_before_the_account_existed(self, account, alice):
        first = known_since(account, alice)
        with pytest.raises(BeforeAccount) as refusal:
            log(account, alice, at=dt.datetime.combine(first - DAY, dt.time(4), dt.UTC))
        assert refusal.value.code == "before_account"
        assert f"{first:%Y-%m-%d}" in str(refusal.value)
        Account.objects.update(customer_since=dt.date(2010, 1, 1))
        account.refresh_from_db()
        assert log(account, alice, at=dt.datetime(2010, 1, 1, 4, tzinfo=dt.UTC)).date == dt.date(2010, 1, 1)

    @pytest.mark.parametrize("day", [dt.date.min, dt.date(1999, 12, 31)])
    @pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
    def test_the_far_past(self, account, alice, day, zone):
        account.customer_since, alice.time_zone = dt.date(1900, 1, 1), zone
        with pytest.raises(BeforeAccount):
            log(account, alice, at=dt.datetime.combine(day, dt.time(1), dt.UTC))

    def test_minutes_of_more_than_50_000_characters(self, account, alice):
        assert len(log(account, alice, minutes="好" * 50_000).minutes) == 50_000
        with pytest.raises(TooLong) as refusal:
            log(account, alice, minutes="好" * 50_001)
        assert "50001" in str(refusal.value)

    def test_people_who_never_worked_there(self, account, alice):
        former = make_contact(account, "王芳", until=TODAY - 100 * DAY)
        stranger = make_contact(AccountFactory(manager=alice), "李四")
        assert log(account, alice, contacts=[former])
        with pytest.raises(ContactElsewhere) as refusal:
            log(account, alice, contacts=[former, stranger])
        assert "李四" in str(refusal.value)
        assert "王芳" not in str(refusal.value)

    def test_colleagues_who_are_deactivated(self, account, alice):
        gone = UserFactory(is_active=False)
        with pytest.raises(ColleagueInactive):
            log(account, alice, colleagues=[gone])

    def test_a_terminated_account(self, account, alice):
        account.status = Status.TERMINATED
        account.save()
        with pytest.raises(AccountReadOnly):
            log(account, alice)

    def test_a_step_due_before_it(self, account, alice):
        step = NextStep(text="x", owner=alice, due_date=TODAY - DAY)
        with pytest.raises(DueTooEarly) as refusal:
            log(account, alice, steps=[NextStep(text="y", owner=alice, due_date=TODAY), step])
        assert refusal.value.field == "next_steps.1.due_date"
        assert not Interaction.objects.exists()

    def test_a_file_that_is_refused_loses_nothing(self, account, alice):
        with pytest.raises(FileTypeRefused):
            log(account, alice, files=[SimpleUploadedFile("a.txt", b"1"), SimpleUploadedFile("virus.exe", b"MZ")])
        assert not Interaction.objects.exists()

    def test_fields(self, account, alice):
        with pytest.raises(ValidationError) as refusal:
            log(account, alice, kind="dinner", outcome="splendid")
        assert set(refusal.value.message_dict) == {"kind", "outcome"}
        with pytest.raises(ValidationError):
            log(account, alice, topics=["x" * 41])
        with pytest.raises(TooManyParts):
            log(account, alice, topics=[f"{n}" for n in range(21)])


class TestUpdate:
    def test_keeps_a_history_of_people_and_words(self, account, alice, ann):
        old, new = make_contact(account, "王芳"), make_contact(account, "李雷")
        row = log(account, alice, contacts=[old], topics=["a"], minutes="前" * 100 + "十日" + "后" * 100)
        row.minutes, row.outcome = row.minutes.replace("十日", "七天"), "good"
        services.update_interaction(row, actor=alice, now=NOW, contacts=[new], colleagues=[ann], topics=["b"])
        changes = AuditEntry.objects.of(row).latest("pk").changes
        assert changes["outcome"] == ["", "good"]
        assert changes["contacts"] == [[old.pk], [new.pk]], "ids: an erased person leaves no name"
        assert (changes["colleagues"], changes["topics"]) == ([[], [ann.pk]], [["a"], ["b"]])
        assert changes["minutes"] == ["…" + "前" * 40 + mid + "后" * 40 + "…" for mid in ("十日", "七天")]

    def test_names_the_people_for_who_reads_the_history(self, account, alice, client_for):
        row = log(account, alice)
        services.update_interaction(row, actor=alice, now=NOW, contacts=[make_contact(account, "王芳")])
        page = client_for(alice).get(row.get_absolute_url()).content.decode()
        assert page.count("王芳") == 2

    def test_people_who_are_left_out_stay(self, account, alice, ann):
        row = log(account, alice, contacts=[make_contact(account)], colleagues=[ann])
        ann.is_active = False
        ann.save()
        row.title = "neu"
        services.update_interaction(row, actor=alice, now=NOW)
        assert (row.contacts.count(), row.colleagues.count()) == (1, 1)

    def test_nothing_changed_is_no_entry(self, account, alice):
        row = log(account, alice)
        services.update_interaction(row, actor=alice, now=NOW)
        assert AuditEntry.objects.of(row).count() == 1

    def test_the_account_and_the_author_stay(self, account, alice, lee, foreign_account):
        row = log(account, alice)
        row.account, row.author = foreign_account, lee
        services.update_interaction(row, actor=lee, now=NOW)
        row.refresh_from_db()
        assert (row.account, row.author) == (account, alice)

    def test_another_day_counts_for_the_cadence(self, account, alice):
        make_contact_policy({"cadence_days": 14})
        row = log(account, alice, contacts=[make_contact(account)])
        row.occurred_at -= 5 * DAY
        services.update_interaction(row, actor=alice, now=NOW)
        assert AccountSummary.objects.get(account=account).last_contact_date == TODAY - 5 * DAY
        row.occurred_at = NOW + DAY
        with pytest.raises(InFuture):
            services.update_interaction(row, actor=alice, now=NOW)

    @given(st.text("ab好", max_size=200), st.text("ab好", max_size=200))
    @settings(max_examples=50)
    def test_the_changed_part_shows_the_change(self, old, new):
        parts = [part.strip("…") for part in changed_part(old, new)]
        assert parts[0] in old
        assert parts[1] in new
        assert (parts[0] == parts[1]) == (old == new)


class TestDelete:
    def test_takes_steps_files_and_the_search_entry_along(self, account, alice, django_capture_on_commit_callbacks):
        step = NextStep(text="x", owner=alice, due_date=TODAY)
        row = log(account, alice, title="误记", steps=[step], files=[SimpleUploadedFile("a.txt", b"1")])
        file, pk = row.files.get().file, row.pk
        Interaction.objects.filter(pk=pk).update(created_at=NOW)
        row.refresh_from_db()
        with django_capture_on_commit_callbacks(execute=True):
            services.delete_interaction(row, "falscher Kunde", actor=alice, now=NOW + DAY)
            assert file.storage.exists(file.name), "gone only when it is certain"
        assert not file.storage.exists(file.name)
        assert not NextStep.objects.exists()
        assert not matching_ids("interaction", "误记").exists()
        entry = AuditEntry.objects.get(action="interaction.deleted", object_id=pk)
        assert (entry.reason, entry.changes["title"]) == ("falscher Kunde", ["误记", None])

    def test_by_its_author_for_a_day_and_by_who_leads_for_ever(self, account, alice, ann, lee):
        row = log(account, alice)
        Interaction.objects.update(created_at=NOW)
        row.refresh_from_db()
        for actor, now in ((alice, NOW + DAY + dt.timedelta(seconds=1)), (ann, NOW)):
            with pytest.raises(NotDeletable):
                services.delete_interaction(row, "x", actor=actor, now=now)
        with pytest.raises(ReasonNeeded):
            services.delete_interaction(row, " ", actor=lee, now=NOW + 400 * DAY)
        services.delete_interaction(row, "x", actor=lee, now=NOW + 400 * DAY)
        assert not Interaction.objects.exists()


ZONES = [
    *("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
    *("Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"),
]


class TestLocalDate:
    """The business date is that of the author's calendar, on days when clocks change as on others."""

    @given(
        zone=st.sampled_from(ZONES),
        day=st.dates(dt.date(2016, 1, 1), dt.date(2030, 12, 31)),
        time=st.times(),
        fold=st.sampled_from([0, 1]),
    )
    def test_is_the_date_on_the_wall(self, zone, day, time, fold):
        moment = dt.datetime.combine(day, time.replace(fold=fold), ZoneInfo(zone))
        author = UserFactory.build(time_zone=zone)
        shown = moment.astimezone(dt.UTC).astimezone(ZoneInfo(zone))
        assert local_date(moment.astimezone(dt.UTC), author) == shown.date()
        exists = shown.time() == time  # some hours are left out
        assert not exists or local_date(moment, author) == day

    @pytest.mark.parametrize(
        ("zone", "utc", "date"),
        [
            ("America/New_York", "2026-03-08T04:59", "2026-03-07"),  # the night when the clocks go forward
            ("America/New_York", "2026-03-08T05:00", "2026-03-08"),
            ("America/New_York", "2026-03-09T03:59", "2026-03-08"),  # that day has 23 hours
            ("America/New_York", "2026-03-09T04:00", "2026-03-09"),
            ("Europe/Berlin", "2025-10-25T22:00", "2025-10-26"),  # and this one 25
            ("Europe/Berlin", "2025-10-26T22:59", "2025-10-26"),
            ("Europe/Berlin", "2025-10-26T23:00", "2025-10-27"),
            ("Asia/Shanghai", "2026-03-15T16:00", "2026-03-16"),
            ("Nowhere/Lost", "2026-03-15T16:00", "2026-03-16"),  # the company's
        ],
    )
    def test_on_days_when_clocks_change(self, zone, utc, date):
        moment = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
        assert local_date(moment, UserFactory.build(time_zone=zone)).isoformat() == date

    def test_of_two_colleagues_at_the_same_moment(self, account, alice, lee):
        lee.time_zone = "America/New_York"
        moment = dt.datetime(2026, 3, 16, 1, 0, tzinfo=dt.UTC)
        assert (log(account, alice, at=moment).date, log(account, lee, at=moment).date) == (TODAY, TODAY - DAY)

    def test_who_lives_behind_may_log_on_the_day_the_account_was_made(self, alice):
        alice.time_zone = "Pacific/Pago_Pago"
        account = AccountFactory()
        Account.objects.filter(pk=account.pk).update(created_at=NOW - dt.timedelta(minutes=1))
        account.refresh_from_db()
        assert log(account, alice, at=NOW).date == TODAY - DAY


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture(autouse=True)
    def _postgresql(self):
        require("postgresql")

    def test_one_sending_that_arrives_eight_times(self, account, alice):
        key, visit = uuid.uuid4(), make_visit(account, days=0)
        alice_pk, account_pk = alice.pk, account.pk

        def send():
            user = type(alice).objects.get(pk=alice_pk)
            row = Account.objects.get(pk=account_pk)
            file = SimpleUploadedFile("a.txt", b"1")
            step = NextStep(text="x", owner=user, due_date=TODAY)
            return log(row, user, client_key=key, topics=["x"], files=[file], steps=[step], visit=visit).pk

        results = in_threads(*[send] * 8)
        assert len(set(results)) == 1, results
        assert type(results[0]) is int
        assert connection.vendor == "postgresql"
        counts = [model.objects.count() for model in (Interaction, NextStep, InteractionFile, Topic)]
        assert counts == [1, 1, 1, 1]
        assert AuditEntry.objects.filter(action="visit.completed").count() == 1
