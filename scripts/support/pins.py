"""The pins: each package once, with its hashes, in requirements/*.txt and layers/*/requirements.txt.

One resolution, that of requirements/dev.in, decides; the layers take their versions from it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINNED = ROOT / "requirements"
LAYERS = ROOT / "layers"
LAYERED = ("base", "turn", "web")  # each holds only what those before it do not
HEADER = "# Pinned by scripts/setup --update from requirements/{source}; edit that.\n"

Pins = dict[
    str, list[str]
]  # package → the lines that pin it, hashes included; a package may be pinned per Python


def update(uv: str) -> None:
    """Compile the newest pins that requirements/*.in allow."""
    for name in ("uv", "sam", "checkov", "dev"):
        _write(PINNED / f"{name}.txt", f"{name}.in", compiled(uv, name, "--python-version", "3.11"))
    constraints = ("--constraints", str(PINNED / "dev.txt"), "--python-version", "3.13")
    below: Pins = {}
    for layer in LAYERED:
        pins = compiled(uv, layer, *constraints)
        own = {name: pins[name] for name in pins if name not in below}
        _write(LAYERS / layer / "requirements.txt", f"{layer}.in", own)
        below |= own


def compiled(uv: str, name: str, *options: str) -> Pins:
    """What requirements/NAME.in resolves to, for every platform."""
    command = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--no-config",
        "--universal",
        "--generate-hashes",
        "--no-header",
    ]
    overrides = ["--overrides", str(PINNED / "overrides.txt")]
    source = [str(PINNED / f"{name}.in")]
    done = subprocess.run(
        [*command, *overrides, *options, *source], capture_output=True, text=True, check=True
    )
    return parsed(done.stdout)


def parsed(text: str) -> Pins:
    """The pins in a requirements file, without comments."""
    pins: Pins = {}
    name = ""
    for line in _lines(text):
        if found := re.match(r"([A-Za-z0-9._-]+)==", line):
            name = found[1]
            pins.setdefault(name, [])
        pins[name].append(line)
    return pins


def versions(path: Path) -> dict[str, set[str]]:
    """The versions that a requirements file pins, by package."""
    return {
        name: {line.split("==")[1].split()[0] for line in lines if "==" in line.split("--hash")[0]}
        for name, lines in parsed(path.read_text()).items()
    }


def disagreements() -> list[str]:
    """What is wrong with the pins, a sentence each: layers that differ from the tests, or from being two."""
    agreed = versions(PINNED / "dev.txt")
    layers = {layer: versions(LAYERS / layer / "requirements.txt") for layer in LAYERED}
    wrong = [
        f"layers/{layer} pins {name} as {_list(found)}, and the tests run on {_list(agreed.get(name, set()))}"
        for layer, pins in layers.items()
        for name, found in pins.items()
        if not found <= agreed.get(name, set())
    ]
    held = [name for layer in layers.values() for name in layer]
    twice = sorted({name for name in held if held.count(name) > 1})
    return wrong + [f"{name} is in two layers; each holds only what those before it do not" for name in twice]


def _list(found: set[str]) -> str:
    return ", ".join(sorted(found)) or "none"


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.rstrip()


def _write(path: Path, source: str, pins: Pins) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [line for name in sorted(pins) for line in pins[name]]
    path.write_text(HEADER.format(source=source) + "\n".join(lines) + "\n")
