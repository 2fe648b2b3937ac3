"""The pages about users."""

import pytest
from django.core import mail

from tests.factories.users import UserFactory
from users.models import Role, User

VALID = {
    "name": "王莉",
    "username": "wangli",
    "email": "wangli@example.com",
    "phone": "+86 21 5555",
    "role": "account_manager",
    "team": "",
    "language": "zh-hans",
    "time_zone": "Asia/Shanghai",
}


def names(response):
    return [person.name for person in response.context["page"]]


class TestUserList:
    @pytest.fixture(autouse=True)
    def people(self, alice, ann, lee, dora, mallory):
        UserFactory(username="gone", name="Gone", is_active=False)

    def test_everybody_sees_active_colleagues_by_name(self, client_for, alice):
        response = client_for(alice).get("/people/")
        assert names(response) == ["Alice", "Ann", "Dora", "Lee", "Mallory"]
        assert "alice@example.com" in response.text
        assert "/people/new/" not in response.text

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=ali", ["Alice"]),
            ("q=EXAMPLE.com", ["Alice", "Ann", "Dora", "Lee", "Mallory"]),
            ("role=supervisor", ["Lee"]),
            ("active=false", ["Gone"]),
            ("active=all&q=g", ["Gone"]),
            ("sort=-name", ["Mallory", "Lee", "Dora", "Ann", "Alice"]),
            ("sort=nonsense", ["Alice", "Ann", "Dora", "Lee", "Mallory"]),
            ("q=100%25", []),
        ],
    )
    def test_filters(self, client_for, alice, query, found):
        assert names(client_for(alice).get(f"/people/?{query}")) == found

    def test_a_team_stands_for_its_subtree(self, client_for, alice, region):
        assert names(client_for(alice).get(f"/people/?team={region.pk}")) == ["Alice", "Ann", "Lee"]

    def test_fragment(self, client_for, alice):
        response = client_for(alice).get("/people/?q=zzz", headers={"HX-Request": "true"})
        assert "<html" not in response.text
        assert "Nobody fits these filters." in response.text

    def test_pages(self, client_for, alice):
        UserFactory.create_batch(60)
        client = client_for(alice)
        first = client.get("/people/")
        second = client.get(f"/people/?cursor={first.context['page'].next_cursor}")
        assert len(names(first)) == 50
        assert set(names(first)).isdisjoint(names(second))

    def test_costs_the_same_for_3_and_30(self, client_for, alice, django_assert_max_num_queries):
        UserFactory.create_batch(30, team=alice.team)
        client = client_for(alice)
        client.get("/people/")
        with django_assert_max_num_queries(8):
            client.get("/people/")


class TestUserDetail:
    def test_colleagues_see_contact_data_but_no_history(self, client_for, alice, mallory):
        response = client_for(alice).get(f"/people/{mallory.pk}/")
        assert "mallory@example.com" in response.text
        assert "entries" not in response.context
        assert "Deactivate" not in response.text

    def test_counts_the_accounts_that_the_viewer_sees(
        self, client_for, dora, lee, alice, account, foreign_account, mallory
    ):
        def count(viewer, person):
            duty, *_others = client_for(viewer).get(f"/people/{person.pk}/").context["duties"]
            return duty.count

        assert (count(dora, alice), count(dora, mallory)) == (1, 1)
        assert (count(lee, alice), count(lee, mallory)) == (1, 0)
        assert (count(mallory, alice), count(alice, alice)) == (0, 1)

    @pytest.mark.parametrize("who", ["dora", "root"])
    def test_directors_and_administrators_see_the_history(self, request, client_for, root, alice, who):
        client_for(root).post(f"/people/{alice.pk}/edit/", VALID | {"username": "alice"})
        response = client_for(request.getfixturevalue(who)).get(f"/people/{alice.pk}/")
        assert "User changed" in response.text
        assert "王莉" in response.text

    def test_404(self, client_for, alice):
        assert client_for(alice).get("/people/999999/").status_code == 404


