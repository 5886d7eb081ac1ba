"""A real model for tests: llama.cpp's own server with SmolLM2-135M-Instruct, both from PyPI.

    with model_server.start() as url:
        client(base_url=f"{url}/v1")

It speaks the Responses API and was written by others, so that what it refuses is refused elsewhere too. It is
too small to call tools or to know anything: what it says is never looked at.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import environments
from .processes import process_environment

CONTEXT_TOKENS = 1024


def missing() -> str | None:
    """Returns why it cannot be started here, in one line, or None."""
    return (
        None
        if environments.has_environment("model")
        else "the small model is not installed: scripts/setup model"
    )


@contextlib.contextmanager
def start(context_tokens: int = CONTEXT_TOKENS) -> Iterator[str]:
    """Start it on a free port of this machine, and give its address; it ends with the block."""
    command = [
        str(environments.commands_folder("model") / "python"),
        str(Path(__file__).with_name("llama.py")),
    ]
    with subprocess.Popen(
        [*command, str(context_tokens)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=process_environment({"PYTHONPATH": ""}),
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError("llama.cpp's server does not start: run scripts/support/llama.py by hand")
            yield address
        finally:
            process.terminate()
