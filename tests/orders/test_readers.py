"""Files as tables: encodings, separators, compression, workbooks, and what is none of these."""

import gzip
import io
import zipfile

import pytest
import xlsxwriter

from orders.errors import BrokenRow, EmptyFile, FileTooLarge, MissingColumns, NotATable, RepeatedColumn, WrongEncoding
from orders.intake import readers
from orders.intake.columns import guess_columns, locate
from orders.intake.profile import Rules
from orders.intake.readers import open_table, sample

TEXT = "订单号,客户编码,数量\nSO-1,上海晨光,1\nSO-2,北京远大,2\n"
ROWS = [(2, ["SO-1", "上海晨光", "1"]), (3, ["SO-2", "北京远大", "2"])]


def read(path, **rules):
    header, rows = sample(path, Rules(**rules), 100)
    return header, [(number, list(cells)) for number, cells in rows]


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("packed", [False, True])
    def test_encodings(self, write, encoding, packed):
        content = TEXT.encode(encoding)
        path = write(gzip.compress(content) if packed else content)
        assert read(path) == (["订单号", "客户编码", "数量"], ROWS)

    def test_an_encoding_can_be_named(self, write):
        path = write("訂單號,客戶\nA,台積電\n".encode("big5"))
        assert read(path, encoding="big5")[1] == [(2, ["A", "台積電"])]
        with pytest.raises(WrongEncoding):
            read(path, encoding="utf-8")

    def test_latin_text_is_not_taken_for_chinese(self, write):
        names = ["Müller", "Señor", "Crème brûlée", "Åse Ødegård", "Zoë"] * 20
        with pytest.raises(WrongEncoding, match="neither UTF-8, GB18030 nor UTF-16"):
            read(write(("order,customer\n" + "\n".join(f"1,{n}" for n in names)).encode("latin-1")))

    def test_a_bad_byte_far_behind_is_found_before_anything_is_read(self, write):
        content = b"order,customer\n" + b"1,abc\n" * 300_000 + b"1,\xff\xfe\xff\n"
        with pytest.raises(WrongEncoding):
            read(write(content))

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_separators(self, write, delimiter):
        path = write(TEXT.replace(",", delimiter))
        assert read(path)[1] == ROWS

    def test_excels_own_hint(self, write):
        assert read(write("sep=;\na;b\n1;2,5\n")) == (["a", "b"], [(3, ["1", "2,5"])])

    def test_quotes_newlines_and_blank_rows(self, write):
        path = write('a,"b, c"\r\n"x\r\ny",1\r\n\r\n2,"say ""hi"""\r\n')
        assert read(path) == (["a", "b, c"], [(2, ["x\r\ny", "1"]), (4, ["2", 'say "hi"'])])

    @pytest.mark.parametrize(
        ("content", "error", "words"),
        [
            (b"", EmptyFile, "empty"),
            (b"\n\n  \n", EmptyFile, "empty"),
            (b"%PDF-1.7\n...", NotATable, "PDF"),
            (b"\xd0\xcf\x11\xe0 old", NotATable, "old Excel"),
            (b"<!doctype html><html>", NotATable, "HTML"),
            (b'{"orders": []}', NotATable, "JSON"),
            (b"just a letter\nto somebody\n", NotATable, "no comma"),
            (b"\x00" * 400, NotATable, "binary"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", NotATable, "binary"),
            (gzip.compress(TEXT.encode(), mtime=0)[:-9], NotATable, "damaged"),
            (b"\x1f\x8bnot really", NotATable, "damaged"),
            (b"PK\x03\x04not really", NotATable, "damaged"),
            (b"a,b\n" + b"x" * 2_000_000, NotATable, "million characters"),
            (b'a,b\n"' + b"x,\n" * 100_000, BrokenRow, "field larger than"),
        ],
    )
    def test_what_is_no_table_is_refused_in_words(self, write, content, error, words):
        with pytest.raises(error, match=words):
            read(write(content))

    def test_progress(self, write):
        with open_table(write(TEXT * 1000), Rules()) as table:
            for _row in table.rows():
                pass
            assert table.progress == 1


class TestWorkbooks:
    def workbook(self, *rows):
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"})
        book.add_worksheet("empty")
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    sheet.write(number, column, cell)
        book.close()
        return stream.getvalue()

    def test_cells_keep_their_types(self, write):
        content = self.workbook(["Order", "Qty"], ["SO-1", 1.5], ["", ""], ["SO-2", 2])
        assert read(write(content, "x.xlsx")) == (["Order", "Qty"], [(2, ["SO-1", 1.5]), (4, ["SO-2", 2.0])])

    def test_other_archives_are_refused(self, write):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("hello.txt", "hello")
        with pytest.raises(NotATable, match="not a workbook"):
            read(write(stream.getvalue()))

    def test_a_broken_workbook_is_refused(self, write):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("xl/workbook.xml", "<nonsense")
        with pytest.raises(NotATable, match="cannot be opened"):
            read(write(stream.getvalue()))

    def test_a_bomb_is_refused(self, write, monkeypatch):
        monkeypatch.setattr(readers, "MAX_WORKBOOK", 1000)
        with pytest.raises(FileTooLarge):
            read(write(self.workbook(["a", "b"])))

    def test_an_empty_workbook_is_refused(self, write):
        with pytest.raises(EmptyFile):
            read(write(self.workbook()))


class TestColumns:
    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            (
                ["订单号", "客户编码", "日期", "产品编码", "数量", "单价", "金额"],
                ["external_id", "account", "order_date", "product", "quantity", "unit_price", "amount"],
            ),
            (
                ["訂單編號", "客戶代號", "訂單日期", "料號", "數量", "單價(含稅)", "幣別"],
                ["external_id", "account", "order_date", "product", "quantity", "unit_price", "currency"],
            ),
            (
                ["Invoice No.", "Customer_ID", "InvoiceDate", "SKU", "QTY", "Unit Price (GBP)", "Country"],
                ["external_id", "account", "order_date", "product", "quantity", "unit_price", "country"],
            ),
        ],
    )
    def test_are_guessed_in_three_languages(self, header, expected):
        assert guess_columns(header) == dict(zip(expected, header, strict=True))

    def test_a_heading_serves_one_field(self):
        guessed = guess_columns(["Product", "Customer"])
        assert guessed == {"product": "Product", "account": "Customer"}

    def test_missing_ones_are_named(self):
        with pytest.raises(MissingColumns) as caught:
            locate({"external_id": "Order", "account": "Kunde"}, ["Order", "Date"])
        text = str(caught.value)
        assert "account code (Kunde)" in text
        assert "quantity" in text
        assert "Order, Date" in text

    def test_a_heading_twice_is_refused(self):
        with pytest.raises(RepeatedColumn):
            locate({"external_id": "No"}, ["No", "no"])
