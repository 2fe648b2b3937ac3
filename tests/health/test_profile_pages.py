"""Profiles: weights explained, a what-if before saving, what is refused keeps what was typed; the same over REST."""

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from health.models import AccountHealth, HealthProfile
from health.profile_words import hidden_by, weighed
from health.services.profiles import ensure_default_profiles
from health.signals import all_signals
from tests.factories.health_alerts import make_health, make_part, make_points

LIST, NEW = reverse("health:profile_list"), reverse("health:profile_create")
API, SCORES = "/api/v1/health-profiles/", "/api/v1/health-scores/"


@pytest.fixture
def profiles(db):
    ensure_default_profiles()
    return list(HealthProfile.objects.order_by("position"))


@pytest.fixture
def general(profiles):
    return profiles[-1]


def typed(client, url, **changed):
    """The form as a browser sends it back."""
    page = client.get(url)
    data = {}
    for form in (page.context["form"], page.context["formset"].management_form, *page.context["formset"].forms):
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = value
    return {**data, **changed}


def profile_url(profile, name):
    return reverse(f"health:profile_{name}", args=[profile.pk])


class TestProfileList:
    def test_the_first_page_makes_those_that_are_shipped(self, client_for, alice):
        page = client_for(alice).get(LIST)
        assert [str(row) for row in page.context["profiles"]][-1] == "General"
        assert "New profile" not in page.content.decode()

    def test_says_what_is_never_reached(self, profiles, general):
        later = HealthProfile(name="x", position=900, tiers=["C"], pk=9999)
        assert hidden_by([*profiles, later], later) == general
        assert hidden_by(profiles, general) is None

    def test_moves_up_and_down(self, client_for, dora, profiles, general):
        client_for(dora).post(profile_url(general, "move"), {"to": "up"})
        assert list(HealthProfile.objects.order_by("position"))[-2] == general
        assert AuditEntry.objects.filter(action="health_profile.moved").exists()
        first = HealthProfile.objects.order_by("position").first()
        client_for(dora).post(profile_url(first, "move"), {"to": "up"})
        assert HealthProfile.objects.order_by("position").first() == first


class TestProfileDetail:
    def test_shares_sum_to_one(self, client_for, alice, general):
        page = client_for(alice).get(profile_url(general, "detail"))
        groups = page.context["groups"]
        assert sum(group.share for group in groups) == pytest.approx(1)
        assert sum(signal.share for group in groups for signal in group.signals) == pytest.approx(1)
        assert "no more than 39 points" in page.content.decode()

    def test_what_weighs_nothing_has_no_share(self):
        groups = weighed(HealthProfile(groups={"buying": 50}, signals={"order_gap": {"weight": 5}}))
        assert {signal.key: signal.share for group in groups for signal in group.signals if signal.share} == {
            "order_gap": 1.0
        }


