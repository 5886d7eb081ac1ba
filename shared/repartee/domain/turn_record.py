"""The record of a turn: how long each part took and what it cost. It holds no text and names no person."""

from __future__ import annotations

import msgspec


class StepRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one step of the plan, or one call of a tool, ended. `start_ms` and `end_ms` are milliseconds since
    the plan began; `error` is the name of an error's type, `reason` why it was no plain success."""

    name: str
    status: str
    start_ms: float = 0.0
    end_ms: float = 0.0
    attempts: int = 0
    hedged: bool = False
    speculated: bool = False
    error: str = ""
    reason: str = ""


class TurnRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One turn that was closed. Times are epoch seconds, 0 if it did not come to that.

    `sent_at` is the platform's time of the newest message, `received_at` the gateway's; `woken_at` is when a
    worker took the wake, `started_at` when it had the lease and the messages, `gathered_at` when the prompt
    was made, `first_token_at` when the model began to answer, `first_text_at` when the first words were
    visible, `replied_at` when all of them were, `closed_at` when this was written. `failed` is why it was
    given up; `cost_by_model` parts `cost_usd`; `helpful` and `not_helpful` count what people thought of the
    reply.
    """

    turn: str
    chat: str
    channel: str
    assistant: str
    mode: str
    version: str = ""
    attempts: int = 1
    sent_at: float = 0.0
    received_at: float = 0.0
    woken_at: float = 0.0
    started_at: float = 0.0
    gathered_at: float = 0.0
    first_token_at: float = 0.0
    first_text_at: float = 0.0
    replied_at: float = 0.0
    closed_at: float = 0.0
    messages: int = 0
    reply_chars: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float = 0.0
    cost_by_model: tuple[tuple[str, float], ...] = ()
    failed: str = ""
    steps: tuple[StepRecord, ...] = ()
    helpful: int = 0
    not_helpful: int = 0
