"""Texts as they are compared: without case, accents and marks, and with one way to write the same thing."""

from __future__ import annotations

import re
import unicodedata

LATIN_ACCENTS = dict.fromkeys(range(768, 880))
SAME_LETTERS = str.maketrans({"’": "'", "‘": "'", "ı": "i", "ß": "ss", "、": ",", "。": ".", "…": "."})
END_MARKS = " \t\r\n.,:;!¡-–—`*_~"
PAUSES = re.compile(r"[,;:!.]+(?=\s|$)|\s+")


def fold(text: str) -> str:
    """The text in lower case, without accents on Latin letters, with one form for widths and apostrophes."""
    split = unicodedata.normalize("NFKD", text).casefold().translate(LATIN_ACCENTS)
    return unicodedata.normalize("NFC", split).translate(SAME_LETTERS)


def fold_line(text: str) -> str:
    """A folded line without marks at its ends or pauses inside, and without blanks in Chinese and Japanese."""
    words = PAUSES.sub(" ", fold(text).strip(END_MARKS)).strip(END_MARKS)
    return words.replace(" ", "") if is_spaceless(words) else " ".join(words.split())


def is_spaceless(text: str) -> bool:
    """Whether a text is in a script that sets no blanks between words."""
    return not text.isascii() and any(
        "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" for char in text
    )
