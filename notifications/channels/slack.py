"""Slack: an incoming webhook.

POST to `https://hooks.slack.com/services/T…/B…/…` with `{"text"}` in mrkdwn, where `&`, `<` and `>` are escaped and a
link is `<url|text>`. The answer is `ok` as plain text with status 200. About one message a second, in short bursts
more; else it is 429 with `Retry-After`.
400 invalid_payload, user_not_found, no_text; 403 action_prohibited, invalid_token; 404 no_service,
channel_not_found, no_team; 410 channel_is_archived; 500 rollup_error. There is no signature: the address is the secret.
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
"""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import outgoing
from notifications.channels.base import Dead, Message, Outcome, Pace, Sent, Target
from notifications.channels.calling import encoded, of_status, one_line, reason_of
from notifications.channels.robot import Call, RobotChannel

GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
MOST = 3500


class Slack(RobotChannel):
    code = "slack"
    label = gettext_lazy("Slack webhook")
    hosts = ("hooks.slack.com", "hooks.slack-gov.com")
    pace = Pace(60, 60, at_once=5)
    """Short bursts are taken."""

    def call(self, target: Target, message: Message) -> Call:
        return Call(target["url"], encoded(self.payload(message)))

    def payload(self, message: Message) -> dict[str, object]:
        title, text = one_line(message.title)[:MOST], "\n".join(one_line(line) for line in message.lines)[:MOST]
        link = f"<{message.url}|{_('Open in KAM')}>"
        return {"text": "\n".join(filter(None, [f"*{escaped(title)}*", escaped(text), link])), "unfurl_links": False}

    def outcome(self, answer: outgoing.Answer) -> Outcome:
        if answer.status == HTTPStatus.OK:
            return Sent()
        code = "robot_gone" if answer.status in GONE else "refused"
        return of_status(answer) or Dead(reason_of(code, str(answer.status), answer.text))


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
