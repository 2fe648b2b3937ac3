"""Language and time zone: the user's own, else the cookie's, else the browser's."""

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from audit.models import AuditEntry
from users.middleware import PreferencesMiddleware
from users.models import User


class TestLanguage:
    @pytest.mark.parametrize(
        ("accepted", "language"),
        [
            ("zh-TW", "zh-hant"),
            ("zh-HK,zh;q=0.9", "zh-hant"),
            ("zh-MO", "zh-hant"),
            ("zh-Hant-TW", "zh-hant"),
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
            ("zh-SG", "zh-hans"),
            ("zh", "zh-hans"),
            ("en-GB", "en"),
            ("en-US,en;q=0.9,zh;q=0.1", "en"),
            ("de,fr;q=0.5", settings.LANGUAGE_CODE),
            ("", settings.LANGUAGE_CODE),
            ("*;q=x,,", settings.LANGUAGE_CODE),
        ],
    )
    def test_of_the_browser_before_login(self, client, db, accepted, language):
        response = client.get("/auth/login/", HTTP_ACCEPT_LANGUAGE=accepted)
        assert response.headers["Content-Language"] == language
        assert f'<html lang="{language}"' in response.text
        assert "Accept-Language" in response.headers["Vary"]

    def test_the_cookie_goes_before_the_browser(self, client, db):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hant"
        assert client.get("/auth/login/", HTTP_ACCEPT_LANGUAGE="en").headers["Content-Language"] == "zh-hant"

    def test_a_forged_cookie_is_ignored(self, client, db):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "../../etc"
        assert client.get("/auth/login/", HTTP_ACCEPT_LANGUAGE="en").headers["Content-Language"] == "en"

    def test_the_user_s_own_goes_before_both(self, client_for, alice):
        User.objects.filter(pk=alice.pk).update(language="zh-hant")
        client = client_for(alice)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        assert client.get("/people/", HTTP_ACCEPT_LANGUAGE="en").headers["Content-Language"] == "zh-hant"

    def test_does_not_outlast_the_request(self, client_for, alice):
        User.objects.filter(pk=alice.pk).update(language="zh-hant", time_zone="America/New_York")
        client_for(alice).get("/people/")
        assert translation.get_language() == settings.LANGUAGE_CODE
        assert timezone.get_current_timezone_name() == settings.TIME_ZONE


class TestTimeZone:
    @pytest.mark.parametrize(
        ("zone", "shown"), [("Asia/Shanghai", "08:30"), ("America/New_York", "19:30"), ("Mars/Olympus", "08:30")]
    )
    def test_times_show_in_the_user_s_zone(self, alice, zone, shown):
        alice.time_zone = zone
        moment = timezone.datetime(2026, 1, 5, 0, 30, tzinfo=timezone.get_fixed_timezone(0))
        request = RequestFactory().get("/")
        request.user = alice
        seen = []

        def view(request):
            seen.append(Template("{{ moment|date:'H:i' }}").render(Context({"moment": moment})))
            return __import__("django.http").http.HttpResponse()

        PreferencesMiddleware(view)(request)
        assert seen == [shown]


class TestSetLanguage:
    def test_of_somebody_logged_in_is_kept_with_the_user(self, client_for, alice):
        client = client_for(alice)
        response = client.post("/people/language/", {"language": "zh-hant", "next": "/people/?q=a"})
        assert response.url == "/people/?q=a"
        alice.refresh_from_db()
        assert alice.language == "zh-hant"
        assert AuditEntry.objects.of(alice).get().changes == {"language": ["en", "zh-hant"]}
        client.post("/auth/logout/")
        assert client.get("/auth/login/").headers["Content-Language"] == "zh-hant"

    def test_before_login_is_a_cookie(self, client, db):
        response = client.post("/people/language/", {"language": "en", "next": "/auth/login/"})
        cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
        assert (response.url, cookie.value, cookie["httponly"], cookie["samesite"]) == (
            "/auth/login/",
            "en",
            True,
            "Lax",
        )

    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/", "//evil.example", "javascript:alert(1)", "http:///evil.example", "\\\\evil", ""],
    )
    def test_never_leads_to_another_site(self, client, db, target):
        assert client.post("/people/language/", {"language": "en", "next": target}).url == "/"

    def test_back_to_where_it_was_asked(self, client, db):
        response = client.post("/people/language/", {"language": "en"}, HTTP_REFERER="http://testserver/auth/login/")
        assert response.url == "http://testserver/auth/login/"

    @pytest.mark.parametrize("language", ["tlh", "", "zh", "../en"])
    def test_refuses_a_language_that_there_is_not(self, client_for, alice, language):
        response = client_for(alice).post("/people/language/", {"language": language}, follow=True)
        assert "This language is not offered." in response.text
        alice.refresh_from_db()
        assert alice.language == "en"

    def test_get_changes_nothing(self, client, db):
        assert client.get("/people/language/?language=en").status_code == 405


class TestProfile:
    def test_page_and_save(self, client_for, alice):
        client = client_for(alice)
        assert 'value="Alice"' in client.get("/people/profile/").text
        data = {"name": "王小明", "phone": "138", "language": "zh-hans", "time_zone": "Europe/Berlin"}
        response = client.post("/people/profile/", data | {"role": "administrator", "email": "evil@example.com"})
        assert response.url == "/people/profile/"
        alice.refresh_from_db()
        assert (alice.name, alice.time_zone, alice.role) == ("王小明", "Europe/Berlin", "account_manager")
        assert alice.email == "alice@example.com"

    @pytest.mark.parametrize(("field", "value"), [("name", ""), ("time_zone", "Mars/Olympus"), ("language", "tlh")])
    def test_bad_input_keeps_what_was_typed(self, client_for, alice, field, value):
        data = {"name": "王小明", "phone": "138 0000", "language": "en", "time_zone": "Asia/Tokyo"} | {field: value}
        response = client_for(alice).post("/people/profile/", data)
        assert response.status_code == 200
        assert list(response.context["form"].errors) == [field]
        assert "138 0000" in response.text
        alice.refresh_from_db()
        assert alice.phone == ""

    def test_a_zone_out_of_the_common_ones_stays_chosen(self, client_for, alice):
        User.objects.filter(pk=alice.pk).update(time_zone="Africa/Nairobi")
        assert '<option value="Africa/Nairobi" selected>' in client_for(alice).get("/people/profile/").text
