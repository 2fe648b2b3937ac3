"""Which signals there are. An app that knows more signs registers its own in `<app>/health_signals.py`."""

from __future__ import annotations

from health.signals.base import Signal

_signals: dict[str, Signal] = {}


def register(*signals: Signal) -> None:
    """Make signals known, in the order in which they are shown. Raises ValueError where a key is taken."""
    for signal in signals:
        if _signals.get(signal.key, signal) is not signal:
            raise ValueError(f"There is another signal {signal.key} already.")
        _signals[signal.key] = signal


def unregister(key: str) -> None:
    """Forget a signal; what was scored with it stays as it is."""
    _signals.pop(key, None)


def all_signals() -> dict[str, Signal]:
    """All signals by their keys."""
    return dict(_signals)


def find(key: str) -> Signal | None:
    """The signal of this key, unless nobody knows it (any more)."""
    return _signals.get(key)
