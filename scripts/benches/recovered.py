"""How much of a document is in a text: words, numbers, order, tables, and what should not be there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import yaml

DATA = Path(__file__).parents[2] / "tests" / "data"

MEASURES = ("words", "numbers", "order", "tables")

MARKS = re.compile(r"[*#`\\]|<br/?>|&nbsp;")
HYPHENS = str.maketrans({"\u2011": "-", "\u2010": "-", "\u00a0": " ", "\u202f": " "})


class Truth(NamedTuple):
    """The contents of a document as a person sees it."""

    path: Path
    format: str
    words: Sequence[str]
    numbers: Sequence[str]
    order: Sequence[str]
    tables: Sequence[Sequence[str]]
    absent: Sequence[str]


def truths() -> list[Truth]:
    """Returns the stated set of documents."""
    stated = yaml.safe_load((DATA / "documents.yaml").read_text(encoding="utf-8"))
    return [
        Truth(
            DATA / "documents" / one["file"],
            one["format"],
            *(one.get(name, ()) for name in (*MEASURES, "absent")),
        )
        for one in stated
    ]


def recovered(truth: Truth, text: str) -> Mapping[str, float]:
    """Returns the share of each measure that the document has, and the number of phrases that should not be
    there."""
    flat, lines = plain(text), [_cells(line) for line in text.splitlines() if line.lstrip().startswith("|")]
    shares = {
        "words": [plain(one) in flat for one in truth.words],
        "numbers": [_has_number(flat, plain(one)) for one in truth.numbers],
        "order": _in_order(flat, [plain(one) for one in truth.order]),
        "tables": [any(_has_row(cells, row) for cells in lines) for row in truth.tables],
    }
    found = {name: sum(hits) / len(hits) for name, hits in shares.items() if hits}
    return {**found, "unwanted": float(sum(plain(one) in flat for one in truth.absent))}


def plain(text: str) -> str:
    """Returns the text without marks, with one kind of hyphen and of space."""
    return " ".join(MARKS.sub("", text.translate(HYPHENS)).split())


def _has_number(flat: str, number: str) -> bool:
    """Returns whether the number stands there, and not as a part of a longer one."""
    return re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", flat) is not None


def _in_order(flat: str, phrases: Sequence[str]) -> list[bool]:
    """For each pair of neighbours, whether the second comes at or after where the first stands first."""
    return [first in flat and second in flat[flat.index(first) :] for first, second in pairwise(phrases)]


def _cells(line: str) -> list[str]:
    return [plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _has_row(cells: Sequence[str], row: Sequence[str]) -> bool:
    """Returns whether the cells are in the line, in their order. `~` stands between two ways to write one."""
    left = iter(cells)
    return all(any(cell in {plain(way) for way in wanted.split(" ~ ")} for cell in left) for wanted in row)
