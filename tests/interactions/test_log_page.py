"""Logging on one screen: the page, the dialog's fragments, what is refused and what stays."""

import datetime as dt
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from interactions.choices import StepKind
from interactions.forms.log import LogForm
from interactions.models import Interaction, NextStep, Visit
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction, make_visit

URL = reverse("interactions:interaction_log")
HTMX = {"HX-Request": "true"}


def typed(account, **changes):
    """What the form sends."""
    return {
        "client_key": str(uuid.uuid4()),
        "account": account.code,
        "kind": "call",
        "when": "now",
        "direction": "out",
        "steps-TOTAL_FORMS": "1",
        "steps-INITIAL_FORMS": "0",
        "steps-MIN_NUM_FORMS": "0",
        "steps-MAX_NUM_FORMS": "20",
        "steps-0-text": "",
        **changes,
    }


@pytest.fixture
def visit_of_today(account):
    visit = make_visit(account, 0)
    visit.planned_date = timezone.localdate()
    visit.save()
    return visit


class TestPage:
    def test_asks_for_the_account_first(self, client_for, alice, account, visit_of_today):
        make_interaction(account)
        text = client_for(alice).get(URL).content.decode()

        assert f"?visit={visit_of_today.pk}" in text
        assert f"?account={account.pk}" in text
        assert "<html" in text

    def test_knows_the_account_of_the_page_it_came_from(self, client_for, alice, account):
        contact = make_contact(account)
        response = client_for(alice).get(URL, {"account": account.pk, "contact": contact.pk}, headers=HTMX)
        text = response.content.decode()

        assert 'name="account" value="ALICE-1"' in text
        assert f'value="{contact.pk}" checked' in text
        assert "<html" not in text

    def test_a_contact_brings_its_only_account(self, client_for, alice, account):
        contact = make_contact(account)

        assert 'value="ALICE-1"' in client_for(alice).get(URL, {"contact": contact.pk}).content.decode()

    def test_a_visit_brings_account_kind_and_people(self, client_for, alice, account, visit_of_today):
        contact = make_contact(account)
        visit_of_today.contacts.add(contact)
        text = client_for(alice).get(URL, {"visit": visit_of_today.pk}).content.decode()

        assert f'name="visit" value="{visit_of_today.pk}"' in text
        assert 'name="kind" value="visit" required checked' in text
        assert f'value="{contact.pk}" checked' in text

    def test_a_late_visit_is_logged_for_its_day(self, client_for, alice, account):
        visit = make_visit(account, -1)
        form = client_for(alice).get(URL, {"visit": visit.pk}).context["form"]

        assert (form["when"].value(), form["day"].value()) == ("day", visit.planned_date)

    def test_somebody_elses_rows_are_left_out(self, client_for, mallory, account, visit_of_today):
        contact = make_contact(account, "绝密")
        for query in ({"account": account.pk}, {"visit": visit_of_today.pk}, {"contact": contact.pk}):
            text = client_for(mallory).get(URL, query).content.decode()
            assert "ALICE-1" not in text
            assert "绝密" not in text

    def test_a_reader_is_told_and_chooses_another(self, client_for, ann, account):
        text = client_for(ann).get(URL, {"account": account.pk}).content.decode()

        assert "You may read" in text
        assert 'name="account" value="ALICE-1"' not in text

    def test_search_finds_only_what_may_be_changed(self, client_for, alice, ann, mallory, account):
        url = reverse("interactions:log_search")

        assert f"?account={account.pk}" in client_for(alice).get(url, {"account": "晨光"}).content.decode()
        for person in (ann, mallory):
            assert "Dawn" not in client_for(person).get(url, {"account": "晨光"}).content.decode()

    def test_who_has_left_is_not_offered(self, client_for, alice, account):
        make_contact(account, "在职", position="")
        make_contact(account, "离职", until=dt.date(2020, 1, 1))
        text = client_for(alice).get(reverse("interactions:log_account"), {"account": account.pk}, headers=HTMX)

        assert "在职" in text.content.decode()
        assert "离职" not in text.content.decode()


