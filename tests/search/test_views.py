import pytest
from django.urls import reverse

from search.services import index_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def indexed(account, foreign_account):
    index_rows("account", [account.pk, foreign_account.pk])
    return account


class TestSearch:
    def test_shows_results_by_kind(self, indexed, alice, client_for):
        response = client_for(alice).get(reverse("search:search"), {"q": "晨光"})
        assert indexed.get_absolute_url() in response.content.decode()

    def test_never_shows_what_the_user_may_not_see(self, indexed, foreign_account, alice, client_for):
        response = client_for(alice).get(reverse("search:search"), {"q": "南方"})
        assert foreign_account.get_absolute_url() not in response.content.decode()
        assert "Nothing found" in response.content.decode()

    def test_offers_the_own_accounts_before_anything_is_typed(self, indexed, alice, client_for):
        response = client_for(alice).get(reverse("search:search"))
        assert indexed.get_absolute_url() in response.content.decode()

    @pytest.mark.parametrize("text", ["%", "'\"<script>", "\x00", "😀" * 500, "a" * 5000])
    def test_bad_input(self, indexed, alice, client_for, text):
        response = client_for(alice).get(reverse("search:search"), {"q": text})
        assert response.status_code == 200
        assert "<script>'" not in response.content.decode()
        assert "'\"<script>" not in response.content.decode()


class TestSuggest:
    def test_is_a_list_box_of_options(self, indexed, ann, client_for):
        content = client_for(ann).get(reverse("search:suggest"), {"q": "chenguang"}).content.decode()
        assert 'role="listbox"' in content
        assert content.count('role="option"') == 2
        assert "<html" not in content

    def test_says_when_there_is_nothing(self, indexed, mallory, client_for):
        content = client_for(mallory).get(reverse("search:suggest"), {"q": "晨光"}).content.decode()
        assert 'role="listbox"' not in content
        assert "Nothing found" in content

    def test_before_anything_is_typed(self, indexed, alice, dora, client_for):
        assert 'role="option"' in client_for(alice).get(reverse("search:suggest")).content.decode()
        assert 'role="option"' not in client_for(dora).get(reverse("search:suggest")).content.decode()

    def test_needs_a_login(self, client):
        assert client.get(reverse("search:suggest")).status_code == 302
