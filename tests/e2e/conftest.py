"""A real browser on the real pages: the system's Chromium against a live server."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection
from django.urls import Resolver404, resolve
from playwright.sync_api import ConsoleMessage, Error, Page, expect, sync_playwright

from tests.services import chromium_path, require

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PASSWORD = "correct horse battery"  # of every user that the factory makes
WATCH = """
window.kamViolations = [];
addEventListener("securitypolicyviolation", (e) =>
  window.kamViolations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
"""


@pytest.fixture(scope="session")
def browser():
    require("chromium", "frontend")
    expect.set_options(timeout=15_000)  # as long as everything else may take on a busy machine
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def tables_can_be_emptied(transactional_db):
    """After a test its tables are emptied: nobody may be at work in them any more."""
    yield
    if connection.vendor == "postgresql":
        _wait_for_requests()


def _wait_for_requests(seconds: float = 10) -> None:
    """Until the server has ended what the browser asked for last: a page that is left still saves in the background.
    A request that holds rows while all tables are locked to be emptied would be a deadlock."""
    until = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


class Visitor:
    """Somebody at the browser: logs in through the form, opens pages, remembers what went wrong on them."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.faults: list[str] = []
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        page.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        # A filter changed while its list was still on the way: htmx gives the first request up, and says so.
        given_up = message.text.startswith(("htmx:afterRequest", "htmx:sendAbort"))
        if message.type == "error" and not given_up:
            self.faults.append(f"{self.page.url}: {message.text} ({message.location.get('url')})")

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def log_in(self, username: str) -> Page:
        self.open("/auth/login/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(re.compile(r"^(?!.*/auth/login).*$"))
        return self.page

    def violations(self) -> list[str]:
        """What the Content-Security-Policy refused on the page that is open."""
        return [f"{self.page.url}: {text}" for text in self.page.evaluate("window.kamViolations")]


@pytest.fixture
def visit(browser, live_server):
    """`visit()`: a new browser window; `visit(viewport=PHONE, theme="dark")`."""
    contexts = []

    def make(viewport=WIDE, theme="light", language="en"):
        phone = viewport == PHONE
        context = browser.new_context(
            viewport=viewport, locale="en-GB", reduced_motion="reduce", has_touch=phone, is_mobile=phone
        )
        context.set_default_timeout(15_000)
        context.add_cookies(
            [
                {"name": "kam_theme", "value": theme, "url": live_server.url},
                {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url},
            ]
        )
        contexts.append(context)
        return Visitor(context.new_page(), live_server.url)

    yield make
    for context in contexts:
        with suppress(Error):
            context.close()


SKIPPED = ("admin:", "api_docs", "schema", "account_logout")


def pages_from(visitor: Visitor, *starts: str, most: int = 150) -> Iterator[tuple[str, str]]:
    """Opens one page of each kind (view name) that links lead to, breadth first: new pages are found unasked.

    Yields its name and path while it is open.
    """
    seen: set[str] = set()
    waiting = list(starts)
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        name = view_name(path)
        if name is None or name in seen or name.startswith(SKIPPED):
            continue
        seen.add(name)
        try:
            page = visitor.open(path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            continue
        if page.evaluate("document.contentType") != "text/html":
            continue  # the viewer of a PDF
        links = page.eval_on_selector_all(
            "a[href^='/']", "links => links.filter(a => !a.download).map(a => a.getAttribute('href'))"
        )
        waiting += [link.split("#")[0] for link in links]
        yield name, path


def view_name(path: str) -> str | None:
    try:
        return resolve(path.split("?")[0]).view_name
    except Resolver404:
        return None
