"""Cuts text into the pieces of a SentencePiece unigram model: the most probable way to spell it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

WORD_START = "\u2581"
"""Stands for a space, and before the first word."""

UNKNOWN_PENALTY = 10.0
"""How much less probable a character that is in no piece is than the rarest piece."""


class UnigramTokenizer:
    """Pieces, the logarithms of their probabilities, and the characters that are read as others. `first` and
    `last` are the ids that a text begins and ends with."""

    def __init__(
        self,
        pieces: Sequence[bytes],
        scores: Sequence[float],
        replacements: Mapping[int, str],
        first: int,
        last: int,
        unknown: int,
    ) -> None:
        special = {first, last, unknown}
        self._pieces = {piece: id for id, piece in enumerate(pieces) if piece and id not in special}
        self._scores, self._replacements = scores, dict(replacements)
        self._first, self._last, self._unknown = first, last, unknown
        self._unknown_score = min(scores) - UNKNOWN_PENALTY
        self._longest = max(map(len, pieces))

    def encode(self, text: str, max_tokens: int) -> list[int]:
        """Returns the ids of the text's pieces between the first and the last, at most so many."""
        spaced = re.sub(" {2,}", " ", text.translate(self._replacements))
        marked = ("" if spaced.startswith(" ") else WORD_START) + spaced.replace(" ", WORD_START)
        return [self._first, *self._best_path(marked)[: max_tokens - 2], self._last]

    def _best_path(self, text: str) -> list[int]:
        """Viterbi's way: the best spelling up to each character is that of a shorter text and one piece."""
        letters = [character.encode() for character in text]
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)] + [(-1e30, 0, 0)] * len(letters)
        for start in range(len(letters)):
            base, piece = best[start][0], b""
            for end in range(start + 1, len(letters) + 1):
                piece += letters[end - 1]
                if len(piece) > self._longest:
                    break
                id = self._pieces.get(piece)
                if id is not None and base + self._scores[id] > best[end][0]:
                    best[end] = (base + self._scores[id], start, id)
            if base + self._unknown_score > best[start + 1][0]:
                best[start + 1] = (base + self._unknown_score, start, self._unknown)
        return _walk_back(best)


def _walk_back(best: Sequence[tuple[float, int, int]]) -> list[int]:
    ids, at = [], len(best) - 1
    while at > 0:
        _, at, id = best[at]
        ids.append(id)
    return ids[::-1]
