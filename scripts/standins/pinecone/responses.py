"""The answers of Pinecone: results and errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class PineconeResponse:
    """An HTTP response."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class PineconeError(Exception):
    """A refusal. `code` is gRPC's, as Pinecone puts it into the body."""

    def __init__(self, message: str, status: int = 400, code: int = 3) -> None:
        super().__init__(message)
        self.answer = PineconeResponse({"code": code, "message": message, "details": []}, status)
