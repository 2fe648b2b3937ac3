"""DingTalk (钉钉): the custom robot of a group.

POST to `https://oapi.dingtalk.com/robot/send?access_token=…` with `{"msgtype": "markdown", "markdown": {"title",
"text"}}`, 20,000 bytes at most. A robot with 加签 wants `&timestamp=<milliseconds>&sign=<signature>` as well, the
signature by HMAC-SHA256 in base64, URL-encoded; the stamp may be an hour off. The answer is `{"errcode": 0, "errmsg":
"ok"}` with status 200. More than 20 messages a minute are refused for ten minutes (130101, 410100); the gateway in
front refuses with `{"status": 1111, "wait": 5, "punish": "deny"}`, without a code. 310000 is the robot's own security:
its sentence says whether keyword, signature or IP address. 300001, 400101, 400102, 400106: no such robot, or stopped;
400013: the group was dissolved.
https://open.dingtalk.com/document/robots/custom-robot-access and …/robots/customize-robot-security-settings
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import outgoing
from notifications.channels import signing
from notifications.channels.base import Dead, Message, Outcome, Pace, Retry, Sent, Target
from notifications.channels.calling import cut, encoded, json_of, of_status, plain, reason_of
from notifications.channels.robot import Call, RobotChannel

LIMITS = {130101, 410100}
BANNED_FOR = 600.0
BUSY = {-1}
SECURITY = 310000
GONE = {300001, 400013, 400101, 400102, 400106}
MOST, TITLE = 15_000, 100
WORDS = (("keyword", "keyword"), ("sign", "signature"), ("timestamp", "signature"), ("whitelist", "ip_refused"))
CHINESE = (("关键词", "keyword"), ("签名", "signature"), ("白名单", "ip_refused"))


class DingTalk(RobotChannel):
    code = "dingtalk"
    label = gettext_lazy("DingTalk robot")
    hosts = ("oapi.dingtalk.com",)
    pace = Pace(20, 60, at_once=10)
    fields = ("url", "secret")

    def call(self, target: Target, message: Message) -> Call:
        return Call(self.signed(target, signing.now_in_milliseconds()), encoded(self.payload(message)))

    def signed(self, target: Target, milliseconds: int) -> str:
        """The address with the signature, where the robot has a secret."""
        url, secret = target["url"], target.get("secret", "")
        if not secret:
            return url
        sign = quote(signing.dingtalk(milliseconds, secret), safe="")
        return f"{url}{'&' if '?' in url else '?'}timestamp={milliseconds}&sign={sign}"

    def payload(self, message: Message) -> dict[str, object]:
        lines = [f"#### {plain(message.title)}", *(f"> {plain(line)}" for line in message.lines)]
        text = f"{cut(chr(10).join(f'{line}{chr(10)}' for line in lines), MOST)}\n[{_('Open in KAM')}]({message.url})"
        return {"msgtype": "markdown", "markdown": {"title": cut(plain(message.title), TITLE), "text": text}}

    def outcome(self, answer: outgoing.Answer) -> Outcome:
        found = json_of(answer)
        if found is not None and found.get("punish") == "deny":
            return Retry(reason_of("rate_limited", str(found.get("status", ""))), _seconds(found.get("wait")))
        code = found.get("errcode") if found else None
        if found is None or not isinstance(code, int):
            return of_status(answer) or Retry(reason_of("unreadable", str(answer.status)))
        said = (str(code), str(found.get("errmsg", "")))
        if code == 0:
            return Sent()
        if code in LIMITS:
            return Retry(reason_of("rate_limited", *said), BANNED_FOR)
        if code in BUSY:
            return Retry(reason_of("busy", *said))
        if code == SECURITY:
            return Dead(reason_of(_security(said[1]), *said))
        return Dead(reason_of("robot_gone" if code in GONE else "refused", *said))


def _security(said: str) -> str:
    """Which of the robot's own rules was not kept."""
    return next((code for word, code in (*WORDS, *CHINESE) if word in said.lower()), "refused")


def _seconds(wait: Any) -> float | None:
    return min(float(wait), BANNED_FOR) if isinstance(wait, int | float) and wait > 0 else None
