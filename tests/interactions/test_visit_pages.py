"""The pages of visits: list, detail, planning with a warning, moving, cancelling, completing, the route."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from core.models import CalendarDay
from interactions import services
from interactions.models import Visit
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.interactions import make_visit
from users.models import Leave, User

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DAY = dt.timedelta(days=1)


def now_days() -> int:
    """Days from the day of the factories to the real today, which the pages read."""
    return (timezone.localdate() - TODAY).days


def soon(account, days=1, **fields):
    return make_visit(account, now_days() + days, **fields)


def workday(days: int = 3) -> dt.date:
    """A Wednesday in some weeks, which no calendar calls a holiday."""
    day = timezone.localdate() + days * 7 * DAY
    day += (2 - day.weekday()) * DAY
    CalendarDay.objects.get_or_create(country="CN", date=day, defaults={"working": True, "name": "x"})
    return day


def html(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestList:
    url = "/interactions/visits/"

    def test_page_and_rows(self, client_for, alice, account, foreign_account):
        soon(account)
        soon(foreign_account)
        page, rows = html(client_for(alice).get(self.url)), html(client_for(alice).get(self.url, headers=HTMX))
        assert "<html" in page
        assert "<html" not in rows
        for text in (page, rows):
            assert "Dawn Machinery" in text
            assert "Southern Trading" not in text

    def test_what_is_to_be_done_unless_asked_otherwise(self, client_for, alice, account):
        late, next_one, done = soon(account, -1), soon(account, 5), soon(account, 2)
        services.complete_visit(done, actor=alice, now=timezone.now())
        client = client_for(alice)
        following = set(Visit.objects.values_list("pk", flat=True)) - {late.pk, next_one.pk, done.pk}

        def found(query):
            return [row.pk for row in client.get(f"{self.url}?{query}").context["page"] if row.pk not in following]

        assert found("") == [late.pk, next_one.pk]
        assert found("status=overdue") == [late.pk]
        assert found("status=done") == [done.pk]
        assert found("status=all") == [next_one.pk, done.pk, late.pk]

    def test_overdue_is_said_in_words(self, client_for, alice, account):
        soon(account, -1)
        assert "Overdue" in html(client_for(alice).get(self.url, headers=HTMX))

    @pytest.mark.parametrize(
        ("query", "count"), [("city=苏州", 1), ("city=南京", 0), ("source=policy", 0), ("source=manual", 1)]
    )
    def test_filters(self, client_for, alice, account, query, count):
        account.city = "苏州"
        account.save()
        soon(account)
        assert len(client_for(alice).get(f"{self.url}?{query}").context["page"].rows) == count

    def test_by_person_and_team(self, client_for, lee, alice, ann, south, north, account):
        soon(account)
        client = client_for(lee)
        for query, count in (
            (f"owner={alice.pk}", 1),
            (f"owner={ann.pk}", 0),
            (f"team={north.pk}", 1),
            (f"team={south.pk}", 0),
            (f"account={account.pk}", 1),
        ):
            assert len(client.get(f"{self.url}?{query}").context["page"].rows) == count, query


class TestDetail:
    def test_says_why_and_with_whom(self, client_for, ann, account):
        visit = soon(account, cadence_days=14, due_date=timezone.localdate())
        person = Contact.objects.create(name="王总")
        person.employments.create(account=account)
        visit.contacts.add(person)
        page = html(client_for(ann).get(visit.get_absolute_url()))
        assert "every 14 days" in page
        assert "王总" in page
        assert "Read only" in page
        assert reverse("interactions:visit_move", args=[visit.pk]) not in page

    def test_a_missed_visit_can_still_be_done(self, client_for, alice, account):
        visit = soon(account, -10)
        services.miss_overdue(today=timezone.localdate(), now=timezone.now())
        assert reverse("interactions:visit_complete", args=[visit.pk]) in html(
            client_for(alice).get(visit.get_absolute_url())
        )


class TestPlan:
    def url(self, account):
        return f"{reverse('interactions:visit_create')}?account={account.pk}"

    def body(self, alice, day, **fields):
        return {"planned_date": day.isoformat(), "owner": alice.pk, "duration_minutes": 60, **fields}

    def test_asks_for_the_account_first(self, client_for, alice, account, foreign_account):
        client, url = client_for(alice), reverse("interactions:visit_create")
        assert "account" in client.get(url).context["form"].fields
        assert client.get(url, {"account": account.code}).context["account"] == account
        assert "account" in client.get(url, {"account": foreign_account.code}).context["form"].errors
        assert client.get(url, {"account": foreign_account.pk}).status_code == 404

    def test_proposes_a_day_with_room(self, client_for, alice, account):
        today = timezone.localdate()
        for number in range(1, 15):
            CalendarDay.objects.create(country="CN", date=today + number * DAY, working=number > 3, name="x")
        Leave.objects.create(user=alice, from_date=today + 4 * DAY, until_date=today + 5 * DAY)
        for _number in range(4):
            soon(account, 6, source="manual")
        form = client_for(alice).get(self.url(account)).context["form"]
        assert form.initial["planned_date"] == today + 7 * DAY

    def test_is_planned_with_people(self, client_for, alice, account):
        person = Contact.objects.create(name="王总")
        person.employments.create(account=account)
        body = self.body(alice, workday(), start_time="09:30", purpose="Review", contacts=[person.pk])
        response = client_for(alice).post(self.url(account), body)
        visit = Visit.objects.get()
        assert response["Location"] == visit.get_absolute_url()
        assert (visit.start_time, visit.purpose, visit.pinned) == (dt.time(9, 30), "Review", True)
        assert list(visit.contacts.all()) == [person]

    def test_people_of_others_are_no_choice(self, client_for, alice, account, foreign_account):
        stranger = Contact.objects.create(name="他人")
        stranger.employments.create(account=foreign_account)
        response = client_for(alice).post(self.url(account), self.body(alice, workday(), contacts=[stranger.pk]))
        assert list(response.context["form"].errors) == ["contacts"]

    def test_a_holiday_is_warned_about_and_allowed(self, client_for, alice, account):
        client, day = client_for(alice), workday()
        CalendarDay.objects.filter(date=day).update(working=False, name="Founders' day")
        body = self.body(alice, day, purpose="kept")
        warned = client.post(self.url(account), body)
        assert "Founders&#x27; day" in html(warned)
        assert 'value="kept"' in html(warned)
        assert not Visit.objects.exists()
        key = warned.context["form"].key
        other = self.body(alice, day + DAY, confirmed=key)
        CalendarDay.objects.create(country="CN", date=day + DAY, working=False, name="Day after")
        assert "Day after" in html(client.post(self.url(account), other)), "The tick was for another day."
        assert client.post(self.url(account), {**body, "confirmed": key}).status_code == 302
        assert Visit.objects.get().planned_date == day

    def test_leave_and_a_full_day_are_warned_about(self, client_for, alice, account):
        day = workday()
        Leave.objects.create(user=alice, from_date=day, until_date=day)
        days = (day - timezone.localdate()).days
        for _number in range(4):
            soon(account, days)
        warnings = client_for(alice).post(self.url(account), self.body(alice, day)).context["warnings"]
        assert len(warnings) == 2

    def test_yesterday_is_refused_beside_the_field(self, client_for, alice, account):
        body = self.body(alice, timezone.localdate() - DAY)
        body["confirmed"] = f"{body['planned_date']}:{alice.pk}"
        form = client_for(alice).post(self.url(account), body).context["form"]
        assert list(form.errors) == ["planned_date"]

    def test_a_reader_may_not(self, client_for, ann, account):
        assert client_for(ann).get(self.url(account)).status_code == 403


class TestMove:
    def move(self, client, visit, day, **fields):
        body = {"planned_date": day.isoformat(), "owner": visit.owner_id, **fields}
        return client.post(reverse("interactions:visit_move", args=[visit.pk]), body)

    def test_goes_back_to_where_it_came_from(self, client_for, alice, account):
        visit, day = soon(account), workday()
        response = self.move(client_for(alice), visit, day, start_time="10:00", next="/interactions/visits/")
        assert response["Location"] == "/interactions/visits/"
        visit.refresh_from_db()
        assert (visit.planned_date, visit.start_time, visit.pinned, visit.sequence) == (day, dt.time(10), True, 1)

    def test_but_never_to_another_site(self, client_for, alice, account):
        visit = soon(account)
        response = self.move(client_for(alice), visit, workday(), next="https://evil.example/")
        assert response["Location"] == visit.get_absolute_url()

    def test_a_closed_one_says_so(self, client_for, alice, account):
        visit = soon(account)
        services.cancel_visit(visit, "x", actor=alice, now=timezone.now())
        response = self.move(client_for(alice), visit, workday())
        assert response.context["form"].non_field_errors()


class TestClose:
    def test_cancelling_needs_a_reason(self, client_for, alice, account):
        visit, client = soon(account), client_for(alice)
        url = reverse("interactions:visit_cancel", args=[visit.pk])
        assert list(client.post(url, {"reason": " "}).context["form"].errors) == ["reason"]
        assert client.post(url, {"reason": "客户出差"}).status_code == 302
        visit.refresh_from_db()
        assert (visit.status, visit.closing_note) == ("cancelled", "客户出差")

    def test_two_people_complete_the_same_visit(self, client_for, alice, lee, account):
        visit = soon(account, 0)
        url = reverse("interactions:visit_complete", args=[visit.pk])
        first, second = (client_for(person).post(url, follow=True).content.decode() for person in (alice, lee))
        assert "The visit is done." in first
        assert "The visit is done." not in second
        visit.refresh_from_db()
        assert (visit.status, visit.closed_by) == ("done", alice)
        assert str(services.visits.VisitClosed.message).split(".")[0] in second

    def test_details_are_changed(self, client_for, alice, account):
        visit = soon(account)
        url = reverse("interactions:visit_update", args=[visit.pk])
        client_for(alice).post(url, {"duration_minutes": 90, "purpose": "New", "start_time": "08:00"})
        visit.refresh_from_db()
        assert (visit.duration_minutes, visit.purpose, visit.start_time) == (90, "New", dt.time(8))


class TestRoute:
    def test_by_city_then_time_then_address(self, client_for, alice):
        made = {}
        for name, city, street, time in (
            ("a", "南京", "2 Street", None),
            ("b", "苏州", "9 Street", dt.time(14)),
            ("c", "苏州", "1 Street", dt.time(9)),
            ("d", "南京", "1 Street", None),
            ("e", "", "", None),
        ):
            account = AccountFactory(manager=alice, name_en=name, city=city, address=street)
            made[name] = soon(account, 1, start_time=time)
        day = timezone.localdate() + DAY
        response = client_for(alice).get(reverse("interactions:visit_route"), {"date": day.isoformat()})
        stops = [(stop.city, [visit.account.name_en for visit in stop.visits]) for stop in response.context["stops"]]
        assert stops == [("苏州", ["c", "b"]), ("南京", ["d", "a"]), ("", ["e"])]


class TestAccountPages:
    def test_columns_and_filters_of_the_list(self, client_for, alice, account):
        today = timezone.localdate()
        other, new = AccountFactory(manager=alice, code="B"), AccountFactory(manager=alice, code="C")
        for row, last, due in ((account, -40, -10), (other, -3, 11), (new, None, 0)):
            row.summary.last_contact_date = last and today + last * DAY
            row.summary.contact_due_date = today + due * DAY
            row.summary.save()
        client = client_for(alice)

        def codes(query):
            return [row.code for row in client.get(f"/accounts/?sort=code&{query}").context["page"]]

        assert codes("contact=overdue") == ["ALICE-1"]
        assert codes("contact=covered") == ["B"]
        assert codes("contact=never") == ["C"]
        page = html(client.get("/accounts/?sort=-last_contact"))
        assert [row.code for row in client.get("/accounts/?sort=-last_contact").context["page"]] == [
            "B",
            "ALICE-1",
            "C",
        ]
        assert page.count('class="overdue"') == 1

    def test_vital_signs_link_to_their_rows(self, client_for, alice, account):
        services.plan_visit(
            Visit(account=account, owner=alice, planned_date=workday()), actor=alice, today=timezone.localdate()
        )
        page = html(client_for(alice).get(account.get_absolute_url()))
        for link in (
            f"{reverse('interactions:visit_list')}?account={account.pk}",
            f"{reverse('interactions:visit_create')}?account={account.pk}",
            reverse("interactions:account_panel", args=[account.pk]),
        ):
            assert link in page

    def test_dates_over_rest(self, api_for, alice, account):
        services.plan_visit(
            Visit(account=account, owner=alice, planned_date=workday()), actor=alice, today=timezone.localdate()
        )
        body = api_for(alice).get(reverse("api:account-detail", args=[account.pk])).json()
        assert body["next_visit_date"] == workday().isoformat()
        assert (body["last_contact_date"], body["contact_due_date"]) == (None, None)


class TestZones:
    def test_the_calendar_shows_the_readers_time_and_moves_in_the_owners(self, client_for, alice, lee, account):
        User.objects.filter(pk=lee.pk).update(time_zone="Europe/Berlin")
        day = workday()
        visit = make_visit(account, (day - TODAY).days, start_time=dt.time(3))
        client = client_for(lee)
        query = {"start": (day - 3 * DAY).isoformat(), "end": (day + 3 * DAY).isoformat(), "whose": "all"}
        (event,) = [
            e
            for e in client.get(reverse("interactions:visit_events"), query).json()["events"]
            if e["id"] == str(visit.pk)
        ]
        shown = dt.datetime.fromisoformat(event["start"])
        assert shown.date() == day - DAY
        body = {"date": day.isoformat(), "time": shown.strftime("%H:%M"), "confirmed": "on"}
        assert client.post(event["extendedProps"]["drop"], body).json()["moved"]
        visit.refresh_from_db()
        assert (visit.planned_date, visit.start_time) == (day + DAY, dt.time(3))
