"""The embedded broker."""

import os
import threading

from kombu import Connection

from kam import broker, tasks


def connect(folder) -> Connection:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
        "store_processed": False,
        "polling_interval": 0.001,
    }
    return Connection("filesystem://localhost", transport="kam.broker:Transport", transport_options=options)


class TestTransport:
    def test_a_reader_that_never_rests_takes_every_message_whole(self, tmp_path):
        count = 300

        def write():
            with connect(tmp_path) as connection, connection.SimpleQueue("bell") as queue:
                for number in range(count):
                    queue.put({"number": number, "padding": "x" * 2000})

        writer = threading.Thread(target=write)
        with connect(tmp_path) as connection, connection.SimpleQueue("bell") as queue:
            writer.start()
            seen = set()
            for _ in range(count):
                message = queue.get(timeout=10)
                seen.add(message.payload["number"])
                message.ack()
        writer.join()
        assert seen == set(range(count))
        assert not list(tmp_path.glob("*.msg")) + list(tmp_path.glob(".*.part"))


class TestSweep:
    def test_deletes_what_is_older_than_a_day(self, tmp_path):
        old, new, unfinished, other = (
            tmp_path / name for name in ("1_a.q.msg", "2_b.q.msg", ".3_c.q.msg.part", "keep")
        )
        for path in (old, new, unfinished, other):
            path.touch()
        for path in (old, unfinished, other):
            os.utime(path, (0, 0))
        assert broker.sweep(tmp_path, now=new.stat().st_mtime + 60) == 2
        assert sorted(tmp_path.iterdir()) == sorted([new, other])

    def test_the_task_sweeps_the_folder_of_the_settings(self, tmp_path, settings):
        settings.EMBEDDED_BROKER, settings.BROKER_DIR = True, tmp_path
        (tmp_path / "1_a.q.msg").touch()
        os.utime(tmp_path / "1_a.q.msg", (0, 0))
        assert tasks.sweep_broker() == 1

    def test_the_task_has_nothing_to_do_with_redis(self, settings):
        settings.EMBEDDED_BROKER = False
        assert tasks.sweep_broker() == 0
