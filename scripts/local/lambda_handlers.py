"""The functions as Lambda runs them: loaded from functions/, called with an event and a context."""

from __future__ import annotations

import importlib.util
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

FUNCTIONS = Path(__file__).parents[2] / "functions"
TURN_TIMEOUT_SECONDS = 270.0
"""Seconds that the turn's function has."""

Handler = Callable[[dict[str, Any], "LambdaContext"], Any]


class LambdaContext:
    """The context that Lambda gives a handler."""

    function_version = "$LATEST"
    memory_limit_in_mb = "1769"

    def __init__(self, name: str, seconds: float = TURN_TIMEOUT_SECONDS) -> None:
        self.function_name = name
        self.invoked_function_arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{name}"
        self.aws_request_id = str(uuid.uuid4())
        self._until = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self._until - time.monotonic()) * 1000))


def load_handler(name: str) -> Handler:
    """The handler of functions/{name}/app.py, loaded as Lambda loads it."""
    spec = importlib.util.spec_from_file_location(f"functions_{name}", FUNCTIONS / name / "app.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(FUNCTIONS / name / "app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Handler = module.handler
    return found
