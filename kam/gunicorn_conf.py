"""How gunicorn serves KAM, embedded and in the image: `gunicorn -c python:kam.gunicorn_conf kam.wsgi`."""

import gc
import os
import re
from pathlib import Path
from typing import Any

from django.urls import get_resolver
from gunicorn.glogging import Logger

SECRET_PATH = re.compile(r"/calendar/[^/\s?]+\.ics")


class KamLogger(Logger):
    """The address of a calendar is its key: the access log shows that one was read, not which."""

    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            name: SECRET_PATH.sub("/calendar/***.ics", value) if isinstance(value, str) else value
            for name, value in super().atoms(*args, **kwargs).items()
        }


logger_class = KamLogger
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or min(4, os.cpu_count() or 1))
threads = int(os.environ.get("WEB_THREADS") or 4)
preload_app = True  # the code is loaded once and shared by the workers
timeout = 60
graceful_timeout = 10
keepalive = 5
max_requests = 20_000  # a leak, ours or a library's, ends with its process
max_requests_jitter = 2_000
loglevel = "warning"
accesslog = os.environ.get("ACCESS_LOG") or None
if Path("/dev/shm").is_dir():  # noqa: S108  heartbeat files of the workers, on a disk that cannot stall
    worker_tmp_dir = "/dev/shm"  # noqa: S108  as above


def when_ready(_server: Any) -> None:
    """Load all code once, and leave it out of what the collector of garbage walks through.

    A full collection walks 400,000 objects that are there for ever: 125 ms in which a page waits.
    It would also copy the memory that the workers share.
    """
    get_resolver().url_patterns  # noqa: B018  imports every view
    gc.collect()
    gc.freeze()
