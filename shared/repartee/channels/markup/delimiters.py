"""Where emphasis begins and ends, as people and models write it.

CommonMark takes `**` for two asterisks where punctuation stands inside of it and a letter outside, as in
`**Note:**text` and everywhere in Chinese and Japanese, which have no spaces there. People mean bold. A single
`*` is judged as CommonMark does unless a character of those scripts touches it: `a.*b.*c` is no emphasis. In
turn CommonMark takes `2*3*4` and `x**2 + y**2` for emphasis, and people for formulas.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import category

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter, Scanned

SINGLE_TILDE = 0x7E << 8
"""The marker of `~struck~`, which must not pair with `~~`: no character has this number."""

CLOSING = ".,;:!?…。，、；：！？"  # noqa: RUF001 - punctuation of Chinese and Japanese
"""Punctuation after which nothing opens."""

WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]"
)
"""A character of Chinese, Japanese or Korean, punctuation included."""

SPECIAL_NAME = re.compile(
    r"__[A-Za-z0-9]{1,40}(?:_[A-Za-z0-9]{1,40}){0,5}__(?=\.\w|\()"
    r"|__(?:all|call|class|dict|doc|enter|eq|exit|file|getattr|getitem|hash|init|iter|len|main|name|new|next"
    r"|post_init|repr|setattr|setitem|slots|str|version)__(?!\w)"
)
"""`__init__.py`, `__next__()`, `__main__`: names, not bold words."""


def emphasis(state: StateInline, silent: bool) -> bool:
    """Reads a run of `*` or `_`, in the place of markdown-it's rule of this name."""
    marker = state.src[state.pos]
    if silent or marker not in ("*", "_"):
        return False
    if marker == "_" and (name := SPECIAL_NAME.match(state.src, state.pos)):
        state.append_pending(name[0])
        state.pos = name.end()
        return True
    found = scan(state, marker)
    _push(state, [marker] * found.length, found, ord(marker), found.length)
    return True


def strikethrough(state: StateInline, silent: bool) -> bool:
    """Reads a run of one or two `~`, in the place of markdown-it's rule of this name; more are text."""
    if silent or state.src[state.pos] != "~":
        return False
    found = scan(state, "~")
    run = "~" * found.length
    if found.length > 2:
        state.append_pending(run)
        state.pos += found.length
        return True
    _push(state, [run], found, SINGLE_TILDE if found.length == 1 else ord("~"), 0)
    return True


def single_tildes(state: StateInline) -> None:
    """Makes marks of the pairs of single tildes, after markdown-it has paired all delimiters."""
    for delimiters in (state.delimiters, *(meta["delimiters"] for meta in state.tokens_meta if meta)):
        for one in delimiters:
            if one.marker == SINGLE_TILDE and one.end != -1:
                _struck(state, one.token, "s_open", 1)
                _struck(state, delimiters[one.end].token, "s_close", -1)


def scan(state: StateInline, marker: str) -> Scanned:
    """Whether the run that begins here can open and close emphasis, and its length."""
    scanned = state.scanDelims(state.pos, marker != "_")
    end = state.pos + scanned.length
    before = state.src[state.pos - 1] if state.pos else " "
    after = state.src[end] if end < state.posMax else " "
    if marker == "~" and scanned.length == 1:
        can_open, can_close = scanned.can_open, scanned.can_close
        return Scanned(can_open and not before.isalnum(), can_close and not after.isalnum(), 1)
    if marker == "*" and in_formula(scanned.length, before, after):
        return Scanned(False, scanned.can_close and scanned.length > 1, scanned.length)
    opens, closes = flanks(marker, scanned.length, before, after)
    return Scanned(scanned.can_open or opens, scanned.can_close or closes, scanned.length)


def in_formula(length: int, before: str, after: str) -> bool:
    """Whether stars between these two characters multiply, and begin no emphasis: a single one within a word,
    or more of them beside a digit within one."""
    return _in_word(before) and _in_word(after) and (length == 1 or before.isdigit() or after.isdigit())


def flanks(marker: str, length: int, before: str, after: str) -> tuple[bool, bool]:
    """Whether a run between these two characters opens and closes for people, whatever CommonMark says."""
    wide = bool(WIDE.match(before) or WIDE.match(after))
    if length < 2 and not wide:
        return False, False
    opens = not after.isspace() and after not in CLOSING and category(after) not in ("Pe", "Pf")
    closes = not before.isspace() and category(before) not in ("Ps", "Pi")
    if marker == "_":
        return opens and not _in_word(before), closes and not _in_word(after)
    return opens, closes


def flanks_in_commonmark(before: str, after: str) -> tuple[bool, bool]:
    """Whether a run of `*` between these two characters opens and closes emphasis in CommonMark."""
    outside, inside = _is_punctuation(before), _is_punctuation(after)
    opens = not after.isspace() and (not inside or before.isspace() or outside)
    closes = not before.isspace() and (not outside or after.isspace() or inside)
    return opens, closes


def _is_punctuation(char: str) -> bool:
    return isMdAsciiPunct(ord(char)) or isPunctChar(char)


def _in_word(char: str) -> bool:
    return char.isalnum() and not WIDE.match(char)


def _push(state: StateInline, runs: Sequence[str], found: Scanned, marker: int, length: int) -> None:
    """Adds each run as a text that may become a mark."""
    for run in runs:
        state.push("text", "", 0).content = run
        at = len(state.tokens) - 1
        state.delimiters.append(Delimiter(marker, length, at, -1, found.can_open, found.can_close))
    state.pos += found.length


def _struck(state: StateInline, at: int, kind: str, nesting: int) -> None:
    token = state.tokens[at]
    token.type, token.tag, token.nesting = kind, "s", nesting  # type: ignore[assignment]
    token.markup, token.content = "~", ""
