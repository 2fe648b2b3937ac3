"""Rates and times of closing the loop, the rules that open follow-ups."""

import datetime as dt
from statistics import mean, median

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from audit.services import record
from surveys.history import of_campaign
from surveys.loop_rates import loop_rates, total_rate
from surveys.models import FollowUp, LoopRule
from surveys.services.loop_rules import keep_rules_fitting, set_default_rules
from tests.factories.accounts import AccountFactory
from tests.factories.surveys import (
    NOW,
    CampaignFactory,
    FollowUpFactory,
    LoopRuleFactory,
    VersionFactory,
    definition,
    page,
    question,
)

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture
def now():
    """Pages read the clock."""
    return timezone.now()


@pytest.fixture
def follow_up(account, now):
    return FollowUpFactory(
        account=account, campaign=CampaignFactory(name="Yearly survey"), opened_at=now - HOUR, due_at=now + DAY
    )


class TestRates:
    def test_numbers_open_their_rows(self, client_for, alice, dora, account, now):
        old = now - 30 * DAY
        FollowUpFactory(account=account, opened_at=old, due_at=old + DAY, status="closed", closed_at=old + HOUR,
                        contacted_at=old + HOUR / 2)  # fmt: skip
        FollowUpFactory(account=account, opened_at=old, due_at=old + DAY, status="closed", closed_at=old + 3 * DAY,
                        contacted_at=old + HOUR)  # fmt: skip
        FollowUpFactory(account=account, opened_at=old, due_at=old + DAY)
        FollowUpFactory(account=account, opened_at=now, due_at=now + DAY)
        FollowUpFactory(account=account, opened_at=now, due_at=now + DAY, kind="reference")
        FollowUpFactory(account=account, opened_at=now - 300 * DAY, due_at=now)
        client = client_for(dora)
        for by in ("owner", "team", "tier"):
            context = client.get(reverse("surveys:loop_rates"), {"by": by}).context
            ((_name, rate, links),) = context["rows"]
            assert (rate.opened, rate.contacted, rate.closed, rate.in_time, rate.late) == (4, 2, 2, 1, 1)
            assert (rate.rate, rate.in_time_rate) == (0.5, 1 / 3)
            assert (rate.median_contact, rate.mean_close) == (HOUR * 0.75, (3 * DAY + HOUR) / 2)
            for name, link in {**links, **context["total_links"]}.items():
                assert client.get(link).context["count"] == (getattr(rate, name), True), name

    def test_references_and_all(self, client_for, dora, account, now):
        FollowUpFactory(account=account, opened_at=now, kind="reference")
        FollowUpFactory(account=account, opened_at=now)
        rates = reverse("surveys:loop_rates")
        for kind, opened in (("", 1), ("reference", 1), ("all", 2)):
            context = client_for(dora).get(rates, {"kind": kind}).context
            assert context["total"].opened == opened
            assert client_for(dora).get(context["total_links"]["opened"]).context["count"] == (opened, True)

    def test_nobody_sees_the_rates_of_others(self, client_for, mallory, follow_up):
        assert client_for(mallory).get(reverse("surveys:loop_rates")).context["total"].opened == 0


