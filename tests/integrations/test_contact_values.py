"""Cells of a file of contacts: headings in three languages, birthdays in two calendars, choices by their words."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.people.columns import guess_columns, locate
from integrations.people.problems import BAD, FIELD_NAMES, SKIPPED, message_of
from integrations.people.values import Draft, name_key, read_birthday, read_choice, read_row
from integrations.tables.problems import RowBad
from orders.errors import MissingColumns, RepeatedColumn

POSITIONS = {name: number for number, name in enumerate(FIELD_NAMES)}


def row(**cells):
    values = [""] * len(FIELD_NAMES)
    for name, value in cells.items():
        values[POSITIONS[name]] = value
    return read_row(2, values, POSITIONS, len(values))


def codes(draft: Draft) -> list[tuple[str, str]]:
    return [(bad.code, bad.field) for bad in draft.problems]


class TestHeadings:
    @pytest.mark.parametrize(
        "header",
        [
            ["客户编码", "姓名", "手机", "邮箱", "生日", "决策角色"],
            ["客戶編碼", "姓名", "手機", "電子郵件", "生日", "決策角色"],
            ["Account code", "Name", "Mobile phone", "E-mail", "Birthday", "Role in decisions"],
        ],
    )
    def test_are_known_in_three_languages(self, header):
        assert list(guess_columns(header)) == ["account", "name", "mobile", "email", "birthday", "decision_role"]

    def test_what_is_missing_is_named(self):
        with pytest.raises(MissingColumns, match="name"):
            locate({"account": "客户"}, ["客户", "x"])
        with pytest.raises(RepeatedColumn):
            locate({"account": "客户", "name": "x"}, ["客户", "客户", "x"])


class TestBirthdays:
    @pytest.mark.parametrize(
        ("cell", "calendar", "expected"),
        [
            ("1980-05-06", "", ("solar", 1980, 5, 6, False)),
            ("1980年5月6日", "", ("solar", 1980, 5, 6, False)),
            (dt.datetime(1980, 5, 6, tzinfo=dt.UTC), "", ("solar", 1980, 5, 6, False)),
            (dt.date(1980, 5, 6), "lunar", ("lunar", 1980, 5, 6, False)),
            ("5/6", "", ("solar", None, 5, 6, False)),
            ("02-29", "", ("solar", None, 2, 29, False)),
            ("2000-02-29", "", ("solar", 2000, 2, 29, False)),
            ("农历八月十五", "", ("lunar", None, 8, 15, False)),
            ("腊月三十", "", ("lunar", None, 12, 30, False)),
            ("正月初一", "", ("lunar", None, 1, 1, False)),
            ("農曆十一月廿三", "", ("lunar", None, 11, 23, False)),
            ("闰四月初一", "", ("lunar", None, 4, 1, True)),
            ("lunar 8-15", "", ("lunar", None, 8, 15, False)),
            ("8月15日（农历）", "", ("lunar", None, 8, 15, False)),
            ("8-15", "lunar", ("lunar", None, 8, 15, False)),
        ],
    )
    def test_are_read_in_either_calendar(self, cell, calendar, expected):
        assert tuple(read_birthday(cell, calendar).values()) == expected

    @pytest.mark.parametrize("cell", ["2001-02-29", "02-30", "13-01", "农历八月三十一", "1850-01-01", "闰正月初一"])
    def test_days_that_are_none_are_refused(self, cell):
        with pytest.raises(RowBad) as bad:
            read_birthday(cell)
        assert bad.value.code in ("no_such_birthday", "bad_birthday")
        assert bad.value.params["value"] == cell

    @given(st.text(max_size=20), st.sampled_from(["", "solar", "lunar"]))
    def test_nonsense_is_refused_and_nothing_else(self, text, calendar):
        try:
            found = read_birthday(text, calendar)
        except RowBad:
            return
        assert 1 <= found["birthday_month"] <= 12
        assert 1 <= found["birthday_day"] <= 31


class TestChoices:
    @pytest.mark.parametrize("word", ["champion", "Champion", "CHAMPION ", "支持者"])
    def test_by_code_and_by_words(self, word):
        assert read_choice("decision_role", word) == "champion"

    @pytest.mark.parametrize(("word", "value"), [("3", 3), ("High", 3), ("高", 3), ("低", 1)])
    def test_influence(self, word, value):
        assert read_choice("influence", word) == value

    def test_unknown_ones_name_what_is_possible(self):
        with pytest.raises(RowBad) as bad:
            read_choice("attitude", "喜欢")
        assert "Supporter" in message_of(bad.value.code, bad.value.field, bad.value.params)


class TestRows:
    def test_a_good_one(self):
        draft = row(account="A-1", name=" 王  建国 ", mobile=13800138000.0, email="Wang@Example.COM", influence="高")
        assert not draft.problems
        assert draft.contact == {"name": "王 建国", "mobile": "+8613800138000", "email": "wang@example.com"}
        assert draft.employment == {"influence": 3}

    def test_every_problem_is_named_with_its_field(self):
        draft = row(mobile="12", email="x@", birthday="31.31.", decision_role="x", from_date="soon", name="王" * 81)
        assert set(codes(draft)) == {
            ("missing_value", "account"),
            ("too_long", "name"),
            ("bad_phone", "mobile"),
            ("bad_email", "email"),
            ("bad_birthday", "birthday"),
            ("unknown_choice", "decision_role"),
            ("bad_date", "from_date"),
        }
        for bad in draft.problems:
            assert "%" not in message_of(bad.code, bad.field, bad.params)

    def test_cells_beyond_the_headings_and_controls(self):
        cells = ["A-1", "王\x00"] + [""] * (len(FIELD_NAMES) - 2) + ["more"]
        draft = read_row(2, cells, POSITIONS, len(FIELD_NAMES))
        assert codes(draft) == [("too_many_cells", ""), ("bad_text", "name")]

    def test_an_empty_cell_says_nothing(self):
        draft = row(account="A-1", name="王", birthday_calendar="农历", position="  ")
        assert draft.contact == {"name": "王"}
        assert draft.employment == {}

    @given(st.lists(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.none()), max_size=25))
    def test_no_cell_breaks_it(self, cells):
        draft = read_row(2, cells, POSITIONS, len(POSITIONS))
        for bad in draft.problems:
            assert bad.code in SKIPPED | BAD
            assert message_of(bad.code, bad.field, bad.params)

    def test_names_are_compared_without_spaces_case_and_width(self):
        assert name_key("Ｗang  Jian") == name_key("WANGJIAN")
