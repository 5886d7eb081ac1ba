"""A process rehearses its first calls of the model's API beside its start."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from repartee.services.openai.rehearsal import rehearse

SHARED = Path(__file__).parents[3] / "shared"

FIRST_STREAM = """
import httpx2, openai, sys
from repartee.services.openai.model import OpenAIModel
from repartee.services.openai import rehearsal
if sys.argv[1] == "rehearsed":
    rehearsal.rehearse()
known = set(sys.modules)
client = openai.OpenAI(
    api_key="none", base_url="http://localhost", max_retries=0,
    http_client=httpx2.Client(transport=httpx2.MockTransport(rehearsal._answer)),
)
assert [*OpenAIModel(client, "none", "none").stream(rehearsal.PROMPT)][0] == "a"
print(len([name for name in sys.modules if name.startswith("openai.") and name not in known]))
"""


def test_a_rehearsal_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection is opened: it costs nothing at the provider, and works without a network."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    rehearse.__wrapped__()  # whether or not this process has rehearsed before


@pytest.mark.parametrize("how, imports_more", [("rehearsed", False), ("not", True)])
def test_the_first_reply_after_it_imports_nothing_of_the_sdk(how: str, imports_more: bool) -> None:
    """What the SDK imports on first use is there already."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_STREAM, how],
        env={"PYTHONPATH": str(SHARED)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert bool(int(done.stdout)) == imports_more
