"""Finds placeholders in what a model writes, whole or mangled, and in pieces of a stream."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

PLACEHOLDER_PATTERN = re.compile(r"\[[A-Z]{2,10}_[a-z2-7]{5,16}\]")

_MANGLED_PATTERN = re.compile(
    r"""(?:(?P<open>\\?\[)|(?<![A-Za-z0-9_]))
    (?P<name>[A-Za-z]{2,10}\\?_[A-Za-z2-7]{5,16})
    (?:(?P<close>\\?\])|(?![A-Za-z0-9_]))""",
    re.VERBOSE,
)
"""A placeholder as models write it back: in other letters, with an escaped underscore, without brackets."""

_BEGUN_PATTERN = re.compile(
    r"(?:\\?\[|(?<![A-Za-z0-9_\[]))(?:[A-Za-z]{1,10}(?:\\?_?[A-Za-z2-7]{0,16}\\?)?)?\Z|\\\Z"
)
"""The beginning of a placeholder at the end of a text."""

MAX_BEGUN_CHARS = len("\\[") + 10 + len("\\_") + 16 + len("\\")


def restore_placeholders(text: str, values: Mapping[str, str]) -> str:
    """Returns the text with the values instead of their placeholders. One that is not known stays as it
    is."""

    def replace_one(match: re.Match[str]) -> str:
        placeholder = _canonical_placeholder(match["name"])
        value = values.get(placeholder)
        return match[0] if value is None else _replace_brackets(match, value)

    return _MANGLED_PATTERN.sub(replace_one, text) if values else text


def begun_placeholder_start(text: str, placeholders: Iterable[str]) -> int:
    """Where the end of the text begins to read like one of the placeholders; its length if it does not."""
    begun = _BEGUN_PATTERN.search(text, max(0, len(text) - MAX_BEGUN_CHARS))
    if begun is None:
        return len(text)
    read = re.sub(r"[\\\[]", "", begun[0]).upper()
    return (
        begun.start()
        if begun[0] and any(one[1:].upper().startswith(read) for one in placeholders)
        else len(text)
    )


def _canonical_placeholder(name: str) -> str:
    kind, _, code = name.replace("\\", "").partition("_")
    return f"[{kind.upper()}_{code.lower()}]"


def _replace_brackets(match: re.Match[str], value: str) -> str:
    """Returns the value, and of what stands around the placeholder all that is not its own: a bracket that
    another one opens, or an escape of one side alone."""
    opened, closed = match["open"] or "", match["close"] or ""
    kept = "\\" if opened.startswith("\\") and not closed.startswith("\\") else ""
    if closed and not opened and match.string.count("[") >= match.string.count("]"):
        return value + closed
    return kept + value
