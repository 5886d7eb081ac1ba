"""Chooses the language in which a person is spoken to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from repartee.language.catalogue import LANGUAGES, SOURCE_LANGUAGE
from repartee.language.detection import detect_language

LANGUAGE_NAMES = {
    "english": "en", "german": "de", "deutsch": "de", "spanish": "es", "español": "es", "castellano": "es",
    "french": "fr", "français": "fr", "portuguese": "pt", "português": "pt", "brazilian portuguese": "pt",
    "italian": "it", "italiano": "it", "turkish": "tr", "türkçe": "tr", "hindi": "hi", "हिन्दी": "hi", "हिंदी": "hi",
    "japanese": "ja", "日本語": "ja", "chinese": "zh", "simplified chinese": "zh", "mandarin": "zh", "中文": "zh",
}  # fmt: skip
"""Languages as profiles name them."""


SPOKEN_LANGUAGE_KEY = "spoken_language"
"""Where a profile keeps the code of the language in which the person wrote last."""

NO_PROFILE: Mapping[str, str] = {}


def language_code(name: str) -> str:
    """Returns the catalogue's code for a tag (`pt-BR`, `de_DE`), the first of a
    list (`fr-CH, en;q=0.8`) or a name (`German`), empty if it has none."""
    name = name.strip().lower()
    code = LANGUAGE_NAMES.get(name) or re.split("[-_,;]", name, maxsplit=1)[0]
    return code if code in LANGUAGES else ""


def choose_language(*, profile: Mapping[str, str] = NO_PROFILE, platform: str = "", text: str = "") -> str:
    """Returns the language in which to speak to a person, empty if nothing tells.

    What they asked for comes first, then what the platform says of them, then the language of their `text`, then
    the one in which they wrote last. An English platform says little: many people leave it as it was, so a sure
    text counts more.
    """
    if asked := language_code(profile.get("language", "")):
        return asked
    shown = language_code(platform)
    if shown and shown != SOURCE_LANGUAGE:
        return shown
    return detect_language(text) or shown or profile.get(SPOKEN_LANGUAGE_KEY, "")
