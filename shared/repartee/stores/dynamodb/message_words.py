"""Ranks messages by the words, stems, bigrams and names that they share with a question (BM25)."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from repartee.stores.ranking import STOP_WORDS, WORD_PATTERN
from repartee.stores.search_tokens import AskedTokens, split_stored_tokens

TOKEN_HASH_BYTES = 9

MAX_INDEXED_TOKENS = 300
"""Words and tokens that a message is found by: the most frequent of a very long one, half of them words."""

MAX_WORD_CHARS = 64
"""Characters of a word that count: what is longer is a link or a number, and is known by its beginning."""

MAX_SEARCHED_TOKENS = 32
"""Words and tokens of a question that are searched for: each is a Query."""

MAX_POSTINGS = 200
"""Messages with one word that are looked at, the newest: what more have it says little."""

SATURATION_FACTOR = 1.2
LENGTH_FACTOR = 0.75
AVERAGE_LENGTH_TOKENS = 20.0
"""BM25's parameters as Weaviate and FTS5 have them, and a usual message in a chat."""

NO_WORD_PREFIX = "\x00"
"""Tells a bigram, which is no word, from a word of the same two characters."""


def weigh_tokens(text: str, sender_name: str = "") -> dict[str, float]:
    """Returns all that a message is found by, with its weight in BM25 but for its rarity: the words, and
    beside them the stems, bigrams and names of `split_stored_tokens`."""
    words = [fold_word(word) for word in WORD_PATTERN.findall(_normalise(text))]
    counts = Counter(word for word in words if word and word not in STOP_WORDS)
    weights = _weigh_counts(counts, MAX_INDEXED_TOKENS // 2)
    others = Counter(f"{NO_WORD_PREFIX}{token}" for token in split_stored_tokens(text, sender_name))
    return weights | _weigh_counts(others, MAX_INDEXED_TOKENS - len(weights))


def choose_searched_tokens(asked: AskedTokens) -> list[str]:
    """Returns the words and tokens of a question that are searched for, each once."""
    words = [word for word in dict.fromkeys(map(fold_word, asked.words)) if word]
    tokens = [f"{NO_WORD_PREFIX}{token}" for token in asked.tokens]
    room_for_words = max(MAX_SEARCHED_TOKENS // 2, MAX_SEARCHED_TOKENS - len(tokens))
    return (words[:room_for_words] + tokens)[:MAX_SEARCHED_TOKENS]


def _weigh_counts(counts: Counter[str], limit: int) -> dict[str, float]:
    """Returns the weights of the most frequent."""
    length = counts.total() / AVERAGE_LENGTH_TOKENS
    norm = SATURATION_FACTOR * (1 - LENGTH_FACTOR + LENGTH_FACTOR * length)
    return {
        token: round(count * (SATURATION_FACTOR + 1) / (count + norm), 4)
        for token, count in counts.most_common(limit)
    }


def fold_word(word: str) -> str:
    """Returns a word without its accents, and no longer than counts."""
    if word.isascii():
        return word[:MAX_WORD_CHARS]
    apart = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not _is_accent(one)))[:MAX_WORD_CHARS]


def hash_token(room: str, token: str) -> bytes:
    """Returns what stands for a word in keys: it differs by room."""
    return hashlib.blake2b(f"{room} {token}".encode(), digest_size=TOKEN_HASH_BYTES).digest()


def rank_by_rarity(postings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Returns messages by the weights of the words that they share, rare ones counting more, best first.
    Each mapping holds the messages that have one word."""
    scores: Counter[str] = Counter()
    for weights in postings:
        rarity = math.log(1 + MAX_POSTINGS / max(1, len(weights)))
        for key, weight in weights.items():
            scores[key] += weight * rarity  # type: ignore[assignment]  # a Counter of floats
    return dict(scores.most_common())


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _is_accent(character: str) -> bool:
    """Whether it is a mark of Latin, Greek or Cyrillic letters. Marks of Indian scripts are vowels."""
    return "\u0300" <= character <= "\u036f"
