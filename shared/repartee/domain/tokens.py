"""Estimates how many tokens a text is, by its scripts and without a tokenizer; never too few."""

from __future__ import annotations

import re

from repartee.domain.truncation import truncate_redactable

_TOKENS_PER_CHAR = (
    (re.compile(r"[A-Za-z ]+"), 0.28),
    (
        re.compile(r"[\x00-\x7f]+"),
        0.65,
    ),  # digits, punctuation, line ends: in tables and code few share a token
    (re.compile(r"[\u0080-\u06ff]+"), 0.8),  # Latin with marks, Greek, Cyrillic, Hebrew, Arabic
    (re.compile(r"[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]+"), 1.5),  # Chinese, Japanese, Korean
)
"""Tokens of a character at the most, on average, by script. Each pattern is tried on what the ones before it
leave."""

_LEAST_TOKENS_PER_CHAR = _TOKENS_PER_CHAR[0][1]

_OTHER_TOKENS_PER_CHAR = 2.6
"""Of all other scripts, and of symbols: Amharic is 2.4 where it is measured."""

CUT_MARK = " […]"


def estimate_tokens(text: str) -> int:
    """Returns about how many tokens the text is."""
    tokens, rest = 0.0, text
    for pattern, per_char in _TOKENS_PER_CHAR:
        left = pattern.sub("", rest)
        tokens += per_char * (len(rest) - len(left))
        rest = left
    return round(tokens + _OTHER_TOKENS_PER_CHAR * len(rest) + 0.5)


def truncate_to_tokens(text: str, max_tokens: int) -> str:
    """The text, or as much of its beginning as fits, with a mark that says that it was cut."""
    longest = int(max_tokens / _LEAST_TOKENS_PER_CHAR)
    kept = truncate_redactable(text, longest)
    while (estimated := estimate_tokens(kept)) > max_tokens:
        kept = truncate_redactable(kept, int(len(kept) * min(0.95, max_tokens / estimated)))
    if len(kept) == len(text):
        return text
    return kept + CUT_MARK if kept.strip() else CUT_MARK.strip()
