"""Create, change, end, move: what it does, what it refuses, what it records."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from audit.models import AuditEntry
from contacts import services
from contacts.errors import (
    AccountMissing,
    AlreadyEmployed,
    BeforeAccount,
    ContactErased,
    DateInFuture,
    DatesInverted,
    EmploymentEnded,
    LinkElsewhere,
    OutsideMap,
    OwnerInactive,
    ReportsToCycle,
    SameAccount,
    SuperiorHasLeft,
)
from contacts.models import Contact, ContactLink, Employment
from search.services import matching_ids
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.services import require
from users.duties import duties_of

DAY = dt.timedelta(days=1)


def actions(row) -> list[str]:
    return list(AuditEntry.objects.of(row).order_by("pk").values_list("action", flat=True))


def new(account, alice, today, name="王建国", job=None, **fields):
    return services.create_contact(
        Contact(name=name, **fields), Employment(account=account, **(job or {})), actor=alice, today=today
    )


class TestCreateContact:
    def test_person_and_employment(self, account, alice, today):
        contact = new(account, alice, today, mobile="138 0013 8000", email="Wang@Example.COM", job={"position": "总监"})
        assert (contact.mobile, contact.email) == ("+8613800138000", "wang@example.com")
        assert contact.employments.get().position == "总监"
        assert actions(contact) == ["contact.created"]
        assert actions(contact.employments.get()) == ["employment.added"]
        assert AuditEntry.objects.of_account(account.pk).filter(action="contact.created").exists()

    @pytest.mark.parametrize("text", ["王建国", "建国", "wangjianguo", "wjg", "13800138000", "8000", "jianguo@example"])
    def test_is_found(self, account, alice, today, text):
        contact = new(account, alice, today, mobile="13800138000", email="jianguo@example.com")
        assert contact.pk in matching_ids("contact", text).values_list("object_id", flat=True)

    @pytest.mark.parametrize("job", [None, Employment()])
    def test_refuses_one_without_account(self, alice, today, job, db):
        with pytest.raises(AccountMissing) as caught:
            services.create_contact(Contact(name="王"), job, actor=alice, today=today)
        assert caught.value.field == "account"
        assert not Contact.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"name": ""}, "name"),
            ({"mobile": "12"}, "mobile"),
            ({"email": "x"}, "email"),
            ({"birthday_month": 2, "birthday_day": 30}, "birthday_day"),
            ({"birthday_month": 2}, "__all__"),
            ({"birthday_month": 4, "birthday_day": 1, "birthday_leap_month": True}, "birthday_leap_month"),
        ],
    )
    def test_refuses_invalid_fields(self, account, alice, today, fields, field):
        with pytest.raises(ValidationError) as caught:
            services.create_contact(
                Contact(**{"name": "王", **fields}), Employment(account=account), actor=alice, today=today
            )
        assert field in caught.value.message_dict
        assert not Contact.objects.exists()

    def test_refuses_dates_to_come(self, account, alice, today):
        for fields in ({"birthday_year": today.year + 1}, {"consent_date": today + DAY}):
            with pytest.raises(DateInFuture):
                new(account, alice, today, **fields)
        with pytest.raises(DateInFuture):
            new(account, alice, today, job={"from_date": today + DAY})

    def test_refuses_work_before_the_account_was_founded(self, account, alice, today):
        account.founded_on = dt.date(2010, 1, 1)
        account.save()
        with pytest.raises(BeforeAccount):
            new(account, alice, today, job={"from_date": dt.date(2009, 12, 31)})

    def test_refuses_an_inactive_owner(self, account, alice, ann, today):
        ann.is_active = False
        with pytest.raises(OwnerInactive):
            new(account, alice, today, job={"owner": ann})


class TestUpdateContact:
    def test_records_what_changed(self, account, alice, today):
        contact = new(account, alice, today)
        contact.wechat = "wang_1"
        services.update_contact(contact, actor=alice)
        entry = AuditEntry.objects.of(contact).first()
        assert (entry.action, entry.changes) == ("contact.updated", {"wechat": ["", "wang_1"]})
        assert entry.account_id == account.pk
        services.update_contact(contact, actor=alice)
        assert actions(contact) == ["contact.created", "contact.updated"]

    def test_the_search_forgets_the_old_name(self, account, alice, today):
        contact = new(account, alice, today)
        contact.name = "李建国"
        services.update_contact(contact, actor=alice)
        assert not matching_ids("contact", "王建国").exists()
        assert matching_ids("contact", "lijianguo").exists()


class TestEmployments:
    def test_one_at_a_time_at_an_account(self, account, alice, today):
        contact = new(account, alice, today)
        with pytest.raises(AlreadyEmployed):
            services.add_employment(Employment(contact=contact, account=account), actor=alice, today=today)
        services.end_employment(contact.employments.get(), today - DAY, actor=alice)
        services.add_employment(Employment(contact=contact, account=account), actor=alice, today=today)
        assert contact.employments.count() == 2

    def test_a_last_day_to_come_is_still_there(self, account, alice, today):
        contact = new(account, alice, today, job={"until_date": today + DAY})
        with pytest.raises(AlreadyEmployed):
            services.add_employment(Employment(contact=contact, account=account), actor=alice, today=today)

    def test_ending_keeps_the_person(self, account, alice, today):
        contact = new(account, alice, today)
        job = services.end_employment(contact.employments.get(), today, actor=alice)
        assert job.is_current(today)
        assert not job.is_current(today + DAY)
        assert Contact.objects.visible_to(alice).get() == contact
        assert actions(job)[-1] == "employment.ended"
        with pytest.raises(EmploymentEnded):
            services.end_employment(job, today + DAY, actor=alice)

    def test_refuses_a_last_day_before_the_first(self, account, alice, today):
        job = new(account, alice, today, job={"from_date": today}).employments.get()
        with pytest.raises(DatesInverted):
            services.end_employment(job, today - DAY, actor=alice)

    def test_update_keeps_person_and_account(self, account, foreign_account, alice, today):
        job = new(account, alice, today).employments.get()
        job.account, job.position = foreign_account, "总经理"
        services.update_employment(job, actor=alice, today=today)
        job.refresh_from_db()
        assert (job.account, job.position) == (account, "总经理")
        assert AuditEntry.objects.of(job).first().changes == {"position": ["", "总经理"]}

    def test_moving_on(self, account, alice, today):
        other = AccountFactory(manager=alice)
        contact = new(account, alice, today, job={"from_date": today - 9 * DAY})
        job = contact.employments.get()
        moved = services.move_contact(job, Employment(account=other, position="副总"), actor=alice, today=today)
        job.refresh_from_db()
        assert (job.until_date, moved.from_date, moved.contact) == (today - DAY, today, contact)
        assert Contact.objects.count() == 1
        with pytest.raises(EmploymentEnded):
            services.move_contact(job, Employment(account=other), actor=alice, today=today)

    def test_refuses_to_move_within_the_account(self, account, alice, today):
        job = new(account, alice, today).employments.get()
        with pytest.raises(SameAccount):
            services.move_contact(job, Employment(account=account), actor=alice, today=today)

    def test_a_refused_move_ends_nothing(self, account, alice, today):
        other = AccountFactory(manager=alice)
        contact = new(account, alice, today)
        services.add_employment(Employment(contact=contact, account=other), actor=alice, today=today)
        with pytest.raises(AlreadyEmployed):
            services.move_contact(
                contact.employments.get(account=account), Employment(account=other), actor=alice, today=today
            )
        assert contact.employments.get(account=account).until_date is None

    def test_place_on_map(self, account, alice, today):
        job = new(account, alice, today).employments.get()
        services.place_on_map(job, 10, 9_999, actor=alice)
        job.refresh_from_db()
        assert (job.map_x, job.map_y) == (10, 9_999)
        for place in ((10_001, 0), (-1, 0), (None, 5)):
            with pytest.raises(OutsideMap):
                services.place_on_map(job, *place, actor=alice)

    def test_hand_over_relationships(self, account, alice, ann, lee, today):
        jobs = [make_contact(account, f"王{n}", owner=alice).employments.get() for n in range(3)]
        assert [str(duty) for duty in duties_of(alice) if duty.count][-1] == "relationship owner of 3 contacts"
        assert services.hand_over_relationships([job.pk for job in jobs], ann, actor=lee) == 3
        assert set(Employment.objects.values_list("owner", flat=True)) == {ann.pk}
        assert AuditEntry.objects.of(jobs[0]).get().changes == {"owner": [alice.pk, ann.pk]}
        assert services.hand_over_relationships([job.pk for job in jobs], ann, actor=lee) == 0


class TestReportsTo:
    @pytest.fixture
    def chain(self, account):
        """Three people, each below the one before."""
        top = make_contact(account, "一").employments.get()
        middle = make_contact(account, "二", reports_to=top).employments.get()
        return top, middle, make_contact(account, "三", reports_to=middle).employments.get()

    @pytest.mark.parametrize("number", [1, 2])
    def test_refuses_a_circle(self, chain, alice, today, number):
        chain[0].reports_to = chain[number]
        with pytest.raises(ReportsToCycle) as caught:
            services.update_employment(chain[0], actor=alice, today=today)
        assert caught.value.field == "reports_to"
        assert Employment.objects.get(pk=chain[0].pk).reports_to is None

    def test_refuses_oneself(self, chain, alice, today):
        chain[0].reports_to = chain[0]
        with pytest.raises((ReportsToCycle, ValidationError)):
            services.update_employment(chain[0], actor=alice, today=today)

    def test_accepts_another_branch(self, chain, alice, today):
        chain[2].reports_to = chain[0]
        assert services.update_employment(chain[2], actor=alice, today=today).reports_to == chain[0]

    def test_refuses_somebody_elsewhere_and_somebody_gone(self, chain, account, foreign_account, alice, today):
        chain[2].reports_to = make_contact(foreign_account).employments.get()
        with pytest.raises(ValidationError):
            services.update_employment(chain[2], actor=alice, today=today)
        chain[2].reports_to = make_contact(account, "走", until=today - DAY).employments.get()
        with pytest.raises(SuperiorHasLeft):
            services.update_employment(chain[2], actor=alice, today=today)

    def test_asks_once_however_long_the_chain(self, account, alice, today, django_assert_max_num_queries):
        boss = None
        for n in range(60):
            boss = make_contact(account, f"人{n}", reports_to=boss).employments.get()
        top = Employment.objects.get(reports_to__isnull=True)
        top.reports_to = boss
        with django_assert_max_num_queries(20), pytest.raises(ReportsToCycle):
            services.update_employment(top, actor=alice, today=today)


@pytest.mark.django_db(transaction=True)
class TestTwoWritersAtOnce:
    def test_cannot_close_a_circle_together(self, account, alice, today):
        """Each change alone is right, both together are a circle."""
        require("postgresql")
        for _round in range(5):
            one, two = (make_contact(account, name).employments.get() for name in ("甲", "乙"))
            barrier = threading.Barrier(2)

            def below(pk, boss, barrier=barrier):
                try:
                    row = Employment.objects.get(pk=pk)
                    row.reports_to = Employment.objects.get(pk=boss)
                    barrier.wait(timeout=10)
                    services.update_employment(row, actor=alice, today=today)
                except ReportsToCycle:
                    return "refused"
                finally:
                    connection.close()
                return "done"

            with ThreadPoolExecutor(2) as pool:
                outcomes = list(pool.map(below, (one.pk, two.pk), (two.pk, one.pk)))
            assert sorted(outcomes) == ["done", "refused"]


class TestLinks:
    def test_between_two_of_one_account(self, account, foreign_account, alice, today):
        one, two = (make_contact(account, name).employments.get() for name in ("甲", "乙"))
        link = services.add_link(ContactLink(account=account, source=one, target=two, kind="influence"), actor=alice)
        assert actions(link) == ["contact_link.added"]
        with pytest.raises(ValidationError):
            services.add_link(ContactLink(account=account, source=one, target=two, kind="influence"), actor=alice)
        with pytest.raises(ValidationError):
            services.add_link(ContactLink(account=account, source=one, target=one, kind="conflict"), actor=alice)
        away = make_contact(foreign_account).employments.get()
        with pytest.raises(LinkElsewhere):
            services.add_link(ContactLink(account=account, source=one, target=away, kind="conflict"), actor=alice)
        services.remove_link(link, actor=alice)
        assert not ContactLink.objects.exists()


class TestErased:
    def test_is_not_written_again(self, account, alice, lee, today):
        contact = services.erase_contact(new(account, alice, today), actor=lee, today=today)
        with pytest.raises(ContactErased):
            services.update_contact(contact, actor=alice)
        with pytest.raises(ContactErased):
            services.add_employment(Employment(contact=contact, account=account), actor=alice, today=today)
        with pytest.raises(ContactErased):
            services.update_employment(contact.employments.get(), actor=alice, today=today)
