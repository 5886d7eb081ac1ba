"""What `sam build` makes without Docker, as it would be deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import sam
from tests.support.stack import Built, build

MACHINES = {"arm64": 183, "x86_64": 62}  # the numbers by which ELF names them


@pytest.fixture(scope="module", params=sam.ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def built(architecture: str, shared_folder: Path) -> Built:
    if lack := sam.missing():
        pytest.skip(reason=lack)
    return build(architecture, shared_folder)


def test_compiled_parts_are_for_the_architecture(built: Built, architecture: str) -> None:
    """Every compiled library in the layers is for the processor that the functions run on."""
    libraries = [path for layer in built.layers("Turn") for path in layer.rglob("*.so")]

    assert libraries
    assert {_machine(path) for path in libraries} == {MACHINES[architecture]}


def test_bytecode_is_inside(built: Built) -> None:
    """Every module has its bytecode, which is taken without a look at the file's time."""
    for layer in built.layers("Turn"):
        for module in layer.rglob("*.py"):
            if "test" in module.name:
                continue
            (bytecode,) = (module.parent / "__pycache__").glob(f"{module.stem}.cpython-313.pyc")
            assert bytecode.read_bytes()[4:8] == b"\x01\x00\x00\x00", module


def test_layers_are_light(built: Built) -> None:
    """A function unpacks no more than it needs: the webhook at most 40 MB, any at most 150."""
    assert built.megabytes("Webhook") <= 40
    assert built.megabytes("Sweep") <= 40
    assert built.megabytes("Turn") <= 150
    assert built.megabytes("Stream") <= 150


def _machine(library: Path) -> int:
    with library.open("rb") as opened:
        head = opened.read(20)
    return int.from_bytes(head[18:20], "little")
