"""Calls to addresses that people typed: robots, webhooks. The address is never trusted.

Only https; plain http and private addresses only for the hosts of OUTGOING_ALLOWED_HOSTS, which an administrator sets.
The host is resolved once, every address that it has must be public, and the connection goes to the very address that
was looked at: a name that answers differently the second time gains nothing. No redirect is followed, no proxy of the
environment is asked, connecting and the whole call end in time, and no more of an answer is read than MAX_ANSWER.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

MAX_URL = 1000
MAX_ANSWER = 64 * 1024
PORTS = {"http": 80, "https": 443}
# Names that never belong to somebody outside.
INNER_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain")
# Metadata services at addresses that look public: Azure's, and the block that has Oracle's.
NEVER = [ipaddress.ip_network("168.63.129.16/32"), ipaddress.ip_network("192.0.0.0/24")]
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutgoingError(DomainError):
    """A call was not made, or got no answer. `retry`: the same call may go well later. `unsure`: what was sent may have
    arrived all the same."""

    code = "outgoing_failed"
    message = _("The address could not be called.")
    retry = False
    unsure = False


class UrlInvalid(OutgoingError):
    code = "url_invalid"
    message = _("This is not a web address.")


class UrlNotHttps(OutgoingError):
    code = "url_not_https"
    message = _("The address must begin with https://.")


class HostRefused(OutgoingError):
    code = "url_host_refused"
    message = _("Addresses here begin with %(hosts)s. An administrator can allow other hosts.")


class PrivateAddress(OutgoingError):
    code = "url_private_address"
    message = _("%(host)s is this machine or lies in a private network. An administrator can allow the host.")


class HostUnknown(OutgoingError):
    code = "host_unknown"
    message = _("There is no host with the name %(host)s, or names cannot be looked up now.")
    retry = True


class Unreachable(OutgoingError):
    code = "host_unreachable"
    message = _("%(host)s cannot be reached.")
    retry = True


class TimedOut(OutgoingError):
    code = "host_timed_out"
    message = _("%(host)s did not answer in time.")
    retry = True


class NoAnswer(OutgoingError):
    code = "no_answer"
    message = _("%(host)s took the call and did not answer in time: what was sent may have arrived.")
    retry = True
    unsure = True


class CertificateWrong(OutgoingError):
    code = "certificate_wrong"
    message = _("%(host)s cannot prove who it is: its certificate is not valid.")
    retry = True


class Redirected(OutgoingError):
    code = "redirected"
    message = _("%(host)s sends callers on to another address. Redirects are not followed: give that address.")


class AnswerUnreadable(OutgoingError):
    code = "answer_unreadable"
    message = _("%(host)s gave an answer that is not HTTP.")
    retry = True


class Place(NamedTuple):
    """Where an address leads."""

    scheme: str
    host: str
    port: int
    path: str
    allowed: bool

    @property
    def netloc(self) -> str:
        """The host as the request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is no longer than MAX_ANSWER, and `cut` where there was more."""

    status: int
    headers: Message
    body: bytes
    cut: bool

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def place_of(url: str, *, hosts: Collection[str] = ()) -> Place:
    """The parts of an address that may be called; `hosts`, where given, are the only ones besides those that are
    allowed by setting. Nothing is looked up. Raises UrlInvalid, UrlNotHttps, HostRefused, PrivateAddress."""
    if len(url) > MAX_URL or not url.isascii() or any(sign <= " " or sign in '\\"<>^`{|}' for sign in url):
        raise UrlInvalid(field="url")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise UrlInvalid(field="url") from error
    if parts.scheme not in PORTS or not host or parts.fragment or "@" in parts.netloc or port == 0:
        raise UrlInvalid(field="url")
    number = port or PORTS[parts.scheme]
    allowed = {host, f"{host}:{number}"} & set(settings.OUTGOING_ALLOWED_HOSTS)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    place = Place(parts.scheme, host, number, path, bool(allowed))
    if not allowed:
        _check_stranger(place, hosts)
    return place


def check(url: str, *, hosts: Collection[str] = ()) -> Place:
    """`place_of`, and the host's addresses looked at where there are any: for a form, where a host that is not there
    today is no mistake. Raises what `place_of` raises."""
    place = place_of(url, hosts=hosts)
    with suppress(HostUnknown, TimedOut):
        addresses_of(place, time.monotonic() + settings.OUTGOING_CONNECT_SECONDS)
    return place


def post(url: str, body: bytes, headers: Mapping[str, str], *, hosts: Collection[str] = ()) -> Answer:
    """Send `body` there and return what was answered, whatever its status but a redirect. Raises OutgoingError."""
    place = place_of(url, hosts=hosts)
    deadline = time.monotonic() + settings.OUTGOING_TOTAL_SECONDS
    try:
        request = _request(place, body, headers)
        connection = _connected(place, deadline)
    except TimeoutError as error:
        raise TimedOut(host=place.host) from error
    except OSError as error:
        raise Unreachable(host=place.host) from error
    try:
        with connection:
            answer = _exchange(connection, request, deadline)
    except OSError as error:
        raise NoAnswer(host=place.host) from error
    except (http.client.HTTPException, ValueError) as error:
        raise AnswerUnreadable(host=place.host) from error
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        raise Redirected(host=place.host)
    return answer


def is_public(address: Address) -> bool:
    """Whether an address belongs to the outside, also one that is wrapped in another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    inward = not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified
    return not inward and not any(address in network for network in NEVER)


