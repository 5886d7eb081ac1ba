"""The way of a message: every part of it, on the clock that starts when the webhook had it."""

from __future__ import annotations

from local.call_recorder import CallRecorder, RecordedAnswer, RecordedCall
from local.message_way import MessageWay, WayRow, WebhookCall
from repartee.domain.prompt import Prompt
from repartee.errors import Unavailable
from repartee.plan import Outcome
from repartee.turn.timeline import Timeline

START = 1_000.0
PROMPT = Prompt("", (), "", ())
TIMELINE = Timeline(
    received_at=START + 0.001,
    started_at=START + 0.1,
    gathered_at=START + 0.71,
    first_text_at=START + 1.3,
    replied_at=START + 2.0,
    closed_at=START + 2.1,
)
OUTCOMES = (
    Outcome("history", "ok", start=0.0, end=0.6),
    Outcome("embedding", "fallback", error=Unavailable("model", "503"), start=0.0, end=0.2, reason="error"),
    Outcome("erp_schema", "discarded", start=0.0, end=0.3, reason="gate"),
    Outcome("tool.erp_search", "ok", start=0.9, end=1.0),
)


def recorded(*calls: RecordedCall) -> CallRecorder:
    """Returns what a run with a tool round has recorded, and these calls."""
    recorder = CallRecorder()
    recorder.calls += [
        RecordedCall("parse", START + 0.001, START + 0.002),
        RecordedCall("store", START + 0.003, START + 0.010),
        RecordedCall("wake", START + 0.010, START + 0.020),
        RecordedCall("wake", START + 0.2, START + 0.21, 20.5),  # the worker's own, while it runs
        RecordedCall("start plan", START + 0.11, START + 0.111),
        RecordedCall("persist", START + 2.2, START + 3.0),
        *calls,
    ]
    recorder.answers += [
        RecordedAnswer(PROMPT, START + 0.72, 0.0, START + 1.0),
        RecordedAnswer(PROMPT, START + 1.1, START + 1.25, START + 1.9, has_text=True),
    ]
    return recorder


def lay_out(recorder: CallRecorder, invoked_at: tuple[float, ...] = (START + 0.05,)) -> dict[str, WayRow]:
    """Returns the parts by name; of several with one name the last."""
    webhook = WebhookCall(START, START + 0.03)
    way = MessageWay(webhook, TIMELINE, OUTCOMES, ("history",), recorder, invoked_at)
    return {row.name: row for row in way.rows()}


def span(row: WayRow) -> tuple[int, int]:
    """Returns from when to when, in milliseconds."""
    return round(row.start_ms), round(row.end_ms)


def test_every_part_counts_from_when_the_webhook_had_the_message() -> None:
    """Webhook, queue, lease, steps, model, tools, delivery, close and persist stand on one clock."""
    rows = lay_out(recorded())

    assert {name: span(row) for name, row in rows.items()} == {
        "parse": (1, 2),
        "store": (3, 10),
        "wake": (10, 20),
        "queue": (20, 50),
        "lease, claim": (50, 100),
        "history": (110, 710),
        "embedding": (110, 310),
        "erp_schema": (110, 410),
        "model, asks for tools": (720, 1000),
        "tool.erp_search": (1000, 1100),
        "model, first token": (1100, 1250),
        "delivery, first words": (1250, 1300),
        "writing the rest": (1300, 2000),
        "close": (2000, 2100),
        "persist": (2200, 3000),
    }


def test_what_the_first_words_waited_for_is_marked() -> None:
    """The critical steps and all that is around the plan, but nothing that comes after the first words."""
    rows = lay_out(recorded())

    assert [name for name, row in rows.items() if not row.is_awaited] == [
        "embedding",
        "erp_schema",
        "writing the rest",
        "close",
        "persist",
    ]


def test_a_step_says_why_it_fell_back() -> None:
    """The kind of the failure and our own words for it."""
    rows = lay_out(recorded())

    assert rows["embedding"].note == "fell back, error: Unavailable (model: 503)"
    assert rows["erp_schema"].note == "begun early, then not needed"


def test_a_wake_that_is_held_back_says_so() -> None:
    """What a person waits for on purpose is no slow queue."""
    held = RecordedCall("wake", START + 0.021, START + 0.025, 1.5)

    assert lay_out(recorded(held))["wake"].note == "held back 1.5 s: more of it may follow"


def test_attempts_before_the_last_are_named() -> None:
    """The queue's part says that there were earlier attempts in it."""
    rows = lay_out(recorded(), (START + 0.04, START + 0.08))

    assert span(rows["queue, earlier attempts"]) == (20, 80)
