"""Markdown such that a parser of CommonMark reads it as people mean it.

CommonMark's parser cannot be told where emphasis begins and ends, but it judges by the characters beside a
mark. Signs that no text holds are set beside the marks which it would judge otherwise, and in the place of
characters that mark nothing. `restore` takes them out again, wherever they came to stand: in words, in code
or in an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from repartee.channels.markup.delimiters import BOLD_LABEL, SPECIAL_NAME, WIDE, can_open_and_close, judge

ADDRESS = re.compile(r"https?://(?:[^\s<>\[\]()`*\"|&]|&(?!(?:lt|gt|quot);)|\*(?!\*)|\([^\s<>()]*\))+")
"""An address in the text. A bracket belongs to it if it is closed in it."""

TRAILING = ".,;:!?'*_~"
"""Characters that belong to the sentence when they end an address."""

SIGNS = "\ufdd0-\ufddf"
"""Noncharacters of Unicode, which no text may hold. Half of the block."""

LESS_THAN = "\ufdd8"
"""The place of a `<` that begins no address."""

LITERAL = {
    "*": "\ufdd4", "_": "\ufdd5", "~": "\ufdd6", "[": "\ufdd7", "<": LESS_THAN, "\\": "\ufdd9", "&": "\ufdda",
}  # fmt: skip
"""The places of characters that mark nothing."""

PUNCTUATION, LETTER_BEFORE, LETTER_AFTER = ".\ufdd0.", ".\ufdd1", "\ufdd2."
"""Signs that stand beside a mark, to be taken for punctuation or for a letter. From the other side, both are
punctuation, as the mark itself is."""

BESIDE = {
    (True, True): (PUNCTUATION, PUNCTUATION),
    (True, False): (PUNCTUATION, LETTER_AFTER),
    (False, True): (LETTER_BEFORE, PUNCTUATION),
}
"""The signs before and behind a run that opens, closes, or both."""

AUTOLINK = (
    rf"[A-Za-z][A-Za-z0-9+.\-]{{1,31}}:[^\s<>{LESS_THAN}]*>"
    rf"|[^\s<>@{LESS_THAN}]{{1,64}}@[A-Za-z0-9.\-]{{1,253}}>"
)

MARKS = (
    rf"(?P<label>{BOLD_LABEL})|"
    r"\\[!-/:-@\[-`{-~]"
    rf"|(?P<name>{SPECIAL_NAME})"
    r"|(?P<run>\*(?<=[^\s*]\*)\**(?=[^\s*])"
    r"|_(?<=[^\w\s]_)_*(?=[^\s_])|_(?<=[^\s_]_)_*(?=[^\w\s])"
    rf"|_(?<=[{WIDE}]_)_*(?=[^\s_])|_(?<=[^\s_]_)_*(?=[{WIDE}])"
    r"|~(?<=[^\s~]~)~?(?=[^\s~]))"
    r"|(?P<literal>\[(?=\^[^\[\]\n]{0,100}\]:))"
)
"""Text that may be a mark for CommonMark's parser and none for people, or the other way round."""

BRACKETED_ADDRESS = re.compile(
    rf"(?<=\\){LESS_THAN}|(?<=\]\(){LESS_THAN}|(?<=\]:\s){LESS_THAN}|{LESS_THAN}(?={AUTOLINK})"
)
"""A `<` that is escaped, or the beginning of an address."""

MAX_RUNS = 2048
"""Runs of marks that are kept with what people mean by them."""

SIGN = re.compile(r"\.\ufdd0\.|\.\ufdd1|\ufdd2\.|[\ufdd4-\ufdda]")

UNSAFE = re.compile(f"[\0\ud800-\udfff{SIGNS}]")

CHARACTERS = {sign: char for char, sign in LITERAL.items()}


def replace_unsafe(text: str) -> str:
    """Returns the text without characters that no text may hold."""
    return text if text.isascii() and "\0" not in text else UNSAFE.sub("\ufffd", text)


def mark_as_meant(text: str) -> str:
    """Returns the text, in which no sign stands yet, with signs where people mean another thing than
    CommonMark."""
    if "<" in text:
        text = BRACKETED_ADDRESS.sub("<", text.replace("<", LESS_THAN))
    return _mark_pattern(with_addresses="://" in text).sub(_signed, text)


@cache
def _mark_pattern(*, with_addresses: bool) -> re.Pattern[str]:
    return re.compile(rf"(?P<address>{ADDRESS.pattern})|{MARKS}" if with_addresses else MARKS)


def restore(text: str) -> str:
    """Returns the text without signs."""
    return text if text.isascii() else SIGN.sub(_restored, text)


def bare_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yields where addresses begin and end in a text."""
    for found in ADDRESS.finditer(text) if "://" in text else ():
        address = _trimmed(found[0])
        if not address.endswith("//"):
            yield found.start(), found.start() + len(address)


def _signed(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "run":
        return _signed_run(found.string[found.start() - 1 : found.end() + 1])
    whole = found[0]
    if kind == "label":
        return f"{whole[:-2]}{LETTER_BEFORE}**{PUNCTUATION}"
    if kind == "address":
        address = _trimmed(whole)
        return _literal(address) + whole[len(address) :]
    return _literal(whole) if kind else whole


@lru_cache(MAX_RUNS)
def _signed_run(around: str) -> str:
    """Returns a run of marks, which stands between two characters, with signs if people mean another thing by
    it."""
    before, run, after = around[0], around[1:-1], around[-1]
    meant = judge(run[0], len(run), before, after)
    if meant == can_open_and_close(run[0], len(run), before, after):
        return run
    if meant == (False, False):
        return LITERAL[run[0]] * len(run)
    left, right = BESIDE[meant]
    return left + run + right


def _literal(text: str) -> str:
    for char in "*_~[<":
        if char in text:
            text = text.replace(char, LITERAL[char])
    return text


def _trimmed(address: str) -> str:
    """Returns the address without what belongs to the sentence."""
    return address.rstrip(TRAILING).removesuffix("&amp")


def _restored(found: re.Match[str]) -> str:
    return CHARACTERS.get(found[0], "")
