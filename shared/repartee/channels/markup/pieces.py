"""A text in a dialect whose marks cannot be escaped, in pieces until it is certain which are marks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from repartee.channels.markup.addresses import ZERO_WIDTH_SPACE
from repartee.channels.markup.delimiters import is_wide
from repartee.channels.markup.whatsapp_reading import marks

TEXT, OPENING, CLOSING, ADDRESS, CODE, BREAK = "text", "opening", "closing", "address", "code", "break"
MARKS = (OPENING, CLOSING)

MAX_READINGS = 4
"""How often a line is read and mended. In practice the second reading finds nothing wrong any more."""

MARK = re.compile(r"[*_~`]")

CODE_ALONE = re.compile(r"`[^`]+`")

WORD = re.compile(r"(\s+)")


class Piece:
    """A part of a text. A mark has a `partner`, the mark on the other side of what it marks."""

    __slots__ = ("kind", "partner", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text
        self.partner: Piece | None = None


def marked(mark: str, pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces with marks around all words that may have them. A mark within the same mark goes."""
    shown: list[Piece] = []
    run: list[Piece] = []
    for piece in pieces:
        if piece.kind != TEXT and piece.kind not in MARKS:
            shown += [*_surrounded(mark, run), piece]
            run = []
        elif piece.kind == TEXT or piece.text != mark:
            run.append(piece)
    return shown + _surrounded(mark, run)


def _surrounded(mark: str, run: list[Piece]) -> list[Piece]:
    """The run between two marks that touch its first and its last word."""
    if not any(char.isalnum() for piece in run for char in piece.text):
        return run
    said = [at for at, piece in enumerate(run) if piece.text.strip()]
    first, last = run[said[0]], run[said[-1]]
    before = first.text[: len(first.text) - len(first.text.lstrip())]
    after = last.text[len(last.text.rstrip()) :]
    first.text = first.text.lstrip()
    last.text = last.text.rstrip()
    opening, closing = Piece(OPENING, mark), Piece(CLOSING, mark)
    opening.partner, closing.partner = closing, opening
    inner = run[said[0] : said[-1] + 1]
    around = [Piece(TEXT, before), opening, *inner, closing, Piece(TEXT, after)]
    return [*run[: said[0]], *around, *run[said[-1] + 1 :]]


def written(pieces: Iterable[Piece]) -> str:
    """The pieces as a text in which exactly their marks are read as marks, line by line."""
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.kind == BREAK:
            lines.append([])
        elif piece.text:
            lines[-1].append(piece)
    return "\n".join(map(_line, lines))


def _line(pieces: Sequence[Piece]) -> str:
    if not any(piece.kind in MARKS or MARK.search(piece.text) for piece in pieces if piece.kind != CODE):
        return "".join(piece.text for piece in pieces)
    if _is_certain(pieces):
        return "".join(piece.text for piece in pieces)
    if any("`" in piece.text for piece in pieces if piece.kind in (TEXT, ADDRESS)):
        pieces = [_fenced(piece) for piece in pieces]
    for _ in range(MAX_READINGS):
        pieces = _apart(pieces)
        if not (misread := _misread(pieces)):
            break
        pieces = _mended(pieces, misread)
    return "".join(piece.text for piece in pieces)


def _is_certain(pieces: Sequence[Piece]) -> bool:
    """Whether each mark is read as one, and nothing else is: the marks are all that looks like some, and no
    letter or digit touches one from outside. That saves reading most lines."""
    before = ""
    for number, piece in enumerate(pieces):
        if piece.kind == CODE:
            if MARK.search(piece.text) and not CODE_ALONE.fullmatch(piece.text):
                return False
        elif piece.kind not in MARKS:
            if MARK.search(piece.text):
                return False
        else:
            after = pieces[number + 1].text[0] if number + 1 < len(pieces) else " "
            outside, inside = (before, after) if piece.kind == OPENING else (after, before)
            if outside.isalnum() or not inside.strip():
                return False
        before = piece.text[-1]
    return True


def _fenced(piece: Piece) -> Piece:
    """Code between three backticks, which none that stands alone in the line can be taken for."""
    if piece.kind == CODE and piece.text[:1] == "`" != piece.text[1:2]:
        piece.text = f"``{piece.text}``"
    return piece


def _apart(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without the marks within a word, and with a space of no width between a mark and a letter
    outside that would keep it from being one."""
    touched = {id(piece): inside for piece, inside in _touched(pieces)}
    lost = {id(one) for piece in pieces if touched.get(id(piece)) for one in (piece, piece.partner)}
    space = Piece(TEXT, ZERO_WIDTH_SPACE)
    apart: list[Piece] = []
    for piece in pieces:
        if id(piece) in lost:
            continue
        beside = [space] if id(piece) in touched else []
        apart += [*beside, piece] if piece.kind == OPENING else [piece, *beside]
    return apart


def _touched(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, bool]]:
    """The marks that a letter or a digit touches from outside, and whether it goes on inside as one word."""
    for mark, outside, inside in _sides(pieces):
        if outside.isalnum():
            yield mark, inside.isalnum() and not is_wide(outside) and not is_wide(inside)


def _sides(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, str, str]]:
    """Each mark with the characters on both sides of it: that outside, and that inside behind other marks."""
    for forward, kind in ((True, OPENING), (False, CLOSING)):
        before, waiting = "", list[tuple[Piece, str]]()
        for piece in pieces if forward else reversed(pieces):
            if piece.kind == kind:
                waiting.append((piece, before))
            elif piece.kind not in MARKS:
                inside = piece.text[0] if forward else piece.text[-1]
                yield from ((mark, outside, inside) for mark, outside in waiting)
                waiting = []
            before = piece.text[-1] if forward else piece.text[0]


def _misread(pieces: Sequence[Piece]) -> dict[int, set[int]]:
    """The pieces that are read otherwise than they are meant: their numbers, and the characters in them."""
    read = sorted(marks("".join(piece.text for piece in pieces)))
    wrong: dict[int, set[int]] = {}
    start = at = 0
    for number, piece in enumerate(pieces):
        seen = set[int]()
        while at < len(read) and read[at] < start + len(piece.text):
            seen.add(read[at] - start)
            at += 1
        if piece.kind != CODE and bool(seen) != (piece.kind in MARKS):
            wrong[number] = seen
        start += len(piece.text)
    return wrong


def _mended(pieces: Sequence[Piece], misread: Mapping[int, set[int]]) -> list[Piece]:
    """The pieces without the marks that are misread, or if there are none, with words as code."""
    lost = {id(one) for number in misread for one in (pieces[number], pieces[number].partner)}
    kept = [piece for piece in pieces if piece.kind not in MARKS or id(piece) not in lost]
    if len(kept) < len(pieces):
        return kept
    ticks = any("`" in piece.text for piece in pieces if piece.kind in (TEXT, ADDRESS))
    coded = (_as_code(piece, misread.get(number, set())) for number, piece in enumerate(pieces))
    return [_fenced(piece) if ticks else piece for piece in itertools.chain.from_iterable(coded)]


def _as_code(piece: Piece, taken: set[int]) -> Iterator[Piece]:
    """The piece, with the words as code of which characters are taken for marks."""
    if not taken:
        yield piece
        return
    start = 0
    for word in filter(None, WORD.split(piece.text)):
        end = start + len(word)
        if "`" not in word and not taken.isdisjoint(range(start, end)):
            yield Piece(CODE, f"`{word.replace(ZERO_WIDTH_SPACE, '')}`")
        else:
            yield Piece(piece.kind, word)
        start = end
