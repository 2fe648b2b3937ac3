"""WeCom (企业微信): the robot of a group.

POST to `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…` with `{"msgtype": "markdown", "markdown":
{"content"}}`, the content at most 4,096 bytes of UTF-8; a robot sends at most 20 messages a minute. The status is 200
whatever happens; the answer says `{"errcode": 0, "errmsg": "ok"}`. There is no signature: the key in the address is
the secret.
45009 is too many calls, 45033 too many at once, -1 a busy system, 93000 an address without a robot.
https://developer.work.weixin.qq.com/document/path/91770 and …/path/90313 (codes)
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import outgoing
from notifications.channels.base import Dead, Message, Outcome, Pace, Retry, Sent, Target
from notifications.channels.calling import cut, encoded, json_of, of_status, plain, reason_of
from notifications.channels.robot import Call, RobotChannel

LIMITS = {45009: 60.0, 45033: 10.0}
BUSY = {-1}
GONE = {93000, 93008, 93017}
MOST = 4096


class WeCom(RobotChannel):
    code = "wecom"
    label = gettext_lazy("WeCom robot")
    hosts = ("qyapi.weixin.qq.com",)
    pace = Pace(20, 60, at_once=10)

    def call(self, target: Target, message: Message) -> Call:
        return Call(target["url"], encoded(self.payload(message)))

    def payload(self, message: Message) -> dict[str, object]:
        link = f"[{_('Open in KAM')}]({message.url})"
        text = "\n".join([f"**{plain(message.title)}**", *(f"> {plain(line)}" for line in message.lines)])
        return {
            "msgtype": "markdown",
            "markdown": {"content": f"{cut(text, MOST - len(link.encode()) - 1)}\n{link}"},
        }

    def outcome(self, answer: outgoing.Answer) -> Outcome:
        found = json_of(answer)
        code = found.get("errcode") if found else None
        if found is None or not isinstance(code, int):
            return of_status(answer) or Retry(reason_of("unreadable", str(answer.status)))
        said = (str(code), str(found.get("errmsg", "")))
        if code == 0:
            return Sent()
        if code in LIMITS:
            return Retry(reason_of("rate_limited", *said), LIMITS[code])
        if code in BUSY:
            return Retry(reason_of("busy", *said))
        return Dead(reason_of("robot_gone" if code in GONE else "refused", *said))
