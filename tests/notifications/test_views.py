"""The box of notifications: a user's own, and nobody else's."""

import pytest
from django.urls import reverse

from notifications.models import Notification
from tests.factories.notifications import make_notification

LIST = "notifications:notification_list"


class TestList:
    def test_shows_the_own_newest_first(self, client_for, alice, lee):
        make_notification(alice, "1", title="erste")
        make_notification(alice, "2", title="zweite")
        make_notification(lee, "3", title="fremde")
        text = client_for(alice).get(reverse(LIST)).content.decode()

        assert text.index("zweite") < text.index("erste")
        assert "fremde" not in text

    def test_only_the_unread(self, client_for, alice):
        read = make_notification(alice, "1", title="gelesen")
        make_notification(alice, "2", title="neu")
        client = client_for(alice)
        client.get(reverse("notifications:notification_open", args=[read.pk]))
        text = client.get(reverse(LIST), {"unread": 1}).content.decode()

        assert "neu" in text
        assert "gelesen" not in text

    def test_a_fragment_has_no_frame(self, client_for, alice):
        make_notification(alice)
        text = client_for(alice).get(reverse(LIST), headers={"HX-Request": "true"}).content.decode()

        assert 'id="rows"' in text
        assert "<html" not in text

    @pytest.mark.parametrize("query", [{}, {"unread": 1}])
    def test_says_when_there_is_nothing(self, client_for, alice, query):
        assert "empty-state" in client_for(alice).get(reverse(LIST), query).content.decode()

    def test_markup_in_names_is_shown_as_text(self, client_for, alice):
        make_notification(alice, title="<script>alert(1)</script>")

        assert "<script>alert" not in client_for(alice).get(reverse(LIST)).content.decode()


class TestOpen:
    def test_marks_it_read_and_goes_there(self, client_for, alice):
        notice = make_notification(alice, url="/accounts/?tier=A")
        response = client_for(alice).get(reverse("notifications:notification_open", args=[notice.pk]))

        assert response.url == "/accounts/?tier=A"
        notice.refresh_from_db()
        assert notice.read_at is not None

    def test_somebody_elses_is_not_found_and_stays_unread(self, client_for, alice, dora, root):
        notice = make_notification(alice)
        url = reverse("notifications:notification_open", args=[notice.pk])
        for other in (dora, root):
            assert client_for(other).get(url).status_code == 404
        notice.refresh_from_db()
        assert notice.is_unread

    def test_never_leaves_the_site(self, client_for, alice):
        notice = make_notification(alice)
        Notification.objects.filter(pk=notice.pk).update(url="https://evil.example/")
        response = client_for(alice).get(reverse("notifications:notification_open", args=[notice.pk]))

        assert response.url == reverse(LIST)


class TestBell:
    def test_counts_the_own_unread(self, client_for, alice, lee):
        make_notification(alice, "1")
        make_notification(lee, "2")
        client = client_for(alice)

        newest = alice.notifications.get().pk
        assert client.get(reverse("notifications:unread_count")).json() == {"unread": 1, "text": "1", "newest": newest}
        client.post(reverse("notifications:notification_read_all"))
        assert client.get(reverse("notifications:unread_count")).json() == {"unread": 0, "text": "0", "newest": None}
        assert lee.notifications.unread().count() == 1

    def test_many_are_99_and_more(self, client_for, alice):
        rows = [Notification(user=alice, kind="mentioned", url="/", key=str(n)) for n in range(120)]
        Notification.objects.bulk_create(rows)

        assert client_for(alice).get(reverse("notifications:unread_count")).json()["text"] == "99+"

    def test_says_nothing_new_until_there_is(self, client_for, alice):
        client, live = client_for(alice), {"X-Live": "1"}
        first = client.get(reverse("notifications:unread_count"), headers=live)
        again = client.get(reverse("notifications:unread_count"), headers={**live, "If-None-Match": first["ETag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")

        make_notification(alice)
        changed = client.get(reverse("notifications:unread_count"), headers={**live, "If-None-Match": first["ETag"]})
        assert changed.json()["unread"] == 1

    def test_costs_one_statement_besides_the_session(self, client_for, alice, django_assert_num_queries):
        make_notification(alice)
        client = client_for(alice)
        with django_assert_num_queries(3):
            client.get(reverse("notifications:unread_count"), headers={"X-Live": "1"})


class TestLatest:
    URL = "notifications:notification_latest"

    def test_shows_the_last_few_and_how_to_be_done_with_them(self, client_for, alice, lee):
        for number in range(12):
            make_notification(alice, f"mention:{number}", title=f"<{number}>", account=f"A{number}")
        make_notification(lee, "other", title="fremde")
        text = client_for(alice).get(reverse(self.URL)).content.decode()

        assert text.count("notice-link") == 8
        assert text.index("&lt;11&gt;") < text.index("&lt;4&gt;")
        assert "&lt;3&gt;" not in text
        assert "fremde" not in text
        assert "<html" not in text
        assert "Mark all as read" in text

    def test_repeats_are_one_line_as_in_the_list(self, client_for, alice):
        for number in range(3):
            make_notification(alice, f"mention:{number}")
        for url in (self.URL, "notifications:notification_list"):
            text = client_for(alice).get(reverse(url)).content.decode()
            assert "×3" in text
            assert text.count('class="notice-link"') == 1

    def test_the_button_answers_with_the_list_of_read_ones(self, client_for, alice):
        make_notification(alice)
        url = reverse("notifications:notification_read_all")
        text = client_for(alice).post(url, headers={"HX-Request": "true"}).content.decode()

        assert "notice-link" in text
        assert "is-unread" not in text
        assert "Mark all as read" not in text
        assert not alice.notifications.unread().exists()

    def test_says_when_there_is_nothing(self, client_for, alice):
        assert "Nothing has happened" in client_for(alice).get(reverse(self.URL)).content.decode()
