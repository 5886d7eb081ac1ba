"""The settings of the local stacks that are kept up, for commands that look into their stores."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from support.caches import cache_folder

EARLIER_FILE = "local-stack.json"
"""The file of a stack that a version before keeps up: one for all checkouts of a user."""

CHECKOUT = Path(__file__).parents[2]
PORT_SETTING = "LOCAL_PORT"


@contextmanager
def publish_local_settings(
    settings: Mapping[str, str], port: int, checkout: Path = CHECKOUT
) -> Iterator[None]:
    """Lets other commands of this checkout find the stack while the block runs. Only the user may read the
    file."""
    path = _settings_file(checkout, str(port))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"process": os.getpid(), "settings": dict(settings)}))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read_local_settings(port: str = "", checkout: Path = CHECKOUT) -> dict[str, str]:
    """Returns the settings of the stack of this checkout that is up, or of the one that listens on the port.
    Raises `FileNotFoundError` where none is, or several are and none is named."""
    wanted = port or os.environ.get(PORT_SETTING, "")
    running = _find_running(checkout)
    if wanted or len(running) > 1:
        if wanted not in running:
            raise FileNotFoundError(_describe_choice(wanted, running))
        return running[wanted]
    if running:
        return next(iter(running.values()))
    earlier = cache_folder() / EARLIER_FILE
    if not earlier.exists():
        raise FileNotFoundError("no local stack is up: start scripts/serve in another window")
    settings: dict[str, str] = json.loads(earlier.read_text())
    return settings


def _describe_choice(wanted: str, running: Mapping[str, object]) -> str:
    ports = ", ".join(sorted(running)) or "none"
    if wanted:
        return f"no local stack of this checkout listens on port {wanted} (those that are up: {ports})"
    one = f"{PORT_SETTING}={max(running)}"
    return f"several local stacks are up, on the ports {ports}: say which, as in {one}"


def _find_running(checkout: Path) -> dict[str, dict[str, str]]:
    """Returns the settings of each stack of the checkout, by its port. A file that a process has left behind
    which was killed is no stack."""
    found: dict[str, dict[str, str]] = {}
    for path in cache_folder().glob(_settings_file(checkout, "*").name):
        kept = json.loads(path.read_text() or "{}")
        if kept and _is_running(kept["process"]):
            found[path.stem.rpartition("-")[2]] = kept["settings"]
    return found


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _settings_file(checkout: Path, port: str) -> Path:
    hashed = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]
    return cache_folder() / f"local-stack-{hashed}-{port}.json"
