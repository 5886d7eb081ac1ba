"""What must not reach a model is behind a veil: placeholders stand for it, and are put back in its answer.

A placeholder reads like `[EMAIL_k3f9q]`. Its letters are a keyed hash of the value and its workspace: the
same value has the same placeholder in every turn, so that a provider's prompt cache works, and without the
key nobody can find out by trying whose it is. What a veil has hidden it knows for one turn, and never keeps.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from repartee.conversation.excerpt import beginning
from repartee.conversation.message import workspace_of
from repartee.conversation.prompt import CLEAR, Veil

if TYPE_CHECKING:
    from repartee.ports import Masker, Span

PLACEHOLDER = re.compile(r"\[[A-Z]{2,10}_[a-z2-7]{5,16}\]")

LONGEST = 100_000
"""Characters of one text that are looked through. What nobody looked at does not leave: it is cut off."""

NOTE = """\
Some personal details are replaced by placeholders such as [EMAIL_k3f9q]. Treat one as the value that it \
stands for, and write it exactly as it is, brackets included and not as a link: the person reads the value. \
The same placeholder is the same value. Never say that something is hidden, and never make up a placeholder.
"""
"""What a model is told of placeholders."""

_BEGUN = re.compile(r"\[(?:[A-Z]{0,10}|[A-Z]{2,10}_[a-z2-7]{0,16})\Z")
_LONGEST_PLACEHOLDER = len("[") + 10 + len("_") + 16
_SHORTEST_CODE = 5
_EXACT = frozenset({"SECRET", "EMAIL", "USERNAME", "PASSWORD"})
"""Kinds in which every character counts."""

Veils = Callable[[str], Veil]
"""Gives the veil for a turn in that room or chat."""


def clear(place: str) -> Veil:
    """The veils where nothing is hidden."""
    return CLEAR


def veils(masker: Masker, key: str) -> Veils:
    """The veils under which is hidden what the masker finds. Who knows the `key` can try who is behind a
    placeholder; another key makes other placeholders, and does no other harm."""
    return lambda place: Placeholders(masker, partial(_code, key.encode(), workspace_of(place)))


class Placeholders:
    """The `Veil` of one turn, which may be used from many threads. Owns what it has hidden so far."""

    def __init__(self, masker: Masker, code: Callable[[str, str], str]) -> None:
        self._masker, self._code = masker, code
        self._hidden: dict[str, str] = {}
        self._lock = Lock()

    def hide(self, text: str) -> str:
        return self.hide_all([text])[0]

    def hide_all(self, texts: Sequence[str]) -> list[str]:
        looked_at = [beginning(text, LONGEST) for text in texts]
        found = self._masker.find(looked_at)
        return [self._covered(text, spans) for text, spans in zip(looked_at, found, strict=True)]

    def show(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda match: self._hidden.get(match[0], match[0]), text)

    def shown(self, pieces: Iterable[str]) -> Iterator[str]:
        held = ""
        for piece in pieces:
            text = held + piece
            begun = _BEGUN.search(text, max(0, len(text) - _LONGEST_PLACEHOLDER))
            end = begun.start() if begun else len(text)
            held = text[end:]
            if end:
                yield self.show(text[:end])
        if held:
            yield held

    def _covered(self, text: str, spans: Sequence[Span]) -> str:
        """The text with placeholders instead of the spans. One that is there already stays as it is."""
        standing = [placeholder.span() for placeholder in PLACEHOLDER.finditer(text)] if "[" in text else []
        parts, end = [], 0
        for span in spans:
            while standing and standing[0][1] <= span.start:
                standing.pop(0)
            if not (standing and standing[0][0] < span.end):
                parts += [text[end : span.start], self._placeholder(span.kind, text[span.start : span.end])]
                end = span.end
        return "".join((*parts, text[end:]))

    def _placeholder(self, kind: str, value: str) -> str:
        """Its placeholder, which gets longer where another value has the same."""
        plain = _plain(kind, value)
        code = self._code(kind, plain)
        with self._lock:
            for length in range(_SHORTEST_CODE, 17):
                placeholder = f"[{kind}_{code[:length]}]"
                known = self._hidden.setdefault(placeholder, value)
                if _plain(kind, known) == plain:
                    break
        return placeholder


def _plain(kind: str, value: str) -> str:
    """The value however it was written: numbers without what groups them, names without case."""
    if kind in _EXACT:
        return value if kind != "EMAIL" else value.casefold()
    return "".join(filter(str.isalnum, value)).casefold() or value


def _code(key: bytes, workspace: str, kind: str, plain: str) -> str:
    """Letters that tell nothing of the value to somebody without the key."""
    digest = hmac.digest(key, f"{workspace}\0{kind}\0{plain}".encode(), "sha256")
    return base64.b32encode(digest).decode().lower()
