"""The parser of Markdown: markdown-it (CommonMark with tables and strikethrough), and what differs from it.

markdown-it and not mistune: both load in about 40 ms, but this one keeps to CommonMark's own test suite and
takes time in proportion to the text. What differs is what CommonMark makes of a text that people mean
otherwise (`delimiters`), addresses without brackets, and how deep blocks may nest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from repartee.channels.markup import delimiters
from repartee.channels.markup.simple import simple_inline, simple_list
from repartee.channels.markup.simple_table import simple_table

MAX_BLOCK_LEVEL = 20
"""Levels of quotes and lists in each other (a list counts twice). What is deeper is a paragraph's text."""

MAX_LINK_LEVEL = 6
"""Brackets in brackets in which a link is looked for."""

ADDRESS = re.compile(r"https?://(?:[^\s<>\[\]()`*\"|&]|&(?!(?:lt|gt|quot);)|\*(?!\*)|\([^\s<>()]*\))+")
"""An address in the text. A bracket belongs to it if it is closed in it."""

MAX_LINK_CHARS = 4000
"""Characters of a link, its address included. A bracket that is closed later, or never, is text."""

SIMPLE = "simple"
"""The name in a token's `meta` of nodes that need no parser."""

LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)

TRAILING = ".,;:!?'*_~"
"""Characters that belong to the sentence when they end an address."""

BlockRule = Callable[[StateBlock, int, int, bool], bool]


@cache
def parser() -> MarkdownIt:
    """The parser, made on first use."""
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}).enable(["table", "strikethrough"])
    _keep_addresses(md)
    md.core.ruler.at("inline", _inline)
    md.block.ruler.before("list", "simple_list", simple_list)
    md.block.ruler.before("table", "simple_table", simple_table)
    for rule in ("blockquote", "list"):
        _replace(md.block.ruler, rule, _bounded)
    _replace(md.block.ruler, "reference", _unless_footnote)
    for rule in ("link", "image"):
        _replace(md.inline.ruler, rule, _if_it_ends)
    md.inline.ruler.before("autolink", "line_break", _line_break)
    md.inline.ruler.at("emphasis", delimiters.emphasis)
    md.inline.ruler.at("strikethrough", delimiters.strikethrough)
    md.inline.ruler2.after("strikethrough", "single_tildes", delimiters.single_tildes)
    return md


def _inline(state: StateCore) -> None:
    """Reads each block's text, in the place of markdown-it's rule of this name."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        nodes, at = simple_inline(token.content)
        token.meta = {SIMPLE: nodes}
        if at < len(token.content):
            token.children = _parse_from(state, token.content, at)


def _parse_from(state: StateCore, text: str, at: int) -> list[Token]:
    """Reads the rest of a block's text, as `ParserInline.parse` does it with the whole."""
    inline = state.md.inline
    rest = StateInline(text, state.md, state.env, [])
    rest.pos = at
    inline.tokenize(rest)
    for rule in inline.ruler2.getRules(""):
        rule(rest)
    return rest.tokens


def _keep_addresses(md: MarkdownIt) -> None:
    """Leaves addresses as they were written, bare ones too."""
    md.normalizeLink = str  # type: ignore[method-assign,assignment]
    md.normalizeLinkText = str  # type: ignore[method-assign,assignment]
    md.inline.ruler.at("linkify", _bare_address)
    md.inline.ruler.enable("linkify")


def _line_break(state: StateInline, silent: bool) -> bool:
    """Reads the one tag that models like to write: a table's cell has no other way to begin a line."""
    found = LINE_BREAK.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        token = state.push("tag_break", "br", 0)
        token.content = found[0]
        token.info = (
            "word"
            if state.src[state.pos - 1 : state.pos] == state.src[found.end() : found.end() + 1] == " "
            else ""
        )
    state.pos = found.end()
    return True


def _replace(ruler: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    """Wraps a rule, which stays an alternative to what it was one to."""
    found = next(rule for rule in ruler.__rules__ if rule.name == name)
    ruler.at(name, wrap(found.fn), {"alt": found.alt})


def _bounded(rule: BlockRule) -> BlockRule:
    """The rule, up to a level: deeper, markdown-it would drop the text and Python its stack."""

    def bounded(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        return state.level < MAX_BLOCK_LEVEL and rule(state, line, end, silent)

    return bounded


def _unless_footnote(rule: BlockRule) -> BlockRule:
    """The rule for link definitions, which would swallow `[^1]: note`."""

    def unless_footnote(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        at = state.bMarks[line] + state.tShift[line]
        return not state.src.startswith("[^", at) and rule(state, line, end, silent)

    return unless_footnote


def _if_it_ends(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """The rule for links or images, where one can end: a look that saves most of the work for `[[[[`."""

    def if_it_ends(state: StateInline, silent: bool) -> bool:
        if state.src[state.pos] not in "[!" or state.level > MAX_LINK_LEVEL:
            return False
        last = "]" if "references" in state.env else "]("
        if state.html_terminator_last(last) <= state.pos:
            return False
        end, state.posMax = state.posMax, min(state.posMax, state.pos + MAX_LINK_CHARS)
        try:
            return rule(state, silent)
        finally:
            state.posMax = end

    return if_it_ends


def bare_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses begin and end in a text."""
    for found in ADDRESS.finditer(text):
        address = _trimmed(found[0])
        if not address.endswith("//"):
            yield found.start(), found.start() + len(address)


def _trimmed(address: str) -> str:
    """The address without what belongs to the sentence."""
    return address.rstrip(TRAILING).removesuffix("&amp")


def _bare_address(state: StateInline, silent: bool) -> bool:
    """Reads an address that stands in the text, in which nothing is a mark."""
    if not state.src.startswith("://", state.pos):
        return False
    scheme = next((one for one in ("https", "http") if state.src.endswith(one, 0, state.pos)), "")
    found = ADDRESS.match(state.src, state.pos - len(scheme), state.posMax) if scheme else None
    address = _trimmed(found[0]) if found else ""
    rest = address[len(scheme) :]
    if len(rest) <= len("://"):
        return False
    if not silent:
        state.append_pending(unescapeAll(rest))
    state.pos += len(rest)
    return True
