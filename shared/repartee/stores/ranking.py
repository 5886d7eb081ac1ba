"""Decides which words of a text say something: the same rules for every store."""

from __future__ import annotations

import re
import unicodedata

MIN_RELATED_SIMILARITY = 0.3
"""Cosine similarity from which two texts are about the same thing, whatever words they use."""

MAX_SEARCH_WORDS = 32
"""Words of a text that are searched for, the longest first: the long ones say most."""

WORD_PATTERN = re.compile(r"[^\W_]+")

ENGLISH_STOP_WORDS = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there "
    "these they this to was will with"
)
"""Words that say nothing about the subject: Weaviate's preset for English."""

CHAT_STOP_WORDS = (
    "about am any anyone been can could did do does done from get got had has have he hello her here "
    "hey hi him his how i just know let like m me my need ok okay our please re s say she should so "
    "some t tell thank thanks them us ve want we were what when where which who why would yes you your"
)
"""The same for what people write in chats."""

STOP_WORDS = frozenset(ENGLISH_STOP_WORDS.split()) | frozenset(CHAT_STOP_WORDS.split())


def extract_search_words(text: str) -> list[str]:
    """Returns the words of a text that say something, each once, the longest first."""
    found = dict.fromkeys(WORD_PATTERN.findall(unicodedata.normalize("NFC", text).lower()))
    return sorted((word for word in found if word not in STOP_WORDS), key=len, reverse=True)[
        :MAX_SEARCH_WORDS
    ]