class TestLoopRates:
    @pytest.mark.django_db
    @settings(max_examples=12, deadline=None)
    @given(
        rows=st.lists(
            st.tuples(
                st.sampled_from(["A", "B", ""]),
                st.one_of(st.none(), st.integers(0, 10**6)),
                st.one_of(st.none(), st.integers(0, 10**6)),
            ),
            max_size=12,
        )
    )
    def test_equals_a_naive_count(self, rows):
        FollowUp.objects.all().delete()
        campaign, accounts = CampaignFactory(), {}
        for tier, contact, close in rows:
            account = accounts.setdefault(tier, None) or AccountFactory(tier=tier)
            accounts[tier] = account
            if close is None and FollowUp.objects.unfinished().filter(account=account).exists():
                continue
            contacted, closed = (s if s is None else NOW + dt.timedelta(seconds=s) for s in (contact, close))
            state = {"status": "closed", "outcome": "solved"} if closed else {"status": "open"}
            FollowUp.objects.create(
                campaign=campaign, account=account, kind="recovery", opened_at=NOW, due_at=NOW + 100 * HOUR,
                contacted_at=contacted, closed_at=closed, **state,
            )  # fmt: skip
        stored = list(FollowUp.objects.select_related("account"))
        total, rates = loop_rates(FollowUp.objects.all(), NOW + 200 * HOUR, "account__tier")
        found = {rate.key: rate for rate in rates}
        assert total == total_rate(FollowUp.objects.all(), NOW + 200 * HOUR)
        assert total.opened == len(stored)
        assert set(found) == {row.account.tier for row in stored}
        for tier, rate in found.items():
            mine = [row for row in stored if row.account.tier == tier]
            closes = [(row.closed_at - NOW).total_seconds() for row in mine if row.closed_at]
            contacts = [(row.contacted_at - NOW).total_seconds() for row in mine if row.contacted_at]
            assert (rate.opened, rate.closed, rate.contacted) == (len(mine), len(closes), len(contacts))
            for times, middle, average in (
                (closes, rate.median_close, rate.mean_close),
                (contacts, rate.median_contact, rate.mean_contact),
            ):
                if times:
                    assert middle.total_seconds() == pytest.approx(median(times), abs=0.001)
                    assert average.total_seconds() == pytest.approx(mean(times), abs=0.001)
                else:
                    assert (middle, average) == (None, None)

    def test_who_has_no_owner_is_a_group_and_not_the_total(self, account, alice):
        FollowUpFactory(account=account, owner=None, opened_at=NOW, due_at=NOW + DAY)
        FollowUpFactory(account=account, owner=alice, opened_at=NOW, due_at=NOW + DAY)
        total, rates = loop_rates(FollowUp.objects.all(), NOW, "owner")
        assert (total.key, total.opened) == (None, 2)
        assert {rate.key: rate.opened for rate in rates} == {None: 1, alice.pk: 1}


