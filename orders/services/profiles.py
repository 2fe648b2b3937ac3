"""Import profiles: those that KAM ships with, and those that people save."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import transaction

from audit.services import diff, record, snapshot
from orders.errors import ImportForbidden, ProfileShipped, UnknownProfile
from orders.intake.profile import Profile, make_profile, shipped_names, shipped_profile
from orders.models import ImportProfile
from users.models import User


def profile_names() -> list[str]:
    """Every profile that `load_profile` finds: shipped ones first."""
    return [*shipped_names(), *ImportProfile.objects.order_by("name").values_list("name", flat=True)]


def load_profile(name: str) -> Profile:
    """The profile of that name. Raises UnknownProfile, and BadProfile if a saved one no longer fits."""
    if name in shipped_names():
        return shipped_profile(name)
    row = ImportProfile.objects.filter(name=name).first()
    if row is None:
        raise UnknownProfile(field="profile", name=name, known=", ".join(profile_names()))
    return make_profile(row.name, row.columns, row.rules)


@transaction.atomic
def save_profile(profile: Profile, *, actor: User | None) -> ImportProfile:
    """Keep a profile under its name, in place of an own one of that name. Raises ProfileShipped, ImportForbidden."""
    if actor is not None and not actor.sees_everything:
        raise ImportForbidden
    if profile.name in shipped_names():
        raise ProfileShipped(field="name", name=profile.name)
    row = ImportProfile.objects.select_for_update().filter(name=profile.name).first() or ImportProfile(
        name=profile.name
    )
    before = snapshot(row)
    is_new = row.pk is None
    row.columns, row.rules = dict(profile.columns), rules_as_json(profile)
    row.full_clean()
    row.save()
    changes = {"columns": (None, row.columns), "rules": (None, row.rules)} if is_new else diff(before, row)
    if is_new or changes:
        record("import_profile.created" if is_new else "import_profile.updated", row, actor=actor, changes=changes)
    return row


@transaction.atomic
def delete_profile(row: ImportProfile, *, actor: User | None) -> None:
    """Forget a saved profile. Raises ImportForbidden."""
    if actor is not None and not actor.sees_everything:
        raise ImportForbidden
    record("import_profile.deleted", row, actor=actor, changes={"columns": (row.columns, None)})
    row.delete()


def rules_as_json(profile: Profile) -> dict[str, Any]:
    """The rules that differ from the defaults, as plain data."""
    rules = dataclasses.asdict(profile.rules)
    defaults = {item.name: item.default for item in dataclasses.fields(profile.rules)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in rules.items()
        if value != defaults[name]
    }
