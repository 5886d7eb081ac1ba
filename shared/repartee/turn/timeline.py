"""When a turn came to what."""

from __future__ import annotations

import msgspec


class Timeline(msgspec.Struct):
    """When what happened, in epoch seconds; 0 if it did not."""

    received_at: float
    started_at: float
    woken_at: float = 0.0
    gathered_at: float = 0.0
    first_token_at: float = 0.0
    first_text_at: float = 0.0
    replied_at: float = 0.0
    closed_at: float = 0.0
