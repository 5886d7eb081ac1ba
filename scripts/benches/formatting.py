"""Measures writing a reply in each platform's dialect: ordinary replies, and those made to be slow."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benches.support.bars import bar_rows, check_bar
from benches.support.slow_texts import slow_texts
from benches.support.tables import render_table as drawn
from repartee.channels.markdown import MessageSplitter, StablePrefix, split_markdown, stable_prefix_length
from repartee.channels.markup import (
    PlainTextRenderer,
    TelegramHtmlRenderer,
    TelegramRichRenderer,
    WhatsAppRenderer,
)
from repartee.channels.slack.formatting import escape_mentions
from repartee.channels.telegram.formatting import format_candidates
from repartee.channels.whatsapp.formatting import render_texts

ROUNDS, SLOW_ROUNDS = 5, 3

REPLIES = Path(__file__).parents[2] / "docs"
"""Markdown with headings, lists, tables, code and links, as replies have them."""

REPLY_CHARS, FEW, MANY = 4000, 4000, 16_000

SIZES = (1000, FEW, MANY, 64_000)
"""Characters of the texts made to be slow."""

MAX_MS_PER_1000_CHARS = 1.0
"""Milliseconds that any text may cost, whatever it is made of."""

MAX_GROWTH = 8.0
"""How many times longer four times as much may take: 4 is linear, 16 would be quadratic."""

STREAM_CHARS, PIECE_CHARS = 12_000, 5

MAX_PIECE_MS = 1.0
"""Milliseconds of a piece of a stream, if the visible part of the last message is rendered again for each. A
platform is given a few a second."""

MAX_SETTLED_MS = 0.15
"""Milliseconds in which the visible part of a reply is found for a piece of a stream, not rendered."""

MAX_STREAM_GROWTH = 2.6
"""How many times longer a stream of twice the characters may take: 2 is linear, 4 would be quadratic."""

DIALECTS: Mapping[str, Callable[[str], object]] = {
    "whatsapp": WhatsAppRenderer().render,
    "telegram": TelegramHtmlRenderer().render,
    "telegram, rich": TelegramRichRenderer().render,
    "plain": PlainTextRenderer().render,
    "slack": escape_mentions,
}

MESSAGE_CHARS, PIECES = 3800, STREAM_CHARS // PIECE_CHARS

STEPS: Mapping[str, Callable[[str], object]] = {
    **DIALECTS,
    "whatsapp, texts": lambda text: [list(render_texts(part)) for part in _messages(text)],
    "telegram, all forms": lambda text: list(format_candidates(text, allow_rich=True)),
    "what is settled": stable_prefix_length,
    "parts": lambda text: list(split_markdown(text, 3800)),
}


def _messages(text: str) -> list[str]:
    """Returns a text in pieces of the size in which messages come to be written."""
    return [text[start : start + MESSAGE_CHARS] for start in range(0, len(text), MESSAGE_CHARS)]


def measure() -> dict[str, Any]:
    """Returns the bench's numbers."""
    replies = [
        text[:REPLY_CHARS] for page in sorted(REPLIES.glob("*.md")) if (text := page.read_text("utf-8"))
    ]
    chars = sum(map(len, replies))
    usual = {
        name: _cpu_ms(partial(_each, run, replies), ROUNDS) / chars * 1000 for name, run in STEPS.items()
    }
    slow = [_slow(name, run, size) for name, run in STEPS.items() for size in SIZES]
    worst = {name: max((one for one in slow if one["step"] == name), key=_ms) for name in STEPS}
    growth = max(_growth(name, run) for name, run in STEPS.items())
    streams = {name: _stream_ms(run, replies, STREAM_CHARS) for name, run in DIALECTS.items()}
    twice = ["".join(replies)[:STREAM_CHARS]] * 2
    longer = {name: _stream_ms(run, twice, 2 * STREAM_CHARS) for name, run in DIALECTS.items()}
    settled = _stream_ms(len, replies, STREAM_CHARS)
    once = {name: _once_ms(run, replies) for name, run in DIALECTS.items()}
    bars = [
        check_bar(f"{name}, ms per 1,000 characters", usual[name], MAX_MS_PER_1000_CHARS) for name in DIALECTS
    ]
    bars += [
        check_bar(
            f"{name}, slowest text, ms per 1,000 characters",
            worst[name]["ms"],
            MAX_MS_PER_1000_CHARS,
        )
        for name in STEPS
    ]
    bars += [
        check_bar("growth from 4,000 to 16,000 characters", growth, MAX_GROWTH),
        check_bar("a piece of a stream, ms", max(streams.values()) / PIECES, MAX_PIECE_MS),
        check_bar("a piece of a stream, not rendered, ms", settled / PIECES, MAX_SETTLED_MS),
        check_bar(
            "growth from a stream of 12,000 characters to 24,000",
            max(longer[name] / ms for name, ms in streams.items()),
            MAX_STREAM_GROWTH,
        ),
    ]
    return {"usual": usual, "worst": worst, "streams": streams, "once": once, "bars": bars}


