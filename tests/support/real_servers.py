"""The real servers that tests run on."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

import pytest

from support import servers


def use_real_server(name: str) -> AbstractContextManager[servers.RunningServer]:
    """Returns the server; or a skip that names what is missing, which is a failure where all must run."""
    lack = servers.why_unavailable(name)
    if lack and os.environ.get("CI") != "true":
        pytest.skip(reason=lack)
    return servers.use_server(name)