class TestLogging:
    def test_saves_everything_on_the_screen(self, client_for, alice, ann, account):
        contact = make_contact(account)
        data = typed(
            account, kind="visit", outcome="good", mood="4", minutes="谈了**框架协议**", topics="价格，交期 , 价格"
        )
        data |= {"contacts": [contact.pk], "colleagues": [ann.pk], "place": "工厂", "duration_minutes": "45"}
        data |= {"consent": "on", "latitude": "31.23041", "longitude": "121.47370", "accuracy_m": "12"}
        data |= {"steps-0-text": "发报价", "steps-0-promise": "on", "steps-0-owner": ann.pk}
        data["files"] = [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")]
        response = client_for(alice).post(URL, data)

        row = Interaction.objects.get()
        assert response.url == row.get_absolute_url()
        assert (row.account, row.author, row.kind, row.outcome, row.mood) == (account, alice, "visit", "good", 4)
        assert {topic.name for topic in row.topics.all()} == {"价格", "交期"}
        assert [*row.contacts.all(), *row.colleagues.all()] == [contact, ann]
        assert (float(row.check_in.latitude), row.check_in.accuracy_m) == (31.23041, 12)
        assert [file.name for file in row.files.all()] == ["a.txt", "b.txt"]
        step = row.next_steps.get()
        assert (step.kind, step.owner, step.account) == (StepKind.PROMISE, ann, account)
        assert step.due_date == timezone.localdate() + dt.timedelta(days=7)

    def test_the_dialog_hears_that_it_was_saved(self, client_for, alice, account):
        response = client_for(alice).post(URL, typed(account), headers=HTMX)

        assert response.status_code == 201
        assert "data-log-done" in response.content.decode()

    def test_sent_twice_it_is_one(self, client_for, alice, account):
        data, client = typed(account, **{"steps-0-text": "发报价"}), client_for(alice)
        answers = [client.post(URL, data, headers=HTMX).status_code for _ in range(2)]

        assert answers == [201, 201]
        assert Interaction.objects.count() == NextStep.objects.count() == 1

    def test_a_visit_is_done_by_it(self, client_for, alice, account, visit_of_today):
        client_for(alice).post(URL, typed(account, kind="visit", visit=visit_of_today.pk))
        visit_of_today.refresh_from_db()

        assert visit_of_today.status == "done"
        assert visit_of_today.interaction == Interaction.objects.get()

    def test_no_position_is_kept_without_the_tick(self, client_for, alice, account):
        client_for(alice).post(URL, typed(account, latitude="31.23041", longitude="121.47370"))

        assert not hasattr(Interaction.objects.get(), "check_in")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"kind": ""}, "kind"),
            ({"account": "NO-SUCH"}, "account"),
            ({"when": "day"}, "day"),
            ({"when": "day", "day": "2999-01-01"}, "day"),
            ({"when": "day", "day": "1999-12-31"}, "day"),
            ({"minutes": "x" * 50_001}, "minutes"),
            ({"topics": "x" * 41}, "topics"),
            ({"consent": "on"}, "consent"),
            ({"consent": "on", "latitude": "91", "longitude": "0"}, "latitude"),
            ({"duration_minutes": "-5"}, "duration_minutes"),
        ],
    )
    def test_a_refusal_keeps_what_was_typed(self, client_for, alice, account, changes, field):
        data = typed(account, title="季度会") | {"steps-0-text": "发报价"} | changes
        response = client_for(alice).post(URL, data, headers=HTMX)
        text = response.content.decode()

        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert 'value="季度会"' in text
        assert 'value="发报价"' in text
        assert data["client_key"] in text
        assert not Interaction.objects.exists()

    def test_a_step_that_is_refused_says_so_in_its_row(self, client_for, alice, account):
        data = typed(account, **{"steps-0-text": "发报价", "steps-0-due_date": "2020-01-01"})
        response = client_for(alice).post(URL, data)

        assert response.status_code == 200
        assert list(response.context["steps"][0].errors) == ["due_date"]
        assert not Interaction.objects.exists()

    def test_a_broken_photo_loses_nothing_else(self, client_for, alice, account):
        data = typed(account, title="季度会", photo=SimpleUploadedFile("x.jpg", b"no picture"))
        response = client_for(alice).post(URL, data, headers=HTMX)

        assert "photo" in response.context["form"].errors
        assert 'value="季度会"' in response.content.decode()
        assert not Interaction.objects.exists()

    def test_script_in_the_minutes_is_text(self, client_for, alice, account):
        client = client_for(alice)
        client.post(URL, typed(account, minutes="<script>alert(1)</script> [x](javascript:alert(1))"))
        row = Interaction.objects.get()
        pages = [row.get_absolute_url(), reverse("interactions:account_recent", args=[account.pk])]

        for address in pages:
            text = client.get(address, headers=HTMX if "recent" in address else {}).content.decode()
            assert "<script>alert" not in text
            assert 'href="javascript' not in text

    def test_fifty_thousand_characters_with_line_ends_of_browsers(self, client_for, alice, account):
        minutes = "\r\n".join("字" * 99 for _ in range(500))
        client_for(alice).post(URL, typed(account, minutes=minutes))

        assert len(Interaction.objects.get().minutes) == 49_999

    def test_somebody_elses_account_and_people_are_unknown(self, client_for, mallory, account, foreign_account):
        refused = client_for(mallory).post(URL, typed(account), headers=HTMX)
        stranger = client_for(mallory).post(
            URL, typed(foreign_account, contacts=[make_contact(account).pk]), headers=HTMX
        )

        assert "account" in refused.context["form"].errors
        assert "contacts" in stranger.context["form"].errors
        assert "晨光" not in refused.content.decode() + stranger.content.decode()

    def test_a_reader_may_not_log(self, client_for, ann, account):
        response = client_for(ann).post(URL, typed(account), headers=HTMX)

        assert "not change it" in str(response.context["form"].errors["account"])

    def test_nonsense_is_no_server_error(self, client_for, alice, account):
        data = typed(account, client_key="x", written_at="gestern", contacts=["x", "-1"], colleagues="9" * 30)
        data |= {"steps-TOTAL_FORMS": "x", "mood": "9", "latitude": "NaN", "accuracy_m": "9" * 30, "time": "25:99"}

        assert client_for(alice).post(URL, data, headers=HTMX).status_code == 422


