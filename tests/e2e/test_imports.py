"""A director imports a file in the browser: upload, mapping, preview, progress, the rows given back."""

import datetime as dt
import os
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect

from integrations import tasks
from integrations.models import ImportJob
from orders.models import Order
from tests.e2e.conftest import PHONE, Visitor
from tests.factories.orders import make_order

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

HEAD = "订单号,客户编码,日期,产品编码,品名,数量,单价\n"
BAD = "SO-98,ALICE-1,2026-02-31,P1,泵,1,5\nSO-99,NOBODY,2026-02-03,=cmd|1,泵,1,1.5\n"


@pytest.fixture
def rung(monkeypatch):
    """The jobs for which the doorbell rang; the test is the worker."""
    jobs: list[int] = []
    monkeypatch.setattr(tasks.run_import, "delay", jobs.append)
    return jobs


def keep(visitor: Visitor, name: str) -> None:
    """A picture of the page in the folder that KAM_SCREENSHOTS names, for people to look at."""
    if folder := os.environ.get("KAM_SCREENSHOTS"):
        visitor.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def check(visitor: Visitor, name: str) -> None:
    """Nothing refused by the content policy, nothing serious for axe."""
    visitor.page.wait_for_timeout(400)
    keep(visitor, name)
    assert not visitor.violations()
    found = Axe().run(visitor.page, options={"resultTypes": ["violations"]}).response["violations"]
    assert not [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]


def work(jobs: list[int]) -> None:
    """What a Celery worker would do, in a thread: the browser's driver runs an event loop in this one."""

    def run():
        tasks.run_import(jobs.pop())
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_import_a_file(visit, dora, account, rung, tmp_path):
    rows = "".join(f"SO-{n},ALICE-1,2026-02-{1 + n % 28:02d},P{n % 9},不锈钢泵,{n % 5 + 1},10.5\n" for n in range(60))
    path = tmp_path / "二月订单.csv"
    path.write_text(HEAD + rows + BAD, encoding="gb18030")
    visitor = visit()
    page = visitor.log_in("dora")

    visitor.open("/integrations/imports/")
    check(visitor, "imports-empty")
    page.click("text=Import orders >> nth=0")
    page.set_input_files("input[type=file]", path)
    check(visitor, "import-upload")
    page.click("form.form-page button[type=submit]")

    expect(page.locator("#preview")).to_contain_text("2 bad rows")
    expect(page.locator("#preview")).to_contain_text("“2026-02-31” is not a day of the calendar.")
    check(visitor, "import-mapping")
    page.check("input[name=create_accounts]")
    expect(page.locator("#preview")).to_contain_text("1 bad row")
    page.uncheck("input[name=create_accounts]")
    expect(page.locator("#preview")).to_contain_text("2 bad rows")

    page.click("button[value=start]")
    expect(page.locator("#progress progress")).to_be_visible()
    check(visitor, "import-waiting")
    work(rung)
    expect(page.locator("#progress")).to_contain_text("Refused")
    check(visitor, "import-refused")
    assert not Order.objects.exists()

    page.click("text=Back to the columns")
    page.check("input[name=good_only]")
    page.click("button[value=start]")
    expect(page.locator("#progress progress")).to_be_visible()
    work(rung)
    expect(page.locator("#progress")).to_contain_text("Orders created: 60")
    check(visitor, "import-done")
    with page.expect_download() as download:
        page.click("text=Rows that were not imported")
    assert "'=cmd|1" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert Order.objects.count() == 60
    assert not visitor.faults

    visitor.open(f"/orders/account/{account.pk}/")
    check(visitor, "account-orders")
    visitor.open("/orders/")
    check(visitor, "orders")


def test_on_a_phone(visit, dora, account, rung, tmp_path):
    """Nothing is wider than the screen."""
    make_order(account, 900, date=timezone.localdate() - dt.timedelta(days=40))
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + "SO-1,ALICE-1,2026-02-03,P1,泵,1,5\n" + BAD, encoding="utf-8")
    visitor = visit(viewport=PHONE)
    page = visitor.log_in("dora")
    visitor.open("/integrations/imports/new/")
    page.set_input_files("input[type=file]", path)
    page.click("form.form-page button[type=submit]")
    expect(page.locator("#preview")).to_contain_text("2 bad rows")
    job = ImportJob.objects.get()
    for name in (f"imports/{job.pk}/mapping/", f"imports/{job.pk}/", "imports/", "profiles/"):
        visitor.open(f"/integrations/{name}")
        check(visitor, "phone-" + name.replace("/", "-"))
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    for name in ("orders/", f"orders/account/{account.pk}/", "orders/rates/"):
        visitor.open(f"/{name}")
        check(visitor, "phone-" + name.replace("/", "-"))
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
