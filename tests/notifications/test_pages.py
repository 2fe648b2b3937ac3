"""Settings of one's own, defaults, robots and deliveries: pages and REST."""

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from notifications.channels import CHANNELS
from notifications.events import GROUPS
from notifications.models import Delivery, DeliveryRule, NotificationPreference
from tests.factories.notifications import make_delivery, make_notification, make_robot
from tests.notifications.conftest import deliver

PREFERENCES = "notifications:preferences"
QUIET = {"quiet_from": "22:00", "quiet_until": "07:00", "working_days_only": "on"}


def table(**emails):
    """What the table sends: the defaults, and what the test wants."""
    return {f"{code}-email": emails.get(code, str(group.email)) for code, group in GROUPS.items()}


class TestPreferences:
    def test_only_what_differs_from_the_default_is_kept(self, client_for, alice):
        response = client_for(alice).post(reverse(PREFERENCES), {**QUIET, **table(mentions="never")})

        assert response.status_code == 302
        stored = NotificationPreference.objects.get(user=alice)
        assert list(stored.choices) == ["mentions"]
        assert stored.choices["mentions"]["email"] == "never"
        assert (stored.quiet_from.hour, stored.urgent_always) == (22, False)
        assert AuditEntry.objects.filter(action="notification_preference.updated", actor=alice).count() == 1

    def test_what_waits_follows_at_once(self, client_for, office, alice, tell):
        tell([alice], "visit_moved")
        deliver()
        assert Delivery.objects.get().mode == "digest"
        client_for(alice).post(reverse(PREFERENCES), {**QUIET, **table(visits="never")})
        deliver()
        assert not Delivery.objects.exists()

    def test_reset_to_the_defaults(self, client_for, alice):
        client = client_for(alice)
        client.post(reverse(PREFERENCES), {**QUIET, **table(mentions="never")})
        client.post(reverse("notifications:preferences_reset"))

        assert not NotificationPreference.objects.exists()
        assert AuditEntry.objects.filter(action="notification_preference.reset", actor=alice).exists()

    @pytest.mark.parametrize(
        "wrong", [{"quiet_until": ""}, {"quiet_from": "07:00"}, {"quiet_from": "25:00"}, {"mentions-email": "always"}]
    )
    def test_refuses_nonsense(self, client_for, alice, wrong):
        response = client_for(alice).post(reverse(PREFERENCES), {**QUIET, **table(), **wrong})

        assert response.status_code == 200
        assert "field-error" in response.content.decode() or "alert" in response.content.decode()
        assert not NotificationPreference.objects.exists()

    def test_has_a_column_for_each_kind_of_robot_of_ones_own(self, client_for, alice, lee):
        make_robot(alice)
        make_robot(lee, channel="slack")
        text = client_for(alice).get(reverse(PREFERENCES)).content.decode()

        assert 'name="mentions-webhook"' in text
        assert "mentions-slack" not in text
        assert "geheim" not in text


class TestDefaults:
    def test_an_administrator_decides_for_a_role(self, client_for, root):
        url = reverse("notifications:rule_update", args=["supervisor"])
        client_for(root).post(url, {**table(visits="now"), "visits-copied": "on", "mentions-webhook": "on"})

        rule = DeliveryRule.objects.get(group="visits")
        assert (rule.role, rule.email, rule.copied) == ("supervisor", "now", True)
        entry = AuditEntry.objects.get(action="notification_rule.updated", object_id=rule.pk)
        assert entry.changes["email"] == ["digest", "now"]
        assert "Supervisor" in client_for(root).get(url).content.decode()

    def test_reset(self, client_for, root):
        DeliveryRule.objects.create(role="supervisor", group="visits", email="now")
        DeliveryRule.objects.create(role="director", group="visits", email="now")
        client_for(root).post(reverse("notifications:rule_reset", args=["supervisor"]))
        assert [rule.role for rule in DeliveryRule.objects.all()] == ["director"]


class TestDeliveries:
    def test_dead_letters_with_reason_and_way_back(self, client_for, root, alice):
        row = make_delivery(alice)
        client = client_for(root)
        text = client.get(reverse("notifications:delivery_list"), {"status": "dead"}).content.decode()
        assert "550 no such user" in text
        client.post(reverse("notifications:delivery_send_many"), {"ids": [row.pk, "x", "9" * 30]})
        row.refresh_from_db()
        assert (row.status, row.attempts) == ("waiting", 0)
        assert "550" not in client.get(reverse("notifications:delivery_list"), {"status": "dead"}).content.decode()

    @pytest.mark.parametrize("query", [{"q": "alice"}, {"channel": "email"}, {"event": "mentions"}, {"mode": "now"}])
    def test_filters(self, client_for, root, alice, query):
        make_delivery(alice)
        assert "550" in client_for(root).get(reverse("notifications:delivery_list"), query).content.decode()


class TestApi:
    def test_the_own_list_count_and_reading(self, api_for, alice, lee):
        mine = make_notification(alice)
        make_notification(lee)
        api = api_for(alice)
        [shown] = api.get(reverse("api:notification-list"), {"unread": "true"}).json()["results"]
        assert (shown["id"], shown["event"]) == (mine.pk, "mentions")
        assert api.get(reverse("api:notification-unread-count")).json() == {"unread": 1}
        api.post(reverse("api:notification-read", args=[mine.pk]))
        assert api.get(reverse("api:notification-unread-count")).json() == {"unread": 0}
        assert api.post(reverse("api:notification-read-all")).json() == {"read": 0}

    def test_settings_come_back_as_they_were_read(self, api_for, alice):
        api, url = api_for(alice), reverse("api:notification-preferences")
        read = api.get(url).json()
        assert api.put(url, read).json() == read
        read["events"]["visits"] = {"email": "never", "robots": ["webhook"]}
        assert api.put(url, read).json()["events"]["visits"] == {"email": "never", "robots": ["webhook"]}
        assert api.delete(url).json()["events"]["visits"]["email"] == "digest"

    @pytest.mark.parametrize(
        "wrong", [{"quiet_until": None}, {"events": {}}, {"quiet_from": "x"}, {"nonsense": 1}]
    )  # fmt: skip
    def test_refuses_nonsense(self, api_for, alice, wrong):
        api, url = api_for(alice), reverse("api:notification-preferences")
        assert api.put(url, {**api.get(url).json(), **wrong}).status_code == 400

    def test_refuses_a_channel_that_there_is_not(self, api_for, alice):
        api, url = api_for(alice), reverse("api:notification-preferences")
        body = api.get(url).json()
        body["events"]["visits"]["robots"] = ["email"]
        assert api.put(url, body).status_code == 400
        assert "email" in CHANNELS
