"""A real model's server, for these tests alone."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import openai
import pytest

from repartee.services.openai.client import make_openai_client
from support import model_server


@pytest.fixture(scope="session")
def llama() -> Iterator[str]:
    """Where llama.cpp's server answers."""
    if lack := model_server.missing():
        pytest.skip(reason=lack)
    with model_server.start() as address:
        yield address


@pytest.fixture
def client(llama: str) -> openai.OpenAI:
    """Our client of it, which waits as long as a busy machine may take."""
    return make_openai_client(lambda: "no-key", f"{llama}/v1").with_options(timeout=httpx2.Timeout(60.0))
