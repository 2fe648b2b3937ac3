"""What drf-spectacular cannot guess: the problems that each operation may answer with, and the scope it needs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from core.api.problems import MEDIA_TYPE, ProblemSerializer

SAFE = ("GET", "HEAD", "OPTIONS")
UPDATES = ("PUT", "PATCH", "DELETE")
KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "Yours to choose, new for each request: sent again with the same body within 24 hours, it is answered as "
        "before and not done again; with another body 409 `idempotency_key_reused`."
    ),
)
MATCH_HEADER = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the row as you read it; 412 `precondition_failed` where it has changed since.",
)


class KamSchema(AutoSchema):
    """Adds problem details to every operation; names the scope; one tag per resource."""

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", None) or super().get_tags()[0]]

    def is_deprecated(self) -> bool:
        return super().is_deprecated() or getattr(self.view, "deprecation", None) is not None

    def get_description(self) -> str:
        scope = getattr(self.view, "scope", "")
        action = "read" if self.method in SAFE else "write"
        needs = f"A token needs the scope `{scope}:{action}`." if scope else ""
        return f"{super().get_description()}\n\n{needs}".strip()

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status in self._problem_statuses():
            bodies.setdefault(status, self._get_response_for_code(ProblemSerializer, status, [MEDIA_TYPE]))
        return bodies

    def _problem_statuses(self) -> list[str]:
        statuses = ["400", "401", "403", "404", "406", "429"]
        if self.method not in SAFE:
            statuses += ["409", "413", "415"]
        if self.method in UPDATES:
            statuses.append("412")
        return statuses

    def get_override_parameters(self) -> list[OpenApiParameter]:
        """The headers that make writing safe, on every operation that they are good for."""
        if self.method == "POST":
            return [KEY_HEADER]
        return [MATCH_HEADER] if self.method in UPDATES else []
