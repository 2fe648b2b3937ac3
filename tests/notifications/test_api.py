"""What administrators own, over REST: the defaults of each role, and messages that did not arrive."""

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from notifications.events import GROUPS
from notifications.models import Delivery, DeliveryRule
from tests.factories.notifications import make_delivery

pytestmark = pytest.mark.django_db


class TestDefaults:
    URL = "api:notification-default-detail"

    def test_are_read_decided_and_dropped(self, api_for, root):
        client, url = api_for(root), reverse(self.URL, kwargs={"role": "supervisor"})
        roles = client.get(reverse("api:notification-default-list")).json()
        assert [row["role"] for row in roles] == ["account_manager", "supervisor", "director", "administrator"]
        events = client.get(url).json()["events"]
        assert set(events) == set(GROUPS)
        events["visits"] = {"email": "now", "robots": ["wecom"], "copied": True}
        answer = client.put(url, {"events": events}).json()
        assert (answer["changed"], answer["events"]["visits"]) == (True, events["visits"])
        rule = DeliveryRule.objects.get()
        assert (rule.role, rule.group, rule.email, rule.robots, rule.copied) == (
            "supervisor", "visits", "now", ["wecom"], True,
        )  # fmt: skip
        assert AuditEntry.objects.of(rule).get().action == "notification_rule.updated"
        assert client.delete(url).json()["changed"] is False
        assert not DeliveryRule.objects.exists()

    @pytest.mark.parametrize(
        ("change", "field"),
        [({"robots": ["fax"]}, "events.visits.robots"), ({"email": "often"}, "events.visits.email"), (None, "events")],
    )
    def test_refuses_what_is_no_choice(self, api_for, root, change, field):
        client, url = api_for(root), reverse(self.URL, kwargs={"role": "director"})
        events = client.get(url).json()["events"]
        if change:
            events["visits"] |= change
        answer = client.put(url, {"events": events} if change else {})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == field

    def test_account_managers_lead_nobody(self, api_for, root):
        client, url = api_for(root), reverse(self.URL, kwargs={"role": "account_manager"})
        events = client.get(url).json()["events"]
        events["visits"]["copied"] = True
        assert client.put(url, {"events": events}).json()["events"]["visits"]["copied"] is False

    def test_an_unknown_role_is_not_found(self, api_for, root):
        assert api_for(root).get(reverse(self.URL, kwargs={"role": "king"})).status_code == 404


class TestDeliveries:
    def test_are_listed_and_filtered(self, api_for, root, alice):
        dead = make_delivery(alice)
        make_delivery(alice, "other", status="sent", error="")
        rows = api_for(root).get(reverse("api:notification-delivery-list") + "?status=dead").json()["results"]
        assert [(row["id"], row["status"], row["user"], row["target"]) for row in rows] == [
            (dead.pk, "dead", alice.pk, alice.email)
        ]
        assert rows[0]["reason"] == "550 no such user"
        assert "mentioned you" in rows[0]["text"]

    def test_dead_ones_go_out_again(self, api_for, root, alice):
        client, rows = api_for(root), [make_delivery(alice, f"k{number}") for number in range(3)]
        one = client.post(reverse("api:notification-delivery-send-again", args=[rows[0].pk]))
        assert one.json() == {"messages": 1}
        many = client.post(reverse("api:notification-delivery-send-many"), {"ids": [row.pk for row in rows]})
        assert many.json() == {"messages": 2}
        assert set(Delivery.objects.values_list("status", flat=True)) == {"waiting"}
        again = client.post(reverse("api:notification-delivery-send-again", args=[rows[0].pk]))
        assert (again.status_code, again.json()["code"]) == (409, "nothing_to_send_again")
        assert AuditEntry.objects.filter(action="delivery.sent_again").count() == 3

    def test_are_no_business_of_others(self, api_for, dora, alice):
        row = make_delivery(alice)
        name = "api:notification-delivery"
        for url in (reverse(f"{name}-list"), reverse(f"{name}-detail", args=[row.pk])):
            answer = api_for(dora).get(url)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_notification_owner")
