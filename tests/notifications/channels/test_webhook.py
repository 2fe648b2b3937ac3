"""The generic webhook, read by the library of Standard Webhooks."""

import json

import pytest
from standardwebhooks.webhooks import Webhook as Reader
from standardwebhooks.webhooks import WebhookVerificationError

from notifications.channels import CHANNELS, Dead, Retry, Sent
from notifications.channels.signing import new_webhook_secret
from tests.fakes import Reply

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def send(fake, message, secret=SECRET):
    return CHANNELS["webhook"].send({"url": fake.url("/in?tenant=1"), "secret": secret}, message)


class TestSent:
    def test_a_reader_of_the_standard_takes_it(self, fake, message):
        fake.replies = [Reply("", 204)]
        assert send(fake, message) == Sent()

        asked = fake.asked[0]
        assert Reader(SECRET).verify(asked.body, asked.headers) == {
            "type": "notification.alert_escalated",
            "data": {"title": message.title, "lines": list(message.lines), "url": message.url},
        }

    def test_a_reader_with_another_secret_or_another_body_does_not(self, fake, message):
        send(fake, message)
        asked = fake.asked[0]
        with pytest.raises(WebhookVerificationError):
            Reader(new_webhook_secret()).verify(asked.body, asked.headers)
        with pytest.raises(WebhookVerificationError):
            Reader(SECRET).verify(asked.body.replace(b"alert", b"Alert"), asked.headers)

    def test_a_repeated_one_has_the_same_id(self, fake, message):
        send(fake, message)
        send(fake, message)
        first, second = (asked.headers["webhook-id"] for asked in fake.asked)
        assert first == second
        assert "." not in first
        assert "alert" not in first

    def test_a_new_secret_is_one(self, fake, message):
        secret = new_webhook_secret()
        assert send(fake, message, secret) == Sent()
        assert json.loads(fake.asked[0].body) == Reader(secret).verify(fake.asked[0].body, fake.asked[0].headers)


class TestRefusals:
    @pytest.mark.parametrize("status", [400, 401, 404, 408, 409, 422])
    def test_are_tried_again(self, fake, message, status):
        fake.replies = [Reply("no", status)]
        assert isinstance(send(fake, message), Retry)

    def test_410_is_for_good(self, fake, message):
        fake.replies = [Reply("", 410)]
        assert send(fake, message) == Dead("robot_gone 410")

    def test_503_says_when(self, fake, message):
        fake.replies = [Reply("", 503, {"Retry-After": "120"})]
        assert send(fake, message) == Retry("busy 503", 120)

    def test_never_an_answer_is_sent_again_for_the_id_is_known(self, fake, message, settings):
        settings.OUTGOING_TOTAL_SECONDS = 0.2
        fake.replies = [Reply(wait=30)]
        assert send(fake, message) == Retry("no_answer 127.0.0.1")

    def test_success_counts_however_long_the_answer(self, fake, message):
        fake.replies = [Reply("x" * 1_000_000)]
        assert send(fake, message) == Sent()

    @pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "whsec_" + "A" * 400, "whsec_§"])
    def test_a_secret_that_is_none(self, fake, message, secret):
        assert send(fake, message, secret) == Dead("robot_secret_invalid")
        assert "whsec_" in CHANNELS["webhook"].check({"url": fake.url(), "secret": secret})
        assert not fake.asked