class TestRules:
    def rules(self, campaign):
        return list(campaign.loop_rules.values_list("question", "low", "high", "kind"))

    def post(self, client, campaign, *rules, **more):
        data = {"rules-TOTAL_FORMS": len(rules), "rules-INITIAL_FORMS": 0, **more}
        for number, values in enumerate(rules):
            names = ("question", "low", "high", "kind")
            data |= {f"rules-{number}-{name}": value for name, value in zip(names, values, strict=True)}
        return client.post(reverse("surveys:loop_rules", args=[campaign.pk]), data)

    def test_are_replaced_by_what_is_typed(self, client_for, dora):
        campaign = CampaignFactory()
        set_default_rules(campaign, actor=None)
        wanted = [("recommend", 0, 7, "recovery"), ("aspects", 1, 2, "recovery")]
        assert self.post(client_for(dora), campaign, *wanted).status_code == 302
        assert self.rules(campaign) == wanted

    def test_history_says_them_in_words(self, client_for, dora):
        campaign = CampaignFactory()
        set_default_rules(campaign, actor=None)
        self.post(client_for(dora), campaign, ("recommend", 0, 7, "recovery"))
        page = client_for(dora).get(reverse("surveys:campaign_detail", args=[campaign.pk]))
        (line,) = page.context["entries"][0].lines
        assert line.new == "“Question recommend” 0–7: Win back satisfaction"
        assert line.old.startswith("“Question recommend” 0–6: Win back satisfaction; “")
        assert "recovery" not in line.old

    def test_the_whole_audit_says_them_in_words_too(self, client_for, dora, django_assert_max_num_queries):
        campaigns = [CampaignFactory() for _number in range(3)]
        for campaign in campaigns:
            set_default_rules(campaign, actor=None)
        client = client_for(dora)
        page = client.get(reverse("audit:entry_list"), {"action": "survey_campaign.rules_changed"}).content.decode()
        assert page.count("Win back satisfaction") >= 3
        assert " recovery" not in page
        with django_assert_max_num_queries(2):
            list(AuditEntry.objects.filter(action="survey_campaign.rules_changed").with_names(dora))

    def test_history_keeps_what_it_cannot_read(self, dora):
        campaign = CampaignFactory()
        record("survey_campaign.rules_changed", campaign, actor=dora, changes={"rules": ("", "gone 1–2 x; other")})
        (entry,) = of_campaign(campaign, dora, 5)
        assert entry.lines[0].new == "“gone” 1–2: x; other"

    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            (("recommend", 5, 2, "recovery"), "The range ends before it begins."),
            (("satisfied", 1, 7, "recovery"), "go from 1 to 5"),
            (("comment", 1, 2, "recovery"), "Select a valid choice"),
        ],
    )
    def test_what_makes_no_sense_is_said_at_the_rule(self, client_for, dora, rule, words):
        campaign = CampaignFactory()
        answer = self.post(client_for(dora), campaign, ("recommend", 0, 6, "recovery"), rule)
        assert words in answer.content.decode()
        assert self.rules(campaign) == []

    def test_rows_are_added_and_removed_without_saving(self, client_for, dora):
        campaign = CampaignFactory()
        first, second = ("recommend", 0, 6, "recovery"), ("easy", 1, 3, "recovery")
        formset = self.post(client_for(dora), campaign, first, add="1").context["formset"]
        assert len(formset.forms) == 2
        formset = self.post(client_for(dora), campaign, first, second, remove="0").context["formset"]
        assert [form.initial["question"] for form in formset] == ["easy"]
        assert not LoopRule.objects.exists()

    def test_those_of_an_ended_campaign_stay(self, client_for, dora):
        campaign = CampaignFactory(status="ended")
        LoopRuleFactory(campaign=campaign)
        assert self.post(client_for(dora), campaign).status_code == 302
        assert len(self.rules(campaign)) == 1

    def test_anonymous_campaigns_have_none(self, db):
        campaign = CampaignFactory(anonymous=True)
        set_default_rules(campaign, actor=None)
        assert self.rules(campaign) == []

    def test_another_questionnaire_keeps_what_fits(self, db):
        campaign = CampaignFactory()
        LoopRuleFactory(campaign=campaign)
        LoopRuleFactory(campaign=campaign, question="gone")
        keep_rules_fitting(campaign, actor=None)
        assert self.rules(campaign) == [("recommend", 0, 6, "recovery")]
        campaign.definition = definition(page("one", question("other", "csat")))
        keep_rules_fitting(campaign, actor=None)
        assert self.rules(campaign) == [("other", 1, 2, "recovery")]

    def test_of_a_draft_the_questionnaire_counts(self, db):
        version = VersionFactory(definition=definition(page("one", question("effort", "ces"))))
        campaign = CampaignFactory(status="draft", questionnaire_version=version)
        set_default_rules(campaign, actor=None)
        assert self.rules(campaign) == [("effort", 1, 3, "recovery")]


class TestLoopPanel:
    """A part of the results of a campaign."""

    def test_numbers_open_their_rows(self, client_for, dora, account, now):
        campaign = CampaignFactory()
        FollowUpFactory(campaign=campaign, account=account, due_at=now + DAY, status="closed")
        FollowUpFactory(campaign=campaign, account=account, due_at=now - DAY)
        FollowUpFactory(account=account)
        client = client_for(dora)
        found = client.get(reverse("surveys:loop_panel", args=[campaign.pk])).context
        rate = found["rate"]
        assert (rate.opened, rate.closed, rate.in_time, rate.late) == (2, 1, 1, 1)
        for name, link in found["links"].items():
            assert client.get(link).context["count"] == (getattr(rate, name), True), name
        assert client.get(found["rates_url"]).context["total"].opened == 2

    def test_stays_empty_without_follow_ups_that_one_sees(self, client_for, mallory, follow_up):
        url = reverse("surveys:loop_panel", args=[follow_up.campaign_id])
        html = client_for(mallory).get(url, headers={"HX-Request": "true"}).content.decode()
        assert not html.strip()
