"""Imports of contracts made through the service, with a workbook on disk."""

import datetime as dt
import io

import xlsxwriter
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from integrations.services import contract_imports
from tests.factories import TODAY
from tests.factories.contracts import make_product_line

HEADS = {
    "合同": (
        "客户编码,合同编号,标题,类型,币种,签署日期,开始日期,结束日期,不含税总额,产品线,税率,通知期,自动续约月数,"
        "负责人,我方签约主体"
    ),
    "明细": "客户编码,合同编号,产品线,描述,数量,单位,单价,折扣",
    "收款计划": "客户编码,合同编号,期号,款项名称,金额,到期日,事件,事件后天数,事件发生日期,发票号码",
    "回款": "客户编码,合同编号,流水号,日期,金额,币种,类型,付款方式,期号",
}
CONTRACT = "ALICE-1,HT-1,年度供货,供货合同,CNY,2025-12-20,2026-01-01,2026-12-31,1000.00,LINE,13,30,0,,我方有限公司"
PLAN = ("ALICE-1,HT-1,1,预付款,300.00,2026-01-15,,,,FP-1", "ALICE-1,HT-1,2,尾款,830.00,,验收,30,,")
PAID = ("ALICE-1,HT-1,BANK-1,2026-01-14,300.00,CNY,,银行转账,1",)


def sheets(contracts=(CONTRACT,), lines=(), instalments=PLAN, receipts=PAID):
    """Title -> rows of cells, headings first."""
    rows = dict(zip(HEADS, (contracts, lines, instalments, receipts), strict=True))
    return {title: [HEADS[title].split(","), *(text.split(",") for text in found)] for title, found in rows.items()}


def workbook(content):
    """The bytes of an XLSX file with these sheets."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    for title, rows in content.items():
        sheet = book.add_worksheet(title)
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    book.close()
    return out.getvalue()


def make_contract_import(actor, content=None, *, name="合同.xlsx", **rows):
    """An import that has not been started, with a file of rows given back."""
    make_product_line()
    data = content if isinstance(content, bytes) else workbook(content or sheets(**rows))
    job = contract_imports.upload_contracts([SimpleUploadedFile(name, data)], actor=actor)
    job.rejects.save("rejects.xlsx", ContentFile(b"row"))
    return job


NOW = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)


def run(job, now=NOW):
    """What a worker does."""
    done = contract_imports.run_contract_job(job.pk, clock=lambda: now, today=TODAY)
    job.refresh_from_db()
    return done


def check(actor, content=None, **rows):
    """A job whose file has been checked."""
    job = make_contract_import(actor, content, **rows)
    contract_imports.queue_contracts(job, dry_run=True, actor=actor, now=NOW)
    run(job)
    assert job.status == "checked", job.message
    return job


def write(job, *, good_only=False):
    """The job, imported."""
    contract_imports.queue_contracts(job, dry_run=False, good_only=good_only, actor=job.created_by, now=NOW)
    run(job)
    assert job.status == "done", job.message
    return job


def problems(job):
    """(sheet, row, code, field) of everything that was found."""
    return [
        (row.sheet, row.row, one["code"], one["field"]) for row in job.found_rows.order_by("pk") for one in row.problems
    ]


def codes(job):
    """What was found, without the rows that only go with another one."""
    return [code for _sheet, _row, code, _field in problems(job) if code != "contract_incomplete"]


def changed(text, **cells):
    """A row with some of its cells replaced: `c8="x"` is the ninth."""
    parts = text.split(",")
    for name, value in cells.items():
        parts[int(name[1:])] = value
    return ",".join(parts)