def addresses_of(place: Place, deadline: float) -> list[tuple[socket.AddressFamily, Any]]:
    """The addresses of the host, all of which may be called. Raises HostUnknown, TimedOut, PrivateAddress."""
    found = [(family, address) for family, _kind, _protocol, _name, address in _resolve(place, deadline)]
    for _family, address in found:
        if not place.allowed and not is_public(ipaddress.ip_address(str(address[0]).partition("%")[0])):
            raise PrivateAddress(field="url", host=place.host)
    return found


def _check_stranger(place: Place, hosts: Collection[str]) -> None:
    """A host that no administrator vouches for."""
    if place.scheme != "https":
        raise UrlNotHttps(field="url")
    if hosts and place.host not in hosts:
        raise HostRefused(field="url", hosts=", ".join(f"https://{host}/" for host in sorted(hosts)))
    inner = "." not in place.host and ":" not in place.host
    if inner or place.host.endswith(tuple(f".{name}" for name in INNER_NAMES)):
        raise PrivateAddress(field="url", host=place.host)


def _resolve(place: Place, deadline: float) -> list[Any]:
    """getaddrinfo, which knows no time-out: in a thread that is left to itself where it takes too long."""
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            results.put(socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            results.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        found = results.get(timeout=max(deadline - time.monotonic(), 0.001))
    except queue.Empty as error:
        raise TimedOut(host=place.host) from error
    if isinstance(found, Exception):
        raise HostUnknown(host=place.host) from found
    return found


def _connected(place: Place, deadline: float) -> socket.socket:
    """A socket to the first of the host's addresses that answers, with TLS where the address says so."""
    limit = min(deadline, time.monotonic() + settings.OUTGOING_CONNECT_SECONDS)
    problem: OSError = OSError("no address")
    for family, address in addresses_of(place, limit):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(limit))
            connection.connect(address)
            return _secured(connection, place, limit)
        except ssl.SSLCertVerificationError as error:
            connection.close()
            raise CertificateWrong(host=place.host) from error
        except OSError as error:
            connection.close()
            problem = error
    raise problem


def _secured(connection: socket.socket, place: Place, limit: float) -> socket.socket:
    if place.scheme == "http":
        return connection
    connection.settimeout(_left(limit))
    return ssl.create_default_context().wrap_socket(connection, server_hostname=place.host)


def _request(place: Place, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The request as it goes over the line. Raises ValueError for a header that would smuggle in another one."""
    lines = {
        "Host": place.netloc, "User-Agent": "KAM", "Accept-Encoding": "identity", "Connection": "close",
        "Content-Length": str(len(body)), **headers,
    }  # fmt: skip
    if any(sign in f"{name}{value}" for name, value in lines.items() for sign in "\r\n\0"):
        raise ValueError(sorted(headers))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {place.path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def _exchange(connection: socket.socket, request: bytes, deadline: float) -> Answer:
    connection.settimeout(_left(deadline))
    connection.sendall(request)
    line = _Line(connection, deadline)
    answer = http.client.HTTPResponse(cast("socket.socket", line), method="POST")
    answer.begin()
    body = b"" if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST else answer.read(MAX_ANSWER + 1)
    return Answer(answer.status, answer.headers, body[:MAX_ANSWER], cut=len(body) > MAX_ANSWER)


def _left(deadline: float) -> float:
    """The seconds that are left. Raises TimeoutError where there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class _Line(io.RawIOBase):
    """What http.client reads from: each read has only the time that is left of the whole call, so that an answer that
    drips in byte by byte ends as well."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        super().__init__()
        self.connection, self.deadline = connection, deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.connection.settimeout(_left(self.deadline))
        return self.connection.recv_into(buffer)
