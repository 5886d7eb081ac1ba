"""How many tokens a text is, about as many as OpenAI's tokenizers find.

A stand-in for them: their vocabularies come in no package. By script, after cl100k_base: English has four
characters a token, 8,000 characters of Chinese are 11,000 tokens and of Amharic 19,000. Never less than one.
"""

from __future__ import annotations

ASCII, TWO_BYTES, CJK, REST = 0.25, 0.6, 1.375, 2.375
"""Tokens a character."""
FIRST_CJK, LAST_CJK = "\u2e80", "\ud7ff"


def tokens(text: str) -> int:
    """Returns the tokens of a text."""
    plain = len(text.encode("ascii", "ignore"))
    others = 0.0 if plain == len(text) else sum(map(_weight, text))
    return int(plain * ASCII + others) + 1


def _weight(character: str) -> float:
    """Returns the tokens of a character, none for ASCII, which is counted at once."""
    if character.isascii():
        return 0.0
    if character < "\u0800":
        return TWO_BYTES
    return CJK if FIRST_CJK <= character <= LAST_CJK else REST
