"""Processes that we start: on free ports, ready when they answer, ended by id and by nothing else."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

HOST = "127.0.0.1"
POLL_INTERVAL_SECONDS = 0.05  # seconds between two looks at a process


def process_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Our environment with `more` in it."""
    return {**os.environ, **more}


def free_ports(names: Iterable[str]) -> dict[str, int]:
    """Returns a free port for each name, all different; "next+NAME" is the one after its predecessor's."""
    wanted = list(names)
    for _ in range(100):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            ports: dict[str, int] = {}
            last = 0
            for name in wanted:
                listener = held.enter_context(socket.socket())
                listener.bind((HOST, last + 1 if name.startswith("next+") else 0))
                ports[name.removeprefix("next+")] = last = listener.getsockname()[1]
            return ports
    raise OSError("no free ports side by side on " + HOST)


def answers_http(url: str) -> bool:
    """Returns whether something serves HTTP there and is content: any answer but a 5xx."""
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def answers_tcp(port: int) -> bool:
    """Returns whether something listens there; waits one tick if not."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        time.sleep(POLL_INTERVAL_SECONDS)
        return False
    return True


def wait_until_ready(process: subprocess.Popen[bytes], url: str, seconds: float) -> bool:
    """Wait until the process answers at the URL; False when it ended or took too long."""
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        if answers_http(url):
            return True
        time.sleep(POLL_INTERVAL_SECONDS)
    return False


def is_alive(pid: int, mark: str) -> bool:
    """Returns whether a process of that id runs and its command line holds the mark (ids are used again)."""
    with contextlib.suppress(ChildProcessError, OSError):
        os.waitpid(pid, os.WNOHANG)
    return mark in _command_line(pid)


def _command_line(pid: int) -> str:
    """Returns the command that the process was started with, empty if it is gone or only waits to be
    reaped."""
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    ps = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout


def end_process(pid: int, mark: str, timeout_seconds: float = 10.0) -> None:
    """Ask the process to end, and after `patience` seconds make it. Nothing happens if it is gone."""
    for number, seconds in ((signal.SIGTERM, timeout_seconds), (signal.SIGKILL, timeout_seconds)):
        if not is_alive(pid, mark):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            os.kill(pid, signal.SIGCONT)
        limit = time.monotonic() + seconds
        while is_alive(pid, mark) and time.monotonic() < limit:
            time.sleep(POLL_INTERVAL_SECONDS)
