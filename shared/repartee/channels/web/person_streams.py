"""Bounds the streams that one person has open at once, so that nobody takes the place of everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from repartee.channels.web.ids import room_id
from repartee.errors import BackendError, RateLimited
from repartee.ports import StreamSlots

STREAM_SLOT_SECONDS = 300.0
"""Seconds after which a slot is free whatever became of its stream: the function's timeout."""

STREAM_RETRY_SECONDS = 2.0
"""Seconds after which a person may come back who has too many streams open."""


class OpenStream:
    """A stream that is counted until it is closed."""

    def __init__(self, release: Callable[[], Awaitable[None]]) -> None:
        self._release = release

    async def close(self) -> None:
        """Counts it no longer, also when its client has left."""
        with anyio.CancelScope(shield=True), suppress(BackendError):  # a slot runs out by itself
            await self._release()


class PersonStreams:
    """The streams of each person, `max_streams` at the most."""

    def __init__(self, slots: StreamSlots, max_streams: int) -> None:
        self._slots, self._max_streams = slots, max_streams

    async def open_stream(self, person: str, purpose: str = "") -> OpenStream:
        """Takes a slot, of those for the purpose. Raises `RateLimited` if the person has too many streams
        open, `BackendError` while nobody can count them."""
        key = f"{room_id(person)}#{purpose}" if purpose else room_id(person)
        slot = await run_in_threadpool(self._slots.acquire, key, self._max_streams, STREAM_SLOT_SECONDS)
        if not slot:
            raise RateLimited(
                f"more than {self._max_streams} streams are open", retry_after=STREAM_RETRY_SECONDS
            )

        async def release() -> None:
            await run_in_threadpool(self._slots.release, key, slot)

        return OpenStream(release)


class CountedResponse(StreamingResponse):
    """A streamed response, whose stream is closed when it ends or its client leaves."""

    def __init__(self, stream: OpenStream, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._stream.close()
