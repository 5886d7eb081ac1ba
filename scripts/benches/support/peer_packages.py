"""Installs the packages of peers that do a function's job, compiled as our own layers are."""

from __future__ import annotations

import hashlib
from pathlib import Path

from support import layers, sam
from support.caches import make_once

PEERS_FOLDER = Path(__file__).parents[1] / "peers"


def install_peer(name: str) -> Path:
    """Returns the folder whose `python` holds what the peer's requirements pin. It is made once."""
    pins = PEERS_FOLDER / name / "requirements.txt"

    def make(folder: Path) -> None:
        layers.install_pins(pins, folder / "python", sam.machine_architecture())
        layers.compile_bytecode(folder / "python")

    return make_once(f"bench-{name}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}", make)
