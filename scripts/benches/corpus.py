"""Messages in the shape of a real workspace, made cheaply and the same each time.

The first chat has one message in forty (5,000 of 200,000), all over the last thirty days; a second has a
hundred, from the beginning; the rest is spread evenly over two thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy

from repartee.conversation.message import Message, Said
from repartee.ports import Vector

WORKSPACE = "slack:T1"
LARGEST, TYPICAL, GROWING = (f"{WORKSPACE}:{chat}" for chat in ("C0", "C1", "CX"))
CHATS, WORDS, TOPICS, DIMENSIONS = 2000, 20_000, 50, 384
SPAN = 30 * 24 * 3600.0
BATCH = 500

_words = numpy.array([f"word{n}" for n in range(WORDS)])
_shares = 1 / numpy.arange(1, WORDS + 1)
_shares /= _shares.sum()
_topics = numpy.random.default_rng(0).standard_normal((TOPICS, DIMENSIONS)).astype("f4")
_topics /= numpy.linalg.norm(_topics, axis=1, keepdims=True)


def messages(first: int, last: int, now: float) -> Iterator[Sequence[tuple[Said, Vector]]]:
    """The messages of these numbers, in batches of as many as `BATCH`."""
    for start in range(first, last, BATCH):
        yield _batch(range(start, min(start + BATCH, last)), now)


def _batch(numbers: range, now: float) -> list[tuple[Said, Vector]]:
    random = numpy.random.default_rng(numbers.start)
    texts = random.choice(_words, size=(len(numbers), 15), p=_shares)
    times = now - random.random(len(numbers)) * SPAN
    return [
        (_said(n, _chat(n), " ".join(text), float(sent)), vector(n, random))
        for n, text, sent in zip(numbers, texts, times, strict=True)
    ]


def vector(topic: int, random: numpy.random.Generator) -> Vector:
    """A vector whose cosine with others of its topic is about 0.4, and with the rest about 0."""
    noise = random.standard_normal(DIMENSIONS).astype("f4")
    made: list[float] = (0.63 * _topics[topic % TOPICS] + 0.77 * noise / numpy.linalg.norm(noise)).tolist()
    return made


def question(random: numpy.random.Generator) -> str:
    """Five words that are neither the most frequent nor the rarest."""
    return " ".join(random.choice(_words[30:3000], size=5))


def exchange(number: int, now: float) -> list[tuple[Said, Vector]]:
    """Both sides of one more turn, in a chat of such turns."""
    random = numpy.random.default_rng(number)
    asked = _said(number, GROWING, question(random), now)
    answer = Said(
        id=f"{asked.id}!", side="assistant", chat=GROWING, room=GROWING, sender="us", text="answer", sent=now
    )
    return [(asked, vector(number, random)), (answer, vector(number, random))]


def message(number: int, now: float) -> Message:
    """A message as the webhook keeps it, in a chat of its own."""
    chat = f"{LARGEST}:{number}"
    return Message(
        id=str(number),
        chat=chat,
        room=LARGEST,
        channel="slack",
        sender="slack:T1:U1",
        text=question(numpy.random.default_rng(number)),
        sent=now,
        received=now,
    )


def _chat(number: int) -> str:
    if number % 40 == 0:
        return LARGEST
    if number < 1000 and number % 10 == 1:
        return TYPICAL
    return f"{WORKSPACE}:C{2 + number * 7919 % (CHATS - 2)}"


def _said(number: int, chat: str, text: str, sent: float) -> Said:
    return Said(
        id=f"{chat}#{number}",
        side="user",
        chat=chat,
        room=chat,
        sender=f"U{number % 300}",
        text=text,
        sent=sent,
    )
