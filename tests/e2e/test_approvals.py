"""Deciding from a phone, and the pages of approvals: accessible, no wider than the window, light and dark."""

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import services
from tests.e2e.conftest import PHONE, WIDE
from tests.e2e.test_pages import serious
from tests.factories.approvals import ALL, facts, make_approval, make_request, make_rule

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(request, alice, lee, dora):
    """A request with a long name that has come to its second step, and one that waits for Lee."""
    make_rule("superior", ("person", ALL, [lee, dora]), subject="amendment", min_amount=500_000, tiers=["A", ""])
    waiting = make_approval(request, alice, given=facts("12345678.9", discount="12.5"), note="客户希望本周签约")
    make_rule("superior", "team_head")
    other = make_request(alice, 2, now=timezone.now())
    services.approve(other, actor=lee, now=timezone.now(), comment="价格合理")
    services.add_comment(waiting, actor=dora, now=timezone.now(), text="折扣是不是太大？" * 20)
    return waiting


def test_decide_from_a_phone(visit, asked, lee):
    phone = visit(PHONE)
    page = phone.log_in("lee")
    phone.open(asked.get_absolute_url())
    for name in ("Approve", "Send back"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box["height"] >= 44
        assert box["width"] >= 120
    page.get_by_role("button", name="Send back", exact=True).click()
    assert page.get_by_text("Say in a comment what should be different.").is_visible()
    page.get_by_label("Comment").first.fill("低一点")
    page.get_by_role("button", name="Send back", exact=True).click()
    page.get_by_text("Sent back: 合同 1").first.wait_for()
    asked.refresh_from_db()
    assert asked.status == "sent_back"
    assert phone.faults == []


@pytest.mark.parametrize(("viewport", "theme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_pages(visit, asked, dora, viewport, theme):
    visitor = visit(viewport, theme=theme)
    page = visitor.log_in("dora")
    paths = [reverse(f"approvals:{name}") for name in ("request_list", "request_all", "rule_list", "rule_create")]
    for path in (*paths, asked.get_absolute_url()):
        visitor.open(path)
        assert serious(page) == []
        assert visitor.violations() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert visitor.faults == []


def test_steps_are_added_without_losing_what_was_typed(visit, asked, dora):
    visitor = visit()
    page = visitor.log_in("dora")
    visitor.open(reverse("approvals:rule_create"))
    page.get_by_label("Name", exact=False).first.fill("大额合同")
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("group", name="Step 2").wait_for()
    assert page.get_by_label("Name", exact=False).first.input_value() == "大额合同"
    page.get_by_role("button", name="Remove step 1").click()
    page.get_by_role("group", name="Step 2").wait_for(state="detached")
    page.get_by_label("Subject").select_option("contract")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The rule “大额合同” was saved.").first.wait_for()
    assert visitor.faults == []
