"""What follows from an approval: the app that owns the row registers it in its AppConfig.ready or `<app>/approving.py`.

The handlers run in the transaction of the decision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from approvals.models import ApprovalRequest
    from users.models import User


@dataclass(frozen=True)
class Handler:
    """What the owner of a subject does on each outcome: called with the request, who caused it, and when.

    `may_see(user, object_id)` tells whether the row itself is visible to somebody. `kinds` are the codes and words that
    the facts of this subject may name as `kind`.
    """

    approved: Callable[[ApprovalRequest, User | None, dt.datetime], Any]
    reopened: Callable[[ApprovalRequest, User | None, dt.datetime], Any]  # sent back or withdrawn
    may_see: Callable[[User, int], bool]
    kinds: Sequence[tuple[str, Any]] = ()


_handlers: dict[str, Handler] = {}


def register(subject: str, handler: Handler) -> None:
    """Make the handler of a subject known; once, at start."""
    _handlers[subject] = handler


def handler_of(subject: str) -> Handler:
    """Raises KeyError for a subject that no app answers for."""
    return _handlers[subject]


def all_kinds() -> dict[str, Any]:
    """Code -> words of every kind that some subject has."""
    return {code: words for handler in _handlers.values() for code, words in handler.kinds}


def sees_row(user: User, subject: str, object_id: int) -> bool:
    """Whether the row itself is visible to `user`; not where no app answers for it."""
    handler = _handlers.get(subject)
    return handler is not None and user.is_active and handler.may_see(user, object_id)
