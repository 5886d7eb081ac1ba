"""The shell commands that the documents tell a reader to type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
SHELL_BLOCK = re.compile(
    r"^[ ]*```(?:sh|bash|shell|console)\n(?P<lines>.*?)^[ ]*```", re.MULTILINE | re.DOTALL
)
TABLE_COMMAND = re.compile(r"^\| `(?P<command>(?:[A-Z_]+=\S+ )?scripts/[^`]+)` \|", re.MULTILINE)
INLINE_RUN = re.compile(r"`scripts/(?P<command>run|event) (?P<event>[a-z_]+(?:/[a-z_]+)*)")
ACCOUNT_MARK = "# needs an account: "
"""The first line of a block that cannot run without one: which service, after the colon."""


class DocumentCommand(NamedTuple):
    """A command, and whether its block says that it needs an account."""

    document: str
    line: str
    needs_account: bool = False


def list_commands() -> Iterator[DocumentCommand]:
    """Yields each line of each shell block, continued lines joined and comments left out, and the commands in
    the first column of a table."""
    for path in DOCUMENTS:
        text = path.read_text()
        for block in SHELL_BLOCK.finditer(text):
            lines = block["lines"].replace("\\\n", " ").splitlines()
            needs_account = lines[0].strip().startswith(ACCOUNT_MARK)
            for line in filter(None, map(strip_comment, lines)):
                yield DocumentCommand(path.name, line, needs_account)
        for found in TABLE_COMMAND.finditer(text):
            yield DocumentCommand(path.name, found["command"])


def list_inline_events() -> Iterator[tuple[str, str]]:
    """Yields the document and the sample event of each `scripts/run EVENT` or `scripts/event EVENT` in a
    sentence."""
    for path in DOCUMENTS:
        for found in INLINE_RUN.finditer(path.read_text()):
            yield path.name, found["event"]


def strip_comment(line: str) -> str:
    """Returns a line of a shell block without its comment."""
    return re.sub(r"(?:^|\s+)#.*$", "", line).strip()
