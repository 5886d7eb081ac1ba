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

WORD = re.compile(r"[0-9A-Za-z]")


def marks(line: str) -> set[int]:
    """The places of all characters that are not shown, because they are marks."""
    if not any(mark in line for mark in "*_~`"):
        return set()
    found: set[int] = set()

    def hidden(code: re.Match[str]) -> str:
        long = 3 if code[0].startswith("```") else 1
        found.update(range(code.start(), code.start() + long), range(code.end() - long, code.end()))
        return "\0" * len(code[0])

    plain = CODE.sub(hidden, line)
    for mark in MARKS:
        found.update(_pairs(plain, mark))
    return found


def _pairs(line: str, mark: str) -> set[int]:
    """The places of one kind of mark: each that opens with the first that closes it."""
    found: set[int] = set()
    opened = -1
    for at, char in enumerate(line):
        if char != mark:
            continue
        if opened >= 0 and at > opened + 1 and closes(line, at):
            found |= {opened, at}
            opened = -1
        elif opened < 0 and opens(line, at):
            opened = at
    return found


def opens(line: str, at: int) -> bool:
    """Whether what stands here may open."""
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    return not WORD.match(before) and bool(after.strip())


def closes(line: str, at: int) -> bool:
    """Whether what stands here may close."""
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    return bool(before.strip()) and not WORD.match(after)
