"""Who is asked, who is not and why: the preview, and that the asking does what it says."""

import datetime as dt

import pytest

from contacts.models import Employment
from orders.models import Order
from orders.services.imports import ImportOptions, import_file
from orders.services.profiles import load_profile
from surveys.choices import NotAsked
from surveys.models import AskedContact, Invitation
from surveys.services import audience, waves
from surveys.services.policy import policy_now
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, TagFactory
from tests.factories.contacts import make_contact
from tests.factories.contracts import make_contract
from tests.factories.interactions import make_interaction
from tests.factories.surveys import NOW, CampaignFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def seen(campaign, today=TODAY):
    return audience.preview(campaign, today, policy_now())


def ask(campaign, today=TODAY):
    return waves.ask(campaign.pk, today=today, now=NOW + (today - TODAY))


def asked_of(campaign):
    return set(Invitation.objects.filter(campaign=campaign).values_list("contact__name", flat=True))


@pytest.fixture
def campaign():
    return CampaignFactory()


def make(account, name="王建国", **fields):
    return make_contact(account, name, **{"email": f"c{Employment.objects.count()}@example.com", **fields})


class TestReasons:
    """Each reason alone, in the preview and in the asking."""

    CASES = (
        ("erased", {"erased": True}),
        ("left", {"until": TODAY - DAY}),
        ("consent", {"consent": "withdrawn"}),
        ("opted_out", {"no_surveys": True}),
        ("no_emails", {"no_email": True}),
        ("no_address", {"email": ""}),
    )

    @pytest.mark.parametrize(("reason", "fields"), CASES)
    def test_of_the_person(self, campaign, account, reason, fields):
        make(account, "李可问")
        make(account, **fields)
        found = seen(campaign)
        assert found.asked == 1
        assert found.not_asked == {reason: 1}
        assert [row.contact.name for row in found.rows[reason]] == ["王建国"]
        assert ask(campaign) == 1
        assert asked_of(campaign) == {"李可问"}

    def test_the_last_day_is_still_asked(self, campaign, account):
        make(account, until=TODAY)
        assert seen(campaign).asked == 1

    def test_terminated_account_is_the_reason_before_any_other(self, campaign):
        make(AccountFactory(status="terminated"), no_surveys=True)
        assert seen(campaign).not_asked == {"terminated": 1}
        assert ask(campaign) == 0

    def test_an_opt_out_counts_for_every_row_of_the_same_address(self, campaign, account):
        make(account, email="wang@example.com", no_surveys=True)
        make(AccountFactory(), "王建国（二）", email="wang@example.com")
        assert seen(campaign).not_asked == {"opted_out": 2}

    def test_by_link_needs_no_address(self, account):
        campaign = CampaignFactory(channel="link")
        make(account, email="", no_email=True)
        assert seen(campaign).asked == 1
        assert ask(campaign) == 1
        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.mails.count()) == ("", 0)

    def test_accounts_without_such_a_contact_are_named(self, campaign, account):
        other = AccountFactory()
        make(other)
        found = seen(campaign)
        assert found.not_asked == {"no_contact": 1}
        assert found.rows["no_contact"] == [account]

    def test_the_same_campaign_asks_once(self, campaign, account):
        make(account)
        assert [ask(campaign), ask(campaign)] == [1, 0]
        assert seen(campaign).not_asked == {"asked": 1}

    def test_nobody_in_it(self, campaign):
        campaign.audience = {"tiers": ["A"]}
        found = seen(campaign)
        assert (found.asked, found.total, found.rows[""]) == (0, 0, [])
        campaign.save()
        assert ask(campaign) == 0


class TestFatigue:
    def test_over_all_campaigns_by_the_policy(self, campaign, account):
        contact = make(account)
        AskedContact.objects.create(contact=contact, asked_on=TODAY - 89 * DAY)
        assert seen(campaign).not_asked == {"recently": 1}
        assert ask(campaign) == 0
        assert seen(campaign, TODAY + DAY).asked == 1
        assert ask(campaign, TODAY + DAY) == 1
        assert AskedContact.objects.get().asked_on == TODAY + DAY
        assert ask(CampaignFactory(), TODAY + 60 * DAY) == 0

    def test_counts_the_address_as_well(self, campaign, account):
        AskedContact.objects.create(contact=make(account, email="wang@example.com"), asked_on=TODAY - DAY)
        make(AccountFactory(), email="wang@example.com")
        assert seen(campaign).not_asked == {"recently": 2}


