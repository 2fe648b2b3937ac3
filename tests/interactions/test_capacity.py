"""Capacity: whose one may set, and the coming weeks against it."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditEntry
from core.models import CalendarDay
from interactions import services
from interactions.errors import CapacityOfOthers
from interactions.models import Capacity
from interactions.workweeks import WEEKS, week_starts, workloads
from tests.factories import TODAY
from tests.factories.interactions import make_visit
from tests.factories.users import make_leave


class TestSet:
    def test_sets_changes_and_takes_back(self, alice, lee):
        services.set_capacity(alice, 2, actor=lee)
        services.set_capacity(alice, 0, actor=lee)
        services.set_capacity(alice, 0, actor=lee)
        assert Capacity.objects.get().visits_per_day == 0
        services.set_capacity(alice, None, actor=lee)
        assert not Capacity.objects.exists()
        entries = AuditEntry.objects.filter(action="capacity.set").order_by("pk")
        assert [entry.changes["visits_per_day"] for entry in entries] == [[None, 2], [2, 0], [0, None]]

    def test_only_those_who_lead_the_person(self, request, alice, ann, mallory, lee, dora):
        for actor in (alice, ann, mallory):
            with pytest.raises(CapacityOfOthers):
                services.set_capacity(alice, 2, actor=actor)
        with pytest.raises(CapacityOfOthers):
            services.set_capacity(mallory, 2, actor=lee)
        services.set_capacity(mallory, 2, actor=dora)

    def test_refuses_nonsense(self, alice, dora):
        with pytest.raises(ValidationError):
            services.set_capacity(alice, 21, actor=dora)


class TestWeeks:
    @given(st.dates(dt.date(2025, 1, 1), dt.date(2030, 1, 1)))
    def test_begin_today_then_on_mondays(self, today):
        starts = week_starts(today)
        assert len(starts) == WEEKS
        assert starts[0] == today
        assert all(day.weekday() == 0 and (day - starts[0]).days <= 7 * n for n, day in enumerate(starts[1:], 1))

    def test_holidays_leave_and_capacity_count(self, account, alice, ann):
        make_leave(alice, 0, length=2)
        CalendarDay.objects.create(country="CN", date=TODAY + dt.timedelta(days=9), name="厂休")
        for days in (0, 1, 8):
            make_visit(account, days)
        load = workloads([alice.pk, ann.pk], TODAY, otherwise=3)[alice.pk]
        assert (load.own, load.per_day) == (None, 3)
        assert [(week.planned, week.capacity, week.days_away) for week in load.weeks[:3]] == [
            (2, 9, 2),
            (1, 12, 0),
            (0, 15, 0),
        ]

    def test_a_capacity_of_zero_is_over_with_one_visit(self, account, alice):
        Capacity.objects.create(user=alice, visits_per_day=0)
        make_visit(account, 1)
        week = workloads([alice.pk], TODAY, otherwise=4)[alice.pk].weeks[0]
        assert week.is_over
        assert week.share == 100

    def test_as_many_queries_for_one_as_for_many(self, alice, ann, lee, django_assert_num_queries):
        for people in ([alice.pk], [alice.pk, ann.pk, lee.pk]):
            with django_assert_num_queries(5):
                workloads(people, TODAY, otherwise=4)


class TestPages:
    def test_each_sees_their_own_and_leaders_their_people(self, client_for, alice, ann, lee, mallory, dora):
        url = reverse("interactions:capacity_list")
        seen = {p: {row.pk for row in client_for(p).get(url).context["page"]} for p in (alice, lee, dora)}
        assert seen[alice] == {alice.pk}
        assert seen[lee] == {lee.pk, alice.pk, ann.pk}
        assert mallory.pk in seen[dora]

    def test_a_leader_sets_and_takes_back(self, client_for, lee, alice, mallory):
        url = reverse("interactions:capacity_update", args=[alice.pk])
        assert client_for(lee).post(url, {"visits_per_day": "2"}).status_code == 302
        assert Capacity.objects.get().visits_per_day == 2
        own = client_for(lee).get(reverse("interactions:capacity_list"), {"own": "yes"})
        assert [row.pk for row in own.context["page"]] == [alice.pk]
        client_for(lee).post(url, {"visits_per_day": ""})
        assert not Capacity.objects.exists()
        other = reverse("interactions:capacity_update", args=[mallory.pk])
        assert client_for(lee).post(other, {"visits_per_day": "2"}).status_code == 404
        assert client_for(alice).get(url).status_code == 403


class TestApi:
    def test_put(self, api_for, lee, alice, ann, mallory):
        url = reverse("api:capacity-detail", args=[alice.pk])
        assert api_for(alice).get(url).json()["visits_per_day"] is None
        assert api_for(lee).put(url, {"visits_per_day": 0}).json()["visits_per_day"] == 0
        assert len(api_for(lee).get(reverse("api:capacity-list")).json()["results"]) == 1
        assert api_for(lee).put(url, {"visits_per_day": 99}).status_code == 400
        refused = api_for(alice).put(url, {"visits_per_day": 9})
        assert (refused.status_code, refused.json()["code"]) == (403, "capacity_of_others")
        assert api_for(ann).get(url).status_code == 404
        assert api_for(lee).put(url, {"visits_per_day": None}).status_code == 200
        assert not Capacity.objects.exists()
