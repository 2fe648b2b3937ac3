"""Forms, toasts and charts in a browser."""

import re
import struct

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.factories import TODAY
from tests.factories.orders import make_order
from tests.factories.tiers import make_run
from users.models import User

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


class TestForms:
    def test_an_error_is_said_twice_and_nothing_typed_is_lost(self, visit, alice):
        visitor = visit()
        page = visitor.log_in("alice")
        visitor.open("/accounts/new/")
        page.fill("input[name=code]", "NO SPACES")
        page.fill("input[name=name]", "新客户")
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.click("main button[type=submit]")

        expect(page.locator(".form-errors")).to_be_focused()
        expect(page.locator("#id_code_error")).to_be_visible()
        assert page.input_value("input[name=name]") == "新客户"
        page.click(".form-errors a")
        assert page.evaluate("document.activeElement.name") == "code"

    @pytest.mark.parametrize("viewport", [None, PHONE])
    def test_what_was_saved_is_said_in_a_toast(self, visit, alice, viewport):
        visitor = visit(viewport=viewport) if viewport else visit()
        page = visitor.log_in("alice")
        visitor.open("/accounts/new/")
        page.fill("input[name=code]", "NEW-1")
        page.fill("input[name=name]", "新客户")
        page.click("main button[type=submit]")
        page.wait_for_url(re.compile(r"/accounts/\d+/"))

        expect(page.locator("[data-toast=success]")).to_be_visible()
        page.click("[data-toast] [data-dismiss]")
        expect(page.locator("[data-toast]")).to_have_count(0)
        assert visitor.violations() == []
        assert visitor.faults == []

    def test_a_dangerous_step_asks_first(self, visit, admin_user, alice):
        visitor = visit()
        page = visitor.log_in("root")
        visitor.open(f"/people/{alice.pk}/")
        button = page.locator("form[data-confirm] button").first
        button.click()
        expect(page.locator("dialog#confirm")).to_be_visible()
        page.click("dialog#confirm [data-dialog-close]")
        alice.refresh_from_db()
        assert alice.is_active
        button.click()
        page.click("dialog#confirm [data-confirm-yes]")
        expect(page.locator("[data-toast]")).to_be_visible()
        alice.refresh_from_db()

        assert not alice.is_active


class TestCharts:
    def test_are_drawn_and_follow_the_theme(self, visit, account, admin_user):
        make_order(account, 900, date=TODAY.replace(month=2))
        run = make_run(actor=admin_user)
        visitor = visit()
        page = visitor.log_in("root")
        visitor.open(run.get_absolute_url())

        expect(page.locator("[data-chart].is-drawn canvas")).to_have_count(page.locator("[data-chart]").count())
        page.click("[data-theme-switch]")
        assert visitor.violations() == []
        assert visitor.faults == []

    def test_are_saved_as_picture_and_as_table(self, visit, account, admin_user, tmp_path):
        make_order(account, 900, date=TODAY.replace(month=2))
        run = make_run(actor=admin_user)
        visitor = visit()
        page = visitor.log_in("root")
        visitor.open(run.get_absolute_url())
        expect(page.locator("[data-chart].is-drawn canvas")).to_have_count(2)
        frame = page.locator("[data-chart-frame]", has=page.locator("[data-chart=run-flow]"))
        saved = {}
        for kind in ("png", "csv"):
            frame.locator(".chart-menu > button").click()
            with page.expect_download() as download:
                frame.locator(f"[data-chart-save={kind}]").click()
            saved[kind] = tmp_path / download.value.suggested_filename
            download.value.save_as(saved[kind])

        assert saved["csv"].read_bytes().startswith(b"\xef\xbb\xbfFrom,To,Number\r\n")
        wide, high = struct.unpack(">II", saved["png"].read_bytes()[16:24])
        assert wide == 2000
        assert high > 2 * 360  # the chart and its title above it
        assert visitor.violations() == []
        assert visitor.faults == []

    def test_print_light_with_patterns_and_tables(self, visit, account, admin_user):
        make_order(account, 900, date=TODAY.replace(month=2))
        make_order(account, 100, date=TODAY.replace(month=1))
        visitor = visit()
        page = visitor.log_in("root")
        visitor.open(account.get_absolute_url())
        chart = page.locator("[data-chart=account-revenue]")
        expect(chart).to_have_class(re.compile("is-drawn"))
        page.evaluate("document.documentElement.dataset.bsTheme = 'dark'; dispatchEvent(new Event('beforeprint'))")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
        assert page.locator("[data-chart-frame] details:not([open])").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        assert page.locator("[data-chart-frame] details[open]").count() == 0
        assert visitor.faults == []


class TestLookup:
    def test_a_select_of_many_people_asks_the_server(self, visit, account, alice, dora):
        User.objects.bulk_create(
            User(username=f"u{n}", email=f"u{n}@example.com", name=f"Person {n}", team=alice.team) for n in range(120)
        )
        visitor = visit()
        page = visitor.log_in("dora")
        visitor.open("/accounts/")
        page.click(".filter-more")
        box = page.locator(".filter-panel .ts-wrapper", has=page.locator("#id_manager-ts-control"))
        box.click()
        page.keyboard.type("alice")
        page.locator(".ts-dropdown .option", has_text="Alice").click()
        page.wait_for_url(re.compile(rf"manager={alice.pk}"))
        expect(page.locator(".chip")).to_contain_text("Alice")
        expect(page.locator("#rows tbody tr")).to_have_count(1)

        assert visitor.violations() == []
        assert visitor.faults == []
