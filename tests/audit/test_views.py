"""The audit page."""

import datetime as dt

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from audit.services import entry as new_entry
from audit.services import record, record_many


def actions(response):
    return [entry.action for entry in response.context["entries"]]


class TestEntryList:
    @pytest.fixture(autouse=True)
    def entries(self, alice, root, north):
        record("user.updated", alice, actor=root, changes={"role": ("account_manager", "supervisor")})
        record("team.updated", north, actor=alice, reason="why not")
        record("user.deactivated", alice, actor=None)

    @pytest.mark.parametrize("who", ["dora", "root"])
    def test_page(self, request, client_for, who):
        response = client_for(request.getfixturevalue(who)).get("/audit/")
        assert actions(response) == ["user.deactivated", "team.updated", "user.updated"]
        for words in ("User deactivated", "why not", "Supervisor", "System", "Root"):
            assert words in response.text

    @pytest.mark.parametrize("who", ["alice", "lee"])
    def test_others_may_not(self, request, client_for, who):
        assert client_for(request.getfixturevalue(who)).get("/audit/").status_code == 403
        assert not AuditEntry.objects.visible_to(request.getfixturevalue(who)).exists()

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("action=team.updated", ["team.updated"]),
            ("object_type=users.team", ["team.updated"]),
            ("at_after=2020-01-01&at_before=2020-12-31", []),
            ("account=NOBODY", []),
            ("action=nonsense", []),
        ],
    )
    def test_filters(self, client_for, dora, query, found):
        response = client_for(dora).get(f"/audit/?{query}")
        assert response.status_code == 200
        assert actions(response) == found or response.context["filter"].form.errors

    def test_by_actor(self, client_for, dora, alice):
        assert actions(client_for(dora).get(f"/audit/?actor={alice.pk}")) == ["team.updated"]

    def test_by_day(self, client_for, dora):
        today = timezone.localdate()
        tomorrow = today + dt.timedelta(days=1)
        assert len(actions(client_for(dora).get(f"/audit/?at_after={today}&at_before={today}"))) == 3
        assert actions(client_for(dora).get(f"/audit/?at_after={tomorrow}")) == []

    def test_by_account(self, client_for, dora, account):
        found = actions(client_for(dora).get(f"/audit/?account={account.code}"))
        assert "account.created" in found
        assert "team.updated" not in found

    @pytest.mark.parametrize("query", ["cursor=nonsense", "at_after=2026-02-31", "actor=abc", "account=%00"])
    def test_bad_input(self, client_for, dora, query):
        assert client_for(dora).get(f"/audit/?{query}").status_code in (200, 400)

    def test_fragment(self, client_for, dora):
        response = client_for(dora).get("/audit/?at_after=2999-01-01", headers={"HX-Request": "true"})
        assert "<html" not in response.text
        assert "No entry fits these filters." in response.text

    def test_pages_cost_the_same(self, client_for, dora, alice, django_assert_max_num_queries):
        record_many(new_entry("user.updated", alice, actor=dora, changes={"name": (str(n), "x")}) for n in range(120))
        client = client_for(dora)
        first = client.get("/audit/")
        cursor = first.context["page"].next_cursor
        with django_assert_max_num_queries(8):
            second = client.get(f"/audit/?cursor={cursor}")
        assert len(actions(second)) == 50
        assert {e.pk for e in first.context["entries"]}.isdisjoint(e.pk for e in second.context["entries"])
