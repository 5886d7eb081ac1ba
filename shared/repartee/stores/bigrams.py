"""Splits text of languages that put no spaces between words into overlapping pairs of characters.

The stores index the words of a text by what stands between them. Chinese, Japanese and Thai have nothing
there, and Korean joins particles to its words, so no word of theirs is found that way. Most of their words
are made of two characters: 咖啡机 (coffee machine) is indexed as 咖啡 and 啡机, and 咖啡 finds it.
Japanese changes its script where words end; so no pair has characters of two scripts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_HIRAGANA = "\u3041-\u3096\u309d\u309e"
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
_HANGUL = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
_THAI = "\u0e01-\u0e3a\u0e40-\u0e4e"
_LAO_KHMER_MYANMAR = ("\u0e81-\u0ece", "\u1780-\u17d3", "\u1000-\u103f")

_RUN = "|".join(
    f"[{script}]+" for script in (_HAN, _HIRAGANA, _KATAKANA, _HANGUL, _THAI, *_LAO_KHMER_MYANMAR)
)
"""Neighbouring characters of one script."""

_ONE_CHARACTER_WORD = f"[{_HAN}{_HANGUL}]"
"""Characters that are words by themselves, such as 茶 (tea) or 물 (water)."""

_PARTICLE = f"(?<=[{_HAN}{_KATAKANA}])[はがをにのへともでや](?=[{_HIRAGANA}])"
"""A Japanese particle after a noun, with more after it: は in 猫はどこ."""

_compile = cache(re.compile)
"""Compiles a pattern when the first text needs it. It takes milliseconds, and a text in ASCII needs none."""

STOP_PHRASES = (
    "什么时候 什么 怎么 在哪里 我们 你们 他们 这个 那个 可以 请问 谢谢 知道 告诉 为什么 多少 没有 不是 "
    "是什么 一下 "
    "ですか でした ますか しました しますか ません してください くださいませ どこですか なにですか "
    "いつですか だれ どう これは それは あれ この その あの ないです あります います する こと もの "
    "とき から まで より って たい ので のに "
    "ています ていた でしょう ましょう "
    "어디 무엇 언제 누구 이것 그것 있는 있나요 어요 에요 예요 이에요 입니다 습니다 습니까 합니다 세요 주세요 "
    "ที่ไหน อะไร เมื่อไร ครับ ค่ะ นี้"
)
"""Question words and polite endings, which are said whatever the subject is."""

STOP_BIGRAMS = frozenset(
    first + second for phrase in STOP_PHRASES.split() for first, second in pairwise(phrase)
)
"""Pairs that say nothing about the subject, as the stop words of languages with spaces."""

MAX_SEARCH_BIGRAMS = 64
"""Pairs of a question that are searched for, the first ones."""


def split_stored_bigrams(text: str) -> list[str]:
    """Returns the tokens under which a text is stored: its pairs, and each character that can be a word
    alone. Empty for a text in which all words are separated by spaces."""
    runs = _split_runs(text)
    return [token for run in runs for token in (*_pairs(run), *_compile(_ONE_CHARACTER_WORD).findall(run))]


def split_asked_bigrams(text: str) -> list[str]:
    """Returns the tokens that a question is searched by, each once: the pairs that say something about a
    subject, and the characters that stand alone."""
    tokens = dict.fromkeys(token for run in _split_runs(text) for token in _asked_tokens(run))
    return list(tokens)[:MAX_SEARCH_BIGRAMS]


def _split_runs(text: str) -> list[str]:
    """Returns the runs of one script in the text. Half-width letters become full ones, as people read
    them."""
    if text.isascii():
        return []
    return _compile(_RUN).findall(_compile(_PARTICLE).sub(" ", unicodedata.normalize("NFKC", text)))


def _asked_tokens(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield from _compile(_ONE_CHARACTER_WORD).findall(run)
    yield from (pair for pair in _pairs(run) if pair not in STOP_BIGRAMS)


def _pairs(run: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(run))
