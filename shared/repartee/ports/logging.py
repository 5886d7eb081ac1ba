"""The log, as far as the conversation writes it: events in the past tense, with ids and numbers, no text."""

from __future__ import annotations

from typing import Any, Protocol


class Logger(Protocol):
    """Writes structured log entries. `fields` are ids and numbers: no text, no link, no secret."""

    def info(self, msg: object, **fields: Any) -> None:
        """Logs an event of the normal course."""

    def warning(self, msg: object, **fields: Any) -> None:
        """Logs something that went wrong and was made good."""

    def error(self, msg: object, **fields: Any) -> None:
        """Logs something that went wrong."""

    def set_correlation_id(self, value: str) -> None:
        """Sets the id that every later entry carries, from the webhook to the reply."""
