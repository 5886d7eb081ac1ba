"""The console's Lambda: the operators' web application behind the HTTP API."""

from __future__ import annotations

from typing import Any

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.wiring import current_wiring, start_process
from repartee.wiring.console import console_handler

start_process(console_handler)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the console's routes."""
    return current_wiring().get(console_handler)(event, context)
