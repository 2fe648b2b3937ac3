"""Telling users something: once, in words, in their own box."""

import ast
import datetime as dt

import pytest
from django.utils import timezone, translation

from notifications.models import Notification
from notifications.sentences import ICONS, SENTENCES, sentence
from notifications.services import mark_all_read, mark_read, notify
from tests.factories.notifications import make_notification
from tests.test_architecture import sources

PARAMS = {"actor": "Lee", "account": "晨光机械", "date": dt.date(2026, 3, 16)}


def send(users, **changes):
    notify(users, **{"kind": "visit_moved", "params": PARAMS, "url": "/accounts/", "key": "visit:1:2", **changes})


class TestNotify:
    def test_tells_each_user_once_per_key(self, alice, ann):
        send([alice, ann, alice])
        send([alice])
        send([alice], key="visit:1:3")

        assert alice.notifications.count() == 2
        assert ann.notifications.count() == 1

    def test_a_repeated_one_stays_read(self, alice):
        send([alice])
        mark_all_read(alice, now=timezone.now())
        send([alice])

        assert not alice.notifications.unread().exists()

    def test_who_is_deactivated_hears_nothing(self, alice):
        alice.is_active = False
        alice.save()
        send([alice])

        assert not alice.notifications.exists()

    def test_costs_the_same_for_one_and_for_many(self, alice, ann, lee, django_assert_num_queries):
        with django_assert_num_queries(1):
            send([alice, ann, lee])

    def test_refuses_a_kind_without_words(self, alice):
        with pytest.raises(ValueError, match="no sentence"):
            send([alice], kind="unheard_of")

    @pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "accounts/", "javascript:alert(1)"])
    def test_refuses_addresses_that_are_not_ours(self, alice, url):
        with pytest.raises(ValueError, match="not an address of ours"):
            send([alice], url=url)


class TestRead:
    def test_the_first_reading_counts(self, alice):
        notice = make_notification(alice)
        first = timezone.now()
        mark_read(notice, now=first)
        mark_read(notice, now=first + dt.timedelta(days=1))
        notice.refresh_from_db()

        assert notice.read_at == first

    def test_all_are_only_the_own(self, alice, ann):
        send([alice, ann])

        assert mark_all_read(alice, now=timezone.now()) == 1
        assert ann.notifications.unread().count() == 1


class TestSentence:
    def test_dates_are_written_as_the_language_writes_them(self, alice):
        send([alice])
        notice = Notification.objects.get()
        with translation.override("en"):
            assert notice.sentence == "Lee moved your visit at 晨光机械 to 16 Mar 2026"

    def test_an_unknown_kind_or_a_missing_name_is_no_error(self):
        assert sentence("old_kind", {"actor": "Lee"}) == "old_kind · Lee"
        assert sentence("visit_moved", {"actor": "Lee"}) == "visit_moved · Lee"

    def test_every_kind_that_is_sent_has_words_and_a_symbol(self):
        sent = {
            node.args[1].value
            for tree in sources().values()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("notify") and len(node.args) > 1
            if isinstance(node.args[1], ast.Constant)
        }
        assert sent <= set(SENTENCES)
        assert set(ICONS) == set(SENTENCES)
