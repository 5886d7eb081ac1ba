"""What holds for every test: nothing outside this machine is reached, and random examples are bounded."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support.real_servers import use_real_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# An AWS client that a test forgot to point at this machine finds no account to harm.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_SESSION_TOKEN="testing",
    AWS_DEFAULT_REGION="eu-central-1",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    POWERTOOLS_DEV="false",
    OPENBLAS_NUM_THREADS="1",  # test processes share the cores: threads of theirs would wait for each other
)

# No example has a deadline: how long one takes says more about the machine than about the code.
_patient = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", _patient)
settings.register_profile("ci", _patient, derandomize=True, print_blob=True)
settings.register_profile("thorough", _patient, max_examples=2000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "default")
)


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this test run, the same for all of its processes."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine. Of a module, because tests of asyncio cannot run while it is driven."""
    from tests.support.console_browser import launch_chromium

    with launch_chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of the local stack, which is started as a newcomer starts it."""
    from tests.support.console_browser import serve_locally

    with serve_locally() as address:
        yield address


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """DynamoDB Local."""
    with use_real_server("dynamodb") as running:
        yield running.url
