"""The cast that every test knows.

    company
    ├── region            Lee leads it: sees north, not south
    │   └── north         Alice manages the account, Ann is its deputy with the right to read
    └── south             Mallory manages other accounts

Dora directs, the administrator administrates. Everybody reads English, so that messages can be compared.
"""

import datetime as dt

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.choices import MemberRole, Right
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.users import TeamFactory, UserFactory
from users.models import Role


@pytest.fixture
def today() -> dt.date:
    return TODAY


@pytest.fixture
def company(db):
    return TeamFactory(name="Company")


@pytest.fixture
def region(company):
    return TeamFactory(name="Region", parent=company)


@pytest.fixture
def north(region):
    return TeamFactory(name="North", parent=region)


@pytest.fixture
def south(company):
    return TeamFactory(name="South", parent=company)


@pytest.fixture
def alice(north):
    """Manages the account."""
    return UserFactory(username="alice", team=north)


@pytest.fixture
def ann(north):
    """Deputy on the account, with the right to read (see `account`)."""
    return UserFactory(username="ann", team=north)


@pytest.fixture
def lee(region):
    """Supervisor of the region, which north belongs to."""
    return UserFactory(username="lee", team=region, role=Role.SUPERVISOR)


@pytest.fixture
def dora(company):
    """Director."""
    return UserFactory(username="dora", team=company, role=Role.DIRECTOR)


@pytest.fixture
def admin_user(company):
    """Administrator of the product."""
    return UserFactory(
        username="root", name="Root", team=company, role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True
    )


@pytest.fixture
def root(admin_user):
    """The administrator, by their name."""
    return admin_user


@pytest.fixture
def mallory(south):
    """A manager of another team, who must never see Alice's account."""
    return UserFactory(username="mallory", team=south)


@pytest.fixture
def account(alice, ann):
    """Alice's account; Ann may read it."""
    account = AccountFactory(code="ALICE-1", name="晨光机械有限公司", name_en="Dawn Machinery", manager=alice)
    AccountMemberFactory(account=account, user=ann, role=MemberRole.DEPUTY, right=Right.READ)
    return account


@pytest.fixture
def foreign_account(mallory):
    """Mallory's account, which Alice must never see."""
    return AccountFactory(code="MALLORY-1", name="南方贸易有限公司", name_en="Southern Trading", manager=mallory)


@pytest.fixture
def client_for():
    """`client_for(alice)`: a browser in which Alice is logged in; `client_for(None)`: nobody is."""

    def make(user=None, **kwargs) -> Client:
        client = Client(**kwargs)
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture
def api_for():
    """`api_for(alice)`: a JSON client with Alice's session; `api_for(None)`: without."""

    def make(user=None, **kwargs) -> APIClient:
        client = APIClient(**kwargs)
        if user is not None:
            client.force_login(user)
        return client

    return make
