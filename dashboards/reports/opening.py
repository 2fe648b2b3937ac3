"""From a stored report to what can be run: read leniently, for one reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from core import reporting
from core.reporting import Asked, ReportObject
from dashboards.reports.definition import Definition, Problem, read
from dashboards.reports.errors import InvalidReport
from users.models import User


@dataclass
class Opened:
    """What a stored report asks: the definition without what is wrong with it, and what that is."""

    raw: Any
    one: ReportObject | None = None
    definition: Definition | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def can_run(self) -> bool:
        return self.one is not None and self.definition is not None

    def ready(self) -> tuple[Definition, ReportObject]:
        """What can be run. Raises InvalidReport."""
        if self.one is None or self.definition is None:
            raise InvalidReport(problems=" ".join(problem.text for problem in self.problems))
        return self.definition, self.one


def opened(raw: Any) -> Opened:
    """Reads a stored definition; a field that is gone is a problem and not an error."""
    objects = reporting.reportable()
    definition, problems = read(raw, objects)
    return Opened(raw, objects[definition.object] if definition else None, definition, problems)


def asked_by(viewer: User, now: dt.datetime) -> Asked:
    """For this reader, on the day that it is in their zone, in the language that is active."""
    zone = ZoneInfo(viewer.time_zone)
    return Asked(viewer, now.astimezone(zone).date(), now, zone, english=(get_language() or "").startswith("en"))
