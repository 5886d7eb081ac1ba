"""A reply in messages that end where a paragraph does: WhatsApp shows nothing that still grows."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.markdown import CODE_FENCE, TextPart, find_open_fence, split_markdown

MIN_FIRST_PART_CHARS, MIN_LATER_PART_CHARS = 600, 2000
"""Characters from which a paragraph's end ends the first message, and those after it: the first comes soon,
the others about as seldom as one person may be sent messages."""

LIMIT_MARGIN_CHARS = 800
"""Characters before the limit in which no paragraph's end is looked for any more."""


def split_paragraphs(text: str, limit: int, *, final: bool = True) -> Iterator[TextPart]:
    """The text in messages of at most `limit` characters. What a growing text was cut into is never taken
    back. A paragraph that is too long for one message is cut at its lines, and what follows it too. None is
    blank, unless the text is."""
    held: TextPart | None = None
    for part in _split_parts(text, limit, final=final):
        if held and part.text.strip():
            yield held
        held = part if not held or part.text.strip() else TextPart(held.text, part.end)
    assert held
    yield held


def _split_parts(text: str, limit: int, *, final: bool) -> Iterator[TextPart]:
    """The same, of which the last may be blank."""
    start = 0
    while (cut := _find_paragraph_end(text, start, start + limit - LIMIT_MARGIN_CHARS)) is not None:
        yield TextPart(text[start:cut], cut)
        start = cut
    for part in split_markdown(text[start:], limit, final=final):
        yield TextPart(part.text, start + part.end)


def _find_paragraph_end(text: str, start: int, before: int) -> int | None:
    """Where the message that begins at `start` ends: after a paragraph, not within code, and something must
    follow. None if it does not end before the given place."""
    at = text.find("\n\n", start + (MIN_LATER_PART_CHARS if start else MIN_FIRST_PART_CHARS), before)
    while at >= 0 and find_open_fence(text[start:at]):
        fence = CODE_FENCE.search(text, at, before)  # within code there is no paragraph before the next fence
        at = text.find("\n\n", fence.end(), before) if fence else -1
    return at + 2 if at >= 0 and text[at:].strip() else None
