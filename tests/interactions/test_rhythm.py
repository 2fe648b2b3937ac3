"""The rhythm of one account: own cadence, pause, weekday; page and REST."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountSummary
from audit.models import AuditEntry
from interactions import services
from interactions.models import AccountRhythm
from tests.factories import TODAY
from tests.factories.interactions import make_contact_policy, make_interaction

LATER = TODAY + dt.timedelta(days=30)


def due(account):
    return AccountSummary.objects.get(account=account).contact_due_date


@pytest.fixture
def kept(account):
    """The account in tier A, contacted two days ago, under a policy of 14 days."""
    account.tier = "A"
    account.save()
    make_contact_policy()
    make_interaction(account, 2)
    services.refresh_rhythms([account.pk], today=TODAY)
    return account


def rhythm(account, **fields):
    return AccountRhythm(account=account, **fields)


class TestService:
    def test_an_own_cadence_moves_the_due_date(self, kept, alice):
        assert due(kept) == TODAY + dt.timedelta(days=12)
        row = services.set_rhythm(rhythm(kept, cadence_days=7, override_reason="新项目"), actor=alice, today=TODAY)
        assert due(kept) == TODAY + dt.timedelta(days=5)
        entry = AuditEntry.objects.of(row).get()
        assert (entry.action, entry.account_id, entry.reason) == ("rhythm.set", kept.pk, "新项目")
        assert entry.changes["cadence_days"] == [None, 7]

    def test_a_pause_takes_the_due_date_away_until_it_ends(self, kept, alice):
        services.set_rhythm(rhythm(kept, paused_until=LATER, pause_reason="停产"), actor=alice, today=TODAY)
        assert due(kept) is None
        services.refresh_rhythms([kept.pk], today=LATER + dt.timedelta(days=1))
        assert due(kept) is not None

    def test_setting_again_replaces_and_the_same_changes_nothing(self, kept, alice):
        for _n in range(2):
            services.set_rhythm(rhythm(kept, weekday=2), actor=alice, today=TODAY)
        assert AuditEntry.objects.filter(action="rhythm.set").count() == 1
        services.set_rhythm(rhythm(kept), actor=alice, today=TODAY)
        assert AccountRhythm.objects.get().weekday is None

    def test_nothing_set_makes_no_row(self, kept, alice):
        services.set_rhythm(rhythm(kept), actor=alice, today=TODAY)
        assert not AccountRhythm.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"cadence_days": 7}, "override_reason"),
            ({"cadence_days": 7, "override_reason": "  "}, "override_reason"),
            ({"cadence_days": 0, "override_reason": "x"}, "cadence_days"),
            ({"override_until": LATER}, "cadence_days"),
            ({"paused_until": LATER}, "pause_reason"),
            ({"paused_until": TODAY - dt.timedelta(days=1), "pause_reason": "x"}, "paused_until"),
            ({"cadence_days": 7, "override_reason": "x", "override_until": dt.date(2020, 1, 1)}, "override_until"),
            ({"weekday": 7}, "weekday"),
        ],
    )
    def test_refuses(self, kept, alice, fields, field):
        with pytest.raises(ValidationError) as error:
            services.set_rhythm(rhythm(kept, **fields), actor=alice, today=TODAY)
        assert list(error.value.error_dict) == [field]

    def test_what_has_ended_meanwhile_may_stay(self, kept, alice):
        services.set_rhythm(rhythm(kept, paused_until=TODAY, pause_reason="x"), actor=alice, today=TODAY)
        later = TODAY + dt.timedelta(days=3)
        row = services.set_rhythm(
            rhythm(kept, paused_until=TODAY, pause_reason="x", weekday=1), actor=alice, today=later
        )
        assert row.weekday == 1


class TestPage:
    def test_says_the_rule_in_words(self, client_for, kept, ann):
        page = client_for(ann).get(reverse("interactions:account_rhythm", args=[kept.pk])).text
        assert "Tier A: every 14 days; what counts: Visit, Meeting, Call" in page
        assert "it follows the contact policy" in page

    def test_saves(self, client_for, kept, alice):
        url = reverse("interactions:account_rhythm", args=[kept.pk])
        until = timezone.localdate() + dt.timedelta(days=9)
        assert (
            client_for(alice).post(url, {"paused_until": until.isoformat(), "pause_reason": "停产"}).status_code == 302
        )
        page = client_for(alice).get(url).text
        assert "Paused until" in page
        assert "停产" in page

    def test_errors_keep_what_was_typed(self, client_for, kept, alice):
        url = reverse("interactions:account_rhythm", args=[kept.pk])
        page = client_for(alice).post(url, {"cadence_days": "7", "pause_reason": "typed"}).text
        assert "Say why this account has a cadence of its own." in page
        assert "typed" in page

    def test_readers_may_not_change_it(self, client_for, kept, ann, mallory):
        url = reverse("interactions:account_rhythm", args=[kept.pk])
        assert client_for(ann).post(url, {"weekday": "1"}).status_code == 403
        assert client_for(mallory).get(url).status_code == 404
        assert not AccountRhythm.objects.exists()


class TestApi:
    def test_put_and_get(self, api_for, kept, alice):
        url = reverse("api:account-rhythm-detail", args=[kept.pk])
        assert api_for(alice).get(url).json()["cadence_days"] is None
        put = api_for(alice).put(url, {"cadence_days": 7, "override_reason": "x", "weekday": 2})
        assert (put.status_code, put.json()["account"]["id"]) == (200, kept.pk)
        assert api_for(alice).put(url, {"weekday": 3}).json()["cadence_days"] is None
        refused = api_for(alice).put(url, {"cadence_days": 7})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "override_reason")
        assert len(api_for(alice).get(reverse("api:account-rhythm-list")).json()["results"]) == 1

    def test_scope(self, api_for, kept, ann, mallory):
        url = reverse("api:account-rhythm-detail", args=[kept.pk])
        assert api_for(ann).put(url, {"weekday": 1}).status_code == 403
        assert api_for(mallory).get(url).status_code == 404
