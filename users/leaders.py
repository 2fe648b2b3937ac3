"""Who leads whom, read once for many: the supervisors above a person, the directors."""

from __future__ import annotations

from users.models import Role, User


class Leaders:
    """Active supervisors and directors, read in one statement, however many people are asked about."""

    def __init__(self) -> None:
        found = list(
            User.objects.active()
            .filter(role__in=[Role.SUPERVISOR, Role.DIRECTOR])
            .select_related("team")
            .order_by("pk")
        )
        self.directors = [user for user in found if user.role == Role.DIRECTOR]
        self._by_team: dict[str, list[User]] = {}
        for user in found:
            if user.role == Role.SUPERVISOR and user.team is not None:
                self._by_team.setdefault(user.team.path, []).append(user)

    def above(self, person: User | None) -> list[User]:
        """The supervisors of the nearest team at or above `person`'s that has others than `person`; none, or nobody
        asked about: the directors."""
        path = person.team.path if person is not None and person.team is not None else ""
        while path and person is not None:
            if found := [user for user in self._by_team.get(path, ()) if user.pk != person.pk]:
                return found
            path = path[: path[:-1].rfind(".") + 1]
        return self.directors
