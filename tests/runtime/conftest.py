"""The functions as they are built, under the emulator, with the local stack around them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import pytest

from local.stack import LocalStack
from standins.openai.server import Pace
from support import emulator, sam
from support.emulator import EmulatedFunction
from tests.support import aws
from tests.support.built_functions import BuiltFunctions
from tests.support.stack_template import BuiltStack, build_stack


@pytest.fixture(scope="session")
def built(shared_folder: Path) -> BuiltStack:
    """What `sam build` makes for this machine."""
    if lack := emulator.why_unavailable():
        pytest.skip(reason=lack)
    return build_stack(sam.machine_architecture(), shared_folder)


@pytest.fixture(scope="session")
def numpy_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the embedded messages store, which stands in for the real one, needs and no function has."""
    layer = tmp_path_factory.mktemp("numpy")
    (layer / "python").mkdir()
    installed = Path(numpy.__file__).parent
    for folder in (installed, installed.with_name("numpy.libs")):
        (layer / "python" / folder.name).symlink_to(folder)
    return layer


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """Table, queues, secrets, Slack and the model, all on this machine."""
    with LocalStack({}, Pace(first_token=0.01, per_second=2000.0)) as running:
        running.wait_until_ready()
        running.create_resources(
            *(aws.make_client(name, running.moto) for name in ("dynamodb", "sqs", "secretsmanager"))
        )
        yield running


@pytest.fixture(scope="session")
def deployed(built: BuiltStack, numpy_layer: Path, stack: LocalStack) -> BuiltFunctions:
    return BuiltFunctions(built, numpy_layer, stack.environment)


@pytest.fixture(scope="module")
def start(deployed: BuiltFunctions) -> Iterator[Callable[[str], EmulatedFunction]]:
    """Starts a function that lives as long as the module's tests; the same one when asked again."""
    with contextlib.ExitStack() as running:
        functions: dict[str, EmulatedFunction] = {}

        def started(name: str) -> EmulatedFunction:
            if name not in functions:
                functions[name] = running.enter_context(deployed.start_function(name))
            return functions[name]

        yield started
