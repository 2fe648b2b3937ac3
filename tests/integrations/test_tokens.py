"""API tokens: making, using and revoking them, on the page, by command and over the API."""

import datetime as dt
import hashlib

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEntry
from core.api.throttling import TokenThrottle
from integrations.errors import ScopeNotAllowed, TokenAlreadyRevoked, UnknownScope
from integrations.models import ApiToken
from integrations.services.tokens import create_token, revoke_token
from tests.factories.integrations import make_token

pytestmark = pytest.mark.django_db

ACCOUNTS = "/api/v1/accounts/"
NOW = dt.datetime(2026, 3, 16, 8, tzinfo=dt.UTC)


def bearer(token, **headers) -> APIClient:
    """A client that sends `token`, as programs do: no cookies."""
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {getattr(token, 'text', token)}", **headers)
    return client


class TestCreateToken:
    def test_keeps_only_the_hash(self, alice):
        token, text = create_token(alice, name="ERP", scopes=["accounts:read"], expires_at=None, actor=alice)
        token.refresh_from_db()
        assert text.startswith(f"kam_{token.prefix}_")
        assert token.digest == hashlib.sha256(text.encode()).hexdigest()
        assert text not in str(ApiToken.objects.values())

    def test_leaves_an_audit_entry_without_the_token(self, alice):
        token = make_token(alice, "accounts:read")
        entry = AuditEntry.objects.of(token).get()
        assert (entry.action, entry.actor) == ("token.created", alice)
        assert entry.changes["scopes"] == [None, ["accounts:read"]]
        assert token.text not in str(entry.changes)
        assert token.digest not in str(entry.changes)

    def test_refuses_scopes_that_do_not_exist(self, alice):
        with pytest.raises(UnknownScope):
            make_token(alice, "accounts:delete")

    @pytest.mark.parametrize("scope", ["products:write", "rates:write"])
    def test_refuses_scopes_beyond_the_owner(self, alice, dora, scope):
        with pytest.raises(ScopeNotAllowed):
            make_token(alice, scope)
        assert make_token(dora, scope).scopes == [scope]

    def test_refuses_no_scopes(self, alice):
        with pytest.raises(UnknownScope):
            create_token(alice, name="ERP", scopes=[], expires_at=None, actor=alice)


class TestRevokeToken:
    def test_is_for_good(self, alice):
        token = make_token(alice)
        revoke_token(token, actor=alice, now=NOW)
        assert AuditEntry.objects.of(token).first().action == "token.revoked"
        with pytest.raises(TokenAlreadyRevoked):
            revoke_token(token, actor=alice, now=NOW)


class TestTokenUse:
    def test_reads_as_its_owner(self, alice, account, foreign_account):
        rows = bearer(make_token(alice)).get(ACCOUNTS).json()["results"]
        assert [row["code"] for row in rows] == ["ALICE-1"]

    def test_needs_no_csrf_and_is_named_in_the_audit(self, alice, account):
        token = make_token(alice, "accounts:write")
        response = bearer(token).patch(f"{ACCOUNTS}{account.pk}/", {"city": "苏州"})
        assert response.status_code == 200
        entry = AuditEntry.objects.of(account).first()
        assert (entry.actor, entry.via) == (alice, f"api:{token.prefix}")

    def test_does_what_its_scopes_say_and_no_more(self, alice, account):
        client = bearer(make_token(alice, "accounts:read"))
        assert client.get(ACCOUNTS).status_code == 200
        response = client.patch(f"{ACCOUNTS}{account.pk}/", {"city": "苏州"})
        assert (response.status_code, response.json()["code"]) == (403, "wrong_scope")
        assert "accounts:write" in response.json()["detail"]
        assert client.get("/api/v1/members/").json()["code"] == "wrong_scope"
        assert client.get(f"{ACCOUNTS}{account.pk}/assignments/").json()["code"] == "wrong_scope"

    def test_expires(self, alice, account):
        token = make_token(alice, expires_at=timezone.now() + dt.timedelta(days=1))
        assert bearer(token).get(ACCOUNTS).status_code == 200
        ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        response = bearer(token).get(ACCOUNTS)
        assert (response.status_code, response.json()["code"]) == (401, "token_expired")
        assert response["Content-Type"] == "application/problem+json"
        assert response["WWW-Authenticate"].startswith("Bearer")

    def test_ends_when_revoked(self, alice, account):
        token = make_token(alice)
        revoke_token(token, actor=alice, now=NOW)
        response = bearer(token).get(ACCOUNTS)
        assert (response.status_code, response.json()["code"]) == (401, "token_revoked")

    def test_ends_with_its_owner(self, alice, account):
        token = make_token(alice)
        alice.is_active = False
        alice.save()
        response = bearer(token).get(ACCOUNTS)
        assert (response.status_code, response.json()["code"]) == (401, "user_inactive")

    @pytest.mark.parametrize("text", ["", "kam_x", "kam_" + "a" * 5000, "Zoë", "a b"])
    def test_must_be_known(self, db, text):
        response = bearer(text).get(ACCOUNTS)
        assert (response.status_code, response.json()["code"]) == (401, "invalid_token")

    def test_other_schemes_are_no_login(self, db):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION="Basic YTpi")
        assert client.get(ACCOUNTS).json()["code"] == "not_authenticated"

    def test_use_is_noted_at_most_every_five_minutes(self, alice, django_assert_num_queries):
        token = make_token(alice)
        bearer(token).get(ACCOUNTS)
        first = ApiToken.objects.get().last_used_at
        assert first is not None
        bearer(token).get(ACCOUNTS)
        assert ApiToken.objects.get().last_used_at == first
        ApiToken.objects.update(last_used_at=first - dt.timedelta(minutes=6))
        bearer(token).get(ACCOUNTS)
        assert ApiToken.objects.get().last_used_at > first

    def test_answers_in_the_owners_language_unless_asked(self, alice):
        alice.language = "zh-hans"
        alice.save()
        token = make_token(alice)
        assert bearer(token).get(f"{ACCOUNTS}999999/").json()["code"] == "not_found"
        english = bearer(token, HTTP_ACCEPT_LANGUAGE="en").get(f"{ACCOUNTS}999999/")
        assert english.json()["title"] == "Not found"

    def test_is_throttled_on_its_own(self, alice, monkeypatch):
        monkeypatch.setattr(TokenThrottle, "THROTTLE_RATES", {"token": "3/hour"})
        one, other = make_token(alice), make_token(alice)
        assert [bearer(one).get(ACCOUNTS).status_code for _call in range(4)] == [200, 200, 200, 429]
        response = bearer(one).get(ACCOUNTS)
        assert response.json()["code"] == "throttled"
        assert 0 < int(response["Retry-After"]) <= 3601
        assert bearer(other).get(ACCOUNTS).status_code == 200


