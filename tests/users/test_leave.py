"""Leave: whose one may enter, that absences never overlap, pages and REST."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from tests.factories import TODAY
from tests.factories.users import make_leave
from users import services
from users.errors import LeaveOfOthers, LeaveOverlaps, LeaveTooLong, StandInInactive, StandInOneself
from users.models import Leave, User

DAY = dt.timedelta(days=1)


def absence(user, first=TODAY, last=None, **fields):
    return Leave(user=user, from_date=first, until_date=last or first, **fields)


class TestAdd:
    def test_leaves_an_entry(self, alice):
        leave = services.add_leave(absence(alice, TODAY, TODAY + 2 * DAY), actor=alice)
        entry = AuditEntry.objects.of(leave).get()
        assert (entry.action, entry.actor) == ("leave.added", alice)
        assert entry.changes["until_date"] == [None, "2026-03-18"]

    @pytest.mark.parametrize("actor", ["alice", "lee", "dora", "root"])
    def test_own_and_of_those_whom_one_leads(self, request, alice, actor):
        services.add_leave(absence(alice), actor=request.getfixturevalue(actor))
        assert alice.leaves.count() == 1

    @pytest.mark.parametrize("actor", ["ann", "mallory"])
    def test_refuses_others(self, request, alice, actor):
        with pytest.raises(LeaveOfOthers):
            services.add_leave(absence(alice), actor=request.getfixturevalue(actor))
        assert not Leave.objects.exists()

    def test_refuses_a_supervisor_of_another_team(self, lee, mallory):
        with pytest.raises(LeaveOfOthers):
            services.add_leave(absence(mallory), actor=lee)

    def test_refuses_an_overlap_and_names_it(self, alice):
        make_leave(alice, 7, length=3)
        with pytest.raises(LeaveOverlaps, match="2026-03-23 to 2026-03-25"):
            services.add_leave(absence(alice, TODAY, TODAY + 7 * DAY), actor=alice)
        services.add_leave(absence(alice, TODAY, TODAY + 6 * DAY), actor=alice)

    def test_colleagues_may_be_away_together(self, alice, ann):
        make_leave(alice, 0)
        services.add_leave(absence(ann), actor=ann)

    def test_refuses_nonsense(self, alice):
        with pytest.raises(ValidationError):
            services.add_leave(absence(alice, TODAY, TODAY - DAY), actor=alice)
        with pytest.raises(LeaveTooLong):
            services.add_leave(absence(alice, TODAY, dt.date(2062, 3, 16)), actor=alice)

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(spans=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10)), max_size=6))
    def test_never_two_absences_on_one_day(self, alice, spans):
        Leave.objects.all().delete()
        taken: set[int] = set()
        for start, length in spans:
            days = set(range(start, start + length))
            leave = absence(alice, TODAY + start * DAY, TODAY + (start + length - 1) * DAY)
            if days & taken:
                with pytest.raises(LeaveOverlaps):
                    services.add_leave(leave, actor=alice)
            else:
                services.add_leave(leave, actor=alice)
                taken |= days


class TestChange:
    def test_moves_and_records(self, alice):
        leave = make_leave(alice)
        leave.until_date += DAY
        services.update_leave(leave, actor=alice)
        assert AuditEntry.objects.of(leave).get().changes == {"until_date": ["2026-03-25", "2026-03-26"]}

    def test_stays_the_same_persons(self, lee, alice, ann):
        leave = make_leave(alice)
        leave.user = ann
        services.update_leave(leave, actor=lee)
        assert Leave.objects.get().user == alice

    def test_removal(self, alice, ann):
        leave = make_leave(alice)
        with pytest.raises(LeaveOfOthers):
            services.remove_leave(leave, actor=ann)
        pk = leave.pk
        services.remove_leave(leave, actor=alice)
        assert not Leave.objects.exists()
        assert AuditEntry.objects.get(object_id=pk, object_type="users.leave").action == "leave.removed"


class TestPages:
    def test_each_sees_their_own_and_their_peoples(self, client_for, alice, ann, lee, dora, mallory):
        make_leave(alice, note="alices")
        for person, sees in ((alice, True), (lee, True), (dora, True), (ann, False), (mallory, False)):
            text = client_for(person).get(reverse("users:leave_list")).text
            assert ("alices" in text) is sees

    def test_filters(self, client_for, lee, alice, ann):
        make_leave(alice, 7, note="alices")
        make_leave(ann, 40, note="anns")
        page = client_for(lee).get(reverse("users:leave_list"), {"day_after": "2026-04-01"})
        assert "anns" in page.text
        assert "alices" not in page.text
        assert "alices" in client_for(lee).get(reverse("users:leave_list"), {"user": alice.pk}).text

    def test_a_manager_enters_their_own(self, client_for, alice, ann):
        url = reverse("users:leave_create")
        data = {"user": ann.pk, "from_date": "2026-05-01", "until_date": "2026-05-03", "kind": "annual"}
        assert 'name="user"' not in client_for(alice).get(url).text
        assert client_for(alice).post(url, data).status_code == 302
        assert Leave.objects.get().user == alice

    def test_a_supervisor_chooses_among_their_people(self, client_for, lee, alice, mallory):
        url = reverse("users:leave_create")
        data = {"user": mallory.pk, "from_date": "2026-05-01", "until_date": "2026-05-03", "kind": "annual"}
        refused = client_for(lee).post(url, data)
        assert list(refused.context["form"].errors) == ["user"]
        assert client_for(lee).post(url, {**data, "user": alice.pk}).status_code == 302
        assert Leave.objects.get().user == alice

    def test_an_overlap_keeps_what_was_typed(self, client_for, alice):
        make_leave(alice)
        data = {"from_date": "2026-03-24", "until_date": "2026-03-30", "kind": "sick", "note": "手术"}
        page = client_for(alice).post(reverse("users:leave_create"), data)
        assert "overlap" in page.text
        assert "手术" in page.text

    def test_removal(self, client_for, alice, ann):
        leave = make_leave(alice)
        assert client_for(ann).post(reverse("users:leave_delete", args=[leave.pk])).status_code == 404
        client_for(alice).post(reverse("users:leave_delete", args=[leave.pk]))
        assert not Leave.objects.exists()


class TestApi:
    def test_round_trip(self, api_for, lee, alice, mallory):
        api, url = api_for(lee), reverse("api:leave-list")
        body = {"user": alice.pk, "from_date": "2026-05-01", "until_date": "2026-05-03", "kind": "annual", "note": ""}
        made = api.post(url, body)
        assert made.status_code == 201
        detail = reverse("api:leave-detail", args=[made.json()["id"]])
        assert api.patch(detail, {"until_date": "2026-05-04"}).json()["until_date"] == "2026-05-04"
        clash = api.post(url, body)
        assert (clash.status_code, clash.json()["code"]) == (409, "leave_overlaps")
        assert api.post(url, {**body, "user": mallory.pk}).json()["code"] == "leave_of_others"
        assert api.patch(detail, {"user": lee.pk}).status_code == 400
        assert api_for(mallory).get(detail).status_code == 404
        assert api.delete(detail).status_code == 204

    def test_list_is_scoped(self, api_for, alice, mallory):
        make_leave(mallory)
        assert api_for(alice).get(reverse("api:leave-list")).json()["results"] == []
        assert User.objects.whose_leave_is_editable_by(mallory).get() == mallory


class TestStandIn:
    """Who decides approvals during the absence."""

    def test_is_recorded(self, alice, ann):
        leave = services.add_leave(absence(alice, delegate=ann), actor=alice)
        assert AuditEntry.objects.of(leave).get().changes["delegate"] == [None, ann.pk]
        leave.delegate = None
        services.update_leave(leave, actor=alice)
        assert AuditEntry.objects.of(leave).first().changes == {"delegate": [ann.pk, None]}

    def test_is_another_active_user(self, alice, ann):
        with pytest.raises(StandInOneself):
            services.add_leave(absence(alice, delegate=alice), actor=alice)
        leave = services.add_leave(absence(alice, delegate=ann), actor=alice)
        User.objects.filter(pk=ann.pk).update(is_active=False)
        ann.refresh_from_db()
        with pytest.raises(StandInInactive):
            services.add_leave(absence(alice, TODAY + 9 * DAY, delegate=ann), actor=alice)
        leave = Leave.objects.get(pk=leave.pk)
        leave.note = "x"
        services.update_leave(leave, actor=alice)  # who was named before and left is no reason to refuse a note

    def test_on_the_form(self, client_for, alice, ann, lee):
        url = reverse("users:leave_create")
        data = {"from_date": "2026-05-01", "until_date": "2026-05-03", "kind": "annual", "delegate": alice.pk}
        refused = client_for(alice).post(url, data)
        assert refused.status_code == 200
        assert list(refused.context["form"].errors) == ["delegate"]
        assert "2026-05-01" in refused.text
        User.objects.filter(pk=ann.pk).update(is_active=False)
        assert client_for(alice).post(url, data | {"delegate": ann.pk}).context["form"].errors["delegate"]
        assert client_for(alice).post(url, data | {"delegate": lee.pk}).status_code == 302
        assert Leave.objects.get().delegate == lee
        assert "Lee" in client_for(alice).get(reverse("users:leave_list")).text

    def test_over_the_api(self, api_for, alice, ann):
        url = reverse("api:leave-list")
        body = {"user": alice.pk, "from_date": "2026-05-01", "until_date": "2026-05-03", "kind": "annual"}
        refused = api_for(alice).post(url, body | {"delegate": alice.pk})
        assert (refused.status_code, refused.json()["code"]) == (400, "stand_in_oneself")
        made = api_for(alice).post(url, body | {"delegate": ann.pk})
        assert made.status_code == 201
        assert made.json()["delegate"] == {"id": ann.pk, "name": "Ann"}
        left = api_for(alice).patch(reverse("api:leave-detail", args=[made.json()["id"]]), {"delegate": None})
        assert left.json()["delegate"] is None
