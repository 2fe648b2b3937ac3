"""Teams: the tree stays a tree."""

import threading

import pytest
from django.db import connection

from audit.models import AuditEntry
from tests.factories.users import TeamFactory
from tests.services import require
from users import services
from users.errors import NotAdministrator, TeamCycle, TeamNotEmpty, TeamTooDeep
from users.models import Team
from users.services import teams as team_services


def paths():
    return {team.name: team.path for team in Team.objects.all()}


class TestCreateTeam:
    def test_takes_its_place_in_the_tree(self, root, north):
        team = services.create_team(Team(name="东北", parent=north), actor=root)
        assert team.path == f"{north.path}{team.pk:06d}."
        assert list(Team.objects.above(team)) == [north.parent.parent, north.parent, north]
        entry = AuditEntry.objects.of(team).get()
        assert (entry.action, entry.changes) == ("team.created", {"name": [None, "东北"], "parent": [None, north.pk]})

    def test_refuses_everybody_but_administrators(self, dora):
        with pytest.raises(NotAdministrator):
            services.create_team(Team(name="X"), actor=dora)

    def test_refuses_a_tree_that_is_too_deep(self, root, north, monkeypatch):
        monkeypatch.setattr(team_services, "MAX_DEPTH", 3)
        with pytest.raises(TeamTooDeep):
            services.create_team(Team(name="X", parent=north), actor=root)
        assert not Team.objects.filter(name="X").exists()


class TestMoveTeam:
    def test_takes_the_subtree_along(self, root, region, north, south):
        below = TeamFactory(name="Below", parent=north)
        north.parent = south
        services.update_team(north, actor=root)
        assert paths()["North"] == f"{south.path}{north.pk:06d}."
        assert paths()["Below"] == f"{south.path}{north.pk:06d}.{below.pk:06d}."
        entry = AuditEntry.objects.of(north).get()
        assert (entry.action, entry.changes) == ("team.moved", {"parent": [region.pk, south.pk]})

    def test_to_the_top(self, root, north):
        north.parent = None
        services.update_team(north, actor=root)
        north.refresh_from_db()
        assert (north.path, north.depth) == (f"{north.pk:06d}.", 0)

    def test_moves_what_a_supervisor_sees(self, root, lee, alice, account, north, south):
        assert account in type(account).objects.visible_to(lee)
        north.parent = south
        services.update_team(north, actor=root)
        assert account not in type(account).objects.visible_to(lee)

    @pytest.mark.parametrize("child", ["region", "north"])
    def test_refuses_a_cycle(self, root, region, north, child):
        before = paths()
        region.parent = {"region": region, "north": north}[child]
        with pytest.raises(TeamCycle) as error:
            services.update_team(region, actor=root)
        assert (error.value.code, error.value.field) == ("team_cycle", "parent")
        assert paths() == before

    def test_refuses_a_tree_that_is_too_deep(self, root, region, north, south, monkeypatch):
        monkeypatch.setattr(team_services, "MAX_DEPTH", 3)
        region.parent = south
        with pytest.raises(TeamTooDeep):
            services.update_team(region, actor=root)

    @pytest.mark.django_db(transaction=True)
    def test_two_moves_at_once_close_no_circle(self, root, company):
        require("postgresql")
        a, b = TeamFactory(name="A", parent=company), TeamFactory(name="B", parent=company)
        barrier, refused = threading.Barrier(2), []

        def move(pk, parent_pk):
            team = Team.objects.get(pk=pk)
            team.parent_id = parent_pk
            barrier.wait()
            try:
                services.update_team(team, actor=root)
            except TeamCycle as error:
                refused.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=move, args=pair) for pair in ((a.pk, b.pk), (b.pk, a.pk))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
        for team in Team.objects.select_related("parent"):
            assert team.path == (team.parent.path if team.parent else "") + team.step


class TestUpdateTeam:
    def test_renames(self, root, north):
        north.name_en = "The North"
        services.update_team(north, actor=root)
        entry = AuditEntry.objects.of(north).get()
        assert (entry.action, entry.changes) == ("team.updated", {"name_en": ["", "The North"]})


class TestDeleteTeam:
    def test_deletes_an_empty_one(self, root, south):
        pk = south.pk
        services.delete_team(south, actor=root)
        assert not Team.objects.filter(pk=pk).exists()
        assert AuditEntry.objects.get(object_type="users.team", object_id=pk).action == "team.deleted"

    def test_refuses_with_members_or_teams(self, root, north, region, alice, ann):
        with pytest.raises(TeamNotEmpty) as error:
            services.delete_team(north, actor=root)
        assert "2 members and 0 teams" in str(error.value)
        with pytest.raises(TeamNotEmpty):
            services.delete_team(region, actor=root)
        assert Team.objects.filter(pk=north.pk).exists()

    def test_refuses_everybody_but_administrators(self, dora, south):
        with pytest.raises(NotAdministrator):
            services.delete_team(south, actor=dora)
