"""Profiles: saved, refused, chosen; and the what-if before."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import AuditEntry
from health.errors import MayNotOwnHealth, ProfileInUse
from health.models import AccountHealth, HealthProfile
from health.services import jobs
from health.services.profiles import Chooser, delete_profile, ensure_default_profiles, save_profile, what_if
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_scores import make_profile, rhythm


@pytest.fixture
def scored(alice):
    """Two accounts that were scored: one buys, one stopped."""
    accounts = [AccountFactory(manager=alice, tier="B"), AccountFactory(manager=alice, tier="C")]
    rhythm(accounts[0], gap=20)
    rhythm(accounts[1], gap=20, silent=80)
    jobs.run_health(TODAY, timezone.make_aware(dt.datetime.combine(TODAY, dt.time(3))))
    return accounts


class TestSave:
    def test_a_new_one_is_recorded(self, dora):
        profile = save_profile(make_profile(), actor=dora)

        assert profile.revision == 1
        assert AuditEntry.objects.of(profile).get().action == "health_profile.created"

    def test_a_change_is_a_new_revision(self, dora):
        profile = save_profile(make_profile(), actor=dora)
        profile.healthy_from = 80

        save_profile(profile, actor=dora)
        save_profile(profile, actor=dora)

        assert HealthProfile.objects.get(pk=profile.pk).revision == 2
        entry = AuditEntry.objects.of(profile).first()
        assert (entry.action, entry.changes) == ("health_profile.updated", {"healthy_from": [70, 80]})

    @pytest.mark.parametrize(
        "fields",
        [
            {"groups": {"buying": 0, "contact": 0}},
            {"healthy_from": 30},
            {"watch_from": 0},
            {"signals": {"stars": {"weight": 1}}},
            {"name": ""},
        ],
    )
    def test_refuses(self, db, fields):
        with pytest.raises(ValidationError):
            save_profile(make_profile(**fields), actor=None)
        assert not HealthProfile.objects.exists()

    def test_is_for_who_owns_policies(self, alice, lee):
        for actor in (alice, lee):
            with pytest.raises(MayNotOwnHealth):
                save_profile(make_profile(), actor=actor)


class TestDelete:
    def test_takes_it_away(self, dora):
        profile = save_profile(make_profile(), actor=dora)

        delete_profile(profile, actor=dora)

        assert not HealthProfile.objects.exists()

    def test_refuses_while_scores_stand_on_it(self, scored, dora):
        profile = AccountHealth.objects.first().profile

        with pytest.raises(ProfileInUse, match="2 accounts"):
            delete_profile(profile, actor=dora)

    def test_is_for_who_owns_policies(self, scored, alice):
        with pytest.raises(MayNotOwnHealth):
            delete_profile(HealthProfile.objects.first(), actor=alice)


class TestDefaults:
    def test_are_made_once_and_are_good(self, db):
        ensure_default_profiles()
        ensure_default_profiles()

        assert [str(profile) for profile in HealthProfile.objects.active()] == [
            "Prospects", "Strategic partners", "Tier A", "General",
        ]  # fmt: skip

    def test_choose_by_segment(self, db):
        ensure_default_profiles()
        chooser = Chooser(list(HealthProfile.objects.active()))

        def name(*kind):
            return str(chooser.scale_for(*kind).profile)

        assert name("A", "strategic_partner", "active", "") == "Strategic partners"
        assert name("A", "mid", "active", "core") == "Tier A"
        assert name("", "gestation", "prospect", "") == "Prospects"
        assert name("", "gestation", "active", "") == "General"

    def test_no_profile_for_a_segment_is_no_score(self, db):
        assert Chooser([make_profile(tiers=["A"])]).scale_for("B", "mid", "active", "") is None


class TestWhatIf:
    def test_as_it_is_nobody_moves(self, scored):
        profile = HealthProfile.objects.get(name_en="General")

        found = what_if(profile)

        assert (found.scored, found.changed, found.moved) == (2, 0, 0)
        assert found.before == found.after

    def test_says_who_would_move(self, scored):
        profile = HealthProfile.objects.get(name_en="General")
        before = HealthProfile.objects.values().get(pk=profile.pk)
        profile.healthy_from, profile.watch_from = 100, 99

        found = what_if(profile)

        assert found.moved == len(found.moves) > 0
        assert all(move.band_after == "at_risk" for move in found.moves if move.score_after < 99)
        assert {move.account_id for move in found.moves} <= {account.pk for account in scored}
        assert sum(sum(counter.values()) for counter in found.by_tier.values()) == 2
        assert HealthProfile.objects.values().get(pk=profile.pk) == before

    def test_of_a_new_profile_that_takes_accounts_over(self, scored):
        strict = make_profile(
            position=1, tiers=["C"], groups={"buying": 1}, signals={"order_gap": {"weight": 1, "bound": 2}}
        )

        found = what_if(strict)

        [move] = found.moves
        assert (move.account_id, move.score_after, move.band_after) == (scored[1].pk, 0, "at_risk")

    def test_switching_it_off_leaves_accounts_to_the_others(self, scored):
        profile = HealthProfile.objects.get(name_en="General")
        profile.is_active = False

        found = what_if(profile)

        assert {move.band_after for move in found.moves} == {""}

    def test_refuses_what_saving_refuses(self, scored):
        with pytest.raises(ValidationError):
            what_if(make_profile(groups={"buying": 0}))
