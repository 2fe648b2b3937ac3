"""Login, logout, lockout, and what a deactivated user can still do."""

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from users import services
from users.models import User

LOCKED = "Too many failed attempts"


def fail(login, name, times=5, **extra):
    for _attempt in range(times):
        assert login(name, "wrong", **extra).status_code == 200


class TestLogin:
    @pytest.mark.parametrize("name", ["alice", "ALICE", " Alice ", "alice@example.com", "Alice@Example.COM"])
    def test_by_user_name_or_e_mail_in_any_capitals(self, login, alice, name):
        response = login(name)
        assert (response.status_code, response.url) == (302, "/")

    def test_goes_where_one_wanted_to(self, client, alice):
        response = client.get("/people/")
        assert response.url == "/auth/login/?next=/people/"
        response = client.post(response.url, {"login": "alice", "password": "correct horse battery"})
        assert response.url == "/people/"

    def test_never_to_another_site(self, client, alice):
        data = {"login": "alice", "password": "correct horse battery"}
        assert client.post("/auth/login/?next=https://evil.example/", data).url == "/"

    @pytest.mark.parametrize("name", ["alice", "nobody", "alice@example.com", "nobody@example.com"])
    def test_a_wrong_password_and_an_unknown_name_look_the_same(self, login, alice, name):
        response = login(name, "wrong")
        assert response.status_code == 200
        assert "do not match" in response.text
        assert name in response.text

    def test_old_e_mail_opens_nothing(self, login, root, alice):
        alice.email = "new@example.com"
        services.update_user(alice, actor=root)
        assert login("alice@example.com").status_code == 200
        assert login("new@example.com").status_code == 302

    def test_logout(self, client, alice):
        client.force_login(alice)
        client.post("/auth/logout/")
        assert client.get("/people/").status_code == 302


class TestLockout:
    def test_the_sixth_attempt_is_refused_even_with_the_right_password(self, login, alice):
        fail(login, "alice")
        for password in ("wrong", "correct horse battery"):
            response = login("alice", password)
            assert response.status_code == 429
            assert LOCKED in response.text

    def test_says_so_in_the_reader_s_language(self, login, alice):
        fail(login, "alice")
        english = login("alice", HTTP_ACCEPT_LANGUAGE="en").context["form"].non_field_errors()[0]
        assert english.startswith(LOCKED)
        response = login("alice", HTTP_ACCEPT_LANGUAGE="zh-CN")
        assert (response.status_code, response.headers["Content-Language"]) == (429, "zh-hans")

    @pytest.mark.parametrize("name", ["ALICE", " alice", "alice@example.com", "ALICE@EXAMPLE.COM"])
    def test_holds_for_every_way_to_name_the_user(self, login, alice, name):
        fail(login, "alice")
        assert login(name).status_code == 429

    def test_counts_all_ways_to_name_the_user_together(self, login, alice):
        for name in ("alice", "Alice", "ALICE", "alice@example.com", "ALICE@example.com"):
            fail(login, name, 1)
        assert login("alice").status_code == 429

    def test_another_host_name_and_another_address_are_no_way_around(self, login, alice):
        for n in range(5):
            fail(login, "alice", 1, HTTP_HOST=f"host{n}.example", REMOTE_ADDR=f"10.0.0.{n}")
        assert login("alice", HTTP_HOST="fresh.example", REMOTE_ADDR="10.0.1.1").status_code == 429

    def test_holds_for_unknown_names_too(self, login, db):
        fail(login, "nobody")
        assert login("NOBODY", "wrong").status_code == 429

    def test_leaves_others_alone(self, login, alice, mallory):
        fail(login, "alice")
        assert login("mallory").status_code == 302

    def test_four_failures_lock_nobody_and_a_success_counts_nothing(self, login, client, alice):
        fail(login, "alice", 4)
        assert login("alice").status_code == 302
        client.post("/auth/logout/")
        fail(login, "alice", 1)
        assert login("alice").status_code == 429

    def test_ends_after_ten_minutes(self, login, alice, monkeypatch):
        fail(login, "alice")
        clock = __import__("time").time
        monkeypatch.setattr("time.time", lambda: clock() + 599)
        assert login("alice").status_code == 429
        monkeypatch.setattr("time.time", lambda: clock() + 601)
        assert login("alice").status_code == 302

    def test_one_address_cannot_try_many_names(self, login, db):
        statuses = [login(f"name{n}", "wrong").status_code for n in range(31)]
        assert statuses == [200] * 30 + [429]

    def test_the_admin_is_no_way_around(self, client, root):
        response = client.post("/admin/login/", {"username": "root", "password": "correct horse battery"})
        assert response.status_code == 302
        assert response.url.startswith("/auth/login/")
        assert "_auth_user_id" not in client.session


class TestDeactivated:
    def test_cannot_log_in(self, login, root, ann):
        services.deactivate_user(ann, actor=root, now=timezone.now())
        response = login("ann")
        assert response.url == "/auth/inactive/"

    def test_loses_open_sessions_at_once(self, client_for, root, ann):
        client = client_for(ann)
        assert client.get("/people/").status_code == 200
        services.deactivate_user(ann, actor=root, now=timezone.now())
        assert client.get("/people/").status_code == 302

    def test_a_link_sent_before_lets_nobody_in(self, client, login, root, ann):
        User.objects.filter(pk=ann.pk).update(is_active=False)
        assert login("ann", "wrong").status_code == 200


class TestClosed:
    @pytest.mark.parametrize("name", ["signup", "email", "reauthenticate", "confirm_email", "request_login_code"])
    def test_views_that_we_do_not_use(self, name):
        with pytest.raises(NoReverseMatch):
            reverse(f"account_{name}")

    @pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "login/code/", ""])
    def test_paths_that_we_do_not_use(self, client, alice, path):
        client.force_login(alice)
        assert client.get(f"/auth/{path}").status_code == 404
