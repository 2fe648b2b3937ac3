"""The robots of WeCom, DingTalk, Feishu and Slack against a fake of each, as their documentation says."""

import base64
import hashlib
import hmac
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from notifications.channels import CHANNELS, ROBOTS, Dead, Message, Retry, Sent, Unsure
from notifications.channels.words import in_words
from tests.fakes import Reply

SECRET = "SECf1a2"
PATHS = {
    "wecom": "/cgi-bin/webhook/send?key=693a91f6",
    "dingtalk": "/robot/send?access_token=abc",
    "feishu": "/open-apis/bot/v2/hook/abc",
    "slack": "/services/T000/B000/XXX",
}
FINE = {
    "wecom": {"errcode": 0, "errmsg": "ok"},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"code": 0, "msg": "success", "data": {}},
    "slack": "ok",
}


def digest(key: str, text: str) -> str:
    """Written from the documentation once more, apart from notifications/channels/signing.py."""
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def dingtalk(asked):
    """加签: the stamp within an hour, in milliseconds."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
    stamp = query.get("timestamp", "")
    if not stamp.isdigit() or abs(time.time() * 1000 - int(stamp)) > 3600_000:
        return Reply({"errcode": 310000, "errmsg": "invalid timestamp"})
    if query.get("sign") != digest(SECRET, f"{stamp}\n{SECRET}"):
        return Reply({"errcode": 310000, "errmsg": "sign not match"})
    good = asked.json["msgtype"] == "markdown" and asked.json["markdown"]["title"] and asked.json["markdown"]["text"]
    return Reply(FINE["dingtalk"] if good and query["access_token"] == "abc" else {"errcode": 40035, "errmsg": "bad"})


def feishu(asked):
    """签名校验: time and secret are the key, and nothing is signed."""
    stamp = asked.json.get("timestamp", "")
    if not stamp or abs(time.time() - int(stamp)) > 3600 or asked.json["sign"] != digest(f"{stamp}\n{SECRET}", ""):
        return Reply({"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"})
    post = asked.json["content"]["post"]["zh_cn"]
    good = asked.json["msg_type"] == "post" and post["title"] and all(isinstance(p, list) for p in post["content"])
    return Reply(FINE["feishu"] if good else {"code": 9499, "msg": "Bad Request", "data": {}})


def send(code, fake, message, secret=""):
    return CHANNELS[code].send({"url": fake.url(PATHS[code]), "secret": secret}, message)


class TestSent:
    @pytest.mark.parametrize("code", PATHS)
    def test_one_call_with_what_happened_and_the_link(self, fake, message, code):
        fake.replies = [Reply(FINE[code])]
        assert send(code, fake, message) == Sent()

        assert len(fake.asked) == 1
        assert fake.asked[0].path == PATHS[code]
        assert fake.asked[0].headers["content-type"] == "application/json; charset=utf-8"
        text = fake.asked[0].body.decode()
        for part in ("晨光机械", "it was due on 16 Mar 2026", message.url, "Open in KAM"):
            assert part in text

    def test_wecom(self, fake, message):
        fake.replies = [Reply(FINE["wecom"])]
        send("wecom", fake, message)
        sent = fake.asked[0].json
        assert sent["msgtype"] == "markdown"
        assert sent["markdown"]["content"].endswith(f"\n[Open in KAM]({message.url})")

    def test_slack(self, fake, message):
        fake.replies = [Reply("ok")]
        send("slack", fake, message)
        assert fake.asked[0].json["text"].endswith(f"\n<{message.url}|Open in KAM>")

    def test_feishu_says_it_as_it_did_formerly(self, fake, message):
        fake.replies = [Reply({"StatusCode": 0, "StatusMessage": "success", "Extra": None})]
        assert send("feishu", fake, message) == Sent()


class TestSignatures:
    @pytest.mark.parametrize(("code", "answer"), [("dingtalk", dingtalk), ("feishu", feishu)])
    def test_are_taken_with_the_right_secret_only(self, fake, message, code, answer):
        fake.answer = answer
        assert send(code, fake, message, SECRET) == Sent()
        for wrong in ("SECother", ""):
            outcome = send(code, fake, message, wrong)
            assert isinstance(outcome, Dead)
            assert outcome.reason.startswith("signature ")

    def test_of_the_documentation(self):
        """Values computed with openssl: printf '1577262236757\\nthis is secret' | openssl dgst -sha256 -hmac …"""
        target = {"url": "https://oapi.dingtalk.com/robot/send?access_token=x", "secret": "this is secret"}
        url = ROBOTS["dingtalk"].signed(target, 1577262236757)
        assert url == (
            "https://oapi.dingtalk.com/robot/send?access_token=x&timestamp=1577262236757"
            "&sign=hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D"
        )
        signature = ROBOTS["feishu"].signature({"url": "x", "secret": "demo"}, 1599360473)
        assert signature == {"timestamp": "1599360473", "sign": "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="}


class TestRefusals:
    """Errors in answers with status 200, as these services give them."""

    @pytest.mark.parametrize(
        ("code", "body", "outcome", "reason", "after"),
        [
            ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, Retry, "rate_limited", 60),
            ("wecom", {"errcode": -1, "errmsg": "system busy"}, Retry, "busy", None),
            ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}, Dead, "robot_gone", None),
            ("wecom", {"errcode": 40058, "errmsg": "invalid Request Parameter"}, Dead, "refused", None),
            ("wecom", "<html>502</html>", Retry, "unreadable", None),
            ("wecom", [1], Retry, "unreadable", None),
            ("wecom", {"errcode": "0"}, Retry, "unreadable", None),
            ("dingtalk", {"errcode": 130101, "errmsg": "send too fast, exceed 20 times"}, Retry, "rate_limited", 600),
            ("dingtalk", {"errcode": 410100, "errmsg": "发送速度太快而限流"}, Retry, "rate_limited", 600),
            ("dingtalk", {"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}, Retry, "rate_limited", 5),
            ("dingtalk", {"errcode": -1, "errmsg": "系统繁忙"}, Retry, "busy", None),
            ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, Dead, "keyword", None),
            ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, Dead, "signature", None),
            ("dingtalk", {"errcode": 310000, "errmsg": "ip 1.2.3.4 not in whitelist"}, Dead, "ip_refused", None),
            ("dingtalk", {"errcode": 310000, "errmsg": "错误描述:关键词不匹配"}, Dead, "keyword", None),
            ("dingtalk", {"errcode": 400101, "errmsg": "access_token不存在"}, Dead, "robot_gone", None),
            ("dingtalk", {"errcode": 430104, "errmsg": "含有违规内容"}, Dead, "refused", None),
            ("feishu", {"code": 11232, "msg": "frequency limited psm[x]"}, Retry, "rate_limited", 60),
            ("feishu", {"code": 9499, "msg": "too many request"}, Retry, "rate_limited", 60),
            ("feishu", {"code": 9499, "msg": "Bad Request"}, Dead, "refused", None),
            ("feishu", {"code": 19001, "msg": "param invalid: access token invalid"}, Dead, "robot_gone", None),
            ("feishu", {"code": 19021, "msg": "sign match fail"}, Dead, "signature", None),
            ("feishu", {"code": 19022, "msg": "Ip Not Allowed"}, Dead, "ip_refused", None),
            ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, Dead, "keyword", None),
            ("feishu", "", Retry, "unreadable", None),
        ],
    )  # fmt: skip
    def test_by_code(self, fake, message, code, body, outcome, reason, after):
        fake.replies = [Reply(body)]
        got = send(code, fake, message)

        assert isinstance(got, outcome)
        assert got.reason.split(" ")[0] == reason
        assert getattr(got, "after_seconds", None) == after

    @pytest.mark.parametrize(
        ("status", "text", "reason"),
        [
            (400, "invalid_payload", "refused"),
            (403, "action_prohibited", "refused"),
            (404, "no_service", "robot_gone"),
            (410, "channel_is_archived", "robot_gone"),
        ],
    )
    def test_of_slack_by_status(self, fake, message, status, text, reason):
        fake.replies = [Reply(text, status)]
        assert send("slack", fake, message) == Dead(f"{reason} {status} {text}")

    def test_of_feishu_with_status_400(self, fake, message):
        fake.replies = [Reply({"code": 19024, "msg": "Key Words Not Found"}, 400)]
        assert send("feishu", fake, message) == Dead("keyword 19024 Key Words Not Found")


class TestTrouble:
    """What any of them may do."""

    @pytest.mark.parametrize("code", PATHS)
    @pytest.mark.parametrize(
        ("header", "after"), [("30", 30), ("0", 1), ("99999999", 6 * 3600), ("soon", None), ("", None)]
    )
    def test_429_says_when(self, fake, message, code, header, after):
        fake.replies = [Reply("", 429, {"Retry-After": header} if header else {})]
        assert send(code, fake, message) == Retry("rate_limited 429", after)

    def test_429_says_when_as_a_date(self, fake, message):
        dates = {"Date": "Sun, 29 Nov 2026 10:00:00 GMT", "Retry-After": "Sun, 29 Nov 2026 10:02:00 GMT"}
        fake.replies = [Reply("", 429, dates)]
        answer = send("slack", fake, message)
        assert isinstance(answer, Retry)
        assert answer.after_seconds == pytest.approx(120, abs=1) or answer.after_seconds >= 1

    @pytest.mark.parametrize("code", PATHS)
    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_5xx_is_tried_again(self, fake, message, code, status):
        fake.replies = [Reply("<h1>oops</h1>", status)]
        assert send(code, fake, message) == Retry(f"busy {status} <h1>oops</h1>")

    @pytest.mark.parametrize("code", PATHS)
    def test_never_an_answer_is_not_sent_twice(self, fake, message, code, settings):
        settings.OUTGOING_TOTAL_SECONDS = 0.2
        fake.replies = [Reply(wait=30)]
        assert send(code, fake, message) == Unsure("no_answer 127.0.0.1")

    @pytest.mark.parametrize("code", PATHS)
    def test_a_redirect_to_a_private_address(self, fake, message, code):
        fake.replies = [Reply("", 302, {"Location": "http://169.254.169.254/latest/"})]
        assert send(code, fake, message) == Dead("redirected 127.0.0.1")
        assert len(fake.asked) == 1

    @pytest.mark.parametrize("code", ["wecom", "dingtalk", "feishu"])
    def test_a_huge_answer_cannot_be_read(self, fake, message, code):
        fake.replies = [Reply({"errcode": 0, "code": 0, "x": "x" * 1_000_000})]
        assert send(code, fake, message) == Retry("unreadable 200")

    @pytest.mark.parametrize("code", PATHS)
    def test_nobody_there(self, message, code, settings):
        settings.OUTGOING_ALLOWED_HOSTS = ["127.0.0.1"]
        target = {"url": "http://127.0.0.1:9/x", "secret": ""}
        assert CHANNELS[code].send(target, message) == Retry("host_unreachable 127.0.0.1")

    @pytest.mark.parametrize("code", ROBOTS)
    @pytest.mark.parametrize(
        "url", ["https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/x", "http://1.1.1.1/x"]
    )
    def test_an_address_inside_is_never_called(self, message, code, url):
        target = {"url": url, "secret": "whsec_" + "A" * 43 + "="}
        outcome = CHANNELS[code].send(target, message)
        assert isinstance(outcome, Dead)
        assert CHANNELS[code].check(target) != ""


class TestTexts:
    """What people typed into names does nothing in a group."""

    EVIL = Message(
        title="<@all> [click](http://evil.example) & <!channel>\n# big",
        lines=("<users/all> ](http://evil.example)", "a" * 20_000 + "客"),
        url="http://testserver/x/",
        kind="mentioned",
        key="k",
    )

    @pytest.mark.parametrize("code", ["wecom", "dingtalk"])
    def test_make_no_link_and_mention_nobody(self, fake, code):
        fake.replies = [Reply(FINE[code])]
        send(code, fake, self.EVIL)
        markdown = fake.asked[0].json["markdown"]
        text = markdown.get("content") or markdown["text"]
        assert "<" not in text
        assert text.count("](") == 1
        assert "\n#" not in text.lstrip("#")

    def test_are_escaped_for_slack(self, fake):
        fake.replies = [Reply("ok")]
        send("slack", fake, self.EVIL)
        text = fake.asked[0].json["text"]
        assert "&lt;!channel&gt;" in text
        assert text.count("<") == 1

    @pytest.mark.parametrize(("code", "most"), [("wecom", 4096), ("dingtalk", 20_000), ("feishu", 20_000)])
    def test_keep_the_bound_and_the_link(self, fake, code, most):
        fake.replies = [Reply(FINE[code])]
        send(code, fake, self.EVIL)
        asked = fake.asked[0]
        size = len(asked.json["markdown"]["content"].encode()) if code == "wecom" else len(asked.body)
        assert size <= most
        assert self.EVIL.url in asked.body.decode()


class TestWords:
    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_every_reason_has_a_sentence(self, language):
        with translation.override(language):
            assert "45009 api freq" in in_words("rate_limited 45009 api freq")
            assert "hooks.example.com" in in_words("host_unreachable hooks.example.com")
            assert in_words("signature") != "signature"
            assert in_words("554 mailbox full") == "554 mailbox full"
