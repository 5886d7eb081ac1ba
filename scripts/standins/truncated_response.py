"""An answer that never comes whole."""

from __future__ import annotations

from starlette.responses import Response


class TruncatedResponse(Response):
    """A connection that ends before its answer: promises more bytes than it sends."""

    def __init__(self) -> None:
        super().__init__(headers={"content-length": "1000"})
