"""Reads a text by a reference parser, markdown-it as it is: its words, its code, its addresses."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

EXAMPLES = Path(__file__).parents[1] / "data" / "markdown" / "examples.json"

SEED = 20_260


class Said(NamedTuple):
    """The letters and digits of a text in their order, with those of addresses behind their links, and its
    code line by line. `numbered` is the same with the numbers of lists."""

    letters: str
    numbered: str
    code: list[str]
    addresses: list[str]


def examples() -> list[str]:
    """The examples of the specifications of CommonMark and of GitHub's dialect."""
    return [text for texts in json.loads(EXAMPLES.read_text("utf-8")).values() for text in texts]


def prefixes(*, sample: int = 0) -> list[str]:
    """Every beginning of every example, or that many of them and all examples whole."""
    every = [text[:end] for text in examples() for end in range(1, len(text) + 1)]
    return [*examples(), *random.Random(SEED).sample(every, sample)] if sample else every


def letters(text: str) -> str:
    """Returns the letters that formatting must not change."""
    return "".join(filter(str.isalnum, unquote(text)))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def code_of(markdown: str) -> list[str]:
    """The code in a text, also that in a table's cells and within links."""
    kinds = ("fence", "code_block", "code_inline")
    return [token.content for token in _flat(_parser().parse(markdown)) if token.type in kinds]


def said(markdown: str) -> Said:
    """Returns the text without markup."""
    tokens = _parser().parse(markdown)
    lines = [line for one in code_of(markdown) for line in one.split("\n") if line.strip()]
    addresses = [_address(token) for token in _flat(tokens) if _address(token)]
    plain, numbered = "".join(_words(tokens, False)), "".join(_words(tokens, True))
    return Said(letters(plain), letters(numbered), lines, addresses)


def _words(tokens: list[Token], numbers: bool) -> Iterator[str]:
    """The words in their order, each link's address behind it unless they are the same."""
    links: list[tuple[str, list[str]]] = []
    for at, token in enumerate(tokens):
        if token.type == "link_open":
            links.append((_address(token), []))
        elif token.type == "link_close":
            address, words = links.pop()
            yield "" if says("".join(words), address) else address
        elif token.type == "list_item_open" and numbers and token.info:
            yield _number(tokens, at)
        else:
            said = [token.content] if token.children is None else list(_words(token.children, numbers))
            for _, within in links:
                within.extend(said)
            yield from said
            if token.type == "image":
                yield _address(token)


def says(words: str, address: str) -> bool:
    """Whether a link's words are its address."""
    words, address = unquote(words), unquote(address)
    return words == address or (bool(words) and words == address.partition(":")[2])


def _number(tokens: list[Token], at: int) -> str:
    """An item's number: as written, or counted where all of its list are written alike."""
    level = tokens[at].level
    first = next(i for i in range(at, -1, -1) if tokens[i].level < level)
    last = next(i for i in range(at, len(tokens)) if tokens[i].level < level)
    items = [one for one in tokens[first:last] if one.type == "list_item_open" and one.level == level]
    written = [one.info for one in items]
    counted = len(written) > 1 and len(set(written)) == 1
    return str(int(written[0]) + items.index(tokens[at])) if counted else tokens[at].info


def _address(token: Token) -> str:
    return str(token.attrs.get("href") or token.attrs.get("src") or "")


def _flat(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *_flat(token.children or []))]
