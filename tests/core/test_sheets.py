"""Files that leave the house: no cell is a formula, values keep their kind, what a workbook refuses does no harm."""

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from core import sheets
from core.sheets import Column, CsvTable, Kind, Styles, XlsxTable, csv_bytes, csv_cell, new_book, sheet_name, writing

FORMULAS = ["=cmd|'/C calc'!A0", "+1+1", "-2+3+cmd", "@SUM(A1)", "＝1", "\t=1", "\r=1", " =1", "-", "=1\n2"]


def written(rows, columns=None, **options):
    """(the sheets as read back, the XML of the sheets)."""
    target = io.BytesIO()
    book = new_book(target)
    columns = columns or [Column(f"c{place}") for place in range(len(rows[0]))]
    table = XlsxTable(book, Styles(book), "Rows", columns, **options)
    for row in rows:
        table.row(row)
    table.finish()
    book.close()
    read = CalamineWorkbook.from_filelike(io.BytesIO(target.getvalue()))
    found = {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}
    with zipfile.ZipFile(target) as archive:
        xml = "".join(
            archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")
        )
    return found, xml


class TestCsv:
    @pytest.mark.parametrize("cell", FORMULAS)
    def test_no_text_begins_a_formula(self, cell):
        assert csv_cell(cell) == "'" + cell

    @pytest.mark.parametrize("cell", ["-12", "-1,234.56", "+5", "abc", "12=13", "", "阀门"])
    def test_other_texts_and_numbers_stay_as_they_are(self, cell):
        assert csv_cell(cell) == cell

    @given(st.text(max_size=20))
    def test_whatever_is_written_no_cell_begins_a_formula(self, text):
        cell = csv_cell(text)
        assert re.fullmatch(r"[+-]?[\d.,\s]*\d%?", cell) or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))

    def test_values_keep_all_their_digits(self):
        assert csv_cell(Decimal("12345678901234567.0050")) == "12345678901234567.0050"
        assert csv_cell(Decimal("1E+3")) == "1000"
        assert csv_cell(dt.date(2026, 3, 31)) == "2026-03-31"
        assert csv_cell(None) == csv_cell(Decimal("NaN")) == csv_cell(float("inf")) == ""
        assert csv_cell(True) == "Yes"

    def test_times_are_the_readers(self):
        moment = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)
        with timezone.override("Asia/Shanghai"):
            assert csv_cell(moment) == "2026-04-01 07:30"

    def test_the_file_has_a_mark_and_what_excel_needs(self):
        data = csv_bytes([["客户", "a"], ["x,y", 'say "hi"\nthere']])
        assert data.startswith(b"\xef\xbb\xbf")
        assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == [
            ["客户", "a"],
            ["x,y", 'say "hi"\nthere'],
        ]

    def test_a_lone_surrogate_does_not_stop_the_file(self):
        out = io.StringIO()
        CsvTable(out).row(["a\ud800b\x00"])
        assert out.getvalue().encode() == "\ufeffab\r\n".encode()


class TestXlsx:
    @pytest.mark.parametrize("cell", FORMULAS)
    def test_no_text_is_a_formula_now_or_when_the_cell_is_edited(self, cell):
        found, xml = written([[cell]])
        assert found["Rows"][1][0].strip() == cell.strip()
        assert "<f>" not in xml
        assert re.search(r'<c r="A2" s="[1-9]\d*" t="inlineStr"', xml)  # in the format that keeps it a text

    def test_values_keep_their_kind(self):
        columns = [Column("n", Kind.MONEY), Column("d", Kind.DATE), Column("t", Kind.TIME), Column("w", Kind.WHOLE)]
        moment = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)
        with timezone.override("Asia/Shanghai"):
            found, _xml = written([[Decimal("-12.50"), dt.date(2026, 3, 31), moment, 7]], columns)
        assert found["Rows"][1] == [-12.5, dt.date(2026, 3, 31), dt.datetime(2026, 4, 1, 7, 30), 7]  # noqa: DTZ001  a sheet knows no zone

    def test_a_number_that_a_sheet_would_round_is_text(self):
        found, _xml = written([[Decimal("12345678901234567.89"), 12345678901234567, Decimal("1200.00"), 10**15]])
        assert found["Rows"][1] == ["12345678901234567.89", "12345678901234567", 1200, 10**15]

    def test_no_number_and_an_ancient_day_do_no_harm(self):
        found, _xml = written([[Decimal("NaN"), float("inf"), dt.date(1850, 1, 2), None, True]])
        assert found["Rows"][1] == ["", "", "1850-01-02", "", "Yes"]

    def test_signs_that_a_workbook_refuses_are_taken_out(self):
        found, _xml = written([["a\x00b\x0bc\ud800d\uffffe\nf"]])
        assert found["Rows"][1] == ["abcde\nf"]

    def test_a_long_text_is_cut_and_the_cut_is_seen(self):
        found, _xml = written([["x" * 40_000, "y" * 32_767]])
        long, fitting = found["Rows"][1]
        assert len(long) == sheets.CELL_LENGTH
        assert long.endswith("x…")
        assert fitting == "y" * 32_767

    def test_rows_that_a_sheet_does_not_hold_go_on_in_the_next(self):
        found, xml = written([[number] for number in range(7)], [Column("n", Kind.WHOLE)], sheet_rows=4)
        assert list(found) == ["Rows", "Rows (2)", "Rows (3)"]
        assert [row[0] for rows in found.values() for row in rows[1:]] == list(range(7))
        assert all(rows[0] == ["n"] for rows in found.values())
        assert xml.count('state="frozen"') == 3
        assert xml.count("<autoFilter") == 3

    @pytest.mark.parametrize(
        ("title", "name"),
        [("a/b:c*[d]?'e'", "a b c d e"), ("", "Rows"), ("History", "History_"), ("x" * 40, "x" * 31)],
    )
    def test_any_title_names_a_sheet(self, title, name):
        assert sheet_name(title) == name

    def test_no_two_sheets_have_one_name(self):
        assert sheet_name("Rows", ["rows", "rows (2)"]) == "Rows (3)"
        assert sheet_name("x" * 31, ["X" * 31]) == "x" * 27 + " (2)"


class TestWriting:
    @pytest.mark.parametrize("form", ["xlsx", "csv"])
    def test_a_table_in_a_file(self, tmp_path, form):
        path = tmp_path / "file"
        with writing(path, form, "Accounts", [Column("Code"), Column("Revenue", Kind.MONEY)]) as table:
            table.row(["=1", Decimal("1.50")])
        if form == "csv":
            assert path.read_bytes().decode("utf-8-sig") == "Code,Revenue\r\n'=1,1.50\r\n"
        else:
            assert CalamineWorkbook.from_path(path).get_sheet_by_name("Accounts").to_python() == [
                ["Code", "Revenue"],
                ["=1", 1.5],
            ]
