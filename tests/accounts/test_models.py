"""Facts about one row, and what the database itself refuses."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation

from accounts.choices import Region, Status
from accounts.models import Account, AccountMember, AccountSummary, TierHistory
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory


class TestConstraints:
    """Below every service: a plain UPDATE or INSERT."""

    @pytest.mark.parametrize(
        "values",
        [
            {"parent": F("pk")},
            {"potential": 101},
            {"strategic_fit": 101},
            {"payment_behaviour": 101},
            {"potential": -1},
            {"code": "MALLORY-1"},
            {"name": None},
        ],
        ids=str,
    )
    def test_update_is_refused(self, account, foreign_account, values):
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.filter(pk=account.pk).update(**values)

    def test_credit_code_is_unique_but_may_be_missing(self, account, foreign_account):
        Account.objects.filter(pk=account.pk).update(credit_code="91350100M000100Y43")
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.filter(pk=foreign_account.pk).update(credit_code="91350100M000100Y43")

    def test_member_only_once(self, account, ann):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountMember.objects.create(account=account, user=ann)

    def test_user_with_history_cannot_be_deleted(self, account, alice):
        with pytest.raises(IntegrityError), transaction.atomic():
            alice.delete()


class TestNames:
    @pytest.mark.parametrize(
        ("language", "local", "other"),
        [
            ("en", "Dawn Machinery", "晨光机械有限公司"),
            ("zh-hans", "晨光机械有限公司", "Dawn Machinery"),
            ("zh-hant", "晨光机械有限公司", "Dawn Machinery"),
        ],
    )
    def test_in_the_language_of_the_reader(self, account, language, local, other):
        with translation.override(language):
            assert (account.local_name, account.other_name) == (local, other)

    def test_without_an_english_name(self):
        account = Account(name="晨光")
        with translation.override("en"):
            assert (account.local_name, account.other_name, str(account)) == ("晨光", "", "晨光")


class TestFacts:
    def test_top_of_the_group(self, account):
        child = AccountFactory(parent=account)
        assert (child.root_path, account.root_path) == (account.path, account.path)

    @pytest.mark.parametrize("status", Status)
    def test_status_in_words(self, status):
        assert Account(status=status).get_status_display() == str(status.label)

    def test_region_in_words(self):
        assert [Account(region=region).get_region_display() for region in (Region.EAST, "")] == ["East China", ""]

    @pytest.mark.parametrize(
        ("now", "before", "trend"), [("110", "100", "0.1"), ("0", "100", "-1"), ("5", "0", None), ("5", "-3", None)]
    )
    def test_trend(self, now, before, trend):
        summary = AccountSummary(revenue_12m_amount=Decimal(now), revenue_prior_12m_amount=Decimal(before))
        assert summary.revenue_trend == (trend and Decimal(trend))

    @pytest.mark.parametrize(("days", "current"), [(None, True), (0, True), (1, True), (-1, False)])
    def test_member_until_the_last_day(self, days, current):
        expires_on = None if days is None else TODAY + dt.timedelta(days=days)
        assert AccountMember(expires_on=expires_on).is_current(TODAY) == current

    def test_tier_change_as_text(self):
        assert str(TierHistory(previous_tier="", tier="A")) == "– → A"
