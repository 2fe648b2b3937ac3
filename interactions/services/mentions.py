"""Colleagues whom a text mentions: noted and told, as far as they see the account."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Account
from interactions.mentions import candidates, mentioned
from interactions.models import Interaction
from notifications.services import notify
from users.models import User


def note_mentions(interaction: Interaction, *, actor: User | None) -> None:
    """Keep who is mentioned in subject and minutes and tell whoever is so for the first time.

    Who does not see the account is told nothing, and is in `interaction.not_notified`. The caller has recorded the
    change that this follows from.
    """
    text = f"{interaction.title}\n{interaction.minutes}"
    found = [user for user in _meant(text) if user != actor]
    seeing = [user for user in found if Account.objects.visible_to(user).filter(pk=interaction.account_id).exists()]
    interaction.not_notified = [user for user in found if user not in seeing]
    before = set(interaction.mentioned.values_list("pk", flat=True))
    if before or seeing:
        interaction.mentioned.set(seeing)
    notify(
        [user for user in seeing if user.pk not in before],
        "mentioned",
        params={"actor": actor or "", "account": interaction.account, "title": str(interaction)},
        url=interaction.get_absolute_url(),
        key=f"interaction:{interaction.pk}:mentioned",
    )


def _meant(text: str) -> list[User]:
    keys = candidates(text)
    if not keys:
        return []
    users = User.objects.active().alias(lower_name=Lower("name"))
    people = {user.pk: user for user in users.filter(Q(lower_name__in=keys) | Q(username__in=keys))}
    names: dict[str, list[int]] = defaultdict(list)
    for user in people.values():
        for name in {user.name.lower(), user.username}:
            names[name].append(user.pk)
    return [people[pk] for pk in sorted(mentioned(text, names))]
