"""A model's Markdown as Slack takes it, which reads Markdown itself (`markdown_text`, the `markdown` block).

https://docs.slack.dev/reference/block-kit/blocks/markdown-block. Four things are changed. What would ping or
link by Slack's own control sequences (https://docs.slack.dev/messaging/formatting-message-text) is broken up
invisibly, in code by Slack's own escaping. Stars of formulas that would pair are escaped. Bold words that
CommonMark's rules would leave unmarked get a space of no width at the mark. A link whose text is another
address than its target is shown with both.

A text may be changed piece by piece: the beginning of a text, cut where `markdown.settled` says, becomes the
beginning of what the whole text becomes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from repartee.channels.markup.addresses import ZERO_WIDTH_SPACE, is_disguised, is_safe, looks_like_address
from repartee.channels.markup.delimiters import MAX_JUDGED, can_open_and_close
from repartee.channels.markup.source import (
    DEFINITION,
    MAX_HELD_BACK_CHARS,
    PING,
    CodeEnd,
    Reader,
    around,
    bold_flanks,
)

PINGS = re.compile(PING, re.IGNORECASE)

REFERENCE = re.compile(r"\[(?P<label>[^\[\]\n<`]{1,400})\](?![(:])(?:\[(?P<name>[^\[\]\n]{0,100})\])?")
"""A link whose address stands in a definition."""

DEFINED = re.compile(DEFINITION, re.MULTILINE)

HEAVY = MappingProxyType({"<": 3, "@": 1, "*": 1})
"""Characters that may become more than one, and how many more."""


def escape_mentions(text: str) -> str:
    """The text such that nothing in it can ping anybody, and all of it is shown as it was meant."""
    reader = Reader(text, CodeEnd.IS_NEAR)
    references = _find_disguised_references(text) if "]:" in text else NO_REFERENCES
    shown, at = [], 0
    for token in reader.tokens():
        shown.append(text[at : token.start()])
        shown.append(token[0] if token.lastgroup == "ticks" else _shown(text, token, reader, references))
        at = token.end()
    return "".join(shown) + text[at:]


def addition(text: str, new: str) -> str:
    """Returns the text to append to a message that shows the text but for `new`, its end."""
    return escape_mentions(text).removeprefix(escape_mentions(text[: len(text) - len(new)]))


def _shown(text: str, token: re.Match[str], reader: Reader, references: References) -> str:
    """Returns the text that a token becomes."""
    kind = token.lastgroup
    if kind == "ping":
        return _defused(token[0], in_code=reader.code is not None)
    if reader.code or kind == "indented":
        return _defused_all(token[0], in_code=True)
    if kind == "bold":
        mark = _bold(token[0], *around(text, token), is_open=reader.bold is not None)
        return ZERO_WIDTH_SPACE + mark if reader.ends_label(token) else mark
    if references is not NO_REFERENCES and references.is_disguise(token):
        return token[0].replace("[", r"\[", 1)
    if kind == "times" and reader.times:
        return r"\*"
    return _defused_all(_link(token) if kind == "link" else token[0])


class References(NamedTuple):
    """Where links first stand whose text is an address, by the names of their definitions, and where
    definitions do. The second of the two is shown as text, so that Slack makes no link of them."""

    links: Mapping[str, int]
    definitions: Mapping[str, int]

    def is_disguise(self, token: re.Match[str]) -> bool:
        """Whether the token is the second of such a link and its definition."""
        if token["definition"]:
            return self.links.get(_name(token["defined"]), token.end()) < token.start()
        if not token["reference"] or not self.definitions or not looks_like_address(token["words"]):
            return False
        before = self.definitions.values() if token.string.startswith("[", token.end()) else ()
        own = self.definitions.get(_name(token["words"]), token.end())
        return min(before, default=own) < token.start() or own < token.start()


NO_REFERENCES = References({}, {})


def _find_disguised_references(text: str) -> References:
    links: dict[str, int] = {}
    for reference in REFERENCE.finditer(text):
        if looks_like_address(reference["label"]):
            links.setdefault(_name(reference["name"] or reference["label"]), reference.start())
    definitions: dict[str, int] = {}
    for definition in DEFINED.finditer(text):
        definitions.setdefault(_name(definition["defined"]), definition.start())
    return References(links, definitions)


def _name(label: str) -> str:
    """The name by which a definition is found."""
    return " ".join(label.casefold().split())


def _defused(ping: str, *, in_code: bool) -> str:
    if in_code and ping == "@":
        return ping
    return "&lt;" if in_code else ping + ZERO_WIDTH_SPACE


def _defused_all(text: str, *, in_code: bool = False) -> str:
    """A link, an address, or a line above code or of it, in which nothing else is looked for."""
    if "<" not in text and "@" not in text:
        return text
    return PINGS.sub(lambda ping: _defused(ping[0], in_code=in_code), text)


@lru_cache(MAX_JUDGED)
def _bold(mark: str, before: str, after: str, *, is_open: bool) -> str:
    """A mark of bold words, with what makes CommonMark take it for one."""
    opens, closes = bold_flanks(before, after)
    can_open, can_close = can_open_and_close("*", 2, before, after)
    if is_open and closes and not can_close:
        return ZERO_WIDTH_SPACE + mark
    if not is_open and opens and not can_open:
        return mark + ZERO_WIDTH_SPACE
    if not is_open and can_open and not opens:
        return mark.replace("*", r"\*")
    return mark


def _link(token: re.Match[str]) -> str:
    """A link, with its address where its text says another."""
    label, href = token["label"], token["href"].removeprefix("<").removesuffix(">")
    if not (is_safe(href) and is_disguised(label, href)):
        return token[0]
    return f"{label} ({href})" if len(token[0]) <= MAX_HELD_BACK_CHARS else f"{token[0]} ({href})"
