"""The words of the load bench's answers: every sentence names the message that it answers, and is numbered.

So what people saw tells which messages were answered, how often, in which order and whether in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benches.load_test.scenario import LONG_REPLY_WORDS, TOKEN_LETTERS, TOKEN_PREFIX

SHORT_REPLY_SENTENCES, LONG_REPLY_SENTENCES = 2, 70
TOKEN_PATTERN = rf"{TOKEN_PREFIX}[a-z]{{{TOKEN_LETTERS}}}"
ASKED_PATTERN = re.compile(rf"({TOKEN_PATTERN}): [^?]*\?")
SENTENCE_PATTERN = re.compile(rf"To\s+({TOKEN_PATTERN}),\s+part\s+(\d+)\s+of\s+(\d+):")
SENTENCE_END = "the plan for the spring stands as it was made."
ANYWHERE_CUT_END = r"\s*".join(re.escape(letter) for letter in SENTENCE_END.replace(" ", ""))
"""The end of a sentence that a platform's limit may have parted at any place."""

WHOLE_SENTENCE_PATTERN = re.compile(rf"To\s*zq(?:\s*[a-z]){{{TOKEN_LETTERS}}},[^:]*:\s*{ANYWHERE_CUT_END}")


@dataclass(frozen=True)
class SeenSentence:
    """One sentence that a person saw: which message it answers, and which of how many it is."""

    token: str
    number: int
    count: int


def write_answer(asked: str) -> str:
    """Writes the answer to all questions in a text; empty if there is none."""
    sentences: list[str] = []
    questions = {found[1]: found[0] for found in ASKED_PATTERN.finditer(asked)}
    for token, question in questions.items():
        count = LONG_REPLY_SENTENCES if LONG_REPLY_WORDS in question else SHORT_REPLY_SENTENCES
        sentences += (
            f"To {token}, part {number} of {count}: {SENTENCE_END}" for number in range(1, count + 1)
        )
    return "\n\n".join(sentences)


def read_sentences(texts: Iterable[str]) -> Iterator[SeenSentence]:
    """Yields the sentences of a chat's visible messages, in order. One may be split between two messages."""
    for found in SENTENCE_PATTERN.finditer("\n".join(texts)):
        yield SeenSentence(found[1], int(found[2]), int(found[3]))


def find_other_words(texts: Iterable[str]) -> str:
    """Returns what a chat's visible messages say besides whole sentences; empty if nothing."""
    return " ".join(WHOLE_SENTENCE_PATTERN.sub("", "\n".join(texts)).split())


def find_tokens(texts: Iterable[str]) -> Iterator[str]:
    """Yields the tokens in texts."""
    return (token for text in texts for token in re.findall(TOKEN_PATTERN, text))
