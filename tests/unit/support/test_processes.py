"""Processes that we start are ready when they answer and gone when they are ended."""

from __future__ import annotations

import subprocess
import sys

from support.processes import end_process, free_ports, is_alive

STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
signal.pause()
"""


def test_ports_differ() -> None:
    """Each name has a port of its own, and what asks for the next one has it."""
    ports = free_ports(("http", "raft", "next+rpc"))

    assert len(set(ports.values())) == 3
    assert ports["rpc"] == ports["raft"] + 1


def test_who_does_not_listen_is_made_to_end() -> None:
    """A process that ignores the request to end is ended all the same."""
    process = subprocess.Popen([sys.executable, "-c", STUBBORN, "mark-1"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()

    end_process(process.pid, "mark-1", timeout_seconds=0.1)

    assert not is_alive(process.pid, "mark-1")
    process.stdout.close()


def test_another_process_of_that_id_is_left_alone() -> None:
    """A process whose command line does not hold the mark is somebody else's."""
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)

    end_process(process.pid, "another-mark", timeout_seconds=0.1)

    assert process.poll() is None
    process.kill()
    process.communicate()