class TestOnePerson:
    def test_at_two_accounts_is_asked_for_the_higher_tier(self, campaign):
        low, high = AccountFactory(tier="C"), AccountFactory(tier="A")
        contact = make(low)
        Employment.objects.create(contact=contact, account=high)
        found = seen(campaign)
        assert (found.asked, found.not_asked) == (1, {"same_person": 1})
        assert ask(campaign) == 1
        assert Invitation.objects.get().account == high
        assert Invitation.objects.get().tier == "A"

    def test_two_rows_of_one_address_and_two_languages_are_one_person(self, campaign, account):
        first = make(account, email="wang@example.com", preferred_language="zh-hans")
        make(AccountFactory(), "Wang Jianguo", email="wang@example.com", preferred_language="en")
        found = seen(campaign)
        assert (found.asked, found.not_asked) == (1, {"same_person": 1})
        assert ask(campaign) == 1
        invitation = Invitation.objects.get()
        assert (invitation.contact, invitation.language) == (first, "zh-hans")

    def test_is_asked_elsewhere_where_the_better_row_is_not(self, campaign):
        high, low = AccountFactory(tier="A", status="terminated"), AccountFactory(tier="C")
        contact = make(high)
        Employment.objects.create(contact=contact, account=low)
        assert seen(campaign).asked == 1
        assert ask(campaign) == 1
        assert Invitation.objects.get().account == low


class TestWho:
    def test_filters_of_the_account_list_tiers_stages_and_roles(self, campaign):
        tag = TagFactory(name="重点")
        inside = AccountFactory(tier="A", stage="mid", tags=[tag], region="north")
        make(inside, "决策人", decision_role="decision_maker")
        make(inside, "使用者", decision_role="user")
        make(AccountFactory(tier="A", stage="mid"), "无标签", decision_role="decision_maker")
        make(AccountFactory(tier="B", stage="mid", tags=[tag]), "别的等级", decision_role="decision_maker")
        make(AccountFactory(tier="A", stage="early", tags=[tag]), "别的阶段", decision_role="decision_maker")
        campaign.audience = {
            "accounts": {"tag": [str(tag.pk)], "region": ["north"]}, "tiers": ["A"], "stages": ["mid"],
            "roles": ["decision_maker"],
        }  # fmt: skip
        campaign.save()
        assert seen(campaign).asked == 1
        ask(campaign)
        assert asked_of(campaign) == {"决策人"}

    def test_without_a_tier(self, campaign):
        make(AccountFactory(tier="A"))
        make(AccountFactory(), "无等级")
        campaign.audience = {"tiers": ["none"]}
        campaign.save()
        ask(campaign)
        assert asked_of(campaign) == {"无等级"}

    def test_a_filter_that_is_no_longer_valid_asks_nobody(self, campaign, account):
        make(account)
        campaign.audience = {"accounts": {"tag": ["987654"]}}
        assert seen(campaign).asked == 0

    @pytest.mark.parametrize(
        ("preferred", "country", "region", "language"),
        [
            ("en", "中国", "north", "en"),
            ("", "中国", "north", "zh-hans"),
            ("", "", "", "zh-hans"),
            ("", "", "europe", "en"),
            ("", "香港", "hk_mo_tw", "zh-hant"),
            ("", "Germany", "europe", "en"),
            ("zh-hant", "Germany", "europe", "zh-hant"),
        ],
        ids=["own", "china", "unknown", "region", "hong-kong", "germany", "own-abroad"],
    )
    def test_language(self, campaign, preferred, country, region, language):
        make(AccountFactory(country=country, region=region), preferred_language=preferred)
        ask(campaign)
        assert Invitation.objects.get().language == language


class TestRecurring:
    def campaign(self, **fields):
        fields = {"timing": "recurring", "every_months_a": 6, "every_months_b": 0, "every_months_c": 0, **fields}
        return CampaignFactory(start_date=dt.date(2026, 1, 1), **fields)

    def test_once_a_period_by_tier(self):
        campaign = self.campaign()
        make(AccountFactory(tier="A"), "甲")
        make(AccountFactory(tier="B"), "乙")
        assert seen(campaign).not_asked == {"tier": 1}
        assert [ask(campaign), ask(campaign)] == [1, 0]
        assert Invitation.objects.get().occasion == "2026-01-01"
        assert seen(campaign, dt.date(2026, 6, 30)).not_asked == {"asked": 1, "tier": 1}
        assert ask(campaign, dt.date(2026, 6, 30)) == 0
        assert ask(campaign, dt.date(2026, 7, 1)) == 1
        assert set(Invitation.objects.values_list("occasion", flat=True)) == {"2026-01-01", "2026-07-01"}

    def test_who_was_asked_elsewhere_comes_later_in_the_period(self):
        campaign = self.campaign()
        contact = make(AccountFactory(tier="A"))
        AskedContact.objects.create(contact=contact, asked_on=TODAY)
        assert ask(campaign) == 0
        assert ask(campaign, TODAY + 90 * DAY) == 1
        assert Invitation.objects.get().occasion == "2026-01-01"

    def test_after_a_standstill_of_two_periods_asks_once(self):
        campaign = self.campaign()
        make(AccountFactory(tier="A"))
        assert ask(campaign, dt.date(2027, 3, 1)) == 1
        assert Invitation.objects.get().occasion == "2027-01-01"


