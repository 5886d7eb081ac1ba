"""Work that a turn does once its reply has been written."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class PostReplyTask(msgspec.Struct, frozen=True):
    """Something to be done once the reply has been written, because the reply says so. It may be done again
    after a crash. `failure_message` is what the person is told if it cannot be done,
    empty where they need not know."""

    name: str
    run: Callable[[], object]
    failure_message: str
