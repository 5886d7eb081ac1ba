"""The way of a message as the record of its turn tells it: rows of the waterfall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from local.message_way import WayRow
from local.waterfall import render_parts
from repartee.domain.turn_record import StepRecord, TurnRecord


def find_records(records: Iterable[TurnRecord], names: set[str]) -> list[TurnRecord]:
    """Returns the records of turns or chats that are named, the oldest first."""
    found = [record for record in records if record.turn in names or record.chat in names]
    return sorted(found, key=lambda record: record.closed_at)


def record_rows(record: TurnRecord) -> list[WayRow]:
    """Returns the parts of the wait, with the plan's steps among them. What did not come to pass has none."""
    stages = (
        ("wake", "stage", record.received_at, record.woken_at),
        ("lease and claim", "stage", record.woken_at, record.started_at),
        ("gathering", "stage", record.started_at, record.gathered_at),
        ("first token", "model", record.gathered_at, record.first_token_at),
        ("first text", "stage", record.first_token_at, record.first_text_at),
        ("reply", "model", record.first_text_at, record.replied_at),
        ("close", "stage", record.replied_at, record.closed_at),
    )
    rows: list[WayRow] = []
    for name, kind, began, ended in stages:
        if began and ended:
            is_awaited = ended <= (record.first_text_at or record.closed_at)
            start_ms, end_ms = (1000 * (at - record.received_at) for at in (began, ended))
            rows.append(WayRow(name, kind, start_ms, end_ms, is_awaited=is_awaited))  # type: ignore[arg-type]
        if name == "gathering":
            rows += _step_rows(record.steps, 1000 * (record.started_at - record.received_at))
    return rows


def _step_rows(steps: Sequence[StepRecord], offset_ms: float) -> Iterator[WayRow]:
    for step in steps:
        note = " ".join(part for part in (step.error, step.reason) if part)
        start_ms, end_ms = step.start_ms + offset_ms, step.end_ms + offset_ms
        yield WayRow(f"  {step.name}", "step", start_ms, end_ms, step.status, note)


def render_record(record: TurnRecord, width: int) -> list[str]:
    """Returns a heading and the waterfall of the record, as lines of text."""
    tokens = f"{record.input_tokens} + {record.output_tokens} tokens, ${record.cost_usd:.4f}"
    heading = (
        f"turn {record.turn}  {record.assistant}  {record.channel}  {record.mode}  attempt {record.attempts}"
    )
    failed = f"  failed: {record.failed}" if record.failed else ""
    lines = [line.plain.rstrip() for line in render_parts(record_rows(record), width)]
    return [f"{heading}  {tokens}{failed}", *lines]