class TestEvents:
    def campaign(self, event, **fields):
        return CampaignFactory(timing="event", event=event, event_days=2, **fields)

    def test_visit_asks_who_took_part_days_after_it(self, account):
        campaign = self.campaign("visit_done")
        there, _away = make(account, "在场"), make(account, "不在场")
        visit = make_interaction(account, 1, contacts=[there])
        assert seen(campaign).not_asked == {"no_event": 2}
        assert ask(campaign) == 0
        assert ask(campaign, TODAY + DAY) == 1
        invitation = Invitation.objects.get()
        assert (invitation.contact, invitation.occasion) == (there, f"visit_done:{visit.pk}")
        assert ask(campaign, TODAY + 2 * DAY) == 0

    def test_is_caught_up_within_two_weeks_and_then_over(self, account):
        campaign = self.campaign("visit_done")
        make_interaction(account, 16, contacts=[make(account)])
        assert ask(campaign, TODAY + DAY) == 0
        assert ask(campaign) == 1

    def test_what_was_before_the_start_is_not_asked_about(self, account):
        campaign = self.campaign("visit_done", start_date=TODAY)
        make_interaction(account, 5, contacts=[make(account)])
        assert ask(campaign) == 0

    def test_every_event_once_where_the_policy_allows_it(self, account):
        policy = policy_now()
        policy.min_days_between = 0
        policy.save()
        campaign, contact = self.campaign("visit_done"), make(account)
        visits = [make_interaction(account, days, contacts=[contact]) for days in (3, 2)]
        assert [ask(campaign), ask(campaign), ask(campaign)] == [1, 1, 0]
        assert set(Invitation.objects.values_list("occasion", flat=True)) == {f"visit_done:{v.pk}" for v in visits}

    def test_calls_are_no_visits(self, account):
        make_interaction(account, 3, kind="call", contacts=[make(account)])
        assert ask(self.campaign("visit_done")) == 0

    def test_contract_signed(self, account):
        campaign = self.campaign("contract_signed")
        make(account, "签约人")
        make(AccountFactory(), "别家的")
        contract = make_contract(account)
        type(contract).objects.filter(pk=contract.pk).update(signed_on=TODAY - 3 * DAY)
        assert ask(campaign) == 1
        assert Invitation.objects.get().occasion == f"contract_signed:{contract.pk}"

    def test_order_delivered(self, account):
        campaign = self.campaign("order_delivered")
        make(account)
        fields = {"account": account, "source": "erp", "currency": "CNY", "order_date": TODAY - 20 * DAY}
        Order.objects.create(external_id="1", **fields)
        assert ask(campaign) == 0
        order = Order.objects.create(external_id="2", delivered_on=TODAY - 2 * DAY, **fields)
        assert ask(campaign) == 1
        assert Invitation.objects.get().occasion == f"order_delivered:{order.pk}"

    def test_order_delivered_by_a_file(self, account, tmp_path):
        campaign = self.campaign("order_delivered")
        make(account)
        day, path = TODAY - 2 * DAY, tmp_path / "orders.csv"
        path.write_text(f"订单号,客户编码,日期,产品编码,数量,单价,签收日期\n1,{account.code},{day},P,1,5,{day}\n")
        import_file(ImportOptions(path, load_profile("generic"), currency="CNY"), actor=None, today=TODAY)
        assert ask(campaign) == 1
        assert Invitation.objects.get().occasion == f"order_delivered:{Order.objects.get().pk}"

    def test_cases_come_over_the_api_alone(self, account):
        make(account)
        campaign = self.campaign("case_closed")
        assert ask(campaign) == 0
        assert seen(campaign).not_asked == {"no_event": 1}


def test_every_reason_is_shown_in_its_order():
    assert next(iter(NotAsked)) == "terminated"
    assert len({reason.label for reason in NotAsked}) == len(NotAsked)