class TestMoment:
    NOW = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)  # noon in Shanghai

    def moment(self, alice, account, **changes):
        form = LogForm(typed(account, **changes), user=alice)
        assert form.is_valid(), form.errors
        return form.moment(self.NOW).isoformat()

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, "2026-03-16T04:00:00+00:00"),
            ({"when": "today"}, "2026-03-16T04:00:00+00:00"),
            ({"when": "today", "time": "09:30"}, "2026-03-16T09:30:00+08:00"),
            ({"when": "yesterday"}, "2026-03-15T12:00:00+08:00"),
            ({"when": "yesterday", "time": "17:00"}, "2026-03-15T17:00:00+08:00"),
            ({"when": "day", "day": "2026-03-02", "time": "08:00"}, "2026-03-02T08:00:00+08:00"),
        ],
    )
    def test_is_in_the_users_zone(self, alice, account, changes, expected):
        assert self.moment(alice, account, **changes) == expected

    @pytest.mark.parametrize(
        ("written", "when", "expected"),
        [
            ("2026-03-14T15:30:00.000Z", "now", "2026-03-14T15:30:00+00:00"),
            ("2026-03-14T16:30:00.000Z", "today", "2026-03-14T16:30:00+00:00"),
            ("2026-03-14T16:30:00.000Z", "yesterday", "2026-03-14T12:00:00+08:00"),  # it was the 15th in Shanghai
            ("2026-03-17T00:00:00.000Z", "now", "2026-03-16T04:00:00+00:00"),  # a clock that is ahead
            ("2020-01-01T00:00:00.000Z", "now", "2026-03-16T04:00:00+00:00"),  # one that was never set
        ],
    )
    def test_what_arrives_late_happened_when_it_was_written(self, alice, account, written, when, expected):
        assert self.moment(alice, account, written_at=written, when=when) == expected

    @pytest.mark.parametrize("time", ["02:30", "01:30"])
    def test_days_on_which_the_clocks_change(self, alice, account, time):
        alice.time_zone = "Europe/Berlin"
        for day in ("2026-03-29", "2025-10-26"):
            form = LogForm(typed(account, when="day", day=day, time=time), user=alice)
            assert form.is_valid()
            assert form.moment(self.NOW).date().isoformat() == day


