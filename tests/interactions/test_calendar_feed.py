"""The iCalendar feed: what is in it, for whom, in which zone; and its secret address."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from audit.models import AuditEntry
from contacts.models import Contact
from interactions import ical, services
from interactions.models import CalendarFeed, Visit
from interactions.services import feeds
from tests.factories.interactions import make_visit
from users.models import User

DAY = dt.timedelta(days=1)
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Pacific/Apia",
    "UTC",
]


@pytest.fixture
def address(alice):
    """Alice's address and her feed."""
    _feed, token = feeds.make_feed(alice, actor=alice, now=timezone.now())
    return reverse("calendar_feed", args=[token])


def events_of(response) -> list:
    assert response.status_code == 200, response.status_code
    return Calendar.from_ical(response.content).walk("VEVENT")


def soon(account, days=1, **fields):
    """A visit some days from the real today: the door reads the clock."""
    return make_visit(account, (timezone.localdate() - dt.date(2026, 3, 16)).days + days, **fields)


@pytest.mark.django_db
class TestAddress:
    def test_only_the_hash_is_kept_and_the_page_shows_it_once(self, client_for, alice):
        client = client_for(alice)
        page = client.post(reverse("interactions:feed_create")).content.decode()
        token = re.search(r"/calendar/([\w-]{43})\.ics", page)[1]
        assert CalendarFeed.objects.get().token_hash == feeds.digest_of(token)
        assert token not in client.get(reverse("interactions:feed")).content.decode()
        entry = AuditEntry.objects.get(action="calendar_feed.created")
        assert token not in str(entry.changes)

    def test_needs_no_login_and_may_not_be_kept(self, client, address):
        response = client.get(address)
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert client.post(address).status_code == 405

    def test_renewing_ends_the_old_address(self, client, client_for, alice, address):
        client_for(alice).post(reverse("interactions:feed_create"))
        assert client.get(address).status_code == 404
        assert CalendarFeed.objects.count() == 1

    def test_revoked_unknown_and_deactivated_look_the_same(self, client, client_for, alice, address):
        unknown = client.get(reverse("calendar_feed", args=["A" * 43]))
        odd = client.get("/calendar/%00.ics")
        User.objects.filter(pk=alice.pk).update(is_active=False)
        deactivated = client.get(address)
        User.objects.filter(pk=alice.pk).update(is_active=True)
        assert client.get(address).status_code == 200
        client_for(alice).post(reverse("interactions:feed_revoke"))
        revoked = client.get(address)
        assert [r.status_code for r in (unknown, odd, deactivated, revoked)] == [404] * 4
        assert not CalendarFeed.objects.exists()
        assert AuditEntry.objects.filter(action="calendar_feed.revoked").exists()

    def test_revoking_twice_is_said(self, client_for, alice):
        response = client_for(alice).post(reverse("interactions:feed_revoke"), follow=True)
        assert "no calendar address" in response.content.decode()

    def test_reading_is_noted_once_an_hour(self, alice):
        feed, _token = feeds.make_feed(alice, actor=alice, now=timezone.now())
        now = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)
        for minutes, noted in ((0, now), (59, now), (60, now + dt.timedelta(hours=1))):
            feeds.note_read(CalendarFeed.objects.get(), now=now + dt.timedelta(minutes=minutes))
            feed.refresh_from_db()
            assert feed.last_read_at == noted

    def test_whoever_asks_too_often_waits(self, client, address, monkeypatch):
        from interactions.views.feeds import FeedThrottle  # noqa: PLC0415

        monkeypatch.setattr(FeedThrottle, "rate", "2/hour")
        answers = [client.get(address) for _number in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[-1]["Retry-After"]) > 0


@pytest.mark.django_db
class TestWhatItHolds:
    def test_own_visits_to_accounts_that_are_still_seen(self, client, alice, account, foreign_account, ann, address):
        own = soon(account)
        soon(account, owner=ann)
        soon(foreign_account, owner=alice)
        assert [str(event["UID"]) for event in events_of(client.get(address))] == [f"{own.uid}@kam"]
        account.manager = None
        account.save()
        assert events_of(client.get(address)) == []

    def test_a_move_keeps_the_identity_and_counts_on(self, client, alice, account, address):
        visit = soon(account, start_time=dt.time(9))
        before = events_of(client.get(address))[0]
        services.move_visit(visit, visit.planned_date + DAY, actor=alice, today=timezone.localdate())
        after = events_of(client.get(address))[0]
        assert after["UID"] == before["UID"]
        assert after["SEQUENCE"] == before["SEQUENCE"] + 1
        assert after.decoded("DTSTART") - before.decoded("DTSTART") == DAY

    def test_cancellations_stay_for_thirty_days(self, client, alice, account, address):
        visit = soon(account)
        now = timezone.now()
        services.cancel_visit(visit, "客户出差", actor=alice, now=now - 29 * DAY)
        event = events_of(client.get(address))[0]
        assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
        Visit.objects.update(closed_at=now - 31 * DAY)
        assert events_of(client.get(address)) == []

    def test_without_a_time_it_is_a_day(self, client, account, address):
        visit = soon(account)
        event = events_of(client.get(address))[0]
        assert event["DTSTART"].params["VALUE"] == "DATE"
        assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (visit.planned_date, visit.planned_date + DAY)
        assert event["TRANSP"] == "TRANSPARENT"

    def test_words_are_in_the_owners_language(self, client, alice, account, address):
        soon(account)
        for language, name in (("en", "Dawn Machinery"), ("zh-hans", "晨光机械有限公司")):
            User.objects.filter(pk=alice.pk).update(language=language)
            assert name in str(events_of(client.get(address))[0]["SUMMARY"])

    def test_statements_do_not_grow(self, client, account, address, django_assert_max_num_queries):
        for number in range(12):
            soon(account, number + 1)
        with django_assert_max_num_queries(6):
            client.get(address)


