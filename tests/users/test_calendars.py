"""Working calendars: administrators enter, everybody reads; pasted lists; provisional until confirmed."""

import datetime as dt

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from core.models import CalendarDay, CalendarYear
from core.workdays import package_days, work_calendars
from users import services
from users.calendars import parse_lines
from users.errors import CalendarForAdministrators, CalendarLinesWrong, CalendarYearUnknown

PUBLISHED = """2027-02-05..2027-02-11 off 春节 | Spring Festival

2027/2/13 work 调休上班
2027年2月21日 班
2027.3.1, 休，厂庆
"""


def day(text="2027-02-14", **fields):
    return CalendarDay(country="CN", date=dt.date.fromisoformat(text), **{"working": True, "name": "调休", **fields})


def calendar(year=2027, country="CN"):
    return work_calendars([country], dt.date(year, 1, 1), dt.date(year, 12, 31))[country]


class TestServices:
    def test_a_day_counts_and_is_recorded(self, root):
        row = services.set_calendar_day(day(), actor=root)
        assert calendar().is_working(dt.date(2027, 2, 14))
        assert AuditEntry.objects.of(row).get().action == "calendar_day.set"

    def test_the_same_day_again_is_a_correction(self, root):
        row = services.set_calendar_day(day(), actor=root)
        services.set_calendar_day(day(working=False, name="春节"), actor=root)
        assert CalendarDay.objects.get().name == "春节"
        assert AuditEntry.objects.of(row).count() == 2

    def test_removed_days_are_the_packages_again(self, root):
        row = services.set_calendar_day(day("2027-01-01"), actor=root)
        assert calendar().is_working(dt.date(2027, 1, 1))
        services.remove_calendar_day(row, actor=root)
        assert not calendar().is_working(dt.date(2027, 1, 1))

    def test_only_administrators(self, dora, alice):
        for actor in (dora, alice):
            for call in (
                lambda actor=actor: services.set_calendar_day(day(), actor=actor),
                lambda actor=actor: services.fill_calendar_year("CN", 2027, actor=actor),
                lambda actor=actor: services.import_calendar_days("CN", 2027, PUBLISHED, actor=actor),
                lambda actor=actor: services.confirm_calendar_year("CN", 2027, confirmed=True, actor=actor),
            ):
                with pytest.raises(CalendarForAdministrators):
                    call()

    def test_fill_enters_what_nobody_has_entered(self, root):
        services.set_calendar_day(day("2027-01-01", working=False, name="元旦假"), actor=root)
        number = services.fill_calendar_year("CN", 2027, actor=root)
        assert number == len(package_days("CN", 2027)) - 1
        assert CalendarDay.objects.get(date="2027-01-01").name == "元旦假"
        row = CalendarDay.objects.get(date="2027-10-01")
        assert (row.name, row.name_en) == ("国庆节", "National Day")
        assert services.fill_calendar_year("CN", 2027, actor=root) == 0

    def test_confirmation(self, root):
        services.confirm_calendar_year("CN", 2027, confirmed=True, actor=root)
        services.confirm_calendar_year("CN", 2027, confirmed=True, actor=root)
        assert calendar().provisional_years == set()
        services.confirm_calendar_year("CN", 2027, confirmed=False, actor=root)
        assert calendar().provisional_years == {2027}
        actions = AuditEntry.objects.of(CalendarYear.objects.get()).values_list("action", flat=True)
        assert sorted(actions) == ["calendar.confirmed", "calendar.reopened"]

    @pytest.mark.parametrize(("country", "year"), [("XX", 2027), ("cn", 2027), ("CN", 1900), ("CN", 10**9)])
    def test_refuses_calendars_that_cannot_be(self, root, country, year):
        with pytest.raises(CalendarYearUnknown):
            services.fill_calendar_year(country, year, actor=root)