class TestNextVisit:
    URL = reverse("interactions:log_next")

    def test_is_planned_where_there_was_none(self, client_for, alice, account):
        day = timezone.localdate() + dt.timedelta(days=10)
        data = {"account": account.code, "planned_date": day.isoformat()}
        response = client_for(alice).post(self.URL, data, headers=HTMX)

        visit = Visit.objects.get()
        assert (visit.account, visit.owner, visit.planned_date, visit.pinned) == (account, alice, day, True)
        assert "Next visit" in response.content.decode()

    def test_is_moved(self, client_for, alice, account, visit_of_today):
        day = timezone.localdate() + dt.timedelta(days=10)
        data = {"account": account.code, "visit": visit_of_today.pk, "planned_date": day.isoformat()}
        client_for(alice).post(self.URL, data, headers=HTMX)
        visit_of_today.refresh_from_db()

        assert (visit_of_today.planned_date, visit_of_today.pinned) == (day, True)

    def test_a_day_that_is_over_is_refused_in_words(self, client_for, alice, account):
        data = {"account": account.code, "planned_date": "2020-01-01"}
        response = client_for(alice).post(self.URL, data, headers=HTMX)

        assert "field-error" in response.content.decode()
        assert not Visit.objects.exists()

    def test_readers_and_strangers_plan_nothing(self, client_for, ann, mallory, account):
        data = {"account": account.code, "planned_date": "2999-01-01"}

        assert client_for(ann).post(self.URL, data).status_code == 403
        client_for(mallory).post(self.URL, data)
        assert not Visit.objects.exists()


class TestUpdate:
    def url(self, row):
        return reverse("interactions:interaction_update", args=[row.pk])

    def test_shows_what_is_stored(self, client_for, alice, account):
        contact = make_contact(account)
        row = make_interaction(account, 2, title="季度会", minutes="旧", contacts=[contact], outcome="bad")
        text = client_for(alice).get(self.url(row)).content.decode()

        assert 'value="季度会"' in text
        assert f'value="{contact.pk}" checked' in text
        assert 'value="2026-03-14"' in text

    def test_changes_what_was_typed_and_leaves_the_moment(self, client_for, alice, account):
        row = make_interaction(account, 2, minutes="旧")
        before = row.occurred_at
        data = typed(account, kind="visit", when="day", day="2026-03-14", time="10:00", minutes="新")
        response = client_for(alice).post(self.url(row), {**data, "steps-0-text": "发报价"})
        row.refresh_from_db()

        assert response.url == row.get_absolute_url()
        assert (row.minutes, row.occurred_at, row.account) == ("新", before, account)
        assert row.next_steps.get().text == "发报价"

    def test_a_refusal_keeps_what_was_typed(self, client_for, alice, account):
        row = make_interaction(account, minutes="旧")
        response = client_for(alice).post(self.url(row), typed(account, kind="", minutes="新"))

        assert response.status_code == 200
        assert "新" in response.content.decode()
        row.refresh_from_db()
        assert row.minutes == "旧"
