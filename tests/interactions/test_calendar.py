"""The visit calendar: its list, the events behind it, and dropping a visit on another day."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import CalendarDay
from interactions import services, timetable
from interactions.models import Visit
from interactions.views import calendar
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.interactions import make_visit
from users.models import Leave

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def soon(account, days=1, **fields):
    return make_visit(account, (timezone.localdate() - TODAY).days + days, **fields)


def days_around(days=7):
    today = timezone.localdate()
    return {"start": (today - days * DAY).isoformat(), "end": (today + days * DAY).isoformat()}


def visits_of(response) -> list[dict]:
    assert response.status_code == 200
    return [event for event in response.json()["events"] if event.get("display") != "background"]


class TestPage:
    url = "/interactions/visits/calendar/"

    def test_the_list_needs_no_script(self, client_for, alice, account, foreign_account):
        soon(account, 0, start_time=dt.time(9, 30))
        soon(foreign_account, 0)
        for view in ("week", "month", "list"):
            page = client_for(alice).get(self.url, {"view": view}).content.decode()
            assert "Dawn Machinery" in page
            assert "09:30" in page
            assert "Southern Trading" not in page

    def test_holidays_make_up_days_and_leave_have_names(self, client_for, alice, account):
        today = timezone.localdate()
        soon(account, 0)
        CalendarDay.objects.create(country="CN", date=today, working=False, name="厂庆", name_en="Founders' day")
        Leave.objects.create(user=alice, from_date=today, until_date=today)
        page = client_for(alice).get(self.url).content.decode()
        assert "Founders&#x27; day" in page
        assert "Annual leave" in page

    def test_nonsense_is_today(self, client_for, alice):
        response = client_for(alice).get(self.url, {"date": "9999-12-31", "view": "x", "owner": "y"})
        assert response.context["span"] == timetable.week_of(timezone.localdate())

    def test_a_supervisor_sees_the_team(self, client_for, lee, alice, account, foreign_account):
        soon(account, 0)
        soon(foreign_account, 0)
        page = client_for(lee).get(self.url).content.decode()
        assert "Dawn Machinery" in page
        assert "Southern Trading" not in page


class TestEvents:
    url = "/interactions/visits/events/"

    def test_only_visits_to_accounts_that_are_seen(self, client_for, alice, account, foreign_account):
        visit = soon(account)
        soon(foreign_account, owner=alice)
        assert [e["id"] for e in visits_of(client_for(alice).get(self.url, days_around()))] == [str(visit.pk)]

    def test_whose(self, client_for, lee, alice, ann, mallory, account):
        mine, anns = soon(account), soon(account, owner=ann)
        client = client_for(lee)
        for query, expected in (
            ({}, {mine, anns}),
            ({"whose": "mine"}, set()),
            ({"owner": ann.pk}, {anns}),
            ({"team": alice.team_id}, {mine, anns}),
            ({"owner": mallory.pk}, set()),
        ):
            found = {e["id"] for e in visits_of(client.get(self.url, {**days_around(), **query}))}
            assert found == {str(visit.pk) for visit in expected}, query

    def test_states_and_who_may_move(self, client_for, alice, ann, account):
        soon(account, -1)
        done = soon(account, 1)
        services.complete_visit(done, actor=alice, now=timezone.now())
        soon(account, 2)
        query = {**days_around(), "owner": alice.pk}
        events = visits_of(client_for(alice).get(self.url, query))
        states = {(e["extendedProps"]["state"], e["editable"]) for e in events}
        assert {("overdue", True), ("done", False), ("planned", True)} <= states
        assert not any(e["editable"] for e in visits_of(client_for(ann).get(self.url, query)))

    def test_all_day_or_with_a_time(self, client_for, alice, account):
        soon(account, 1)
        soon(account, 1, start_time=dt.time(9), duration_minutes=90)
        whole, timed = sorted(visits_of(client_for(alice).get(self.url, days_around())), key=lambda e: e["start"])
        assert (whole["allDay"], timed["allDay"]) == (True, False)
        assert timed["start"].endswith("T09:00:00")
        assert timed["end"].endswith("T10:30:00")

    def test_the_range_is_limited(self, client_for, alice, account):
        soon(account, 100)
        query = {"start": timezone.localdate().isoformat(), "end": "2199-01-01"}
        assert visits_of(client_for(alice).get(self.url, query)) == []
        assert client_for(alice).get(self.url, {"start": "31.02.2026"}).status_code == 400
        assert client_for(alice).get(self.url).status_code == 200

    def test_many_are_capped_with_words(self, client_for, alice, account, monkeypatch):
        monkeypatch.setattr(calendar, "MOST_EVENTS", 2)
        for number in range(3):
            soon(account, number)
        body = client_for(alice).get(self.url, days_around()).json()
        assert len([e for e in body["events"] if e.get("display") != "background"]) == 2
        assert "first 2 visits" in body["note"]


class TestDrop:
    def drop(self, client, visit, day, **fields):
        return client.post(reverse("interactions:visit_drop", args=[visit.pk]), {"date": day.isoformat(), **fields})

    def free(self, days=5) -> dt.date:
        day = timezone.localdate() + days * DAY
        CalendarDay.objects.get_or_create(country="CN", date=day, defaults={"working": True, "name": "x"})
        return day

    def test_moves_and_pins(self, client_for, alice, account):
        visit, day = soon(account, start_time=dt.time(9)), self.free()
        assert self.drop(client_for(alice), visit, day, time="14:00").json()["moved"]
        visit.refresh_from_db()
        assert (visit.planned_date, visit.start_time, visit.pinned) == (day, dt.time(14), True)

    def test_onto_the_row_without_a_time(self, client_for, alice, account):
        visit, day = soon(account, start_time=dt.time(9)), self.free()
        self.drop(client_for(alice), visit, day)
        visit.refresh_from_db()
        assert visit.start_time is None

    def test_warns_and_moves_when_confirmed(self, client_for, alice, account):
        visit, day = soon(account), self.free()
        CalendarDay.objects.update(working=False, name="厂庆", name_en="Founders' day")
        client = client_for(alice)
        assert "Founders' day" in self.drop(client, visit, day).json()["warnings"][0]
        visit.refresh_from_db()
        assert visit.planned_date != day
        assert self.drop(client, visit, day, confirmed="on").json()["moved"]

    def test_refusals_say_why(self, client_for, alice, ann, mallory, account):
        visit = soon(account)
        past = self.drop(client_for(alice), visit, timezone.localdate() - DAY, confirmed="on")
        assert (past.status_code, past.json()["code"]) == (400, "visit_in_past")
        services.cancel_visit(Visit.objects.get(), "x", actor=alice, now=timezone.now())
        closed = self.drop(client_for(alice), visit, self.free())
        assert (closed.status_code, closed.json()["code"]) == (409, "visit_closed")
        assert self.drop(client_for(ann), visit, self.free()).status_code == 403
        assert self.drop(client_for(mallory), visit, self.free()).status_code == 404
        assert client_for(alice).post(reverse("interactions:visit_drop", args=[visit.pk])).status_code == 400


class TestSpans:
    @pytest.mark.parametrize("day", [dt.date(2026, 11, 1), dt.date(2026, 11, 30), dt.date(2024, 2, 29)])
    def test_a_month_is_whole_weeks(self, day):
        span = timetable.month_of(day)
        assert (span.first.weekday(), span.last.weekday()) == (0, 6)
        assert span.first <= day.replace(day=1)
        assert (span.following - DAY) <= span.last
        assert timetable.month_of(span.following).previous == day.replace(day=1)

    def test_holidays_of_two_countries_say_whose(self, client_for, alice, account):
        abroad = AccountFactory(manager=alice, country="Germany")
        today = timezone.localdate()
        soon(account, 0)
        soon(abroad, 0)
        CalendarDay.objects.create(country="DE", date=today, working=False, name="Feiertag", name_en="Holiday")
        body = client_for(alice).get("/interactions/visits/events/", days_around()).json()
        assert "Holiday (Germany)" in [event["title"] for event in body["events"]]
