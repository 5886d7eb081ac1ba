"""Pins agree: what the functions run on is what was tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import pins

PINNED = """
# a comment
one==1.0 \\
    --hash=sha256:aa
    # via two
two==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:bb
two==2.1 ; python_full_version >= '3.12' \\
    --hash=sha256:cc
"""


def test_comments_are_left_out() -> None:
    """A package's lines are its pins and hashes, one pin for each range of Pythons."""
    assert pins.parse_pins(PINNED) == {
        "one": ["one==1.0 \\", "    --hash=sha256:aa"],
        "two": [
            "two==2.0 ; python_full_version < '3.12' \\",
            "    --hash=sha256:bb",
            "two==2.1 ; python_full_version >= '3.12' \\",
            "    --hash=sha256:cc",
        ],
    }


def test_repository_agrees() -> None:
    """The layers hold what the tests run on, each package in one of them."""
    assert pins.find_disagreements() == []


def test_disagreements_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer with another version, or with what another layer has, is named with its package."""
    monkeypatch.setattr(pins, "PINS_FOLDER", tmp_path)
    monkeypatch.setattr(pins, "LAYERS_FOLDER", tmp_path)
    for path, text in {
        "dev.txt": PINNED,
        "base/requirements.txt": "one==1.1",
        "turn/requirements.txt": "one==1.0",
        "web/requirements.txt": "",
        "console/requirements.txt": "",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    other, twice = pins.find_disagreements()

    assert other == "layers/base pins one as 1.1, and the tests run on 1.0"
    assert twice.startswith("one is in two layers")


def test_nothing_names_a_host() -> None:
    """No file of pins says where packages come from."""
    files = [*pins.PINS_FOLDER.iterdir(), *pins.LAYERS_FOLDER.glob("*/requirements.txt")]

    assert [path for path in files if "://" in path.read_text() or "index-url" in path.read_text()] == []
