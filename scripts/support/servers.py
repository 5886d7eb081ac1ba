"""The real servers on this machine: started on free ports of 127.0.0.1, used, stopped.

    with servers.start("weaviate") as weaviate:
        client_of(weaviate.url, weaviate.grpc_port)

Tests use `servers.use(name)`: it takes the one that `scripts/servers start` (or `scripts/test`) keeps up, and
where there is none starts one of its own for as long as it is needed. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .caches import hold_lock
from .processes import HOST, end_process, free_ports, is_alive, process_environment, wait_until_ready
from .server_kinds import SERVER_KINDS, ServerKind, ServerMissing

__all__ = [
    "SERVER_KINDS",
    "RunningServer",
    "ServerMissing",
    "running_servers",
    "start_kept_server",
    "start_server",
    "stop_kept_server",
    "use_server",
    "why_unavailable",
]

KEPT_SERVERS_SETTING = (
    "REPARTEE_SERVERS"  # names the file that knows what is kept up, if it is not the checkout's
)
START_TIMEOUT_SECONDS = 60.0  # seconds until a server must answer, on a busy machine


@dataclass(frozen=True)
class RunningServer:
    """A server that runs: where it is, and what ends it."""

    name: str
    url: str
    pid: int
    ports: Mapping[str, int]
    folder: str

    @property
    def grpc_port(self) -> int:
        """The port that Weaviate's gRPC listens on."""
        return self.ports["grpc"]

    @property
    def exported_settings(self) -> dict[str, str]:
        """The environment that makes clients talk to it."""
        values = {
            "http": self.url,
            **{name: str(port) for name, port in self.ports.items() if name != "http"},
        }
        return {
            variable: values[port] for variable, port in SERVER_KINDS[self.name].exported_settings.items()
        }

    @property
    def read_log(self) -> Path:
        """Returns what the server printed."""
        return Path(self.folder) / "log"

    def is_running(self) -> bool:
        """Returns whether it is still up."""
        return is_alive(self.pid, self.process_mark)

    @property
    def process_mark(self) -> str:
        """Returns a text that is in the command line of this server and of no other."""
        return str(self.ports["http"]) if self.name != "elasticmq" else self.folder

    def stop_server(self) -> None:
        """End it and remove what it kept."""
        end_process(self.pid, self.process_mark)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_server()


def why_unavailable(name: str) -> str | None:
    """Returns why that server cannot be started as things are, in one line, or None."""
    return SERVER_KINDS[name].why_unavailable()


def start_server(name: str) -> RunningServer:
    """Start a server of one's own and wait until it is ready. Raises ServerMissing when it cannot be had."""
    kind = SERVER_KINDS[name]
    if lack := kind.why_unavailable():
        raise ServerMissing(lack)
    installed = kind.install_server()
    log = ""
    for _ in range(3):  # somebody may take a port between our look and the server's
        folder = Path(tempfile.mkdtemp(prefix=f"repartee-{name}-"))
        server, ready = _launch_server(kind, installed, folder)
        if ready:
            return server
        log = server.read_log.read_text(errors="replace")[-2000:]
        server.stop_server()
    raise ServerMissing(f"{name} does not start; the end of its log:\n{log}")


def _launch_server(kind: ServerKind, installed: Path, folder: Path) -> tuple[RunningServer, bool]:
    ports = free_ports(kind.ports)
    how = kind.start(installed, folder, ports)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            how.command,
            cwd=folder,
            env=process_environment(how.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://{HOST}:{ports['http']}"
    server = RunningServer(kind.name, url, process.pid, ports, str(folder))
    return server, wait_until_ready(process, url + kind.ready, START_TIMEOUT_SECONDS)


@contextlib.contextmanager
def use_server(name: str) -> Iterator[RunningServer]:
    """Yields the server that is kept up, or else one of one's own, stopped at the end."""
    kept = running_servers().get(name)
    if kept is not None:
        yield kept
        return
    with start_server(name) as own:
        yield own


def running_servers() -> dict[str, RunningServer]:
    """Returns the servers that are kept up, by name."""
    if not _kept_servers().exists():
        return {}
    known = [RunningServer(**fields) for fields in json.loads(_kept_servers().read_text())]
    return {server.name: server for server in known if server.is_running()}


def start_kept_server(name: str) -> RunningServer:
    """Start a server and keep it up until `stop_kept`; one that is kept already is taken."""
    with hold_lock(f"servers-{name}"):
        kept = running_servers().get(name)
        if kept is None:
            kept = start_server(name)
            _record_kept_server(name, kept)
        return kept


def stop_kept_server(name: str) -> bool:
    """Stop the server that is kept up under that name; False when there is none."""
    with hold_lock(f"servers-{name}"):
        kept = running_servers().get(name)
        if kept is not None:
            kept.stop_server()
        _record_kept_server(name, None)
        return kept is not None


def _record_kept_server(name: str, server: RunningServer | None) -> None:
    """Write down that the server of that name is up, or that there is none."""
    with hold_lock("servers"):
        kept = {known: up for known, up in running_servers().items() if known != name}
        if server is not None:
            kept[name] = server
        draft = _kept_servers().with_suffix(".draft")
        draft.write_text(json.dumps([asdict(up) for up in kept.values()], indent=2))
        draft.replace(_kept_servers())


def _kept_servers() -> Path:
    return Path(os.environ.get(KEPT_SERVERS_SETTING) or Path(__file__).parents[2] / ".servers.json")