class TestProfileForm:
    def test_saved_unchanged_it_is_the_same(self, client_for, dora, general):
        client = client_for(dora)
        before = HealthProfile.objects.values().get(pk=general.pk)
        answer = client.post(profile_url(general, "update"), typed(client, profile_url(general, "update")))
        assert answer.status_code == 302
        after = HealthProfile.objects.values().get(pk=general.pk)
        assert {**after, "updated_at": None} == {**before, "updated_at": None}

    def test_changes(self, client_for, dora, general):
        client, url = client_for(dora), profile_url(general, "update")
        client.post(url, typed(client, url, weight_order_gap="12.5", bound_churn_probability="30", group_contact="0"))
        general.refresh_from_db()
        assert general.signals["order_gap"]["weight"] == 12.5
        assert general.signals["churn_probability"]["bound"] == 0.3
        assert general.groups["contact"] == 0
        assert general.revision == 2

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"healthy_from": "30", "watch_from": "40"}, "not in order"),
            ({"weight_order_gap": "101"}, "a weight is a number from 0 to 100"),
            ({"weight_order_gap": "lots"}, "Enter a number"),
            ({"bound_order_gap": "0"}, "is no bound"),
            ({"name": ""}, "required"),
            ({"form-0-at": "0"}, "greater than or equal to 1"),
        ],
    )
    def test_refuses_and_keeps_what_was_typed(self, client_for, dora, general, changed, said):
        client, url = client_for(dora), profile_url(general, "update")
        page = client.post(url, typed(client, url, **{"name_en": "Mine", **changed}))
        assert page.status_code == 200
        assert said in page.content.decode()
        assert 'value="Mine"' in page.content.decode()
        assert HealthProfile.objects.get(pk=general.pk).name_en == "General"

    def test_refuses_weights_that_sum_to_0(self, client_for, dora, general):
        client, url = client_for(dora), profile_url(general, "update")
        nothing = {f"weight_{key}": "0" for key in all_signals()}
        page = client.post(url, typed(client, url, **nothing))
        assert "The weights sum to 0" in page.content.decode()

    def test_exceptions_come_and_go(self, client_for, dora, general):
        client, url = client_for(dora), profile_url(general, "update")
        data = typed(client, url, name_en="Mine")
        more = client.post(url, data | {"add": "1"})
        assert len(more.context["formset"].forms) == 3
        assert 'value="Mine"' in more.content.decode()
        assert not more.context["form"].errors
        assert len(client.post(url, data | {"remove": "0"}).context["formset"].forms) == 1
        assert len(HealthProfile.objects.get(pk=general.pk).exceptions) == 2

    def test_what_if_saves_nothing(self, client_for, dora, account, general):
        make_health(account, score=90, profile=general, parts=[make_part(severity=0.5, value=2.0, lost=10.0)])
        client, url = client_for(dora), profile_url(general, "update")
        zero = {f"weight_{key}": "0" for key in all_signals() if key != "order_gap"}
        page = client.post(url, typed(client, url, preview="1", **zero))
        found = page.context["found"]["result"]
        assert (found.scored, found.moved) == (1, 1)
        assert [(move.band_before, move.band_after) for move in found.moves] == [("healthy", "watch")]
        assert "nothing is saved yet" in page.content.decode()
        assert HealthProfile.objects.get(pk=general.pk).revision == 1
        assert AccountHealth.objects.get().score == 90

    def test_a_new_one(self, client_for, dora, profiles):
        client = client_for(dora)
        answer = client.post(NEW, typed(client, NEW, name="重点", tiers=["A", "none"]))
        assert answer.status_code == 302
        made = HealthProfile.objects.get(name="重点")
        assert made.tiers == ["A", ""]

    def test_delete(self, client_for, dora, account, profiles, general):
        make_health(account, profile=general)
        client = client_for(dora)
        client.post(profile_url(general, "delete"))
        assert HealthProfile.objects.filter(pk=general.pk).exists()
        client.post(profile_url(profiles[0], "delete"))
        assert not HealthProfile.objects.filter(pk=profiles[0].pk).exists()


class TestApi:
    def test_scores_with_every_point(self, api_for, alice, account, foreign_account):
        make_health(account)
        make_health(foreign_account)
        answer = api_for(alice).get(SCORES).json()
        (row,) = answer["results"]
        assert row["account"]["id"] == row["id"] == account.pk
        assert row["parts"][0]["signal"] == "order_gap"
        assert "No order for 60 days" in row["parts"][0]["sentence"]
        assert row["missing"] == ["nps_low"]
        assert api_for(alice).get(f"{SCORES}{foreign_account.pk}/").status_code == 404
        assert api_for(alice).get(SCORES, {"band": "healthy"}).json()["results"] == []

    def test_history(self, api_for, alice, account):
        make_points(account, 50, 60)
        rows = api_for(alice).get("/api/v1/health-history/", {"account": account.pk}).json()["results"]
        assert [row["score"] for row in rows] == [60, 50]

    def test_signals(self, api_for, alice):
        rows = api_for(alice).get("/api/v1/health-signals/").json()
        assert {row["key"] for row in rows} == set(all_signals())

    def test_profiles(self, api_for, dora, alice, general):
        shown = api_for(alice).get(f"{API}{general.pk}/").json()
        assert sum(shown["shares"].values()) == pytest.approx(1, abs=0.01)
        assert api_for(alice).patch(f"{API}{general.pk}/", {"name": "x"}, format="json").status_code == 403
        client = api_for(dora)
        assert client.patch(f"{API}{general.pk}/", {"watch_from": 50}, format="json").json()["revision"] == 2
        bad = client.patch(f"{API}{general.pk}/", {"signals": {"moon": {"weight": 1}}}, format="json")
        assert bad.status_code == 400
        bad = client.patch(f"{API}{general.pk}/", {"groups": {}}, format="json")
        assert bad.status_code == 400
        new = {"name": "新", "groups": {"buying": 1}, "signals": {"order_gap": {"weight": 1}}, "position": 1}
        assert client.post(f"{API}what-if/", new, format="json").json()["scored"] == 0
        found = client.post(f"{API}{general.pk}/what-if-changed/", {"watch_from": 60}, format="json")
        assert found.status_code == 200
        made = client.post(API, new, format="json")
        assert made.status_code == 201
        assert client.delete(f"{API}{made.json()['id']}/").status_code == 204
