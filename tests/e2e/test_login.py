"""Logging in and out, the language and the theme, in a browser."""

import re

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


class TestLogin:
    def test_leads_to_my_day_and_out_again(self, visit, alice):
        visitor = visit()

        page = visitor.log_in("alice")
        assert page.locator("h1").inner_text() == "My day"
        page.click(".btn-user")
        page.click(".user-menu button[type=submit]")
        page.wait_for_url(re.compile("/auth/login/"))
        assert visitor.violations() == []
        assert visitor.faults == []

    def test_wrong_password_keeps_the_name_and_says_why(self, visit, alice):
        page = visit().open("/auth/login/")

        page.fill("input[name=login]", "alice")
        page.fill("input[name=password]", "wrong")
        page.click("main button[type=submit]")

        assert page.locator("[role=alert]").count() == 1
        assert page.input_value("input[name=login]") == "alice"

    def test_the_language_can_be_chosen_before(self, visit, db):
        page = visit().open("/auth/login/")

        page.click("[aria-label=Language]")
        page.click("button[value=zh-hans]")
        page.wait_for_load_state()

        assert page.evaluate("document.documentElement.lang") == "zh-hans"


class TestTheme:
    def test_is_switched_and_remembered_without_a_flash(self, visit, alice):
        visitor = visit(theme="light")
        page = visitor.log_in("alice")

        page.click("[data-theme-switch]")
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
        html = page.request.get(visitor.base + "/accounts/").text()

        assert 'data-bs-theme="dark"' in html  # the server already paints the page dark
        assert visitor.violations() == []
