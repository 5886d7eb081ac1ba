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

from .caches import locked
from .processes import HOST, alive, end, free_ports, surroundings, until_ready
from .server_kinds import KINDS, Kind, ServerMissing

__all__ = [
    "KINDS",
    "Server",
    "ServerMissing",
    "missing",
    "running",
    "start",
    "start_kept",
    "stop_kept",
    "use",
]

KEPT = "REPARTEE_SERVERS"  # names the file that knows what is kept up, if it is not the checkout's
PATIENCE = 60.0  # seconds until a server must answer, on a busy machine


@dataclass(frozen=True)
class Server:
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
    def exports(self) -> dict[str, str]:
        """The environment that makes clients talk to it."""
        values = {
            "http": self.url,
            **{name: str(port) for name, port in self.ports.items() if name != "http"},
        }
        return {variable: values[port] for variable, port in KINDS[self.name].exports.items()}

    @property
    def log(self) -> Path:
        """What it printed."""
        return Path(self.folder) / "log"

    def runs(self) -> bool:
        """Whether it is still up."""
        return alive(self.pid, self.mark)

    @property
    def mark(self) -> str:
        """What its command line holds and no other's."""
        return str(self.ports["http"]) if self.name != "elasticmq" else self.folder

    def stop(self) -> None:
        """End it and remove what it kept."""
        end(self.pid, self.mark)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def missing(name: str) -> str | None:
    """Why that server cannot be started as things are, in one line, or None."""
    return KINDS[name].missing()


def start(name: str) -> Server:
    """Start a server of one's own and wait until it is ready. Raises ServerMissing when it cannot be had."""
    kind = KINDS[name]
    if lack := kind.missing():
        raise ServerMissing(lack)
    installed = kind.install()
    log = ""
    for _ in range(3):  # somebody may take a port between our look and the server's
        folder = Path(tempfile.mkdtemp(prefix=f"repartee-{name}-"))
        server, ready = _launch(kind, installed, folder)
        if ready:
            return server
        log = server.log.read_text(errors="replace")[-2000:]
        server.stop()
    raise ServerMissing(f"{name} does not start; the end of its log:\n{log}")


def _launch(kind: Kind, installed: Path, folder: Path) -> tuple[Server, bool]:
    ports = free_ports(kind.ports)
    how = kind.start(installed, folder, ports)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            how.command,
            cwd=folder,
            env=surroundings(how.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://{HOST}:{ports['http']}"
    server = Server(kind.name, url, process.pid, ports, str(folder))
    return server, until_ready(process, url + kind.ready, PATIENCE)


@contextlib.contextmanager
def use(name: str) -> Iterator[Server]:
    """The server that is kept up, or else one of one's own, stopped at the end."""
    kept = running().get(name)
    if kept is not None:
        yield kept
        return
    with start(name) as own:
        yield own


def running() -> dict[str, Server]:
    """The servers that are kept up, by name."""
    if not _kept().exists():
        return {}
    known = [Server(**fields) for fields in json.loads(_kept().read_text())]
    return {server.name: server for server in known if server.runs()}


def start_kept(name: str) -> Server:
    """Start a server and keep it up until `stop_kept`; one that is kept already is taken."""
    with locked(f"servers-{name}"):
        kept = running().get(name)
        if kept is None:
            kept = start(name)
            _note(name, kept)
        return kept


def stop_kept(name: str) -> bool:
    """Stop the server that is kept up under that name; False when there is none."""
    with locked(f"servers-{name}"):
        kept = running().get(name)
        if kept is not None:
            kept.stop()
        _note(name, None)
        return kept is not None


def _note(name: str, server: Server | None) -> None:
    """Write down that the server of that name is up, or that there is none."""
    with locked("servers"):
        kept = {known: up for known, up in running().items() if known != name}
        if server is not None:
            kept[name] = server
        draft = _kept().with_suffix(".draft")
        draft.write_text(json.dumps([asdict(up) for up in kept.values()], indent=2))
        draft.replace(_kept())


def _kept() -> Path:
    return Path(os.environ.get(KEPT) or Path(__file__).parents[2] / ".servers.json")
