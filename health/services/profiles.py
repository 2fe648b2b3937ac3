"""Profiles: made, changed, removed; which account has which; and what would change before anything is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from audit.services import diff, record, snapshot
from health.default_profiles import default_profiles
from health.errors import ProfileInUse
from health.models import AccountHealth, HealthProfile
from health.profile_checks import problems
from health.score import Scale, readings_of
from health.services.policy import check_owner, locked_policy
from health.signals import all_signals
from users.models import User

MOVES_SHOWN = 50
STEP = 10
NO_BAND = ""
SEGMENT = ("account__tier", "account__stage", "account__status", "account__category")
Kind = tuple[str, str, str, str]
"""Tier, stage, status, category of an account: what decides which profile it has."""


def ensure_default_profiles() -> None:
    """Make those that are shipped, where there is no profile at all. One at a time: the policy is locked."""
    if HealthProfile.objects.exists():
        return
    with transaction.atomic():
        locked_policy()
        if HealthProfile.objects.exists():
            return
        for fields in default_profiles():
            save_profile(HealthProfile(**fields), actor=None)


@transaction.atomic
def save_profile(profile: HealthProfile, *, actor: User | None) -> HealthProfile:
    """Store a new or a changed profile. A change of what it says makes a new revision; scores follow with the next
    night. Raises MayNotOwnHealth, ValidationError.
    """
    check_owner(actor)
    before = None
    if profile.pk is not None:
        before = HealthProfile.objects.select_for_update().get(pk=profile.pk)
        profile.revision = before.revision
    check_profile(profile)
    if before is None:
        profile.save()
        record("health_profile.created", profile, actor=actor)
        return profile
    changes: dict[str, Any] = diff(snapshot(before), profile)
    if changes:
        profile.revision = before.revision + 1
        profile.save()
        record("health_profile.updated", profile, actor=actor, changes=changes)
    return profile


def check_profile(profile: HealthProfile) -> None:
    """Raises ValidationError by field: unknown signals or segments, weights that are none or sum to 0, bands out of
    order."""
    errors: dict[str, list[str]] = {}
    try:
        profile.full_clean()
    except ValidationError as error:
        errors = {name: list(texts) for name, texts in error.message_dict.items()}
    for name, sentences in problems(profile, all_signals()).items():
        errors.setdefault(name, []).extend(sentences)
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def delete_profile(profile: HealthProfile, *, actor: User | None) -> None:
    """Raises MayNotOwnHealth; ProfileInUse while scores stand on it."""
    check_owner(actor)
    stored = HealthProfile.objects.select_for_update().get(pk=profile.pk)
    count = AccountHealth.objects.filter(profile=stored).count()
    if count:
        raise ProfileInUse(count=count)
    record("health_profile.deleted", stored, actor=actor)
    stored.delete()


@transaction.atomic
def move_profile(profile: HealthProfile, *, up: bool, actor: User | None) -> None:
    """One place up or down in the order in which accounts look for their profile; at its end nothing happens. Raises
    MayNotOwnHealth."""
    check_owner(actor)
    rows = list(HealthProfile.objects.select_for_update().order_by("position", "pk"))
    at = next(place for place, row in enumerate(rows) if row.pk == profile.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for place, row in enumerate(rows, start=1):
        if row.position != place * STEP:
            before = snapshot(row)
            row.position = place * STEP
            row.save(update_fields=["position", "updated_at"])
            record("health_profile.moved", row, actor=actor, changes=diff(before, row))


class Chooser:
    """Finds the profile of a segment: the first that lets it through; looked up once for each kind of segment."""

    def __init__(self, profiles: Sequence[HealthProfile]) -> None:
        known = all_signals()
        self.scales = [Scale(profile, known) for profile in profiles]
        self._found: dict[Kind, Scale | None] = {}

    def scale_for(self, tier: str, stage: str, status: str, category: str) -> Scale | None:
        """None where no profile is for such accounts: they are not scored."""
        key = (tier, stage, status, category)
        if key not in self._found:
            self._found[key] = next((scale for scale in self.scales if _fits(scale.profile, key)), None)
        return self._found[key]


def _fits(profile: Any, kind: Kind) -> bool:
    wanted = (profile.tiers, profile.stages, profile.statuses, profile.categories)
    return all(not codes or code in codes for codes, code in zip(wanted, kind, strict=True))


class Move(NamedTuple):
    """An account whose band would change."""

    account_id: int
    name: str
    tier: str
    score_before: int | None
    score_after: int | None
    band_before: str
    band_after: str


@dataclass
class WhatIf:
    """What saving a profile would do to the scores as they are. `bands` counts accounts by band, before and after, of
    all that are scored; `by_tier` is tier -> (band before, band after) -> accounts. `moves` are the first of those
    whose band would change, those that change the most first."""

    scored: int = 0
    changed: int = 0
    moved: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    by_tier: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)


def what_if(profile: HealthProfile) -> WhatIf:
    """Score anew what the last night read, with `profile` (saved or not) in its place. Raises ValidationError."""
    check_profile(profile)
    others = [row for row in HealthProfile.objects.active() if row.pk != profile.pk]
    profiles = [*others, profile] if profile.is_active else others
    chooser = Chooser(sorted(profiles, key=lambda row: (row.position, row.pk or float("inf"))))
    found = WhatIf()
    moves = []
    for move in _moves(profile, chooser):
        found.scored += 1
        found.before[move.band_before] += 1
        found.after[move.band_after] += 1
        by_band = found.by_tier.setdefault(move.tier, Counter())
        by_band[move.band_before, move.band_after] += 1
        found.changed += move.score_before != move.score_after
        if move.band_before != move.band_after:
            moves.append(move)
    found.moved = len(moves)
    moves.sort(key=lambda move: (-abs((move.score_before or 0) - (move.score_after or 0)), move.name, move.account_id))
    found.moves = moves[:MOVES_SHOWN]
    return found


def _moves(profile: HealthProfile, chooser: Chooser) -> Iterator[Move]:
    """Every scored account; those that the profile neither scores nor would score stay as they are, unread."""
    columns = ("account", "account__name", "score", "band", "profile", *SEGMENT)
    rows = AccountHealth.objects.order_by()
    touched = []
    for pk, name, score, band, scored_by, *kind in rows.values_list(*columns).iterator(10_000):
        scale = chooser.scale_for(*kind)
        if scored_by == profile.pk or (scale is not None and scale.profile is profile):
            touched.append((pk, name, kind[0], score, band, scale))
        else:
            yield Move(pk, name, kind[0], score, score, band, band)
    for start in range(0, len(touched), 5000):
        batch = touched[start : start + 5000]
        parts = dict(rows.filter(Q(pk__in=[row[0] for row in batch])).values_list("pk", "parts"))
        for pk, name, tier, score, band, scale in batch:
            result = scale.score(readings_of(parts[pk])) if scale else None
            after = (result.score, result.band) if result else (None, NO_BAND)
            yield Move(pk, name, tier, score, after[0], band, after[1])
