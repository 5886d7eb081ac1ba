"""A real server of one's own that can be paused, killed and started again where it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from support.processes import HOST, free_ports, process_environment, wait_until_ready
from support.server_kinds import SERVER_KINDS, ServerMissing

START_TIMEOUT_SECONDS = 60.0


class FaultyServer:
    """A server by its name in `scripts/servers`. Its ports and what it has kept outlive its process."""

    def __init__(self, name: str) -> None:
        self._kind = SERVER_KINDS[name]
        self._folder = Path(tempfile.mkdtemp(prefix=f"faulty-{name}-"))
        self.ports = free_ports(self._kind.ports)
        self.url = f"http://{HOST}:{self.ports['http']}"
        self.start()

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Starts it, and returns when it is ready."""
        how = self._kind.start(self._kind.install_server(), self._folder, self.ports)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                how.command,
                cwd=self._folder,
                env=process_environment({**how.environment, **(environment or {})}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if not wait_until_ready(self._process, self.url + self._kind.ready, START_TIMEOUT_SECONDS):
            self.remove()
            raise ServerMissing(f"{self._kind.name} does not start")

    def kill(self) -> None:
        """Ends it as a crash does: at once, with no chance to write anything."""
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Stops it: connections stay, nothing is answered. Returns when each of its threads has stopped."""
        os.kill(self._process.pid, signal.SIGSTOP)
        while not all(map(_is_stopped, Path(f"/proc/{self._process.pid}/task").glob("*/stat"))):
            time.sleep(0.001)

    def resume(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def remove(self) -> None:
        """Ends it for good."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def _is_stopped(thread_status: Path) -> bool:
    """Whether the thread has stopped, or ended (proc(5))."""
    with suppress(OSError):
        return thread_status.read_text().rpartition(")")[2].split()[0] in "TtZX"
    return True
