"""The REST API of users and teams."""

import pytest

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users/"
TEAMS = "/api/v1/teams/"


def test_colleagues_are_known_to_everybody(api_for, alice, mallory, lee):
    rows = api_for(mallory).get(USERS).json()["results"]
    assert [row["username"] for row in rows] == ["alice", "lee", "mallory"]
    assert rows[0]["team"]["name"] == "North"
    assert "password" not in rows[0]


def test_users_are_filtered_and_ordered(api_for, alice, ann, lee):
    client = api_for(alice)

    def found(**query):
        return [row["username"] for row in client.get(USERS, query).json()["results"]]

    assert found(role="supervisor") == ["lee"]
    assert found(ordering="-name") == ["lee", "ann", "alice"]
    assert found(q="ann") == ["ann"]
    assert found(team=alice.team_id) == ["alice", "ann"]
    ann.is_active = False
    ann.save()
    assert found() == ["alice", "lee"]
    assert found(active="all") == ["alice", "ann", "lee"]
    assert client.get(f"{USERS}{ann.pk}/").json()["is_active"] is False


def test_teams_come_in_the_order_of_the_tree(api_for, alice, south):
    rows = api_for(alice).get(TEAMS).json()["results"]
    assert [(row["name"], row["depth"]) for row in rows] == [("Company", 0), ("Region", 1), ("North", 2), ("South", 1)]
    assert api_for(alice).get(f"{TEAMS}{rows[0]['id']}/").json()["name"] == "Company"


@pytest.mark.parametrize("url", [USERS, TEAMS])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(api_for, admin_user, url, method):
    assert getattr(api_for(admin_user), method)(url, {}).status_code == 405


@pytest.mark.parametrize("url", [USERS, TEAMS])
def test_login_is_needed(api_for, db, url):
    response = api_for(None).get(url)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")
