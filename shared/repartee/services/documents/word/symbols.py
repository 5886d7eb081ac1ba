"""Tells which character a symbol of Word's picture fonts shows, by mammoth's tables."""

from __future__ import annotations

PRIVATE = range(0xF000, 0xF100)
"""Where Word keeps the characters of fonts that have an alphabet of their own."""

PLAIN = {
    ("Wingdings", code): character
    for code, character in zip(
        (0x6F, 0x9F, 0xA7, 0xA8, 0xD8, 0xDF, 0xE0, 0xE1, 0xE2, 0xE8, 0xFB, 0xFD, 0xFE),
        "☐•▪☐➢←→↑↓➔✗☒☑",
        strict=True,
    )
} | {
    ("Wingdings 2", 0x4F): "✗",
    ("Wingdings 2", 0x50): "✓",
    ("Wingdings 2", 0x52): "☑",
    ("Wingdings 2", 0x53): "☒",
    ("Wingdings 2", 0x54): "☒",
    ("Wingdings 2", 0xA3): "☐",
}
"""Symbols in daily use whose character in mammoth's tables few fonts and models know."""

UNKNOWN = "[symbol]"


def of_code(code: str, font: str) -> str:
    """Returns the character of `<w:sym w:char="F0FC" w:font="Wingdings"/>`."""
    try:
        number = int(code, 16)
    except ValueError:
        return UNKNOWN
    return _shown(number, font) or (chr(number) if 0x20 <= number < 0xD800 else UNKNOWN)


def of_text(text: str, font: str) -> str:
    """Returns the text with the characters of picture fonts put right."""
    if not any(ord(character) in PRIVATE for character in text):
        return text
    return "".join(
        (_shown(ord(character), font or "Symbol") or UNKNOWN) if ord(character) in PRIVATE else character
        for character in text
    )


def _shown(number: int, font: str) -> str:
    from mammoth.docx.dingbats import dingbats

    number = number - PRIVATE.start if number in PRIVATE else number
    code = dingbats.get((font, number), 0)
    return PLAIN.get((font, number), "") or (chr(code) if code else "")
