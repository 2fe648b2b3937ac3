"""Users: what the services do, what they refuse, what the audit says."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from audit.models import AuditEntry
from tests.services import require
from users import services
from users.errors import LastAdministrator, NotAdministrator, OpenDuties, OwnAccess
from users.models import Role, User
from users.services.people import SAVED


def new_user(**fields):
    values = {"username": "Wang.Li", "email": "Wang.Li@Example.com", "name": "王莉", "language": "zh-hans"}
    return User(**values | fields)


class TestCreateUser:
    def test_saves_in_lower_case_without_a_password(self, root, north):
        user = services.create_user(new_user(team=north), actor=root)
        user.refresh_from_db()
        assert (user.username, user.email, user.team) == ("wang.li", "wang.li@example.com", north)
        assert not user.has_usable_password()
        assert not user.is_staff

    def test_audit_names_the_values_but_no_password(self, root, north):
        user = services.create_user(new_user(team=north), actor=root, password="correct horse battery")
        entry = AuditEntry.objects.of(user).get()
        assert (entry.action, entry.actor) == ("user.created", root)
        assert entry.changes["name"] == [None, "王莉"]
        assert entry.changes["team"] == [None, north.pk]
        assert "password" not in entry.changes
        assert "correct horse" not in str(entry.changes)

    def test_administrators_may_open_the_admin(self, root):
        assert services.create_user(new_user(role=Role.ADMINISTRATOR), actor=root).is_staff

    @pytest.mark.parametrize("name", ["alice", "lee", "dora"])
    def test_refuses_everybody_but_administrators(self, request, name):
        with pytest.raises(NotAdministrator):
            services.create_user(new_user(), actor=request.getfixturevalue(name))
        assert not User.objects.filter(username="wang.li").exists()

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"username": "ALICE"}, "username"),
            ({"email": "ALICE@example.com"}, "email"),
            ({"role": Role.SUPERVISOR}, "team"),
            ({"time_zone": "Mars/Olympus"}, "time_zone"),
            ({"language": "tlh"}, "language"),
            ({"name": ""}, "name"),
        ],
    )
    def test_refuses_bad_values(self, root, alice, fields, field):
        with pytest.raises(ValidationError) as error:
            services.create_user(new_user(**fields), actor=root)
        assert list(error.value.message_dict) == [field]

    def test_database_refuses_capitals(self, db):
        with pytest.raises(IntegrityError):
            User.objects.bulk_create([new_user()])


class TestCreateSuperuser:
    def test_is_an_administrator(self, db):
        user = User.objects.create_superuser("Boss", "Boss@example.com", "correct horse battery", name="Boss")
        assert (user.username, user.role) == ("boss", Role.ADMINISTRATOR)


class TestUpdateUser:
    def test_saves_and_records_from_and_to(self, root, alice, south):
        alice.team, alice.phone = south, "+86 10 1234"
        north = User.objects.get(pk=alice.pk).team_id
        services.update_user(alice, actor=root)
        alice.refresh_from_db()
        assert alice.team == south
        entry = AuditEntry.objects.of(alice).first()
        assert (entry.action, entry.changes) == (
            "user.updated",
            {"team": [north, south.pk], "phone": ["", "+86 10 1234"]},
        )

    def test_nothing_changed_leaves_no_entry(self, root, alice):
        services.update_user(alice, actor=root)
        assert not AuditEntry.objects.of(alice).exists()

    def test_leaves_password_and_activity_alone(self, root, alice):
        stale = User.objects.get(pk=alice.pk)
        services.set_password(alice, "another good password", actor=alice)
        stale.is_active, stale.name = False, "Alice B"
        services.update_user(stale, actor=root)
        alice.refresh_from_db()
        assert alice.check_password("another good password")
        assert alice.is_active
        assert "password" not in SAVED

    def test_refuses_everybody_but_administrators(self, dora, alice):
        alice.role = Role.DIRECTOR
        with pytest.raises(NotAdministrator):
            services.update_user(alice, actor=dora)

    def test_the_last_administrator_stays_one(self, root):
        root.role = Role.DIRECTOR
        with pytest.raises(LastAdministrator) as error:
            services.update_user(root, actor=User.objects.get(pk=root.pk))
        assert error.value.field == "role"
        assert User.objects.get(pk=root.pk).is_administrator

    def test_with_a_second_administrator_one_may_go(self, root, dora):
        dora.role = Role.ADMINISTRATOR
        services.update_user(dora, actor=root)
        root.role = Role.DIRECTOR
        services.update_user(root, actor=dora)
        root.refresh_from_db()
        assert (root.role, root.is_staff, root.is_superuser) == (Role.DIRECTOR, False, False)

    def test_an_inactive_administrator_does_not_count(self, root, dora):
        User.objects.filter(pk=dora.pk).update(role=Role.ADMINISTRATOR, is_active=False)
        root.role = Role.DIRECTOR
        with pytest.raises(LastAdministrator):
            services.update_user(root, actor=User.objects.get(pk=root.pk))

    @pytest.mark.django_db(transaction=True)
    def test_two_who_demote_each_other_at_once_do_not_both_succeed(self, root, dora):
        require("postgresql")
        User.objects.filter(pk=dora.pk).update(role=Role.ADMINISTRATOR)
        barrier, refused = threading.Barrier(2), []

        def demote(victim, actor):
            user = User.objects.get(pk=victim.pk)
            user.role = Role.DIRECTOR
            barrier.wait()
            try:
                services.update_user(user, actor=User.objects.get(pk=actor.pk))
            except (LastAdministrator, NotAdministrator) as error:
                refused.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=demote, args=pair) for pair in ((root, dora), (dora, root))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
        assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count() == 1


class TestDeactivateUser:
    def test_ends_access_and_is_recorded(self, root, ann):
        services.deactivate_user(ann, actor=root, now=timezone.now())
        ann.refresh_from_db()
        assert not ann.is_active
        entry = AuditEntry.objects.of(ann).get()
        assert (entry.action, entry.changes) == ("user.deactivated", {"is_active": [True, False]})

    def test_twice_is_once(self, root, ann):
        services.deactivate_user(ann, actor=root, now=timezone.now())
        services.deactivate_user(ann, actor=root, now=timezone.now())
        assert AuditEntry.objects.of(ann).count() == 1

    def test_refuses_a_manager_of_accounts_and_says_how_many(self, root, alice, account):
        with pytest.raises(OpenDuties) as error:
            services.deactivate_user(alice, actor=root, now=timezone.now())
        assert str(error.value) == (
            "Alice still is account manager of 1 account. Hand that over to somebody else first, then deactivate."
        )
        alice.refresh_from_db()
        assert alice.is_active

    def test_refuses_oneself(self, root):
        with pytest.raises(OwnAccess):
            services.deactivate_user(root, actor=root, now=timezone.now())

    def test_refuses_the_last_administrator(self, root):
        with pytest.raises(LastAdministrator):
            services.deactivate_user(root, actor=None, now=timezone.now())

    def test_refuses_everybody_but_administrators(self, dora, ann):
        with pytest.raises(NotAdministrator):
            services.deactivate_user(ann, actor=dora, now=timezone.now())

    def test_reactivate(self, root, ann):
        services.deactivate_user(ann, actor=root, now=timezone.now())
        services.reactivate_user(ann, actor=root)
        ann.refresh_from_db()
        assert ann.is_active
        assert AuditEntry.objects.of(ann).first().action == "user.reactivated"


class TestOwnProfile:
    def test_changes_only_what_is_ones_own(self, alice):
        alice.name, alice.role, alice.email = "Alice Wang", Role.DIRECTOR, "evil@example.com"
        services.update_own_profile(alice, actor=alice)
        alice.refresh_from_db()
        assert (alice.name, alice.role, alice.email) == ("Alice Wang", Role.ACCOUNT_MANAGER, "alice@example.com")
        entry = AuditEntry.objects.of(alice).get()
        assert (entry.action, entry.changes) == ("user.updated", {"name": ["Alice", "Alice Wang"]})

    def test_refuses_a_time_zone_that_is_none(self, alice):
        alice.time_zone = "Mars/Olympus"
        with pytest.raises(ValidationError):
            services.update_own_profile(alice, actor=alice)

    def test_set_language(self, alice):
        services.set_language(alice, "zh-hant", actor=alice)
        alice.refresh_from_db()
        assert alice.language == "zh-hant"
        assert AuditEntry.objects.of(alice).get().changes == {"language": ["en", "zh-hant"]}
