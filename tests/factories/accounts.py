"""Accounts and their teams, made through the services so that path, summary, history and audit are as in production."""

import factory
from factory.django import DjangoModelFactory

from accounts import services
from accounts.choices import MemberRole, Right
from accounts.models import Account, AccountMember, Tag
from tests.factories import TODAY


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"tag {n}")


class AccountFactory(DjangoModelFactory):
    """`AccountFactory(manager=alice)`; a tier is set with `tier="A"` and leaves no history."""

    class Meta:
        model = Account

    class Params:
        actor = None
        today = TODAY

    code = factory.Sequence(lambda n: f"C{n:05d}")
    name = factory.Sequence(lambda n: f"客户{n}有限公司")
    name_en = factory.Sequence(lambda n: f"Customer {n} Ltd")
    status = "active"
    manager = None

    @classmethod
    def _create(cls, model_class, *args, manager=None, tags=(), actor=None, today=TODAY, tier="", **kwargs):
        account = services.create_account(model_class(**kwargs), actor=actor, today=today, manager=manager, tags=tags)
        if tier:
            account.tier, account.tier_since = tier, today
            account.save()
        return account


class AccountMemberFactory(DjangoModelFactory):
    """A deputy with the right to read, without an end."""

    class Meta:
        model = AccountMember

    account = factory.SubFactory(AccountFactory)
    role = MemberRole.DEPUTY
    right = Right.READ
