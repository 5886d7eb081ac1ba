"""A face of five by seven dots for the labels of charts: the classic one of character displays."""

from __future__ import annotations

from collections.abc import Iterator

GLYPH_COLUMNS, GLYPH_ROWS = 5, 7
GLYPH_ADVANCE_COLUMNS = GLYPH_COLUMNS + 1

_GLYPH_CHARACTERS = (
    " .,-/:%+()"
    "0123456789"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz"
)  # fmt: skip
_GLYPH_DOTS = bytes.fromhex(
    # Five columns a character; the lowest bit is the top row.
    "0000000000 0060600000 0050300000 0808080808 2010080402 0036360000 2313086462 08083E0808"
    " 001C224100 0041221C00"
    "3E5149453E 00427F4000 4261514946 2141454B31 1814127F10 2745454539 3C4A494930 0171090503 3649494936"
    "064949291E"
    "7E1111117E 7F49494936 3E41414122 7F4141221C 7F49494941 7F09090901 3E4149497A 7F0808087F 00417F4100"
    "2040413F01 7F08142241 7F40404040 7F020C027F 7F0408107F 3E4141413E 7F09090906 3E4151215E 7F09192946"
    "4649494931 01017F0101 3F4040403F 1F2040201F 3F4038403F 6314081463 0708700807 6151494543"
    "2054545478 7F48444438 3844444420 384444487F 3854545418 087E090102 0C5252523E 7F08040478 00447D4000"
    "2040443D00 7F10284400 00417F4000 7C04180478 7C08040478 3844444438 7C14141408 081414187C 7C08040408"
    "4854545420 043F444020 3C4040207C 1C2040201C 3C4030403C 4428102844 0C5050503C 4464544C44"
)


def text_dots(text: str) -> Iterator[tuple[int, int]]:
    """Where the text's dots are: column and row, from its upper left. What has no glyph is left blank."""
    for place, character in enumerate(text):
        at = max(_GLYPH_CHARACTERS.find(character), 0) * GLYPH_COLUMNS
        for column, bits in enumerate(_GLYPH_DOTS[at : at + GLYPH_COLUMNS]):
            for row in range(GLYPH_ROWS):
                if bits >> row & 1:
                    yield place * GLYPH_ADVANCE_COLUMNS + column, row