def _slow(name: str, run: Callable[[str], object], size: int) -> dict[str, Any]:
    """Returns the slowest text of a size."""
    timed = [
        (_cpu_ms(partial(run, text), SLOW_ROUNDS) / len(text) * 1000, unit) for unit, text in slow_texts(size)
    ]
    ms, unit = max(timed)
    return {"step": name, "unit": f"{unit}, {size}", "ms": ms}


def _ms(slow: Mapping[str, Any]) -> float:
    return float(slow["ms"])


def _growth(name: str, run: Callable[[str], object]) -> float:
    """Returns how many times longer four times a text takes, where that can be measured."""
    few = {unit: _cpu_ms(partial(run, text), 2) for unit, text in slow_texts(FEW)}
    many = {unit: _cpu_ms(partial(run, text)) for unit, text in slow_texts(MANY)}
    return max((many[unit] / ms for unit, ms in few.items() if ms > 2.0), default=0.0)


def _stream_ms(run: Callable[[str], object], replies: Sequence[str], chars: int) -> float:
    """Returns the CPU of a reply that grows piece by piece, if each is shown in messages of a usual size."""
    text = "".join(replies)[:chars]
    settled, split, start = StablePrefix(), MessageSplitter(), time.process_time()
    for end in range(PIECE_CHARS, len(text) + 1, PIECE_CHARS):
        *_, last = split(text[: settled.length_of(text[:end])], MESSAGE_CHARS, final=False)
        run(last.text)
    return (time.process_time() - start) * 1000


def _once_ms(run: Callable[[str], object], replies: Sequence[str]) -> float:
    """Returns the CPU of the same reply, rendered when it is whole."""
    parts = [part.text for part in split_markdown("".join(replies)[:STREAM_CHARS], MESSAGE_CHARS)]
    return _cpu_ms(partial(_each, run, parts), ROUNDS)


def _each(run: Callable[[str], object], replies: Sequence[str]) -> None:
    for reply in replies:
        run(reply)


def _cpu_ms(run: Callable[[], object], rounds: int = 1) -> float:
    """Returns the least milliseconds of CPU of some rounds."""
    least = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        run()
        least = min(least, time.process_time() - start)
    return least * 1000


def table(result: Mapping[str, Any]) -> str:
    """Returns the numbers as tables."""
    rows = [
        (name, f"{ms:.2f}", f"{result['worst'][name]['ms']:.2f}", result["worst"][name]["unit"])
        for name, ms in result["usual"].items()
    ]
    head = ("ms of CPU per 1,000 characters", "a reply", "slowest text", "which repeats")
    streams = [
        (name, f"{ms:.0f}", f"{ms / PIECES:.2f}", f"{result['once'][name]:.1f}")
        for name, ms in result["streams"].items()
    ]
    stream_head = ("12,000 characters in pieces of 5", "ms of CPU", "a piece", "whole, once")
    return (
        drawn(head, rows)
        + "\n\n"
        + drawn(stream_head, streams)
        + "\n\n"
        + drawn(("bar", "measured", "allowed", ""), bar_rows(result))
    )
