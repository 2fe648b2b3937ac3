"""What the three pages of the factory's questionnaire send, and what comes back."""

import re

from django.urls import reverse

from tests.factories.surveys import token_of

ONE = {"q-recommend": "9", "q-satisfied": "4", "page": "one", "seen": "recommend satisfied"}
TWO = {
    "page": "two", "seen": "easy aspects contact order", "q-easy": "6", "q-aspects-row-product": "5",
    "q-aspects-row-delivery": "3", "q-aspects-row-people": "4", "q-contact": "visit", "q-order-rank-quality": "1",
    "q-order-rank-price": "2", "q-order-rank-speed": "3",
}  # fmt: skip
THREE = {"page": "three", "seen": "years since comment", "q-years": "3", "q-since": "2023-05-01", "q-comment": "好"}


def address(invitation):
    """Of the invitation's answer page."""
    return reverse("survey_answer", args=[token_of(invitation)])


def text_of(response):
    return response.content.decode()


def to(response):
    """Where it sends the browser, without the token."""
    assert response.status_code == 302, text_of(response)
    return re.sub(r"^/s/[\w-]{43}\?", "", response["Location"])
