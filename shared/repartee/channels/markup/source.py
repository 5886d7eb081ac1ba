"""The places of marks in a Markdown text that still grows.

It is read from left to right, and what is said of a place depends on nothing that comes behind it, so that
what was decided for the beginning of a text holds for all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache

import msgspec

from repartee.channels.markup.delimiters import BOLD_LABEL, MAX_JUDGED, flanks, in_formula

MAX_HELD_BACK_CHARS = 400
"""Characters within which a link or code ends. A bracket or a backtick may never be closed."""

MAX_LANGUAGE = 60
"""Characters of what stands behind the marks that open a block of code, when it is opened again."""

CODE_FENCE = re.compile(
    r"^[ \t]*(?P<mark>(?P<tick>`{3,16})|~{3,16})(?P<language>(?(tick)[^`\n]*|[^\n]*))$", re.MULTILINE
)
"""A line that opens or closes a block of code."""

IN_LABEL = r"(?:[^\[\]\n]|\n(?![ \t]*(?:[\n>#|]|[-*+][ \t]|\d+[.)][ \t])))"
"""A character of a link's words."""

INNER_LABEL = rf"\[(?:{IN_LABEL}|\[{IN_LABEL}{{0,100}}+\]){{0,100}}+\]"
LINK_LABEL = rf"(?:{IN_LABEL}|{INNER_LABEL}){{0,{MAX_HELD_BACK_CHARS}}}+"
"""A link's words, with brackets in brackets."""

GAP = r"[ \t]{0,9}(?:\n[ \t]{0,9})?"
"""Space within a link, which may go on in the next line."""

LINK = (
    rf"!?\[(?P<label>{LINK_LABEL})\]"
    rf"\({GAP}(?P<href><[^<>\n]*>|(?:[^\s()<>]|\([^\s()]*\))*)"
    rf"(?:{GAP}(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?{GAP}\)"
)

OPEN_LABEL = rf"(?:{IN_LABEL}|\[(?:{IN_LABEL}|\[{IN_LABEL}*+\]?)*+\]?)*+"

HALF_LINK = (
    rf"!?\[(?:{OPEN_LABEL}|{LINK_LABEL}\](?:\({GAP}(?:<[^<>\n]*>?|(?:[^\s()<>]|\([^\s()]*\)?)*)"
    rf"(?:{GAP}(?:\"[^\"\n]*\"?|'[^'\n]*'?|\([^()\n]*\)?)?)?{GAP})?)\Z"
)
"""A link at the end of a text that goes on."""

DEFINITION = r"^[ ]{0,3}\[(?!\^)(?P<defined>[^\[\]\n]{1,100})\]:"
"""Where a link that stands elsewhere leads, up to its address."""

BLOCK = r"\n(?:(?:[ \t]*\n)++|(?=[ \t]*(?:[-*+][ \t]|\#{1,6}[ ]|>|\||\d{1,9}[.)][ ])))"

PING = (
    r"<(?=!(?-i:[a-z])|!(?:channel|here|everyone|group|subteam|date)\b|[@#]\w)"
    r"|(?<![^\W_])@(?=(?:channel|here|everyone|group)(?![^\W_]))"
)
"""Text that Slack takes for a mention, or might."""

CODE_TOKEN = re.compile(
    rf"(?P<fence>{CODE_FENCE.pattern})|(?P<block>{BLOCK})|(?P<ping>{PING})|(?P<ticks>`+)",
    re.MULTILINE | re.IGNORECASE,
)
"""The same within code, where nothing is escaped and there are no links: a backtick in one ends the code."""

TOKEN = re.compile(
    rf"(?P<fence>{CODE_FENCE.pattern})"
    r"|(?:\A|(?<=\n\n))(?P<indented>(?:[ ]{4}|\t)[^\n]*)$"
    rf"|(?P<block>{BLOCK})"
    rf"|(?P<ping>{PING})"
    r"|\\[!-;=?\[-`{-~]"
    r"|(?P<ticks>`+)"
    rf"|(?P<definition>{DEFINITION})"
    rf"|(?P<link>{LINK})"
    r"|(?P<reference>\[(?P<words>[^\[\]\n*`<@\\]{1,400}|[^\[\]\n`<@\\]{1,400}(?=\]\[))\](?![(:]))"
    r"|(?P<address>https?://(?:[^\s<>()\[\]`*]|\*(?!\*)|\([^\s<>()]*\))+)"
    r"|(?P<bold>\*{2,3}(?!\*))"
    r"|(?P<times>(?<=[^\W_])\*(?=[^\W_]))",
    re.MULTILINE | re.IGNORECASE,
)


LABEL = re.compile(BOLD_LABEL)

PASSED = {"fence", "block", "ticks", "link", "reference", "address", "bold", "times"}
"""The tokens that change what is open, or are best not cut."""


class Open(msgspec.Struct, frozen=True, gc=False):
    """Code or bold text whose end is still to come: where it begins, what closes it, what opens it again,
    and whether it is a block of code."""

    start: int
    mark: str
    again: str
    is_fence: bool = False


class CodeEnd(Enum):
    """The end that a backtick needs, to begin code: one that may come at any time, one that may come within
    `MAX_HELD_BACK_CHARS`, or one that stands there."""

    MAY_COME = auto()
    MAY_COME_NEAR = auto()
    IS_NEAR = auto()


class Span(msgspec.Struct, frozen=True, gc=False, order=True):
    """Code within a line, bold words, a link or an address: best not cut. If it must be, `splits` tells
    whether it can be closed before the cut and opened again behind it."""

    start: int
    end: int
    splits: bool


