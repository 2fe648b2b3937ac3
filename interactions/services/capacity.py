"""How many visits a day somebody can do; the policy's number counts for everybody else."""

from __future__ import annotations

from django.db import transaction

from audit.services import record
from interactions.errors import CapacityOfOthers
from interactions.models import Capacity
from users.models import User


@transaction.atomic
def set_capacity(user: User, visits_per_day: int | None, *, actor: User | None) -> Capacity | None:
    """Give `user` a capacity of their own (0: no visits are planned), or with None the policy's again.

    Raises CapacityOfOthers unless `actor` leads the user, ValidationError.
    """
    if actor is not None and not User.objects.filter(pk=user.pk).planned_by(actor).exists():
        raise CapacityOfOthers
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    stored = Capacity.objects.filter(user=user).first()
    before = stored.visits_per_day if stored else None
    if before == visits_per_day:
        return stored
    row = stored or Capacity(user=user)
    if visits_per_day is None:
        record("capacity.set", row, actor=actor, changes={"visits_per_day": (before, None)})
        Capacity.objects.filter(user=user).delete()
        return None
    row.visits_per_day = visits_per_day
    row.full_clean()
    row.save()
    record("capacity.set", row, actor=actor, changes={"visits_per_day": (before, visits_per_day)})
    return row
