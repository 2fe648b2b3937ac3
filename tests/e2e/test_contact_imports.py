"""An account manager imports people in the browser: upload, columns, check, import, the rows given back."""

import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import expect

from contacts.models import Contact
from integrations import tasks
from tests.e2e.conftest import PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROWS = "".join(f"ALICE-1,新人{n},1391234{n:04d},采购经理,影响者\n" for n in range(30))
TEXT = "客户编码,姓名,手机,职位,决策角色\n" + ROWS + "NOBODY,赵六,,,\nALICE-1,=cmd|1,12,,神\n"


@pytest.fixture
def rung(monkeypatch):
    """The jobs for which the doorbell rang; the test is the worker."""
    jobs: list[int] = []
    monkeypatch.setattr(tasks.run_contact_import, "delay", jobs.append)
    return jobs


def work(jobs: list[int]) -> None:
    """What a Celery worker would do, in a thread: the browser's driver runs an event loop in this one."""

    def run():
        tasks.run_contact_import(jobs.pop())
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def check(visitor):
    """Nothing refused by the content policy, nothing serious for axe, nothing wider than the screen."""
    visitor.page.wait_for_timeout(300)
    assert not visitor.violations()
    found = Axe().run(visitor.page, options={"resultTypes": ["violations"]}).response["violations"]
    assert not [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= visitor.page.viewport_size["width"]


@pytest.mark.parametrize(("viewport", "theme"), [({"width": 1440, "height": 900}, "light"), (PHONE, "dark")])
def test_import_people(visit, alice, account, rung, tmp_path, viewport, theme):
    path = tmp_path / "展会名片.csv"
    path.write_text(TEXT, encoding="gb18030")
    visitor = visit(viewport=viewport, theme=theme)
    page = visitor.log_in("alice")
    visitor.open("/integrations/contacts/")
    check(visitor)
    page.click("text=Import contacts >> nth=0")
    check(visitor)
    page.set_input_files("input[type=file]", path)
    page.click("form.form-page button[type=submit]")
    expect(page.locator("#preview")).to_contain_text("2 bad rows")
    check(visitor)
    page.click("button[value=check]")
    expect(page.locator("#progress progress")).to_be_visible()
    work(rung)
    expect(page.locator("#progress")).to_contain_text("Rows with problems")
    check(visitor)
    assert not Contact.objects.exists()
    page.check("input[name=good_only]")
    page.click("text=Import now")
    expect(page.locator("#progress progress")).to_be_visible()
    work(rung)
    expect(page.locator("#progress")).to_contain_text("People added")
    assert Contact.objects.count() == 30
    with page.expect_download() as download:
        page.click("text=Rows that were not imported")
    assert "'=cmd|1" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    check(visitor)
    assert not visitor.faults
