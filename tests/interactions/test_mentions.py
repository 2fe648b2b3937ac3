"""@name in a text: who is meant, who is told, and who must not be."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions import services
from interactions.mentions import MAX_MENTIONS, candidates, mentioned
from interactions.models import Interaction
from notifications.models import Notification
from tests.factories.users import UserFactory

NOW = dt.datetime(2026, 3, 16, 3, 0, tzinfo=dt.UTC)
NAMES = {"ann": [1], "annabel lee": [2], "王芳": [3], "王芳芳": [4], "bob": [5, 6]}


class TestMeant:
    @pytest.mark.parametrize(
        ("text", "ids"),
        [
            ("@Ann please", {1}),
            ("请@王芳看一下", {3}),
            ("@王芳芳 好", {4}),
            ("@王芳，@ann。", {3, 1}),
            ("@annabel", set()),
            ("@Annabel Lee, look", {2}),
            ("@bob", {5, 6}),
            ("＠王芳", {3}),
            ("mail to x@ann.com or (@ann)", {1}),
            ("x@ann", set()),
            ("@", set()),
            ("@nobody", set()),
            ("**@ann**", {1}),
        ],
    )
    def test_the_longest_name_that_fits(self, text, ids):
        assert mentioned(text, NAMES) == ids

    @given(st.text(alphabet="@a王芳 nbo.李\n", max_size=60))
    def test_every_name_found_is_among_the_candidates(self, text):
        keys = candidates(text)
        assert mentioned(text, NAMES) == mentioned(text, {name: ids for name, ids in NAMES.items() if name in keys})

    def test_is_bounded(self):
        text = " ".join(f"@n{number}" for number in range(5000))
        assert len(candidates(text)) <= MAX_MENTIONS * 40


@pytest.mark.django_db
class TestTold:
    def log(self, account, actor, **fields):
        row = Interaction(account=account, kind="note", occurred_at=NOW, **fields)
        return services.log_interaction(row, actor=actor, now=NOW)

    def test_who_sees_the_account_is_told_once_with_the_address(self, account, alice, ann):
        row = self.log(account, alice, title="给 @ann", minutes="@Ann 请跟进")
        told = Notification.objects.get()
        assert (told.user, told.kind, told.url) == (ann, "mentioned", row.get_absolute_url())
        assert list(row.mentioned.all()) == [ann]
        row.minutes += "，@ann 再看一次"
        services.update_interaction(row, actor=alice, now=NOW)
        assert Notification.objects.count() == 1

    def test_who_does_not_see_it_learns_nothing_and_the_author_is_told(self, account, alice, mallory):
        row = self.log(account, alice, minutes="@mallory 你看")
        assert row.not_notified == [mallory]
        assert not Notification.objects.exists()
        assert not row.mentioned.exists()

    def test_nobody_tells_themselves_and_who_left_is_not_meant(self, account, alice):
        UserFactory(username="gone", name="离职者", is_active=False)
        row = self.log(account, alice, minutes="@alice @gone @离职者")
        assert (row.not_notified, Notification.objects.count()) == ([], 0)

    def test_a_name_that_is_taken_out_is_mentioned_no_more(self, account, alice, ann):
        row = self.log(account, alice, minutes="@ann")
        row.minutes = "niemand"
        services.update_interaction(row, actor=alice, now=NOW)
        assert not row.mentioned.exists()

    def test_a_chinese_name_in_the_middle(self, account, alice, lee):
        lee.name = "李雷"
        lee.save()
        assert list(self.log(account, alice, minutes="会后请@李雷确认价格").mentioned.all()) == [lee]

    def test_the_api_answers_with_who_was_not_told(self, account, alice, mallory, api_for):
        body = {"account": account.pk, "kind": "note", "occurred_at": "2026-11-20T03:00:00Z", "minutes": "@mallory"}
        account.created_at = NOW
        account.save()
        answer = api_for(alice).post("/api/v1/interactions/", body)
        assert (answer.status_code, answer.json()["not_notified"]) == (201, ["Mallory"])
