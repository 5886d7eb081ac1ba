"""Characters that people do not see, or that let them read another text than the one that is written."""

from __future__ import annotations

import re
import unicodedata

from repartee.errors import InvalidPayload

HIDDEN_CATEGORIES = frozenset(("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"))
"""Controls and formats, which hold the bidirectional overrides and the zero-width characters, what has no
glyph, and separators of lines. https://www.unicode.org/reports/tr44/#General_Category_Values"""

BLANK_CHARACTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks without a glyph."""

JOINERS_PATTERN = re.compile(
    r"(?<=[\u0600-\u0dff])[\u200c\u200d](?=[\u0600-\u0dff])"
    r"|(?<=[\ufe0f\u2600-\u27bf\U0001f300-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f300-\U0001faff])"
    r"|(?<=[0-9#*\u2000-\u33ff\U0001f000-\U0001faff])[\ufe0e\ufe0f]"
)
"""Joiners within words of Arabic and Indic scripts and within emoji, and how an emoji is drawn."""


def check_visible(name: str, text: str) -> str:
    """Returns the text with line ends as one character. Raises `InvalidPayload` if something in it is not
    seen; `name` says which text."""
    text = text.replace("\r\n", "\n")
    hidden = next((one for one in JOINERS_PATTERN.sub("", text) if is_hidden(one)), None)
    if hidden:
        raise InvalidPayload(
            f"{name} takes a text of visible characters: leave out the invisible U+{ord(hidden):04X}"
        )
    return text


def show_hidden(text: str) -> str:
    """Returns the text with the codes of what is not seen in its place, such as `U+202E`."""
    kept = JOINERS_PATTERN.finditer(text)
    joiners = {found.start() for found in kept}
    return "".join(
        f"U+{ord(one):04X}" if is_hidden(one) and number not in joiners else one
        for number, one in enumerate(text)
    )


def is_hidden(character: str) -> bool:
    """Tells whether a character is not seen. Line ends and tabs are."""
    if character in "\n\t":
        return False
    return (
        character in BLANK_CHARACTERS
        or unicodedata.category(character) in HIDDEN_CATEGORIES
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )
