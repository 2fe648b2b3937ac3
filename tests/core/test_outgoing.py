"""Calls to addresses that people typed: where they may lead, and how long and how much they may take."""

import ipaddress
import socket
import ssl
import subprocess
import time

import pytest

from core import outgoing
from core.outgoing import check, is_public, place_of, post
from tests.fakes import Reply, fake_server

OUTSIDE = "93.184.215.14"


@pytest.fixture
def fake(settings):
    """A server on this machine that the administrator allows."""
    with fake_server() as server:
        settings.OUTGOING_ALLOWED_HOSTS = [server.host]
        yield server


@pytest.fixture
def names(monkeypatch):
    """`names["hooks.example.com"] = ["10.0.0.1"]`: what the network's name server says."""
    known = {}
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        if host not in known:
            return real(host, port, *args, **kwargs)
        if not known[host]:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [line for address in known[host] for line in real(address, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


class TestPlace:
    def test_takes_an_address_apart(self):
        place = place_of("https://hooks.example.com:8443/a/b?c=d&e")

        assert (place.host, place.port, place.path) == ("hooks.example.com", 8443, "/a/b?c=d&e")
        assert place.netloc == "hooks.example.com:8443"
        assert place_of("https://hooks.example.com").path == "/"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "hooks.example.com/x",
            "//hooks.example.com/x",
            "ftp://hooks.example.com/x",
            "file:///etc/passwd",
            "gopher://hooks.example.com/",
            "https://",
            "https:///x",
            "https://user:pass@hooks.example.com/x",
            "https://hooks.example.com@evil.example/x",
            "https://hooks.example.com\\@evil.example/x",
            "https://hooks.example.com/x y",
            "https://hooks.example.com/x\r\nHost: evil",
            "https://hooks.example.com/\x00",
            "https://hooks.example.com/#part",
            "https://hooks.example.com:0/",
            "https://hooks.example.com:99999/",
            "https://[::1/",
            "https://例え.jp/",
            f"https://hooks.example.com/{'x' * 1000}",
        ],
    )
    def test_refuses_what_is_no_web_address(self, url):
        with pytest.raises(outgoing.UrlInvalid) as refused:
            place_of(url)
        assert refused.value.field == "url"

    def test_refuses_plain_http(self):
        with pytest.raises(outgoing.UrlNotHttps):
            place_of("http://hooks.example.com/x")

    @pytest.mark.parametrize("host", ["localhost", "db", "kam.internal", "printer.local", "a.localhost", "LOCALHOST."])
    def test_refuses_names_of_the_own_network(self, host):
        with pytest.raises(outgoing.PrivateAddress):
            place_of(f"https://{host}/x")

    def test_knows_only_the_hosts_of_the_service(self):
        assert (
            place_of("https://OAPI.dingtalk.com./robot/send", hosts=["oapi.dingtalk.com"]).host == "oapi.dingtalk.com"
        )
        for host in ("evil.example", "oapi.dingtalk.com.evil.example", "xoapi.dingtalk.com", "dingtalk.com"):
            with pytest.raises(outgoing.HostRefused, match=r"oapi\.dingtalk\.com"):
                place_of(f"https://{host}/robot/send", hosts=["oapi.dingtalk.com"])

    def test_an_administrator_allows_hosts_with_or_without_a_port(self, settings):
        settings.OUTGOING_ALLOWED_HOSTS = ["robots.internal", "10.1.2.3:8443"]

        assert place_of("http://robots.internal:81/x", hosts=["oapi.dingtalk.com"]).allowed
        assert place_of("https://10.1.2.3:8443/x").allowed
        assert not place_of("https://10.1.2.3/x").allowed


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.9.9.9", "0.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
            "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1",
            "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1",
            "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
            "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        ],
    )  # fmt: skip
    def test_that_lie_inside(self, address):
        assert not is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize("address", [OUTSIDE, "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
    def test_that_lie_outside(self, address):
        assert is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.0.1"]
    )
    def test_however_they_are_written(self, host):
        with pytest.raises(outgoing.PrivateAddress):
            check(f"https://{host}/x")

    def test_a_name_that_leads_inside(self, names):
        names["hooks.example.com"] = ["10.0.0.1"]
        for call in (check, lambda url: post(url, b"", {})):
            with pytest.raises(
                outgoing.PrivateAddress, match=r"hooks\.example\.com is this machine or lies in a private"
            ):
                call("https://hooks.example.com/x")

    def test_one_bad_address_among_good_ones_is_enough(self, names):
        names["hooks.example.com"] = [OUTSIDE, "::1"]
        with pytest.raises(outgoing.PrivateAddress):
            check("https://hooks.example.com/x")

    def test_a_name_that_is_not_there_may_be_saved_and_cannot_be_called(self, names):
        names["hooks.example.com"] = []
        assert check("https://hooks.example.com/x").host == "hooks.example.com"
        with pytest.raises(outgoing.HostUnknown) as refused:
            post("https://hooks.example.com/x", b"", {})
        assert refused.value.retry

    def test_a_name_server_that_never_answers(self, monkeypatch, settings):
        settings.OUTGOING_CONNECT_SECONDS = 0.1
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: time.sleep(5))
        started = time.monotonic()
        with pytest.raises(outgoing.TimedOut):
            post("https://hooks.example.com/x", b"", {})
        assert time.monotonic() - started < 2

    def test_the_connection_goes_to_the_address_that_was_looked_at(self, monkeypatch):
        """A name that leads outside when asked first and inside when asked again."""
        answers, connected = [OUTSIDE, "127.0.0.1", "127.0.0.1"], []
        real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, **kwargs: real(answers.pop(0), port, **kwargs))
        monkeypatch.setattr(socket.socket, "connect", lambda _socket, address: connected.append(address))
        with pytest.raises(outgoing.OutgoingError):
            post("https://hooks.example.com/x", b"", {})

        assert connected == [(OUTSIDE, 443)]
        assert len(answers) == 2


class TestPost:
    def test_carries_body_and_headers_there_and_back(self, fake):
        fake.replies = [Reply({"errcode": 0}, headers={"X-Answer": "yes"})]
        answer = post(fake.url("/robot?key=1"), "客户".encode(), {"Content-Type": "text/plain"})

        assert (answer.status, answer.text, answer.headers["x-answer"], answer.cut) == (
            200,
            '{"errcode": 0}',
            "yes",
            False,
        )
        asked = fake.asked[0]
        assert (asked.path, asked.body.decode(), asked.headers["content-type"]) == (
            "/robot?key=1",
            "客户",
            "text/plain",
        )
        assert asked.headers["host"] == fake.host

    @pytest.mark.parametrize("status", [201, 400, 404, 429, 500, 503])
    def test_a_status_is_an_answer(self, fake, status):
        fake.replies = [Reply("no", status)]
        assert post(fake.url(), b"", {}).status == status

    @pytest.mark.parametrize("where", ["http://169.254.169.254/latest/meta-data/", "https://elsewhere.example/"])
    def test_follows_no_redirect(self, fake, where):
        fake.replies = [Reply("", 307, {"Location": where})]
        with pytest.raises(outgoing.Redirected) as refused:
            post(fake.url(), b"", {})
        assert not refused.value.retry
        assert len(fake.asked) == 1

    def test_an_answer_without_end_is_read_up_to_the_bound(self, fake):
        fake.replies = [Reply("x" * 5_000_000)]
        answer = post(fake.url(), b"", {})

        assert (len(answer.body), answer.cut) == (outgoing.MAX_ANSWER, True)

    def test_never_an_answer(self, fake, settings):
        settings.OUTGOING_TOTAL_SECONDS = 0.2
        fake.replies = [Reply(wait=30)]
        started = time.monotonic()
        with pytest.raises(outgoing.NoAnswer) as refused:
            post(fake.url(), b"", {})
        assert (refused.value.retry, refused.value.unsure) == (True, True)
        assert time.monotonic() - started < 3

    def test_an_answer_byte_by_byte_ends_as_well(self, fake, settings):
        settings.OUTGOING_TOTAL_SECONDS = 0.5
        fake.replies = [Reply("x" * 1000, drip=0.05)]
        started = time.monotonic()
        with pytest.raises(outgoing.NoAnswer):
            post(fake.url(), b"", {})
        assert time.monotonic() - started < 3

    def test_a_line_that_breaks(self, fake):
        fake.replies = [Reply(raw=b"")]
        with pytest.raises((outgoing.NoAnswer, outgoing.AnswerUnreadable)) as refused:
            post(fake.url(), b"", {})
        assert refused.value.retry

    def test_what_is_not_http(self, fake):
        fake.replies = [Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n")]
        with pytest.raises(outgoing.AnswerUnreadable):
            post(fake.url(), b"", {})

    def test_nobody_listens(self, settings):
        with socket.socket() as taken:  # a port that is nobody's
            taken.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{taken.getsockname()[1]}"
        settings.OUTGOING_ALLOWED_HOSTS = [host]
        with pytest.raises(outgoing.Unreachable) as refused:
            post(f"http://{host}/", b"", {})
        assert (refused.value.retry, refused.value.unsure) == (True, False)

    def test_asks_no_proxy_of_the_environment(self, fake, monkeypatch):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert post(fake.url(), b"", {}).status == 200

    def test_a_header_smuggles_in_no_other(self, fake):
        with pytest.raises(ValueError, match="X"):
            post(fake.url(), b"", {"X": "1\r\nY: 2"})
        assert not fake.asked


class TestCertificates:
    def test_that_nobody_vouches_for(self, fake, tmp_path):
        """TLS is spoken, and who speaks it is looked at."""
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        made += ["-keyout", "key.pem", "-out", "cert.pem"]
        subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        fake.server.socket = context.wrap_socket(fake.server.socket, server_side=True)
        with pytest.raises(outgoing.CertificateWrong):
            post(f"https://{fake.host}/hook", b"secret", {})
        assert not fake.asked