class TestSession:
    def test_people_write_with_csrf_only(self, alice, account):
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(alice)
        assert client.get(ACCOUNTS).status_code == 200
        response = client.patch(f"{ACCOUNTS}{account.pk}/", {"city": "苏州"})
        assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


class TestTokenPages:
    def test_show_ones_own_tokens(self, client_for, alice, ann, admin_user):
        make_token(alice, name="ERP of Alice")
        url = reverse("integrations:token_list")
        assert "ERP of Alice" in client_for(alice).get(url).content.decode()
        assert "ERP of Alice" not in client_for(ann).get(url).content.decode()
        assert "ERP of Alice" in client_for(admin_user).get(url).content.decode()

    def test_ask_before_a_token_ends_for_good(self, client_for, alice):
        make_token(alice, name="ERP")
        page = client_for(alice).get(reverse("integrations:token_list")).content.decode()
        assert 'data-confirm="Programs that use the token ERP are refused from now on.' in page

    def test_show_a_new_token_once(self, client_for, alice):
        client = client_for(alice)
        form = client.get(reverse("integrations:token_create"))
        assert "accounts:read" in form.content.decode()
        assert "products:write" not in form.content.decode()
        body = {"name": "ERP", "scopes": ["accounts:read", "orders:write"], "days": "30"}
        response = client.post(reverse("integrations:token_create"), body)
        token = ApiToken.objects.get()
        assert f"kam_{token.prefix}_" in response.content.decode()
        assert "no-store" in response["Cache-Control"]
        assert (token.owner, token.scopes) == (alice, ["accounts:read", "orders:write"])
        assert dt.timedelta(days=29) < token.expires_at - timezone.now() < dt.timedelta(days=31)
        assert f"kam_{token.prefix}_" not in client.get(reverse("integrations:token_list")).content.decode()

    @pytest.mark.parametrize("body", [{"name": "ERP"}, {"name": "ERP", "scopes": ["rates:write"], "days": "30"}])
    def test_keep_input_on_errors(self, client_for, alice, body):
        response = client_for(alice).post(reverse("integrations:token_create"), body)
        assert response.status_code == 200
        assert response.context["form"].errors
        assert not ApiToken.objects.exists()

    def test_revoke(self, client_for, alice):
        token = make_token(alice)
        url = reverse("integrations:token_revoke", args=[token.pk])
        assert client_for(alice).get(url).status_code == 405
        assert client_for(alice).post(url).status_code == 302
        token.refresh_from_db()
        assert token.revoked_at is not None
        assert client_for(alice).post(url).status_code == 302

    def test_others_do_not_revoke(self, client_for, alice, mallory, dora, admin_user):
        url = reverse("integrations:token_revoke", args=[make_token(alice).pk])
        assert client_for(mallory).post(url).status_code == 404
        assert client_for(dora).post(url).status_code == 404
        assert client_for(admin_user).post(url).status_code == 302


class TestCommand:
    def test_prints_the_token_alone(self, alice, account, capsys):
        call_command("create_api_token", "alice", "--scope", "accounts:read", "teams:read", "--name", "BI")
        text = capsys.readouterr().out.strip()
        token = ApiToken.objects.get()
        assert (token.name, token.scopes) == ("BI", ["accounts:read", "teams:read"])
        assert token.expires_at is not None
        assert bearer(text).get(ACCOUNTS).status_code == 200
        assert AuditEntry.objects.of(token).get().via == "command"

    def test_may_be_without_an_end(self, alice):
        call_command("create_api_token", "alice@example.com", "--scope", "accounts:read", "--expires-days", "0")
        assert ApiToken.objects.get().expires_at is None

    @pytest.mark.parametrize(
        "arguments",
        [
            ("nobody", "--scope", "accounts:read"),
            ("alice",),
            ("alice", "--scope", "accounts"),
            ("alice", "--scope", "rates:write"),
            ("alice", "--scope", "accounts:read", "--expires-days", "-1"),
            ("alice", "--scope", "accounts:read", "--name", "x" * 81),
        ],
    )
    def test_refuses_nonsense(self, alice, arguments):
        with pytest.raises(CommandError):
            call_command("create_api_token", *arguments)
        assert not ApiToken.objects.exists()
