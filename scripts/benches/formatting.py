"""Measures writing a reply in each platform's dialect: ordinary replies, and those made to be slow."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benches.support.bars import bar_rows, check_bar
from benches.support.tables import render_table as drawn
from repartee.channels.markdown import split_markdown, stable_prefix_length
from repartee.channels.markup import (
    PlainTextRenderer,
    TelegramHtmlRenderer,
    TelegramRichRenderer,
    WhatsAppRenderer,
)
from repartee.channels.slack.formatting import escape_mentions
from repartee.channels.telegram.formatting import format_candidates
from repartee.channels.whatsapp.formatting import render_texts

ROUNDS = 5

REPLIES = Path(__file__).parents[2] / "docs"
"""Markdown with headings, lists, tables, code and links, as replies have them."""

REPLY_CHARS, FEW, MANY = 4000, 8000, 32_000

MAX_MS_PER_1000_CHARS = 1.0
MAX_SLOW_MS_PER_1000_CHARS = 10.0
"""Where every second character is a mark, the parser alone takes a few milliseconds."""

MAX_GROWTH = 8.0
"""How many times longer four times as much may take: 4 is linear, 16 would be quadratic."""

SLOW = [
    *("[", "![", "[a](", "[a][", "[](", "[[a](b)", "[a](b) ", "[x](https://a.b/", "[a]: b\n", "https://x/("),
    *("*", "**a ", "**a** ", "a**b", "*a _b ", "_a_", "a_ ", "~a~ ", "字**字**", "**`a`**"),
    *("`", "`a` ", "`` a ` "),
    *("> ", "\n> ", "- ", "\n- ", "1. ", "\n| a | b |", "|a", "```\n", "\n\n    a"),
    *("<", "<a ", "<@", "@a ", "&", "\\"),
]
"""Fragments that are repeated to make a text slow."""

DIALECTS: Mapping[str, Callable[[str], object]] = {
    "whatsapp": WhatsAppRenderer().render,
    "telegram": TelegramHtmlRenderer().render,
    "telegram, rich": TelegramRichRenderer().render,
    "plain": PlainTextRenderer().render,
    "slack": escape_mentions,
}

STEPS: Mapping[str, Callable[[str], object]] = {
    **DIALECTS,
    "whatsapp, texts": lambda text: list(render_texts(text)),
    "telegram, all forms": lambda text: list(format_candidates(text, allow_rich=True)),
    "what is settled": stable_prefix_length,
    "parts": lambda text: list(split_markdown(text, 3800)),
}


def measure() -> dict[str, Any]:
    """Returns the bench's numbers."""
    replies = [
        text[:REPLY_CHARS] for page in sorted(REPLIES.glob("*.md")) if (text := page.read_text("utf-8"))
    ]
    chars = sum(map(len, replies))
    usual = {
        name: _cpu_ms(partial(_each, run, replies), ROUNDS) / chars * 1000 for name, run in STEPS.items()
    }
    slow = [_slow(name, run, unit) for name, run in STEPS.items() for unit in SLOW]
    worst = {name: max(_of(slow, name), key=lambda one: float(one["ms"])) for name in STEPS}
    slowest = max(one["ms"] for one in slow)
    growth = max(one["growth"] for one in slow)
    bars = [
        check_bar(f"{name}, ms per 1,000 characters", usual[name], MAX_MS_PER_1000_CHARS) for name in DIALECTS
    ]
    bars += [
        check_bar("slowest text, ms per 1,000 characters", slowest, MAX_SLOW_MS_PER_1000_CHARS),
        check_bar("growth from 8,000 to 32,000 characters", growth, MAX_GROWTH),
    ]
    return {"usual": usual, "worst": worst, "bars": bars}


def _slow(name: str, run: Callable[[str], object], unit: str) -> dict[str, Any]:
    """Measures a text that repeats a fragment. Growth counts only where it can be measured."""
    few, many = (_cpu_ms(partial(run, (unit * size)[:size])) for size in (FEW, MANY))
    return {"step": name, "unit": unit, "ms": many / MANY * 1000, "growth": many / few if few > 2.0 else 0.0}


def _of(slow: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one for one in slow if one["step"] == name]


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
        (name, f"{ms:.2f}", f"{result['worst'][name]['ms']:.2f}", repr(result["worst"][name]["unit"]))
        for name, ms in result["usual"].items()
    ]
    head = ("ms of CPU per 1,000 characters", "a reply", "slowest text", "which repeats")
    return drawn(head, rows) + "\n\n" + drawn(("bar", "measured", "allowed", ""), bar_rows(result))