@pytest.mark.django_db
class TestText:
    """RFC 5545: lines of at most 75 octets ended by CRLF, commas, semicolons, backslashes and line ends escaped."""

    def test_nothing_breaks_out(self, alice, account):
        account.name_en = "Long; name, with \\ and\nBEGIN:VALARM\r\n" + "客户" * 60
        visit = soon(account, purpose="a" * 150, start_time=dt.time(9))
        visit.account = account
        text = ical.feed([visit], alice)
        lines = text.split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        assert b"\n" not in text.replace(b"\r\n", b"")
        assert text.replace(b"\r\n ", b"").count(b"\r\nBEGIN:VALARM") == 1
        event = Calendar.from_ical(text).walk("VEVENT")[0]
        assert str(event["SUMMARY"]).replace("\r", "") == f"Visit: {account.name_en}".replace("\r", "")

    def test_invitation_tells_the_customer_nothing_of_ours(self, client_for, alice, account):
        visit = soon(account, start_time=dt.time(9), purpose="Review", due_date=timezone.localdate(), cadence_days=14)
        guest = Contact.objects.create(name='王"总"', email="wang@example.com")
        shy = Contact.objects.create(name="李四", email="li@example.com", no_email=True)
        for person in (guest, shy):
            person.employments.create(account=account)
        visit.contacts.set([guest, shy])
        response = client_for(alice).get(reverse("interactions:visit_invitation", args=[visit.pk]))
        calendar = Calendar.from_ical(response.content)
        event = calendar.walk("VEVENT")[0]
        assert response["Content-Disposition"].startswith('attachment; filename="dawn-machinery-')
        assert calendar["METHOD"] == "REQUEST"
        assert str(event["ORGANIZER"]) == f"mailto:{alice.email}"
        assert str(event["ATTENDEE"]) == "mailto:wang@example.com"
        assert not {"DESCRIPTION", "URL"} & set(event)

    def test_a_cancelled_visit_is_taken_back(self, client_for, alice, account):
        visit = soon(account)
        services.cancel_visit(visit, "x", actor=alice, now=timezone.now())
        response = client_for(alice).get(reverse("interactions:visit_invitation", args=[visit.pk]))
        calendar = Calendar.from_ical(response.content)
        assert (calendar["METHOD"], calendar.walk("VEVENT")[0]["STATUS"]) == ("CANCEL", "CANCELLED")


class TestZones:
    """Whatever the zone and the day, daylight-saving changes included, the calendar says the same moment."""

    @given(
        zone=st.sampled_from(ZONES),
        day=st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31)),
        time=st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        minutes=st.integers(5, 24 * 60),
    )
    @settings(deadline=None)
    def test_start_and_length(self, zone, day, time, minutes):
        check(zone, day, time, minutes)

    @pytest.mark.parametrize(
        ("zone", "day", "time"),
        [
            ("Europe/Berlin", dt.date(2026, 3, 29), dt.time(2, 30)),  # an hour that is not there
            ("Europe/Berlin", dt.date(2026, 10, 25), dt.time(2, 30)),  # an hour that is there twice
            ("America/New_York", dt.date(2026, 3, 8), dt.time(2, 15)),
            ("America/New_York", dt.date(2026, 11, 1), dt.time(1, 30)),
            ("Australia/Lord_Howe", dt.date(2026, 10, 4), dt.time(2, 15)),  # half an hour
        ],
    )
    def test_days_of_change(self, zone, day, time):
        check(zone, day, time, 60)


def check(zone: str, day: dt.date, time: dt.time | None, minutes: int) -> None:
    from accounts.models import Account  # noqa: PLC0415

    owner = User(username="a", name="A", email="a@example.com", time_zone=zone, language="en")
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    visit = Visit(
        pk=1, account=Account(pk=1, name="X"), owner=owner, planned_date=day, start_time=time, duration_minutes=minutes
    )
    visit.created_at = visit.updated_at = moment
    calendar = Calendar.from_ical(ical.invitation(visit, []))
    event = calendar.walk("VEVENT")[0]
    if time is None:
        assert event.decoded("DTSTART") == day
        return
    start = event.decoded("DTSTART")
    assert start.replace(tzinfo=None) == dt.datetime.combine(day, time)
    assert start.astimezone(dt.UTC) == dt.datetime.combine(day, time, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
    assert event.decoded("DURATION") == dt.timedelta(minutes=minutes)
    if zone != "UTC":
        assert event["DTSTART"].params["TZID"] == zone
        (rules,) = calendar.walk("VTIMEZONE")
        assert str(rules["TZID"]) == zone
        # What a reader makes of the rules alone, without a zone database of its own.
        written = rules.to_tz(lookup_tzid=False)
        assert dt.datetime.combine(day, time, tzinfo=written).utcoffset() == start.utcoffset()
