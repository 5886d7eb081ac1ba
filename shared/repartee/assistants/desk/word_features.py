"""The words and parts of words of a message, as the classifier of reasons counts them. Needs nothing but the
standard library: a turn computes it."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

from repartee.language.folding import fold, is_spaceless

WORD_BUCKETS = 8192
"""Numbers that words and parts of words are counted in, by their hash."""

PART_CHARS, SPACELESS_PART_CHARS = (3, 4, 5), (1, 2, 3)
"""Characters of the parts that a text is cut into, where words are set apart and where they are not."""

MAX_COUNTED_CHARS = 600
"""Characters of a message that are looked at, at its beginning and at its end."""

BLANKS, DIGITS, WORDS = re.compile(r"\s+"), re.compile(r"\d+"), re.compile(r"[\w']+")
SIGN_BIT_NUMBER = 31


def fold_ends(text: str) -> str:
    """Returns the folded text, of a long one its beginning and its end."""
    folded = fold(text)
    if len(folded) <= 2 * MAX_COUNTED_CHARS:
        return folded
    return f"{folded[:MAX_COUNTED_CHARS]}\n{folded[-MAX_COUNTED_CHARS:]}"


def count_word_parts(text: str) -> Mapping[int, float]:
    """Returns how much of a text is in each bucket: together of length one. A text without words has none."""
    buckets: Counter[int] = Counter()
    for part in set(_list_parts(fold_ends(text))):
        code = zlib.crc32(part.encode())
        buckets[code % WORD_BUCKETS] += 1 if code >> SIGN_BIT_NUMBER & 1 else -1
    length = math.sqrt(sum(count * count for count in buckets.values()))
    return {bucket: count / length for bucket, count in buckets.items() if count}


def _list_parts(folded: str) -> Iterator[str]:
    text = BLANKS.sub(" ", DIGITS.sub("0", folded)).strip()
    padded, is_dense = f" {text} ", is_spaceless(text)
    for size in SPACELESS_PART_CHARS if is_dense else PART_CHARS:
        yield from (padded[at : at + size] for at in range(len(padded) - size + 1))
    if not is_dense:
        words = WORDS.findall(text)
        yield from (f"w:{word}" for word in words)
        yield from (f"w:{one} {two}" for one, two in pairwise(words))
