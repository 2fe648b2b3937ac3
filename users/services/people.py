"""Users: made, changed and deactivated by administrators; their own profile by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from audit.services import record
from users.access import require_administrator
from users.duties import duties_of, hand_on
from users.errors import LastAdministrator, OpenDuties, OwnAccess
from users.models import Role, User

# What the audit shows of a user: never the password, nor the last login.
AUDITED = ("username", "name", "email", "role", "team", "phone", "language", "time_zone", "may_export", "is_active")
OWN = ("name", "phone", "language", "time_zone")
SAVED = (*AUDITED, "is_staff", "is_superuser")


@transaction.atomic
def create_user(user: User, *, actor: User | None, password: str | None = None) -> User:
    """Save a new user; without `password` they choose one by a link (`request_password_link`).

    Raises NotAdministrator, ValidationError.
    """
    require_administrator(actor)
    user.set_password(password)  # None makes it unusable
    user.full_clean()
    user.save()
    values = {name: value for name, value in _values(user).items() if value not in (None, "")}
    record("user.created", user, actor=actor, changes={name: (None, value) for name, value in values.items()})
    return user


@transaction.atomic
def update_user(user: User, *, actor: User | None) -> User:
    """Save the changed fields of `user`, but not whether they are active (`deactivate_user`).

    Raises NotAdministrator, LastAdministrator, ValidationError.
    """
    require_administrator(actor)
    stored, others = _lock(user)
    user.is_active = stored.is_active
    if stored.is_administrator and stored.is_active and not user.is_administrator and not others:
        raise LastAdministrator(field="role")
    _save(user, stored, "user.updated", actor=actor)
    return user


@transaction.atomic
def deactivate_user(user: User, *, actor: User | None, now: dt.datetime) -> User:
    """End a user's access: every session of theirs ends with it. Nothing is deleted; what they were asked to approve is
    handed on.

    Raises NotAdministrator, OwnAccess, LastAdministrator, OpenDuties (they still manage accounts).
    """
    require_administrator(actor)
    stored, others = _lock(user)
    if not stored.is_active:
        return stored
    if actor is not None and actor.pk == stored.pk:
        raise OwnAccess
    if stored.is_administrator and not others:
        raise LastAdministrator
    if duties := [str(duty) for duty in duties_of(stored) if duty.count]:
        raise OpenDuties(name=stored.name, duties=get_text_list(duties, _("and")))
    _set_active(stored, actor=actor, to=False)
    hand_on(stored, now)
    return stored


@transaction.atomic
def reactivate_user(user: User, *, actor: User | None) -> User:
    """Give a deactivated user access again, with the password that they had. Raises NotAdministrator."""
    require_administrator(actor)
    stored, _others = _lock(user)
    return stored if stored.is_active else _set_active(stored, actor=actor, to=True)


@transaction.atomic
def update_own_profile(user: User, *, actor: User) -> User:
    """Save what a user may change of themselves: name, phone, language, time zone. Raises ValidationError."""
    return _update_own(user.pk, {name: getattr(user, name) for name in OWN}, actor=actor)


@transaction.atomic
def set_language(user: User, language: str, *, actor: User) -> User:
    """Change the language that a user reads. Raises ValidationError."""
    return _update_own(user.pk, {"language": language}, actor=actor)


def _update_own(user_id: int, values: dict[str, str], *, actor: User) -> User:
    stored = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    before = _values(stored)
    for name, value in values.items():
        setattr(stored, name, value)
    stored.full_clean()
    stored.save(update_fields=list(values))
    _record("user.updated", stored, before, actor=actor)
    return stored


def _lock(user: User) -> tuple[User, bool]:
    """The stored row, and whether there is another active administrator. Locked together and in order: two
    administrators who demote each other at the same moment must not both succeed."""
    locked = list(
        User.objects.select_for_update(of=("self",))
        .filter(Q(pk=user.pk) | Q(role=Role.ADMINISTRATOR, is_active=True))
        .order_by("pk")
    )
    stored = next((row for row in locked if row.pk == user.pk), None)
    if stored is None:
        raise User.DoesNotExist
    return stored, len(locked) > 1


def _save(user: User, stored: User, action: str, *, actor: User | None) -> None:
    before = _values(stored)
    user.full_clean()
    user.save(update_fields=SAVED)
    _record(action, user, before, actor=actor)


def _set_active(user: User, *, actor: User | None, to: bool) -> User:
    user.is_active = to
    user.save(update_fields=["is_active"])
    record("user.reactivated" if to else "user.deactivated", user, actor=actor, changes={"is_active": (not to, to)})
    return user


def _record(action: str, user: User, before: dict[str, Any], *, actor: User | None) -> None:
    after = _values(user)
    changes = {name: (before[name], value) for name, value in after.items() if before[name] != value}
    if changes:
        record(action, user, actor=actor, changes=changes)


def _values(user: User) -> dict[str, Any]:
    fields = (field for field in User._meta.concrete_fields if field.name in AUDITED)
    return {field.name: field.value_from_object(user) for field in fields}
