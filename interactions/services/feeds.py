"""The secret address of a user's calendar: make, renew, find, revoke."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.services import record
from core.errors import DomainError
from interactions.models import CalendarFeed, Visit
from users.models import User

TOKEN_BYTES = 32
READ_IS_NOTED_EVERY = dt.timedelta(hours=1)
CANCELLED_FOR = dt.timedelta(days=30)
PAST, FUTURE = dt.timedelta(days=90), dt.timedelta(days=400)
MOST_EVENTS = 2000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class NoFeed(DomainError):
    code = "no_feed"
    message = _("There is no calendar address to revoke.")
    status = 404


@transaction.atomic
def make_feed(owner: User, *, actor: User, now: dt.datetime) -> tuple[CalendarFeed, str]:
    """A new secret address for `owner`'s calendar, and its token, which is not kept: whoever asked must show it now.

    An address that was there before stops working in the same moment.
    """
    feed = CalendarFeed.objects.select_for_update().filter(user=owner).first()
    action = "calendar_feed.renewed" if feed else "calendar_feed.created"
    feed = feed or CalendarFeed(user=owner)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed.token_hash, feed.last_read_at, feed.created_at = digest_of(token), None, now
    feed.save()
    record(action, feed, actor=actor)
    return feed, token


@transaction.atomic
def revoke_feed(owner: User, *, actor: User) -> None:
    """End the address at once: it answers as one that never was. Raises NoFeed."""
    feed = CalendarFeed.objects.select_for_update().filter(user=owner).first()
    if feed is None:
        raise NoFeed
    record("calendar_feed.revoked", feed, actor=actor)
    feed.delete()


def find_feed(token: str) -> CalendarFeed | None:
    """The feed with this token, if its user may still log in."""
    if not _TOKEN.fullmatch(token):
        return None
    feeds = CalendarFeed.objects.select_related("user__team").filter(user__is_active=True)
    return feeds.filter(token_hash=digest_of(token)).first()


def note_read(feed: CalendarFeed, *, now: dt.datetime) -> None:
    """Remember that the calendar was fetched, at most once an hour: programs fetch it all day."""
    if feed.last_read_at is None or feed.last_read_at <= now - READ_IS_NOTED_EVERY:
        stale = Q(last_read_at__isnull=True) | Q(last_read_at__lte=now - READ_IS_NOTED_EVERY)
        CalendarFeed.objects.filter(stale, pk=feed.pk).update(last_read_at=now)


def visits_of(owner: User, *, now: dt.datetime, today: dt.date) -> list[Visit]:
    """What the calendar holds: the owner's visits to accounts that they see today, planned or done, from 90 days ago
    on; and what was cancelled in the last 30 days, so that calendars take it out."""
    shown = Q(status__in=("planned", "done")) | Q(status="cancelled", closed_at__gte=now - CANCELLED_FOR)
    visits = Visit.objects.visible_to(owner).filter(shown, owner=owner).between(today - PAST, today + FUTURE)
    newest_first = visits.select_related("account").prefetch_related("contacts").order_by("-planned_date", "-pk")
    return list(newest_first[:MOST_EVENTS])


def digest_of(token: str) -> str:
    """The SHA-256 of a token, in hexadecimal; 256 random bits need neither salt nor a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
