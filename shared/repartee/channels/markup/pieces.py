"""A text in a dialect whose marks cannot be escaped, in pieces until it is certain which are marks."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from repartee.channels.markup.addresses import ZERO_WIDTH_SPACE
from repartee.channels.markup.delimiters import is_wide
from repartee.channels.markup.whatsapp_reading import marks

TEXT, OPENING, CLOSING, ADDRESS, CODE, BREAK = "text", "opening", "closing", "address", "code", "break"
MARKS = (OPENING, CLOSING)
TEXTS = (TEXT, ADDRESS)

MAX_READINGS = 4
"""How often a line is read and mended. In practice the second reading finds nothing wrong any more."""

ALWAYS_ALLOWED_LITERALS, MAX_LITERALS_PER_CHAR = 20, 0.04
"""Characters in a line's words that look like marks, and for each of its characters. A line with more of them
is no sentence, and is shown as code."""

ALWAYS_ALLOWED_PIECES, MAX_PIECES_PER_CHAR = 60, 0.45
"""Parts of a line, and for each of its characters. The marks of a line with more of them go."""

FENCE = "```"

MARK = re.compile(r"[*_~`]")

LITERAL = re.compile(r"(?<![0-9A-Za-z])[*_~]|[*_~](?![0-9A-Za-z])|`")
"""A character that may be read as a mark: it is not within a word."""

CODE_ALONE = re.compile(r"`[^`]+`")

WORD = re.compile(r"(\s+)")

LETTER = re.compile(r"[^\W_]")


class Piece(msgspec.Struct, eq=False, gc=False):
    """A part of a text. `pair` is the same object in a mark and in the one on the other side of what they
    mark."""

    kind: str
    text: str
    pair: object = None


def marked(mark: str, pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces with marks around all words that may have them. A mark within the same mark goes."""
    shown: list[Piece] = []
    run: list[Piece] = []
    for piece in pieces:
        kind = piece.kind
        if kind == TEXT or kind in MARKS:
            if kind == TEXT or piece.text != mark:
                run.append(piece)
        else:
            shown += _surrounded(mark, run)
            shown.append(piece)
            run = []
    return shown + _surrounded(mark, run) if shown else _surrounded(mark, run)


def _surrounded(mark: str, run: list[Piece]) -> list[Piece]:
    """The run between two marks that touch its first and its last word."""
    for piece in run:
        if LETTER.search(piece.text):
            break
    else:
        return run
    begin, end = 0, len(run)
    while not run[begin].text.strip():
        begin += 1
    while not run[end - 1].text.strip():
        end -= 1
    pair = object()
    inner = [Piece(OPENING, mark, pair), *run[begin:end], Piece(CLOSING, mark, pair)]
    first, last = run[begin], run[end - 1]
    if first.text[0].isspace():
        words = first.text.lstrip()
        inner.insert(0, Piece(TEXT, first.text[: -len(words)]))
        first.text = words
    if last.text[-1].isspace():
        words = last.text.rstrip()
        inner.append(Piece(TEXT, last.text[len(words) :]))
        last.text = words
    return [*run[:begin], *inner, *run[end:]]


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
    line = "".join([piece.text for piece in pieces])
    if not MARK.search(line) or _is_certain(pieces):
        return line
    if all(piece.kind in TEXTS for piece in pieces) and not marks(line):
        return line
    if len(pieces) > ALWAYS_ALLOWED_PIECES + len(line) * MAX_PIECES_PER_CHAR:
        pieces = [piece for piece in pieces if piece.kind not in MARKS]
    literal = [mark for piece in pieces if piece.kind in TEXTS for mark in LITERAL.findall(piece.text)]
    has_ticks = "`" in literal
    coded = (
        sum(max(1, piece.text.count("`") - 2) for piece in pieces if piece.kind == CODE) if has_ticks else 0
    )
    if len(literal) + coded > ALWAYS_ALLOWED_LITERALS + len(line) * MAX_LITERALS_PER_CHAR:
        return _as_one_code(pieces)
    if has_ticks:
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


def _as_one_code(pieces: Iterable[Piece]) -> str:
    """Returns the pieces' text as code, without marks."""
    text = "".join([piece.text for piece in pieces if piece.kind not in MARKS])
    text = text.replace(FENCE, f"``{ZERO_WIDTH_SPACE}`")
    return f"{FENCE} {text} {FENCE}" if "`" in (text[:1], text[-1:]) else f"{FENCE}{text}{FENCE}"


