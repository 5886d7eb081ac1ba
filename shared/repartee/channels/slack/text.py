"""What Slack does with text: what must not ping anybody, and how much fits into one message."""

from __future__ import annotations

import re
from collections.abc import Iterator

LIMIT = 12_000
"""Characters of `markdown_text` in one call."""

CONTROL_SEQUENCE = re.compile(r"<(?=[!@#])")
"""How Slack marks what pings (`<!channel>`, `<@U1>`) or links (`<#C1>`)."""

ZERO_WIDTH_SPACE = "\u200b"


def harmless(text: str) -> str:
    """The text such that nothing that a model wrote can ping a channel or a person by itself."""
    return CONTROL_SEQUENCE.sub("<" + ZERO_WIDTH_SPACE, text)


def whole(text: str) -> int:
    """How much of a text that still grows can be judged: not a `<` at its end, before what follows it."""
    return len(text) - text.endswith("<")


def parts(text: str, limit: int = LIMIT) -> Iterator[str]:
    """The text in parts that fit, broken at paragraphs, lines or words where there are some."""
    while len(text) > limit:
        cut = next(
            (at for mark in ("\n\n", "\n", " ") if (at := text.rfind(mark, limit // 2, limit)) > 0), limit
        )
        yield text[:cut]
        text = text[cut:]
    yield text