class TestUserCreate:
    def test_saves_and_invites(self, client_for, root, north, tasks_at_once):
        with tasks_at_once():
            response = client_for(root).post("/people/new/", VALID | {"team": north.pk})
        user = User.objects.get(username="wangli")
        assert response.url == f"/people/{user.pk}/"
        assert user.team == north
        [message] = mail.outbox
        assert message.to == ["wangli@example.com"]
        assert '<html lang="zh-hans">' in message.alternatives[0][0]

    def test_a_refused_form_keeps_what_was_typed(self, client_for, root):
        response = client_for(root).post("/people/new/", VALID | {"username": "ROOT", "role": "supervisor"})
        assert response.status_code == 200
        assert set(response.context["form"].errors) == {"username", "team"}
        assert "+86 21 5555" in response.text
        assert not User.objects.filter(email="wangli@example.com").exists()

    def test_page(self, client_for, root):
        response = client_for(root).get("/people/new/")
        assert "Save and send the invitation" in response.text
        assert '<optgroup label="Common">' in response.text


class TestUserUpdate:
    def test_saves(self, client_for, root, alice):
        client_for(root).post(f"/people/{alice.pk}/edit/", VALID | {"username": "alice", "may_export": "on"})
        alice.refresh_from_db()
        assert (alice.name, alice.may_export) == ("王莉", True)

    def test_the_last_administrator_is_refused_with_the_reason(self, client_for, root):
        data = VALID | {"username": "root", "email": root.email, "role": "director", "name": "Typed"}
        response = client_for(root).post(f"/people/{root.pk}/edit/", data)
        assert response.context["form"].errors["role"]
        assert "last active administrator" in response.text
        assert "Typed" in response.text
        root.refresh_from_db()
        assert root.role == Role.ADMINISTRATOR


class TestButtons:
    def test_deactivate_and_reactivate(self, client_for, root, ann):
        client = client_for(root)
        client.post(f"/people/{ann.pk}/deactivate/")
        ann.refresh_from_db()
        assert not ann.is_active
        assert "cannot log in" in client.get(f"/people/{ann.pk}/").text
        client.post(f"/people/{ann.pk}/reactivate/")
        ann.refresh_from_db()
        assert ann.is_active

    def test_deactivating_a_manager_names_the_number_and_the_next_step(self, client_for, root, alice, account):
        response = client_for(root).post(f"/people/{alice.pk}/deactivate/", follow=True)
        assert "account manager of 1 account" in response.text
        alice.refresh_from_db()
        assert alice.is_active

    def test_password_link(self, client_for, root, alice, tasks_at_once):
        with tasks_at_once():
            client_for(root).post(f"/people/{alice.pk}/password-link/")
        assert [message.to for message in mail.outbox] == [["alice@example.com"]]

    def test_password_link_for_a_deactivated_user(self, client_for, root, ann, tasks_at_once):
        client = client_for(root)
        client.post(f"/people/{ann.pk}/deactivate/")
        with tasks_at_once():
            response = client.post(f"/people/{ann.pk}/password-link/", follow=True)
        assert "Reactivate them first" in response.text
        assert mail.outbox == []

    @pytest.mark.parametrize("action", ["deactivate", "reactivate", "password-link"])
    def test_get_does_nothing(self, client_for, root, ann, action):
        assert client_for(root).get(f"/people/{ann.pk}/{action}/").status_code == 405


class TestRights:
    @pytest.mark.parametrize("who", ["alice", "lee", "dora"])
    @pytest.mark.parametrize("path", ["new/", "{}/edit/", "{}/deactivate/", "{}/reactivate/", "{}/password-link/"])
    def test_only_administrators_write(self, request, client_for, ann, who, path):
        client = client_for(request.getfixturevalue(who))
        url = "/people/" + path.format(ann.pk)
        assert client.post(url, VALID).status_code == 403
        assert client.get(url).status_code == 403
        ann.refresh_from_db()
        assert (ann.is_active, ann.name) == (True, "Ann")

    @pytest.mark.parametrize("path", ["", "new/", "1/", "1/edit/", "teams/", "teams/1/", "profile/"])
    def test_login_first(self, client, db, path):
        assert client.get(f"/people/{path}").url.startswith("/auth/login/?next=")