def _fenced(piece: Piece) -> Piece:
    """Code between three backticks, which none that stands alone in the line can be taken for."""
    if piece.kind == CODE and piece.text[:1] == "`" != piece.text[1:2]:
        piece.text = f"``{piece.text}``"
    return piece


def _apart(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces without the marks within a word, and with a space of no width between a mark and a letter
    outside that would keep it from being one."""
    touched = list(_touched(pieces))
    if not touched:
        return pieces
    lost = {pieces[at].pair for at, inside in touched if inside}
    beside = {at for at, _ in touched}
    space = Piece(TEXT, ZERO_WIDTH_SPACE)
    apart: list[Piece] = []
    for at, piece in enumerate(pieces):
        if piece.pair in lost and piece.pair:
            continue
        if at in beside and piece.kind == OPENING:
            apart.append(space)
        apart.append(piece)
        if at in beside and piece.kind == CLOSING:
            apart.append(space)
    return apart


def _touched(pieces: Sequence[Piece]) -> Iterator[tuple[int, bool]]:
    """Yields the places of the marks that a letter or a digit touches from outside, and whether it goes on
    inside, behind other marks, as one word."""
    last = len(pieces) - 1
    for at, piece in enumerate(pieces):
        if piece.kind == OPENING:
            outside = pieces[at - 1].text[-1] if at else " "
        elif piece.kind == CLOSING:
            outside = pieces[at + 1].text[0] if at < last else " "
        else:
            continue
        if outside.isalnum():
            inside = _inside(pieces, at)
            yield at, inside.isalnum() and not is_wide(outside) and not is_wide(inside)


def _inside(pieces: Sequence[Piece], at: int) -> str:
    """Returns the character that a mark touches from inside, behind other marks."""
    step = 1 if pieces[at].kind == OPENING else -1
    while pieces[at].kind in MARKS:
        at += step
    return pieces[at].text[0 if step > 0 else -1]


def _misread(pieces: Sequence[Piece]) -> dict[int, list[int]]:
    """Returns the pieces that are read otherwise than they are meant: their numbers, and the characters in
    them."""
    read = sorted(marks("".join([piece.text for piece in pieces])))
    read.append(sys.maxsize)
    wrong: dict[int, list[int]] = {}
    start = at = 0
    for number, piece in enumerate(pieces):
        end = start + len(piece.text)
        if read[at] < end:
            seen = []
            while read[at] < end:
                seen.append(read[at] - start)
                at += 1
            if piece.kind in TEXTS:
                wrong[number] = seen
        elif piece.kind in MARKS:
            wrong[number] = []
        start = end
    return wrong


def _mended(pieces: Sequence[Piece], misread: Mapping[int, Sequence[int]]) -> list[Piece]:
    """The pieces without the marks that are misread, or if there are none, with words as code."""
    lost = {pieces[number].pair for number in misread}
    kept = [piece for piece in pieces if not piece.pair or piece.pair not in lost]
    if len(kept) < len(pieces):
        return kept
    for number, taken in sorted(misread.items(), reverse=True):
        kept[number : number + 1] = _as_code(kept[number], set(taken))
    if any("`" in piece.text for piece in kept if piece.kind in TEXTS):
        return list(map(_fenced, kept))
    return _joined(kept)


def _is_simple_code(piece: Piece) -> bool:
    return piece.kind == CODE and bool(CODE_ALONE.fullmatch(piece.text))


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Returns the pieces with words as one code that stand beside each other: two backticks end none."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and _is_simple_code(piece) and _is_simple_code(joined[-1]):
            joined[-1] = Piece(CODE, joined[-1].text[:-1] + piece.text[1:])
        else:
            joined.append(piece)
    return joined


def _as_code(piece: Piece, taken: set[int]) -> Iterator[Piece]:
    """Yields the piece, with the words as code of which characters are taken for marks."""
    start = 0
    for word in filter(None, WORD.split(piece.text)):
        end = start + len(word)
        if "`" not in word and not taken.isdisjoint(range(start, end)):
            yield Piece(CODE, f"`{word.replace(ZERO_WIDTH_SPACE, '')}`")
        else:
            yield Piece(piece.kind, word)
        start = end
