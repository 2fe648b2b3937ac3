"""The import of a file, as far as the browser goes: upload, columns, preview, status."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import serious

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FILE = "Order,Customer,Date,Item,Quantity,Price\nX1,ALICE-1,2026-02-03,P1,2,10.50\nX2,ALICE-1,2026-02-31,P1,1,3\n"


class TestImport:
    def test_columns_are_mapped_with_a_preview_and_the_status_is_shown(self, visit, account, admin_user):
        visitor = visit()
        page = visitor.log_in("root")
        visitor.open("/integrations/imports/new/")
        page.set_input_files("input[type=file]", {"name": "o.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
        page.click("main form .btn-primary")
        page.wait_for_url(re.compile("/mapping/"))
        for column, heading in (("order", "Order"), ("account", "Customer"), ("product", "Item")):
            select = page.locator(f"select[name*={column}]").first
            select.select_option(label=heading)
        expect(page.locator("#preview table")).to_be_visible()
        expect(page.locator("#preview .dot-danger").first).to_be_visible()
        found = visitor.violations() + serious(page)
        page.locator("input[name=good_only]").check()
        page.click("button[value=start]")
        page.wait_for_url(re.compile(r"/imports/\d+/$"))
        found += visitor.violations() + serious(page) + visitor.faults

        assert not found, "\n".join(found)
