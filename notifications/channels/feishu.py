"""Feishu (飞书) and Lark: the custom robot of a group.

POST to `https://open.feishu.cn/open-apis/bot/v2/hook/…` (Lark: open.larksuite.com) with `{"msg_type": "post",
"content": {"post": {"zh_cn": {"title", "content": [[{"tag": "text", "text"}], …]}}}}`, 20 KB at most, 100 messages a
minute and 5 a second. A robot with 签名校验 wants `"timestamp": "<seconds>", "sign"` in the body: base64 of HMAC-SHA256
whose *key* is `<timestamp>\\n<secret>` and whose text is empty; the stamp may be an hour off. The answer is `{"code":
0, "msg": "success"}`, formerly `{"StatusCode": 0}`. 11232 is too many calls (older robots say 9499 for it, which else
is a bad request), 19001 no such robot, 19021 signature or time, 19022 IP address, 19024 keyword.
https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import outgoing
from notifications.channels import signing
from notifications.channels.base import Dead, Message, Outcome, Pace, Retry, Sent, Target
from notifications.channels.calling import cut, encoded, json_of, of_status, one_line, reason_of
from notifications.channels.robot import Call, RobotChannel

LIMITED, AMBIGUOUS = 11232, 9499
LIMITED_FOR = 60.0
REFUSALS = {19001: "robot_gone", 19021: "signature", 19022: "ip_refused", 19024: "keyword"}
MOST, TITLE = 15_000, 200


class Feishu(RobotChannel):
    code = "feishu"
    label = gettext_lazy("Feishu or Lark robot")
    hosts = ("open.feishu.cn", "open.larksuite.com")
    pace = Pace(100, 60, at_once=4)
    """Which keeps 5 a second too."""
    fields = ("url", "secret")

    def call(self, target: Target, message: Message) -> Call:
        payload = self.payload(message) | self.signature(target, signing.now_in_seconds())
        return Call(target["url"], encoded(payload))

    def signature(self, target: Target, seconds: int) -> dict[str, Any]:
        """What a robot with a secret wants besides."""
        secret = target.get("secret", "")
        return {"timestamp": str(seconds), "sign": signing.feishu(seconds, secret)} if secret else {}

    def payload(self, message: Message) -> dict[str, Any]:
        """Rich text: its parts are taken literally, so there is nothing to escape."""
        text = cut("\n".join(one_line(line) for line in message.lines), MOST)
        paragraphs: list[list[dict[str, str]]] = [[{"tag": "text", "text": line}] for line in text.split("\n") if line]
        paragraphs.append([{"tag": "a", "text": _("Open in KAM"), "href": message.url}])
        post = {"title": cut(one_line(message.title), TITLE), "content": paragraphs}
        return {"msg_type": "post", "content": {"post": {"zh_cn": post}}}

    def outcome(self, answer: outgoing.Answer) -> Outcome:
        found = json_of(answer) or {}
        code = found.get("code", found.get("StatusCode"))
        if not isinstance(code, int):
            return of_status(answer) or Retry(reason_of("unreadable", str(answer.status)))
        said = (str(code), str(found.get("msg", found.get("StatusMessage", ""))))
        if code == 0:
            return Sent()
        if code == LIMITED or (code == AMBIGUOUS and _is_about_frequency(said[1])):
            return Retry(reason_of("rate_limited", *said), LIMITED_FOR)
        return Dead(reason_of(REFUSALS.get(code, "refused"), *said))


def _is_about_frequency(said: str) -> bool:
    return any(word in said.lower() for word in ("frequency", "too many", "rate limit"))
