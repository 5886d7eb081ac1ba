"""The stream's built function as a server on the port that the Web Adapter would call.

The adapter itself is a layer in AWS's own account, and is missing here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from local.sample_events import samples
from local.stack import LocalStack
from standins.oidc.server import AUDIENCE, OidcStandIn
from support.processes import free_ports, wait_until_ready
from tests.support.built_functions import BuiltFunctions
from tests.support.web_instances import TIMEOUT_SECONDS, ReplyReading, serve_app

ISSUER = OidcStandIn(time.time)


@pytest.fixture(scope="module")
def url(deployed: BuiltFunctions, stack: LocalStack) -> Iterator[str]:
    with serve_app(Starlette(routes=ISSUER.routes())) as login, _running(deployed, login) as address:
        yield address


@contextmanager
def _running(deployed: BuiltFunctions, login: str) -> Iterator[str]:
    """What run.sh starts, with nothing on its path but the function and its layers."""
    port = free_ports(("http",))["http"]
    settings = deployed.function_settings("Stream") | {
        "WEB_JWKS_URL": f"{login}/issuer/jwks.json",
        "WEB_AUDIENCE": AUDIENCE,
        "PORT": str(port),
        "PYTHONPATH": os.pathsep.join(str(layer / "python") for layer in deployed.layer_folders("Stream")),
        "PATH": f"{Path(sys._base_executable).parent}:{os.environ['PATH']}",  # type: ignore[attr-defined]
    }
    with subprocess.Popen(
        [deployed.function_folder("Stream") / "run.sh"], cwd=deployed.function_folder("Stream"), env=settings
    ) as app:
        try:
            assert wait_until_ready(app, f"http://127.0.0.1:{port}/chat", TIMEOUT_SECONDS)
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()


@pytest.mark.parametrize(
    "path", sorted((samples.EVENTS_FOLDER / "web").glob("*.json")), ids=lambda path: path.stem
)
def test_every_sample_message_is_answered(url: str, path: Path) -> None:
    """Whatever a web client posts is taken, and its stream ends."""
    posted = samples.build_request(path, time.time(), ISSUER.issue_token(), lambda: uuid.uuid4().hex)

    with httpx2.stream(
        "POST", f"{url}{posted.path}", content=posted.body, headers=posted.headers, timeout=TIMEOUT_SECONDS
    ) as response:
        assert response.status_code == 200
        ReplyReading(response).read_until_event("done")


def test_a_stranger_is_refused(url: str) -> None:
    """The function's URL is open to everybody: the app asks for a token."""
    assert httpx2.post(f"{url}/chat", json={"text": "hello"}).status_code == 401
