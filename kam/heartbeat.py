"""The worker's sign of life, which /readyz reads.

A thread of the worker's main process writes it, not a task: a worker whose every slot is busy with a long import is
alive, and must not take the pages down with it.
"""

import logging
import threading
import time

from django.core.cache import cache

KEY = "kam:worker-heartbeat"
EVERY_SECONDS = 10
DEAD_AFTER_SECONDS = 60

logger = logging.getLogger(__name__)


def beat() -> None:
    """Write one sign of life."""
    cache.set(KEY, time.time(), timeout=24 * 3600)


def age() -> float | None:
    """Seconds since the last sign of life of any worker; None when there was none for a day."""
    last = cache.get(KEY)
    return None if last is None else max(0.0, time.time() - last)


def start() -> threading.Thread:
    """Beat in a daemon thread until the process ends."""
    thread = threading.Thread(target=_beat_for_ever, name="kam-heartbeat", daemon=True)
    thread.start()
    return thread


def _beat_for_ever() -> None:
    while True:
        try:
            beat()
        except Exception:
            logger.warning("The heartbeat could not be written.", exc_info=True)
        time.sleep(EVERY_SECONDS)
