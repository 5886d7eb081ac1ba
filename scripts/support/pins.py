"""The pins: each package once, with its hashes, in requirements/*.txt and layers/*/requirements.txt.

One resolution, that of requirements/dev.in, decides; the layers take their versions from it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINS_FOLDER = ROOT / "requirements"
LAYERS_FOLDER = ROOT / "layers"
LAYER_NAMES = ("base", "turn", "web", "console")  # each holds only what those before it do not
PINS_HEADER = "# Pinned by scripts/setup --update from requirements/{source}; edit that.\n"

Pins = dict[
    str, list[str]
]  # package → the lines that pin it, hashes included; a package may be pinned per Python


def update_pins(uv: str) -> None:
    """Compile the newest pins that requirements/*.in allow."""
    for name in ("uv", "sam", "checkov", "model", "dev"):
        _write_pins(
            PINS_FOLDER / f"{name}.txt", f"{name}.in", compile_pins(uv, name, "--python-version", "3.11")
        )
    constraints = ("--constraints", str(PINS_FOLDER / "dev.txt"), "--python-version", "3.13")
    _write_pins(PINS_FOLDER / "pii.txt", "pii.in", compile_pins(uv, "pii", *constraints))
    below: Pins = {}
    for layer in LAYER_NAMES:
        pins = compile_pins(uv, layer, *constraints)
        own = {name: pins[name] for name in pins if name not in below}
        _write_pins(LAYERS_FOLDER / layer / "requirements.txt", f"{layer}.in", own)
        below |= own


def compile_pins(uv: str, name: str, *options: str) -> Pins:
    """Resolves requirements/NAME.in for every platform."""
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
    overrides = ["--overrides", str(PINS_FOLDER / "overrides.txt")]
    source = [str(PINS_FOLDER / f"{name}.in")]
    done = subprocess.run(
        [*command, *overrides, *options, *source], capture_output=True, text=True, check=True
    )
    return parse_pins(done.stdout)


def parse_pins(text: str) -> Pins:
    """Returns the pins in a requirements file, without comments."""
    pins: Pins = {}
    name = ""
    for line in _pin_lines(text):
        if found := re.match(r"([A-Za-z0-9._-]+)==", line):
            name = found[1]
            pins.setdefault(name, [])
        pins[name].append(line)
    return pins


def pinned_versions(path: Path) -> dict[str, set[str]]:
    """Returns the versions that a requirements file pins, by package."""
    return {
        name: {line.split("==")[1].split()[0] for line in lines if "==" in line.split("--hash")[0]}
        for name, lines in parse_pins(path.read_text()).items()
    }


def find_disagreements() -> list[str]:
    """Yields what is wrong with the pins, a sentence each: layers that differ from the tests or from each
    other."""
    agreed = pinned_versions(PINS_FOLDER / "dev.txt")
    layers = {layer: pinned_versions(LAYERS_FOLDER / layer / "requirements.txt") for layer in LAYER_NAMES}
    wrong = [
        f"layers/{layer} pins {name} as {_format_list(found)}, "
        f"and the tests run on {_format_list(agreed.get(name, set()))}"
        for layer, pins in layers.items()
        for name, found in pins.items()
        if not found <= agreed.get(name, set())
    ]
    held = [name for layer in layers.values() for name in layer]
    twice = sorted({name for name in held if held.count(name) > 1})
    return wrong + [f"{name} is in two layers; each holds only what those before it do not" for name in twice]


def _format_list(found: set[str]) -> str:
    return ", ".join(sorted(found)) or "none"


def _pin_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.rstrip()


def _write_pins(path: Path, source: str, pins: Pins) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [line for name in sorted(pins) for line in pins[name]]
    path.write_text(PINS_HEADER.format(source=source) + "\n".join(lines) + "\n")
