"""Passwords: changed by their owners, reset by a link in the owner's language, never seen by anybody else."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from audit.models import AuditEntry
from users import services
from users.errors import UserInactive
from users.mail import password_link, send_password_link
from users.models import User

NEW = "a brand new passphrase"


def link_in(message):
    return re.search(r"http://testserver(/auth/password/reset/key/\S+)", message.body)[1]


def choose(client, link, password=NEW):
    """Follow the link and post the new password."""
    response = client.get(link)
    assert response.status_code == 302, "the link is not valid"
    return client.post(response.url, {"password1": password, "password2": password})


class TestChange:
    def test_by_its_owner(self, client_for, alice):
        here, elsewhere = client_for(alice), client_for(alice)
        data = {"oldpassword": "correct horse battery", "password1": NEW, "password2": NEW}
        assert here.post("/auth/password/change/", data).url == "/people/profile/"
        alice.refresh_from_db()
        assert alice.check_password(NEW)
        assert here.get("/people/profile/").status_code == 200
        assert elsewhere.get("/people/profile/").status_code == 302

    def test_is_recorded_without_the_password(self, client_for, alice):
        data = {"oldpassword": "correct horse battery", "password1": NEW, "password2": NEW}
        client_for(alice).post("/auth/password/change/", data)
        entry = AuditEntry.objects.of(alice).get()
        assert (entry.action, entry.actor, entry.changes, entry.via) == ("user.password_changed", alice, {}, "web")

    @pytest.mark.parametrize(
        ("old", "first", "second"),
        [
            ("wrong", NEW, NEW),
            ("correct horse battery", NEW, "another"),
            ("correct horse battery", "short", "short"),
            ("correct horse battery", "1234567890123", "1234567890123"),
            ("correct horse battery", "password123", "password123"),
        ],
    )
    def test_refuses_wrong_and_weak_ones(self, client_for, alice, old, first, second):
        data = {"oldpassword": old, "password1": first, "password2": second}
        response = client_for(alice).post("/auth/password/change/", data)
        assert response.status_code == 200
        assert response.context["form"].errors
        alice.refresh_from_db()
        assert alice.check_password("correct horse battery")


class TestReset:
    def test_by_mail(self, client, login, alice, tasks_at_once):
        with tasks_at_once():
            response = client.post("/auth/password/reset/", {"email": "Alice@Example.com"})
        assert response.status_code == 302
        [message] = mail.outbox
        assert message.to == ["alice@example.com"]
        assert choose(client, link_in(message)).status_code == 302
        assert login("alice", NEW).status_code == 302
        actions = list(AuditEntry.objects.of(alice).values_list("action", "actor"))
        assert actions == [("user.password_changed", alice.pk), ("user.password_link_requested", None)]

    def test_a_link_works_once(self, client, alice):
        link = password_link(alice).removeprefix("http://testserver")
        choose(client, link)
        client.session.flush()
        response = client.get(link)
        assert response.status_code == 200
        assert response.context["token_fail"]

    @pytest.mark.parametrize("key", ["1-abc-def", "zzzz-cx-0", "0-0-0"])
    def test_a_made_up_link_is_refused(self, client, alice, key):
        assert client.get(f"/auth/password/reset/key/{key}/").context["token_fail"]

    def test_ends_the_lockout(self, client, login, alice):
        for _attempt in range(6):
            login("alice", "wrong")
        choose(client, password_link(alice).removeprefix("http://testserver"))
        assert login("alice", NEW).status_code == 302

    def test_ends_other_sessions(self, client_for, alice):
        thief = client_for(alice)
        choose(client_for(None), password_link(alice).removeprefix("http://testserver"))
        assert thief.get("/people/").status_code == 302

    @pytest.mark.parametrize("email", ["nobody@example.com", "ann@example.com"])
    def test_no_mail_to_strangers_and_deactivated_users_and_the_same_answer(self, client, ann, email, tasks_at_once):
        User.objects.filter(pk=ann.pk).update(is_active=False)
        with tasks_at_once():
            response = client.post("/auth/password/reset/", {"email": email})
        assert response.url == "/auth/password/reset/done/"
        assert mail.outbox == []

    def test_the_link_names_our_own_address_whatever_host_was_asked(self, client, alice, tasks_at_once):
        with tasks_at_once():
            client.post("/auth/password/reset/", {"email": "alice@example.com"}, HTTP_HOST="evil.example")
        assert "evil.example" not in mail.outbox[0].body
        assert link_in(mail.outbox[0])

    def test_many_requests_are_refused(self, client, alice):
        statuses = [client.post("/auth/password/reset/", {"email": "alice@example.com"}).status_code for _n in range(6)]
        assert statuses == [302] * 5 + [429]

    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    @pytest.mark.parametrize("invited", [True, False])
    def test_in_the_recipient_s_language(self, alice, language, invited):
        alice.language = language
        send_password_link(alice, invited=invited)
        [message] = mail.outbox
        html = message.alternatives[0][0]
        assert f'<html lang="{language}">' in html
        assert "alice" in message.body
        assert "\n" not in message.subject
        assert link_in(message) in html

    def test_the_recipient_s_language_not_the_asker_s(self, client, alice, tasks_at_once):
        User.objects.filter(pk=alice.pk).update(language="zh-hant")
        with tasks_at_once():
            client.post("/auth/password/reset/", {"email": "alice@example.com"}, HTTP_ACCEPT_LANGUAGE="en")
        assert '<html lang="zh-hant">' in mail.outbox[0].alternatives[0][0]


class TestRequestPasswordLink:
    def test_is_recorded(self, root, alice):
        services.request_password_link(alice, actor=root)
        entry = AuditEntry.objects.of(alice).get()
        assert (entry.action, entry.actor) == ("user.password_link_requested", root)

    def test_refuses_a_deactivated_user(self, root, ann):
        services.deactivate_user(ann, actor=root, now=timezone.now())
        with pytest.raises(UserInactive):
            services.request_password_link(ann, actor=root)
