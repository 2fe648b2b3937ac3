import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


class TestLookup:
    def test_finds_colleagues(self, alice, lee, client_for):
        answer = client_for(alice).get(reverse("users:user_lookup"), {"q": "LEE"}).json()
        assert [row["value"] for row in answer["results"]] == [lee.pk]

    def test_offers_only_active_ones(self, alice, lee, client_for):
        lee.is_active = False
        lee.save()
        assert client_for(alice).get(reverse("users:user_lookup"), {"q": "lee"}).json()["results"] == []

    def test_finds_teams(self, alice, region, client_for):
        answer = client_for(alice).get(reverse("users:team_lookup"), {"q": "regio"}).json()
        assert [row["value"] for row in answer["results"]] == [region.pk]

    @pytest.mark.parametrize("text", ["", "%", "\x00", "x" * 5000])
    @pytest.mark.parametrize("name", ["users:user_lookup", "users:team_lookup"])
    def test_bad_input(self, alice, client_for, name, text):
        assert client_for(alice).get(reverse(name), {"q": text}).status_code == 200
