"""Requests per token, or per person where there is no token."""

from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class TokenThrottle(SimpleRateThrottle):
    """A counter per window of time (`6000/min`): one cheap operation in the cache for each request."""

    scope = "token"
    remaining: float = 0

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not request.user or not request.user.is_authenticated:
            return None
        ident = f"token-{request.auth.pk}" if request.auth is not None else f"user-{request.user.pk}"
        return self.cache_format % {"scope": self.scope, "ident": ident}

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this request is within the rate."""
        key = self.get_cache_key(request, view)
        if self.rate is None or key is None:
            return True
        now = self.timer()
        window = int(now // self.duration)
        self.remaining = (window + 1) * self.duration - now
        return self._count(f"{key}_{window}") <= self.num_requests

    def wait(self) -> float:
        """Seconds until the next window."""
        return self.remaining

    def _count(self, key: str) -> int:
        """The number of requests in this window, this one included."""
        if cache.add(key, 1, self.duration + 1):
            return 1
        try:
            return cache.incr(key)
        except ValueError:  # it ran out between the two
            return 1
