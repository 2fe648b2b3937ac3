"""How gunicorn serves KAM, embedded and in the image: `gunicorn -c python:kam.gunicorn_conf kam.wsgi`."""

import os
from pathlib import Path

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
