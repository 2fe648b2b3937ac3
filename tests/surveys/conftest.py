"""A link to answer by, as of the day on which the tests run: the answer page reads the clock."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.factories.surveys import InvitationFactory
from tests.surveys.answer_pages import address


@pytest.fixture
def ask(account):
    """`ask(expires_on=…)`: the address of a new invitation's page, in English; limits begin anew."""
    cache.clear()

    def make(language="en", **fields):
        fields = {"expires_on": timezone.localdate() + timezone.timedelta(days=5), **fields}
        return address(InvitationFactory(account=account, language=language, **fields))

    return make


@pytest.fixture
def url(ask):
    return ask()
