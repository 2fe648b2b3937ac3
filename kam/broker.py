"""The embedded broker: kombu's file-system transport in the data folder, safe for a reader that polls every 20 ms."""

import contextlib
import json
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem

OLD_AFTER_SECONDS = 24 * 3600


class Channel(filesystem.Channel):
    """Kombu opens a message's file and then fills it, so that a reader can take it empty. Here it appears complete."""

    def _put(self, queue: str, payload: dict[str, Any], **_kwargs: object) -> None:
        folder = Path(self.data_folder_out)
        name = f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        unfinished = folder / f".{name}.part"
        unfinished.write_text(json.dumps(payload), encoding="utf-8")
        unfinished.rename(folder / name)


class Transport(filesystem.Transport):
    """`CELERY_BROKER_TRANSPORT` of the embedded mode."""

    Channel = Channel


def sweep(folder: Path, *, now: float) -> int:
    """Delete message files older than a day (`now` in seconds since the epoch); returns how many.

    Such a message was addressed to a queue that nobody reads. Its work is not lost: rows say what is due.
    """
    swept = 0
    for path in [*folder.glob("*.msg"), *folder.glob(".*.part")]:
        with contextlib.suppress(FileNotFoundError):  # a worker took it just now
            if now - path.stat().st_mtime > OLD_AFTER_SECONDS:
                path.unlink()
                swept += 1
    return swept
