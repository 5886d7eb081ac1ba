"""What `sam build` makes without Docker, as it would be deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import sam
from tests.support.stack_template import BuiltStack, build_stack

MACHINES = {"arm64": 183, "x86_64": 62}  # the numbers by which ELF names them


@pytest.fixture(scope="module", params=sam.ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def built(architecture: str, shared_folder: Path) -> BuiltStack:
    if lack := sam.why_unavailable():
        pytest.skip(reason=lack)
    return build_stack(architecture, shared_folder)


def test_compiled_parts_are_for_the_architecture(built: BuiltStack, architecture: str) -> None:
    """Every compiled library in the layers is for the processor that the functions run on."""
    libraries = [path for layer in built.layer_folders("Turn") for path in layer.rglob("*.so")]

    assert libraries
    assert {_machine(path) for path in libraries} == {MACHINES[architecture]}


def test_bytecode_is_inside(built: BuiltStack) -> None:
    """Every module has its bytecode, which is taken without a look at the file's time."""
    for layer in built.layer_folders("Turn"):
        for module in layer.rglob("*.py"):
            if "test" in module.name:
                continue
            (bytecode,) = (module.parent / "__pycache__").glob(f"{module.stem}.cpython-313.pyc")
            assert bytecode.read_bytes()[4:8] == b"\x01\x00\x00\x00", module


def test_layers_are_light(built: BuiltStack) -> None:
    """A function unpacks no more than it needs: the webhook 40 MB, any 175 at most. Lambda allows 250."""
    assert built.layer_megabytes("Webhook") <= 40
    assert built.layer_megabytes("Sweep") <= 40
    assert built.layer_megabytes("Turn") <= 175
    assert built.layer_megabytes("Stream") <= 175
    assert built.layer_megabytes("Console") <= 180


def _machine(library: Path) -> int:
    with library.open("rb") as opened:
        head = opened.read(20)
    return int.from_bytes(head[18:20], "little")
