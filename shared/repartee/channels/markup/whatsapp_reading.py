"""How WhatsApp reads a line: which of its characters it takes for marks.

https://faq.whatsapp.com/539178204879377, and what its applications do where that page is silent: a mark opens
before a character that is no space, and closes after one; letters and digits outside touch neither; marks do
not reach across lines, and within code there are none. Where applications may differ, more is taken for a
mark here than for certain: letters of other scripts outside are no obstacle.
"""

from __future__ import annotations

import re

MARKS = "*_~"

CODE = re.compile(r"```(?:(?!```).)+```|`[^`]+`")

WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def marks(line: str) -> set[int]:
    """The places of all characters that are not shown, because they are marks."""
    if not any(mark in line for mark in "*_~`"):
        return set()
    found: set[int] = set()

    def hidden(code: re.Match[str]) -> str:
        start, end = code.span()
        if code[0].startswith("```"):
            found.update((start, start + 1, start + 2, end - 3, end - 2, end - 1))
        else:
            found.update((start, end - 1))
        return "\0" * (end - start)

    plain = CODE.sub(hidden, line) if "`" in line else line
    for mark in MARKS:
        if mark in plain:
            found.update(_pairs(plain, mark))
    return found


def _pairs(line: str, mark: str) -> list[int]:
    """Returns the places of one kind of mark: each that opens with the first that closes it."""
    found: list[int] = []
    opened, at = -1, line.find(mark)
    while at >= 0:
        if opened >= 0 and at > opened + 1 and closes(line, at):
            found += (opened, at)
            opened = -1
        elif opened < 0 and opens(line, at):
            opened = at
        at = line.find(mark, at + 1)
    return found


def opens(line: str, at: int) -> bool:
    """Whether what stands here may open."""
    return line[at - 1 : at] not in WORD and not line[at + 1 : at + 2].isspace() and at + 1 < len(line)


def closes(line: str, at: int) -> bool:
    """Whether what stands here may close."""
    return line[at + 1 : at + 2] not in WORD and at > 0 and not line[at - 1].isspace()
