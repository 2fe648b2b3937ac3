"""Robots of people and teams: who sets them up, what is kept of them, and an alert that reaches the chat of a team."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from audit.models import AuditEntry
from core import outgoing
from core.sealing import unseal
from health.services.alert_watch import escalate_alerts
from notifications.channels import ROBOTS
from notifications.channels.robot import SecretInvalid
from notifications.errors import NotYourTeam, TooManyRobots
from notifications.models import Delivery, Robot
from notifications.services import add_robot, remove_robot, try_robot, update_robot
from notifications.services.pacing import MOST_TOGETHER
from notifications.services.robots import MOST
from tests.factories.health_alerts import make_alert
from tests.factories.notifications import make_robot
from tests.fakes import Reply, fake_server
from tests.notifications.conftest import MORNING, deliver

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=geheim"
FINE = Reply({"errcode": 0, "errmsg": "ok"})


@pytest.fixture(autouse=True)
def _no_name_server(monkeypatch):
    """The hosts of the services are looked up where a robot is saved; here nobody answers."""
    real = outgoing.socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        if host == "qyapi.weixin.qq.com":
            raise outgoing.socket.gaierror
        return real(host, *args, **kwargs)

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)


@pytest.fixture
def fake(settings):
    with fake_server() as server:
        settings.OUTGOING_ALLOWED_HOSTS = [server.host]
        server.replies = [FINE]
        yield server


def add(actor, *, url=WECOM, secret="", **fields):
    return add_robot(Robot(**{"channel": "wecom", "name": "Group", **fields}), url=url, secret=secret, actor=actor)


class TestAdd:
    def test_keeps_the_address_sealed_and_out_of_the_log(self, alice):
        robot = add(alice)

        assert (robot.user, robot.host, robot.target["url"]) == (alice, "qyapi.weixin.qq.com", WECOM)
        stored = Robot.objects.values().get()
        assert not any("geheim" in str(value) for value in stored.values())
        assert unseal(stored["sealed_url"], purpose="robot.url") == WECOM
        entry = AuditEntry.objects.get(action="robot.added")
        assert (entry.object_label, entry.changes["host"]) == ("Group", [None, "qyapi.weixin.qq.com"])
        assert "geheim" not in str(entry.changes)

    @pytest.mark.parametrize(
        ("url", "error"),
        [
            ("https://localhost/x", outgoing.HostRefused),
            ("https://10.0.0.1/x", outgoing.HostRefused),
            ("https://evil.example/cgi-bin/webhook/send?key=x", outgoing.HostRefused),
            ("http://qyapi.weixin.qq.com/x", outgoing.UrlNotHttps),
            ("qyapi.weixin.qq.com", outgoing.UrlInvalid),
        ],
    )
    def test_refuses_addresses_that_are_not_the_services(self, alice, url, error):
        with pytest.raises(error) as refused:
            add(alice, url=url)
        assert refused.value.field == "url"
        assert not Robot.objects.exists()

    @pytest.mark.parametrize("url", ["https://localhost/x", "https://127.0.0.1/x", "https://169.254.169.254/x"])
    def test_refuses_webhooks_inside(self, alice, url):
        with pytest.raises(outgoing.PrivateAddress):
            add(alice, channel="webhook", url=url, secret="whsec_" + "A" * 43 + "=")

    def test_a_webhook_needs_a_secret_and_others_keep_none_that_they_cannot_use(self, alice, fake):
        with pytest.raises(SecretInvalid) as refused:
            add(alice, channel="webhook", url=fake.url())
        assert refused.value.field == "secret"
        assert not add(alice, secret="useless").signs

    def test_unknown_channels_and_too_many(self, alice):
        with pytest.raises(ValidationError):
            add(alice, channel="pigeon")
        for _number in range(MOST):
            make_robot(alice)
        with pytest.raises(TooManyRobots):
            add(alice)

    def test_of_a_team_by_those_who_lead_it(self, alice, lee, dora, root, sid, north, south):
        for leader in (lee, dora, root):
            assert add(leader, team=north, groups=["escalations"]).team == north
        for other, team in ((alice, north), (sid, north), (lee, south)):
            with pytest.raises(NotYourTeam):
                add(other, team=team)


class TestUpdate:
    def test_keeps_what_is_not_typed_anew(self, alice):
        robot = add(alice)
        robot.name, robot.is_active = "Other", False
        update_robot(robot, url="", secret="", actor=alice)
        robot.refresh_from_db()

        assert (robot.name, robot.is_active, robot.target["url"]) == ("Other", False, WECOM)
        assert set(AuditEntry.objects.get(action="robot.updated").changes) == {"name", "is_active"}

    def test_another_address_is_checked_sealed_and_not_told(self, alice):
        robot = add(alice)
        with pytest.raises(outgoing.HostRefused):
            update_robot(robot, url="https://evil.example/", secret="", actor=alice)
        update_robot(Robot.objects.get(), url=WECOM + "2", secret="", actor=alice)

        assert Robot.objects.get().target["url"] == WECOM + "2"
        assert AuditEntry.objects.get(action="robot.updated").changes == {"sealed_url": ["•••", "•••"]}

    def test_the_same_again_leaves_no_entry(self, alice):
        update_robot(add(alice), url=WECOM, secret="", actor=alice)
        assert not AuditEntry.objects.filter(action="robot.updated").exists()


class TestTry:
    def test_says_what_the_robot_said_and_remembers_it(self, alice, fake):
        robot = add(alice, url=fake.url("/send?key=1"))
        try_robot(robot, now=MORNING)
        robot.refresh_from_db()
        assert (robot.last_at, robot.last_error) == (MORNING, "")

        fake.replies = [Reply({"errcode": 93000, "errmsg": "invalid webhook url"})]
        try_robot(robot, now=MORNING)
        robot.refresh_from_db()
        assert robot.last_error == "robot_gone 93000 invalid webhook url"
        assert "There is no such robot" in robot.last_words

    def test_after_the_key_of_the_installation_has_changed(self, alice, settings):
        robot = add(alice)
        settings.SECRET_KEY = "another"
        try_robot(robot, now=MORNING)
        assert "cannot be read" in Robot.objects.get().last_words


class TestPages:
    def test_a_leader_sets_up_and_tries_a_robot_of_the_team(self, client_for, lee, north, south, fake):
        client, url = client_for(lee), reverse("notifications:team_robot_create")
        typed = {"channel": "wecom", "name": "Team", "language": "en", "groups": ["escalations"]}
        refused = client.post(url, {**typed, "team": south.pk, "url": fake.url("/send?key=geheim")})
        assert "team" in refused.context["form"].errors
        wrong = client.post(url, {**typed, "team": north.pk, "url": "https://localhost/"})
        assert "https://qyapi.weixin.qq.com/" in str(wrong.context["form"].errors["url"])
        client.post(url, {**typed, "team": north.pk, "url": fake.url("/send?key=geheim")})

        robot = Robot.objects.get()
        change = reverse("notifications:robot_update", args=[robot.pk])
        said = client.post(reverse("notifications:robot_try", args=[robot.pk]), follow=True).content.decode()
        assert "Team took the message." in said
        page = client.get(reverse("notifications:robot_list")).content.decode()
        assert "Taken" in page
        assert "geheim" not in page + client.get(change).content.decode()

        client.post(change, {"name": "Team", "language": "en", "groups": ["alerts"], "url": "", "secret": ""})
        robot.refresh_from_db()
        assert (robot.groups, robot.is_active) == (["alerts"], False)

    def test_of_other_teams_are_not_found(self, client_for, sid, alice, north):
        robot = make_robot(team=north, groups=["escalations"])
        for user in (sid, alice):
            for name in ("robot_update", "robot_try", "robot_delete"):
                assert client_for(user).post(reverse(f"notifications:{name}", args=[robot.pk])).status_code == 404

    def test_the_secret_of_a_webhook_is_shown_once(self, client_for, alice, fake):
        client = client_for(alice)
        typed = {"channel": "webhook", "name": "ERP", "url": fake.url("/in"), "secret": ""}
        answer = client.post(reverse("notifications:robot_create"), typed)
        secret = Robot.objects.get().target["secret"]

        assert secret.startswith("whsec_")
        assert secret in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert secret not in client.get(reverse("notifications:preferences")).content.decode()

    def test_a_robot_that_does_not_answer_says_so_in_words(self, client_for, alice, fake):
        robot = add(alice, url=fake.url("/send?key=1"))
        fake.replies = [Reply("", 500)]
        said = client_for(alice).post(reverse("notifications:robot_try", args=[robot.pk]), follow=True).content.decode()
        assert "The service is not ready" in said

    def test_an_administrator_sees_and_stops_everybodys_but_changes_none(self, client_for, root, alice):
        robot = make_robot(alice)
        client = client_for(root)
        assert robot.name in client.get(reverse("notifications:robot_list")).content.decode()
        assert client.get(reverse("notifications:robot_update", args=[robot.pk])).status_code == 404
        client.post(reverse("notifications:robot_delete", args=[robot.pk]))
        assert not Robot.objects.exists()


class TestApi:
    def test_add_change_try_and_remove(self, api_for, alice, fake):
        client, url = api_for(alice), reverse("api:robot-list")
        made = client.post(url, {"channel": "webhook", "name": "ERP", "url": fake.url("/in")})
        assert made.status_code == 201
        assert made.json()["secret"].startswith("whsec_")
        one = reverse("api:robot-detail", args=[made.json()["id"]])
        shown = client.get(one).json()
        assert "secret" not in shown
        assert "url" not in shown
        assert client.post(reverse("api:robot-try", args=[shown["id"]])).json() == {"taken": True, "reason": ""}
        assert client.patch(one, {"is_active": False}).json()["is_active"] is False
        assert client.delete(one).status_code == 204

    def test_refusals_name_the_field(self, api_for, alice):
        body = {"channel": "wecom", "name": "x", "url": "https://127.0.0.1/x"}
        answer = api_for(alice).post(reverse("api:robot-list"), body)
        assert (answer.status_code, answer.json()["code"]) == (400, "url_host_refused")
        assert answer.json()["errors"][0]["field"] == "url"


class TestDelivery:
    """From what happens to the chat of the team."""

    def escalate(self, account):
        late = MORNING - dt.timedelta(days=10)
        make_alert(account, opened_at=late, due_at=late + dt.timedelta(days=2))
        escalate_alerts(MORNING)

    def test_an_escalated_alert_reaches_the_robot_of_the_team_once(self, account, lee, region, fake):
        robot = add(lee, url=fake.url("/send?key=1"), team=region, groups=["escalations"], language="en")
        self.escalate(account)
        deliver()
        deliver()

        assert len(fake.asked) == 1
        text = fake.asked[0].json["markdown"]["content"]
        assert "Nobody has acted on the alert on 晨光机械有限公司" in text
        assert Delivery.objects.get(robot=robot).status == "sent"
        robot.refresh_from_db()
        assert (robot.last_at, robot.last_error) == (MORNING, "")

    def test_who_asks_for_a_pause_gets_it_later_and_once(self, account, lee, region, fake):
        robot = add(lee, url=fake.url("/send?key=1"), team=region, groups=["escalations"])
        fake.replies = [Reply({"errcode": 45009, "errmsg": "api freq out of limit"}), FINE]
        self.escalate(account)
        deliver()
        robot.refresh_from_db()
        assert robot.last_error.startswith("rate_limited 45009")
        deliver(MORNING + dt.timedelta(minutes=5))

        assert len(fake.asked) == 2
        assert Delivery.objects.get(robot=robot).status == "sent"

    @pytest.mark.parametrize("channel", ["wecom", "dingtalk", "feishu"])
    def test_a_burst_is_one_message_and_keeps_the_pace(self, alice, fake, tell, channel):
        """2,000 escalations would each be a message of their own; what is less urgent goes together."""
        pace, fake.replies = ROBOTS[channel].pace, [Reply({"errcode": 0, "code": 0})]
        robot = Robot(user=alice, channel=channel, name="x")
        robot.seal_target(fake.url("/send?key=1"), "")
        robot.save()
        for number in range(2 * MOST_TOGETHER):
            tell([alice], "mentioned", f"m{number}", account=f"Kunde {number}")
        deliver()
        assert len(fake.asked) == 2
        assert "Kunde 0" in fake.asked[0].body.decode()
        assert "Kunde 19" in fake.asked[0].body.decode()

        for number in range(50):
            tell([alice], "alert_escalated", f"e{number}", account=f"Kunde {number}")
        times = []
        for second in range(0, 120, 15):
            before = len(fake.asked)
            deliver(MORNING + dt.timedelta(seconds=second))
            times += [second] * (len(fake.asked) - before)
        in_a_minute = max(sum(1 for at in times if start <= at < start + 60) for start in times)
        assert pace.at_once - 2 <= in_a_minute <= pace.number
        robot.refresh_from_db()
        assert robot.last_error == ""

    def test_one_that_was_removed_or_switched_off_hears_nothing(self, account, lee, region, fake):
        off = add(lee, url=fake.url("/send?key=1"), team=region, groups=["escalations"], is_active=False)
        gone = add(lee, url=fake.url("/send?key=2"), team=region, groups=["escalations"])
        self.escalate(account)
        remove_robot(gone, actor=lee)
        deliver()

        assert not fake.asked
        assert not Delivery.objects.filter(robot=off).exists()
