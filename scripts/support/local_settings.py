"""The settings of the local stack that is kept up, for commands that look into its stores."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from support.caches import cache_folder

SETTINGS_FILE = "local-stack.json"


@contextmanager
def publish_local_settings(settings: Mapping[str, str]) -> Iterator[None]:
    """Lets other commands find the stack while the block runs. Only the user may read the file."""
    path = cache_folder() / SETTINGS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(dict(settings)))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read_local_settings() -> dict[str, str]:
    """Returns the settings of the stack that is up. Raises `FileNotFoundError` where none is."""
    path = cache_folder() / SETTINGS_FILE
    if not path.exists():
        raise FileNotFoundError("no local stack is up: start scripts/serve in another window")
    settings: dict[str, str] = json.loads(path.read_text())
    return settings
