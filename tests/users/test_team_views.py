"""The pages about teams."""

import pytest

from tests.factories.users import TeamFactory, UserFactory
from users.models import Team


class TestTeamList:
    def test_is_a_tree_with_counts(
        self, client_for, dora, region, north, south, alice, ann, lee, account, foreign_account
    ):
        UserFactory(team=north, is_active=False)
        tree = client_for(dora).get("/people/teams/").context["tree"]
        found = [(n.team.name, n.level, n.members, n.members_below, n.duties_below[:1]) for n in tree.nodes]
        assert found == [
            ("Company", 0, 1, 5, [2]),
            ("Region", 1, 1, 3, [1]),
            ("North", 2, 2, 2, [1]),
            ("South", 1, 1, 1, [1]),
        ]

    def test_counts_only_accounts_that_the_viewer_sees(self, client_for, alice, account, foreign_account):
        tree = client_for(alice).get("/people/teams/").context["tree"]
        assert [node.duties_below[:1] for node in tree.nodes if node.level == 0] == [[1]]

    def test_empty(self, client_for, root):
        root.team = None
        root.save()
        Team.objects.all().delete()
        assert "There are no teams yet." in client_for(root).get("/people/teams/").text

    def test_costs_the_same_for_3_and_30(self, client_for, alice, north, django_assert_max_num_queries):
        for _n in range(30):
            UserFactory(team=TeamFactory(parent=north))
        client = client_for(alice)
        with django_assert_max_num_queries(8):
            client.get("/people/teams/")


class TestTeamDetail:
    def test_people_place_and_teams_below(self, client_for, alice, region, north, lee):
        response = client_for(alice).get(f"/people/teams/{region.pk}/")
        assert [team.name for team in response.context["ancestors"]] == ["Company"]
        assert list(response.context["people"]) == [lee]
        assert [(n.team.name, n.level) for n in response.context["tree"].nodes] == [("Region", 0), ("North", 1)]
        assert "entries" not in response.context
        assert "Delete" not in response.text

    def test_history_names_the_parents(self, client_for, root, north, south):
        client = client_for(root)
        client.post(f"/people/teams/{north.pk}/edit/", {"name": "North", "parent": south.pk})
        response = client.get(f"/people/teams/{north.pk}/")
        assert "Team moved" in response.text
        [line] = response.context["entries"][0].lines
        assert (line.label, line.old, line.new) == ("Parent team", "Region", "South")


class TestTeamForm:
    def test_create_below(self, client_for, root, north):
        client = client_for(root)
        assert f'<option value="{north.pk}" selected>' in client.get(f"/people/teams/new/?parent={north.pk}").text
        response = client.post("/people/teams/new/", {"name": "西北", "name_en": "Northwest", "parent": north.pk})
        team = Team.objects.get(name="西北")
        assert response.url == f"/people/teams/{team.pk}/"
        assert team.path.startswith(north.path)

    @pytest.mark.parametrize("parent", ["abc", "999999", "-1", ""])
    def test_a_senseless_parent_in_the_address_is_ignored(self, client_for, root, parent):
        assert client_for(root).get(f"/people/teams/new/?parent={parent}").status_code == 200

    def test_a_cycle_is_explained_and_keeps_what_was_typed(self, client_for, root, region, north):
        data = {"name": "Typed", "parent": north.pk}
        response = client_for(root).post(f"/people/teams/{region.pk}/edit/", data)
        assert response.status_code == 200
        assert response.context["form"].errors["parent"]
        assert "cannot contain itself" in response.text
        assert 'value="Typed"' in response.text
        region.refresh_from_db()
        assert region.name == "Region"

    def test_a_taken_name_is_refused(self, client_for, root, north, south):
        response = client_for(root).post(f"/people/teams/{north.pk}/edit/", {"name": "South", "parent": ""})
        assert response.context["form"].errors["name"]

    def test_delete(self, client_for, root, south, north, alice):
        client = client_for(root)
        assert client.post(f"/people/teams/{south.pk}/delete/").url == "/people/teams/"
        response = client.post(f"/people/teams/{north.pk}/delete/", follow=True)
        assert "1 members and 0 teams" in response.text
        assert Team.objects.filter(pk=north.pk).exists()

    @pytest.mark.parametrize("who", ["alice", "lee", "dora"])
    @pytest.mark.parametrize("path", ["new/", "{}/edit/", "{}/delete/"])
    def test_only_administrators_write(self, request, client_for, south, who, path):
        client = client_for(request.getfixturevalue(who))
        assert client.post("/people/teams/" + path.format(south.pk), {"name": "X"}).status_code == 403
        assert Team.objects.filter(name="South").exists()
