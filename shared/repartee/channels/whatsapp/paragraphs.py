"""A reply in messages that end where a paragraph does: WhatsApp shows nothing that still grows."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.markdown import FENCE, Part, open_fence, parts

FIRST, OTHERS = 600, 2000
"""Characters from which a paragraph's end ends the first message, and those after it: the first comes soon,
the others about as seldom as one person may be sent messages."""

MARGIN = 800
"""Characters before the limit in which no paragraph's end is looked for any more."""


def paragraphs(text: str, limit: int, *, final: bool = True) -> Iterator[Part]:
    """The text in messages of at most `limit` characters. What a growing text was cut into is never taken
    back. A paragraph that is too long for one message is cut at its lines, and what follows it too. None is
    blank, unless the text is."""
    held: Part | None = None
    for part in _parts(text, limit, final=final):
        if held and part.text.strip():
            yield held
        held = part if not held or part.text.strip() else Part(held.text, part.end)
    assert held
    yield held


def _parts(text: str, limit: int, *, final: bool) -> Iterator[Part]:
    """The same, of which the last may be blank."""
    start = 0
    while (cut := _cut(text, start, start + limit - MARGIN)) is not None:
        yield Part(text[start:cut], cut)
        start = cut
    for part in parts(text[start:], limit, final=final):
        yield Part(part.text, start + part.end)


def _cut(text: str, start: int, before: int) -> int | None:
    """Where the message that begins at `start` ends: after a paragraph, not within code, and something must
    follow. None if it does not end before the given place."""
    at = text.find("\n\n", start + (OTHERS if start else FIRST), before)
    while at >= 0 and open_fence(text[start:at]):
        fence = FENCE.search(text, at, before)  # within code there is no paragraph before the next fence
        at = text.find("\n\n", fence.end(), before) if fence else -1
    return at + 2 if at >= 0 and text[at:].strip() else None