class TestPastedLines:
    def test_all_ways_of_writing(self, root):
        assert services.import_calendar_days("CN", 2027, PUBLISHED, actor=root) == 10
        rows = {f"{row.date:%m-%d}": (row.working, row.name, row.name_en) for row in CalendarDay.objects.all()}
        assert rows["02-05"] == rows["02-11"] == (False, "春节", "Spring Festival")
        assert rows["02-13"] == (True, "调休上班", "")
        assert rows["02-21"] == (True, "调休上班", "Make-up working day")
        assert rows["03-01"] == (False, "厂庆", "")
        entry = AuditEntry.objects.get(action="calendar.imported")
        assert entry.changes == {"days": [None, 10]}

    def test_again_changes_what_differs(self, root):
        services.import_calendar_days("CN", 2027, "2027-02-06 off 春节", actor=root)
        services.import_calendar_days("CN", 2027, "2027-02-06 work 值班", actor=root)
        assert (CalendarDay.objects.get().working, CalendarDay.objects.get().name) == (True, "值班")

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            ("2027-02-30 off x", "no such day"),
            ("2026-02-06 off x", "another year"),
            ("2027-02-06", "write a date"),
            ("02/06/2027 off x", "write a date"),
            ("2027-02-06 maybe x", "second word"),
            ("2027-02-06..2027-02-01 off x", "before the first"),
            ("2027-02-06..2027-12-01 off x", "before the first"),
            ("2027-02-06 off " + "长" * 81, "longer than 80"),
            ("2027-03-01 off a\n2027-03-01 off b", "twice"),
        ],
    )
    def test_says_what_is_wrong_with_which_line(self, root, line, problem):
        with pytest.raises(CalendarLinesWrong) as error:
            services.import_calendar_days("CN", 2027, f"2027-05-01 off 劳动节\n{line}", actor=root)
        assert problem in error.value.lines[0]
        assert error.value.lines[0].startswith(("Line 2", "Line 3"))
        assert not CalendarDay.objects.exists()

    def test_refuses_nothing_and_too_much(self):
        for text in ("", " \n ", "2027-02-06 off x\n" * 401):
            assert parse_lines(text, "CN", 2027)[1]


class TestPages:
    def test_everybody_reads_and_only_administrators_find_the_forms(self, client_for, alice, root):
        url = reverse("users:calendar_year", args=["CN", 2026])
        page = client_for(alice).get(url).text
        assert "Provisional" in page
        assert "Chinese New Year" in page
        assert "Paste the published list" not in page
        assert "Paste the published list" in client_for(root).get(url).text

    def test_year_that_cannot_be_is_not_found(self, client_for, root):
        for country, year in (("XX", 2026), ("CN", 1999), ("CN", 2100)):
            assert client_for(root).get(reverse("users:calendar_year", args=[country, year])).status_code == 404

    def test_months_show_holidays_and_make_up_days(self, client_for, alice):
        months = client_for(alice).get(reverse("users:calendar_year", args=["CN", 2026])).context["months"]
        kinds = {cell.date: cell.kind for _first, weeks in months for week in weeks for cell in week if cell}
        assert len(kinds) == 365
        assert [kinds[dt.date(2026, 2, n)] for n in (13, 14, 15, 16, 28)] == [
            "work",
            "makeup",
            "weekend",
            "off",
            "makeup",
        ]

    def test_enter_paste_fill_confirm_remove(self, client_for, root):
        client = client_for(root)
        data = {"date": "2027-02-14", "working": "1", "name": "调休"}
        assert client.post(reverse("users:calendar_day_set", args=["CN", 2027]), data).status_code == 302
        assert client.post(reverse("users:calendar_import", args=["CN", 2027]), {"text": PUBLISHED}).status_code == 302
        assert client.post(reverse("users:calendar_fill", args=["CN", 2027])).status_code == 302
        assert client.post(reverse("users:calendar_confirm", args=["CN", 2027])).status_code == 302
        row = CalendarDay.objects.get(date="2027-02-14")
        assert client.post(reverse("users:calendar_day_remove", args=[row.pk])).status_code == 302
        assert CalendarYear.objects.get().confirmed
        assert not CalendarDay.objects.filter(pk=row.pk).exists()

    def test_errors_keep_what_was_typed(self, client_for, root):
        client = client_for(root)
        page = client.post(reverse("users:calendar_import", args=["CN", 2027]), {"text": "2027-13-01 off 春节"})
        assert "no such day" in page.text
        assert "2027-13-01 off 春节" in page.text
        page = client.post(reverse("users:calendar_day_set", args=["CN", 2027]), {"date": "2026-02-14", "name": "调休"})
        assert "not in 2027" in page.text
        assert "调休" in page.text

    def test_choice_of_another_calendar(self, client_for, alice):
        answer = client_for(alice).get(reverse("users:calendar_list"), {"country": "DE", "year": "2027"})
        assert answer.url == reverse("users:calendar_year", args=["DE", 2027])
        assert client_for(alice).get(reverse("users:calendar_list"), {"country": "XX"}).status_code == 200


class TestApi:
    def test_enter_and_remove(self, api_for, root, alice):
        url = reverse("api:calendar-day-list")
        body = {"country": "CN", "date": "2027-02-14", "working": True, "name": "调休上班"}
        made = api_for(root).post(url, body)
        assert made.status_code == 201
        assert api_for(root).post(url, {**body, "name": "补班"}).json()["id"] == made.json()["id"]
        assert (
            api_for(alice).get(url, {"country": "CN", "date_after": "2027-01-01"}).json()["results"][0]["name"]
            == "补班"
        )
        refused = api_for(alice).post(url, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "calendar_for_administrators")
        assert api_for(root).post(url, {**body, "country": "XX"}).json()["code"] == "calendar_year_unknown"
        assert api_for(root).delete(reverse("api:calendar-day-detail", args=[made.json()["id"]])).status_code == 204
