"""Splits texts into all that a message is found by beside its words, in every store alike.

Beside the words stand: their stems (Snowball's, of the text's language), the pairs of characters of languages
without spaces, and the sender's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from repartee.language.detection import FREQUENT_WORDS, detect_language
from repartee.language.person_names import remove_names
from repartee.stores.bigrams import split_asked_bigrams, split_stored_bigrams
from repartee.stores.ranking import MAX_SEARCH_WORDS, STOP_WORDS, extract_search_words

STEMMED_LANGUAGES = {
    "en": "english",
    "de": "german",
    "es": "spanish",
    "fr": "french",
    "pt": "portuguese",
    "it": "italian",
    "tr": "turkish",
    "hi": "hindi",
}
"""The ten languages that Snowball knows. Japanese and Chinese are found by pairs of characters."""

DEFAULT_LANGUAGE = "en"
"""The language whose stems are taken where it is not sure which it is."""

MAX_STEMMED_WORDS = 2000
"""Words of a text that are stemmed, the first ones."""

WHOLE_WORD_PATTERN = re.compile(r"(?:[^\W_]|[\u0900-\u0963])+")
"""Words with the vowel signs of Devanagari, which are no letters to Python."""

STEM_MARK, NAME_MARK = "\ue000", "\ue001"
"""Stand before a stem and a name: characters that no text has, and that both stores take for letters."""


class AskedTokens(msgspec.Struct, frozen=True):
    """The words to search for in the text as written, and the tokens in those of `split_stored_tokens`."""

    words: tuple[str, ...]
    tokens: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.tokens)


def split_stored_tokens(text: str, sender_name: str = "") -> list[str]:
    """Returns the tokens under which a text is stored, beside its words."""
    language = detect_language(text)
    words = [word for word in _words_of(text)[:MAX_STEMMED_WORDS] if word not in STOP_WORDS]
    stems = [STEM_MARK + stem for stem in _stem_words(words, language)]
    return [*split_stored_bigrams(text), *stems, *_name_tokens([sender_name])]


def split_asked_tokens(text: str, names: Iterable[str] = ()) -> AskedTokens:
    """Returns what a question searches for: not the names of people who are there, unless it says nothing
    else."""
    named = [name for name in names if name]
    without = remove_names(text, named)
    language = detect_language(text)
    frequent = frozenset(FREQUENT_WORDS.get(language, "").split()) if language != "en" else frozenset()
    words = [word for word in extract_search_words(without) if word not in frequent]
    whole = [word for word in _words_of(without) if word not in STOP_WORDS and word not in frequent]
    stems = dict.fromkeys(STEM_MARK + stem for stem in _stem_words(whole[:MAX_SEARCH_WORDS], language))
    tokens = [*stems, *split_asked_bigrams(without)]
    if not words and not tokens:
        return AskedTokens((), tuple(_name_tokens(named)))
    return AskedTokens(tuple(words), tuple(tokens))


def split_name_tokens(text: str) -> AskedTokens:
    """Returns what finds the messages of people whose names are in the text."""
    names = [word for word in _words_of(text)[:MAX_SEARCH_WORDS] if word not in STOP_WORDS]
    return AskedTokens((), tuple(_name_tokens(names)))


def _words_of(text: str) -> list[str]:
    return WHOLE_WORD_PATTERN.findall(unicodedata.normalize("NFC", text).lower())


def _name_tokens(names: Iterable[str]) -> list[str]:
    return [NAME_MARK + word for name in names for word in _words_of(name)]


def _stem_words(words: Iterable[str], language: str) -> list[str]:
    """Returns the stems. Words without letters have none, nor has a language that Snowball does not know."""
    if language and language not in STEMMED_LANGUAGES:
        return []
    name = STEMMED_LANGUAGES[language or DEFAULT_LANGUAGE]
    return [_stem(name, word) for word in words if word[0].isalpha() and not split_stored_bigrams(word)]


@lru_cache(maxsize=20_000)
def _stem(language: str, word: str) -> str:
    return str(_stemmer(language).stemWord(word))


def _stemmer(language: str) -> Any:
    """Returns a stemmer of its own: it keeps the word that it works on, and threads share none."""
    import snowballstemmer

    return snowballstemmer.stemmer(language)
