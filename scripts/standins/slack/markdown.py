"""Renders Markdown as Slack shows it, and finds what in it would ping people.

https://docs.slack.dev/reference/block-kit/blocks/markdown-block and, for the control sequences,
https://docs.slack.dev/messaging/formatting-message-text. Strict: a control sequence
counts wherever it stands.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

LIMIT = 12_000

PING = re.compile(r"<(?:!(?:channel|here|everyone|group|subteam|date)\b|@\w|#\w)[^>]*>?", re.IGNORECASE)
NAME = re.compile(r"(?<!\w)@(?:channel|here|everyone|group)\b", re.IGNORECASE)


class MarkdownError(Exception):
    """The text is not taken, or must not be."""


class Seen(NamedTuple):
    """The visible text, which of it is code, and its links."""

    text: str
    code: list[str]
    links: list[str]


def seen(markdown: str) -> Seen:
    """Returns how a `markdown_text` is shown."""
    if len(markdown) > LIMIT:
        raise MarkdownError("msg_too_long")
    if found := PING.search(markdown):
        raise MarkdownError(f"would ping: {found[0]}")
    shown, code, links = list[str](), list[str](), list[str]()
    for token in _flat(
        MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).parse(markdown)
    ):
        if token.type in ("code_inline", "fence", "code_block"):
            code.append(re.sub("&lt;(?=[!@#])", "<", token.content))
            shown.append(code[-1])
        elif token.type == "text":
            if name := NAME.search(token.content):
                raise MarkdownError(f"would ping: {name[0]}")
            shown.append(token.content)
        elif token.type in ("link_open", "image"):
            links.append(str(token.attrs.get("href") or token.attrs.get("src")))
    return Seen("".join(shown), code, links)


def _flat(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *_flat(token.children or []))]
