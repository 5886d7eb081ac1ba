"""The stack's servers: processes on sockets that are open before they are, and that end when we do.

The socket is made here and handed over, so nobody needs to look for a free port, or to wait until the server
is up: a call is answered as soon as it can be. The server ends when its standard input does, which the
operating system closes for us however this process ends.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

SCRIPTS = Path(__file__).parents[1]
LOOPBACK = "127.0.0.1"
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""For numpy: on small matrices its threads cost eight times what they save."""


class ServerProcess:
    """One server process. It is stopped at the end of the `with` block."""

    def __init__(self, module: str, arguments: Sequence[str], log: Path) -> None:
        with socket.socket() as listener, log.open("wb") as output:
            listener.bind((LOOPBACK, 0))
            listener.listen(128)
            self.url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
            self.module, self._log = module, log
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, "--fd", str(listener.fileno()), *arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=[listener.fileno()],
                env={**os.environ, "PYTHONPATH": str(SCRIPTS), **ONE_THREAD},
                start_new_session=True,
            )

    def last_output(self) -> str:
        """The last lines that it printed."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()


def end_with_parent() -> None:
    """In a server: ends the process when whoever started it is gone."""
    threading.Thread(target=_exit_when_input_ends, daemon=True).start()


def _exit_when_input_ends() -> None:
    sys.stdin.buffer.read()
    os._exit(0)
