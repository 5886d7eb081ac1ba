"""The few forms that most of a reply is made of, read by one regular expression each.

markdown-it takes several microseconds for every character that may be a mark. A text of words, bold words,
code and links without anything in doubt, and a list of such lines, are read here: as markdown-it would read
them, several times as fast. Whatever else there is, is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.rules_block import StateBlock

from repartee.channels.markup.delimiters import WIDE
from repartee.channels.markup.nodes import Node, holding

BETWEEN_WORDS = rf"(?:(?<![^\W_])|(?<={WIDE.pattern}))"
BEFORE_WORDS = rf"(?:(?![^\W_])|(?={WIDE.pattern}))"
"""Where no letter or digit touches a mark from outside, or one of a script that knows no spaces."""

PLAIN = r"[^*_~`\\\[\]!<&\n:]++|:(?!//[^\s(:]*\()|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])|!(?!\[)|(?<=[ ])\*(?=[ ])"
"""A character that marks nothing."""

INNER = r"[^\W_](?:[^*_~`\\\[\]!<&\n]*[^\W_])?"
NO_ADDRESS = INNER.replace("\\n]", "\\n:]")
"""Words between marks."""

MARKS = (
    rf"{BETWEEN_WORDS}\*\*(?!\*)(?P<strong>{INNER}[.:!?,]?)\*\*(?!\*){BEFORE_WORDS}"
    rf"|(?<!\S)\*(?P<em>{NO_ADDRESS})\*(?![\w*])"
    rf"|(?<!\S)~~(?P<s>{NO_ADDRESS})~~(?![\w~])"
    r"|`(?!`)(?P<code_inline>[^`\n ]|[^`\n ][^`\n]*[^`\n ])`(?!`)"
    rf"|\[(?P<link>{INNER})\]\((?P<href>https?://[\w./?=%#~+:@;,$-]+)\)"
)
MARKED = re.compile(MARKS)
INLINE = re.compile(rf"(?P<text>(?:{PLAIN})++)|(?P<softbreak>(?<![ \t])\n(?![ \t]))|{MARKS}")
"""A part of a text in which nothing is in doubt."""

ITEM_TEXT = r"(?=[^\s#>*+\-_~`<\[\]|:=&\\\d]|\d++(?![.)])|\*\*[^\W_]|`[^`]|\[[^\]\n]*\](?!:))[^\n\t]*[^\n\t ]"
LIST_ITEM = re.compile(
    rf"(?P<indent> *)(?:(?P<number>\d{{1,9}})(?P<dot>[.)])|(?P<bullet>[-*+]))(?: (?P<text>{ITEM_TEXT}))?"
    r"[ ]*$",
    re.MULTILINE,
)
"""A list's item in one line, in which no other block begins."""

LIST_MARKS = "-*+0123456789"

MAX_EXTRA_INDENT = 3
"""Spaces that a list may begin behind the text of the item that it belongs to."""

MAX_LIST_DEPTH = 6
"""Lists in each other that are read here."""

ITEM = "item"
"""The tag of the token that is a whole item."""


def simple_inline(text: str) -> tuple[list[Node], int]:
    """Returns the nodes of a block's text up to what is in doubt, and where that begins. Nothing behind it
    changes what stands before: no mark is open there."""
    nodes: list[Node] = []
    at, start, end = 0, 0, len(text)
    while at < end:
        found = INLINE.match(text, at)
        if not found:
            return (nodes[:-1], start) if nodes and nodes[-1].type == "text" else (nodes, at)
        nodes.append(_node(found))
        start, at = at, found.end()
    return nodes, end


def _node(found: re.Match[str]) -> Node:
    kind = found.lastgroup or ""
    if kind in ("text", "code_inline"):
        return Node(None, kind, found[0] if kind == "text" else found[kind])
    if kind == "softbreak":
        return Node(None, kind)
    if kind in ("strong", "em", "s"):
        return holding(kind, [Node(None, "text", found[kind])])
    node = holding("link", [Node(None, "text", found["link"])])
    node.attrs = {"href": found["href"]}
    return node


def simple_list(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Reads a list of which each item is one line, before markdown-it's rule for lists."""
    if silent or state.parentType != "root" or state.blkIndent or state.sCount[line]:
        return False
    if state.src[state.bMarks[line]] not in LIST_MARKS:
        return False
    items = _items(state, line, end)
    depths = _depths(items)
    if not depths:
        return False
    open_lists: list[str] = []
    for item, depth, following in zip(items, depths, [*depths[1:], -1], strict=True):
        if depth == len(open_lists):
            open_lists.append("ordered_list" if item["number"] else "bullet_list")
            state.push(f"{open_lists[-1]}_open", "", 1)
        _push_item(state, item, has_list=following > depth)
        while len(open_lists) > following + 1:
            state.push(f"{open_lists.pop()}_close", "", -1)
            if open_lists:
                state.push("list_item_close", "", -1)
    state.line = line + len(items)
    return True


def _push_item(state: StateBlock, item: re.Match[str], *, has_list: bool) -> None:
    """Adds an item; one with a list of its own is left open."""
    number = item["number"] or ""
    if not item["text"]:
        state.push("list_item_open", "", 1).info = number
        state.push("list_item_close", "", -1)
        return
    if has_list:
        state.push("list_item_open", "", 1).info = number
        state.push("paragraph_open", "", 1).hidden = True
    token = state.push("inline", "" if has_list else ITEM, 0)
    token.content, token.info, token.children = item["text"], number, []
    if has_list:
        state.push("paragraph_close", "", -1)


def _items(state: StateBlock, line: int, end: int) -> list[re.Match[str]]:
    """The items up to the next empty line, none if any is in doubt, or if the list may go on behind it."""
    items: list[re.Match[str]] = []
    while line < end and not state.isEmpty(line):
        item = LIST_ITEM.match(state.src, state.bMarks[line])
        if not item or (items and not items[-1]["text"]):
            return []
        items.append(item)
        line += 1
    while line < end and state.isEmpty(line):
        line += 1
    if line < end and (state.sCount[line] or state.src[state.bMarks[line]] in LIST_MARKS):
        return []
    return items


def _depths(items: Sequence[re.Match[str]]) -> list[int]:
    """In how many lists each item's list is, none if an indent or a mark leaves that in doubt."""
    depths: list[int] = []
    lists: list[tuple[int, str, int]] = []
    for item in items:
        indent, mark = len(item["indent"]), item["dot"] or item["bullet"]
        depth = len(lists)
        while lists and indent < lists[-1][0]:
            lists.pop()
        if lists and indent == lists[-1][0]:
            if mark != lists.pop()[1]:
                return []
        elif len(lists) < depth or not _may_begin(item, lists):
            return []
        lists.append((indent, mark, item.start("text") - item.start()))
        depths.append(len(lists) - 1)
    return depths


def _may_begin(item: re.Match[str], lists: Sequence[tuple[int, str, int]]) -> bool:
    """Whether the item begins a list within these. Within an item's text, only a number one does."""
    if not item["text"]:
        return False
    if not lists:
        return True
    inside, indent = lists[-1][2], len(item["indent"])
    is_first = item["number"] in (None, "1")
    return is_first and inside <= indent <= inside + MAX_EXTRA_INDENT and len(lists) < MAX_LIST_DEPTH