class Reader:
    """Reads a text once. While it does, `code` and `bold` are what is open before the token at hand, and
    afterwards what is open at the text's end; `times` tells whether the block had a star within a word.

    `code_end` tells what a backtick needs, to begin code. Before `start` nothing is read."""

    def __init__(self, text: str, code_end: CodeEnd = CodeEnd.MAY_COME, start: int = 0) -> None:
        self._text, self._code_end, self._start = text, code_end, start
        self.code: Open | None = None
        self.bold: Open | None = None
        self.times = False
        self._spans: list[Span] = []

    @property
    def left(self) -> Open | None:
        """Returns the open mark that can be closed and opened again: a block of code, or bold words. A
        backtick without another may be no mark at all."""
        return self.bold if not self.code else self.code if self.code.is_fence else None

    @property
    def spans(self) -> list[Span]:
        """Returns the spans that were found, and those that are open."""
        return self._spans + self._open_spans(len(self._text) + 1)

    def _open_spans(self, end: int) -> list[Span]:
        code = self.code if self.code and not self.code.is_fence else None
        return [Span(one.start, end, one is self.bold) for one in (self.bold, code) if one]

    def tokens(self) -> Iterator[re.Match[str]]:
        """Yields the tokens that may matter in the text, each named by its `lastgroup`."""
        text, at = self._text, self._start
        while token := (CODE_TOKEN if self.code else TOKEN).search(text, at):
            yield token
            if token.lastgroup in PASSED:
                self._pass(token)
            at = token.end()

    def ends_label(self, token: re.Match[str]) -> bool:
        """Whether two stars end bold words with their space, as in `**Note: **text`."""
        if self.bold is None or not self._text.endswith(": ", 0, token.start()):
            return False
        label = LABEL.match(self._text, self.bold.start)
        return label is not None and label.end() == token.end()

    def to_end(self) -> Reader:
        """Reads all of it."""
        return self.up_to(len(self._text))

    def up_to(self, end: int) -> Reader:
        """Reads what begins before `end`; what comes behind it may still tell whether code ends."""
        for token in self.tokens():
            if token.start() >= end or (self.code and token.end() > end):
                break
        return self

    def _pass(self, token: re.Match[str]) -> None:
        kind = token.lastgroup
        if self.code and self.code.is_fence:
            if kind == "fence" and _closes(self.code, token):
                self.code = None
        elif kind == "ticks":
            self._pass_ticks(token)
        elif kind == "block":
            self._end_block(token.start())
        elif kind == "fence":
            self._end_block(token.start())
            again = token["mark"] + token["language"].strip()[:MAX_LANGUAGE]
            self.code = Open(token.start(), token["mark"], f"{again}\n", True)
        elif not self.code:
            self._pass_text(token)

    def _end_block(self, at: int) -> None:
        """Code and bold words do not go on in the next paragraph or item."""
        if self.code or self.bold:
            self._spans += self._open_spans(at)
            self.code = self.bold = None
        self.times = False

    def _pass_ticks(self, token: re.Match[str]) -> None:
        ticks = token[0]
        if not self.code:
            if self._code_end is CodeEnd.MAY_COME or self._may_be_code(token):
                self.code = Open(token.start(), ticks, ticks)
        elif self.code.mark == ticks:
            self._spans.append(Span(self.code.start, token.end(), False))
            self.code = None

    def _may_be_code(self, opening: re.Match[str]) -> bool:
        if find_code_end(self._text, opening.end(), opening[0]) is not None:
            return True
        may_come = opening.start() + MAX_HELD_BACK_CHARS >= len(self._text)
        return may_come and self._code_end is CodeEnd.MAY_COME_NEAR

    def _pass_text(self, token: re.Match[str]) -> None:
        kind = token.lastgroup
        if kind == "bold":
            self._pass_bold(token)
        elif kind == "times":
            self.times = True
        else:
            self._spans.append(Span(token.start(), token.end(), False))

    def _pass_bold(self, token: re.Match[str]) -> None:
        before, after = around(self._text, token)
        opens, closes = bold_flanks(before, after)
        if self.bold and (closes or self.ends_label(token)):
            self._spans.append(Span(self.bold.start, token.end(), True))
            self.bold = None
        elif not self.bold and opens:
            self.bold = Open(token.start(), "**", "**")


def find_code_end(text: str, start: int, mark: str) -> int | None:
    """Where code ends whose text begins at `start`, behind this mark; None if that is not near."""
    last = start - len(mark) + MAX_HELD_BACK_CHARS
    for found in CODE_TOKEN.finditer(text, start):
        kind = found.lastgroup
        if found.end() > last or kind in ("fence", "block"):
            return None
        if kind == "ticks" and found[0] == mark:
            return found.end()
    return None


def around(text: str, token: re.Match[str]) -> tuple[str, str]:
    """Returns the characters before and behind a token; at the text's ends, a space."""
    start, end = token.span()
    return text[start - 1 : start] or " ", text[end : end + 1] or " "


@lru_cache(MAX_JUDGED)
def bold_flanks(before: str, after: str) -> tuple[bool, bool]:
    """Returns whether two stars between these characters open and close bold words."""
    opens, closes = flanks("*", 2, before, after)
    return opens and not in_formula(2, before, after), closes


def _closes(code: Open, token: re.Match[str]) -> bool:
    return not token["language"].strip() and token["mark"].startswith(code.mark)
