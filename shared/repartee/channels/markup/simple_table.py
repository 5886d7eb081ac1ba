"""Tables between bars, as models write them, read without markdown-it's token for each side of each cell."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

CELL = "cell"
"""The tag of the token that is a whole cell of a body, and with `HEAD` behind it, of a header."""
HEAD = "header cell"

TABLE_ROW = re.compile(r"\|([^\n\\`]*)\|[ ]*$", re.MULTILINE)
"""A row without code or an escape, in which a bar may be text."""

DELIMITERS = re.compile(r"\|(?:[ ]*:?-+:?[ ]*\|)+[ ]*$", re.MULTILINE)

MAX_COLUMNS = 40


def simple_table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Reads a table whose rows all have as many cells as its header, before markdown-it's rule for tables."""
    if (
        silent
        or state.parentType != "root"
        or state.blkIndent
        or not state.src.startswith("|", state.bMarks[line])
    ):
        return False
    if line + 1 >= end or not (marks := DELIMITERS.match(state.src, state.bMarks[line + 1])):
        return False
    sides = [_side(mark.strip()) for mark in marks[0].strip()[1:-1].split("|")]
    rows = _rows(state, line, end, len(sides))
    if len(rows) < 3 or len(sides) > MAX_COLUMNS:
        return False
    state.push("table_open", "table", 1)
    _push_part(state, "thead", rows[:1], sides, HEAD)
    _push_part(state, "tbody", rows[2:], sides, CELL)
    state.push("table_close", "table", -1)
    state.line = line + len(rows)
    return True


def _side(mark: str) -> str:
    if mark.endswith(":"):
        return "center" if mark.startswith(":") else "right"
    return "left" if mark.startswith(":") else ""


def _rows(state: StateBlock, line: int, end: int, columns: int) -> list[list[str]]:
    """The cells of each line up to the next empty one, none if any is in doubt."""
    rows: list[list[str]] = []
    while line < end and not state.isEmpty(line):
        row = TABLE_ROW.match(state.src, state.bMarks[line])
        cells = row[1].split("|") if row else []
        if len(cells) != columns:
            return []
        rows.append(cells)
        line += 1
    return rows


def _push_part(state: StateBlock, name: str, rows: list[list[str]], sides: list[str], tag: str) -> None:
    state.push(f"{name}_open", name, 1)
    for row in rows:
        state.push("tr_open", "tr", 1)
        for cell, side in zip(row, sides, strict=True):
            token = state.push("inline", tag, 0)
            token.content, token.info, token.children = cell.strip(), side, []
        state.push("tr_close", "tr", -1)
    state.push(f"{name}_close", name, -1)
