"""The table that an ECharts option becomes."""

import pytest
from django.utils import translation

from core.charts import Column, has_data, table_of, time_axis


class TestCategories:
    def test_a_row_for_each_category_and_a_column_for_each_series(self):
        table = table_of(
            {
                "xAxis": {"type": "category", "data": ["A", "B"]},
                "series": [
                    {"name": "Sales", "type": "bar", "data": [1, {"value": 2, "itemStyle": {}}]},
                    {"name": "Share", "type": "line", "data": [0.5], "kam": {"number": "percent"}},
                ],
            }
        )

        assert table.columns == [Column("Sales"), Column("Share", "percent")]
        assert table.rows == [(["A"], [1, 0.5]), (["B"], [2, None])]

    def test_several_axes_count_by_the_first(self):
        table = table_of({"xAxis": [{"type": "category", "data": ["A"]}], "series": [{"type": "bar", "data": [3]}]})

        assert table.rows == [(["A"], [3])]


class TestPoints:
    def test_each_x_of_any_series_has_a_row(self):
        series = [
            {"name": "Score", "type": "line", "data": [["2026-02-01", 60], ["2026-01-01", 70]]},
            {"name": "Chance", "type": "line", "data": [["2026-03-01", 10]]},
        ]
        table = table_of({"xAxis": {"type": "time"}, "series": series})

        assert table.heads == ["Day"]
        assert table.rows == [
            (["2026-01-01"], [70, None]),
            (["2026-02-01"], [60, None]),
            (["2026-03-01"], [None, 10]),
        ]
        assert table.raw()["rows"][0] == ["2026-01-01", 70, None]

    @pytest.mark.parametrize(
        ("language", "written", "pattern"),
        [
            ("en", "1 Jan 2026", "{d} {MMM} {yyyy}"),
            ("zh-hans", "2026年1月1日", "{yyyy}年{M}月{d}日"),
            ("zh-hant", "2026年1月1日", "{yyyy}年{M}月{d}日"),
        ],
    )
    def test_days_are_written_as_the_reader_writes_them(self, language, written, pattern):
        with translation.override(language):
            option = {"xAxis": time_axis(), "series": [{"type": "line", "data": [["2026-01-01", 70]]}]}
            [(names, _values)] = table_of(option).cells

        assert (names, option["xAxis"]["kam"]["date"]) == ([written], pattern)


class TestFlows:
    def test_become_from_to_and_number(self):
        links = [{"source": "then: A", "target": "now: B", "value": 4}]
        table = table_of({"series": [{"type": "sankey", "data": [{"name": "then: A"}], "links": links}]})

        assert table.raw() == {"head": ["From", "To", "Number"], "rows": [["then: A", "now: B", 4]]}


class TestHasData:
    @pytest.mark.parametrize(
        ("option", "expected"),
        [
            (None, False),
            ({}, False),
            ({"series": []}, False),
            ({"series": [{"type": "bar", "data": []}]}, False),
            ({"series": [{"type": "bar", "data": [0]}]}, True),
        ],
    )
    def test_nothing_and_zero_are_different(self, option, expected):
        assert has_data(option) is expected
