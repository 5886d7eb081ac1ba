"""Writes tables and lines as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SIGNS = tuple("+-\u2212")
"""Characters that begin an exponent. The last is the minus sign."""


def table(rows: Sequence[Sequence[str]]) -> str:
    """Returns the rows as a Markdown table, whose first row is the head. Empty rows and empty columns at the
    end are left out."""
    lines = [[cell_text(cell) for cell in row] for row in rows]
    width = max((used_width(line) for line in lines), default=0)
    lines = [line for line in lines if any(line)]
    if not width:
        return ""
    return "".join(map(table_row, _with_rule([fitted(line, width) for line in lines])))


def raised(text: str) -> str:
    """Returns superscript with a sign in front where it would read as another number or name: `10^6`, `m^2`
    and `x^n`, but `1st`."""
    shown = text.strip()
    means_more = shown[:1].isdigit() or shown[:1] in SIGNS or (len(shown) == 1 and shown.isalpha())
    return text.replace(shown, f"^{shown}", 1) if shown and means_more else text


def flat(rows: Sequence[Sequence[str]]) -> str:
    """Returns a table within a cell of another, which Markdown has no form for, on one line."""
    lines = (" / ".join(" ".join(cell.split()) for cell in row if cell.strip()) for row in rows)
    return "; ".join(line for line in lines if line)


def table_row(cells: Iterable[str]) -> str:
    """Returns one line of a table."""
    return f"| {' | '.join(cells)} |\n"


def rule(width: int) -> str:
    """Returns the line under the head of a table."""
    return "|" + " --- |" * width + "\n"


def cell_text(text: str) -> str:
    """Returns the text on one line, with the bars in it escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def fitted(line: Sequence[str], width: int) -> list[str]:
    """Returns the line with exactly so many cells."""
    return [*line[:width], *[""] * (width - len(line))]


def used_width(line: Sequence[str]) -> int:
    """Returns the number of cells up to the last that is not empty."""
    return max((place for place, cell in enumerate(line, 1) if cell), default=0)


def link(text: str, address: str) -> str:
    """Returns the text with its address, unless the text says the address already."""
    shown = text.strip()
    if not address or not shown or address.removeprefix("mailto:") == shown:
        return text
    return text.replace(shown, f"[{shown}]({address})")


def indented(text: str, mark: str, level: int) -> str:
    """Returns an item of a list: its mark or number, further in the deeper it is."""
    return f"{'  ' * level}{mark} {text}" if mark else text


def _with_rule(lines: Sequence[list[str]]) -> Iterable[list[str]]:
    yield lines[0]
    yield ["---"] * len(lines[0])
    yield from lines[1:]
