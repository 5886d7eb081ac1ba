"""Messages in the shape of a real workspace, made cheaply and the same each time.

The first chat has one message in forty (5,000 of 200,000), all over the last thirty days; a second has a
hundred, from the beginning; the rest is spread evenly over two thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy

from repartee.domain.message import Message, StoredMessage
from repartee.ports import Vector

WORKSPACE = "slack:T1"
LARGEST_CHAT, TYPICAL_CHAT, GROWING_CHAT = (f"{WORKSPACE}:{chat}" for chat in ("C0", "C1", "CX"))
CHAT_COUNT, WORD_COUNT, TOPIC_COUNT, VECTOR_DIMENSIONS = 2000, 20_000, 50, 384
SPAN_SECONDS = 30 * 24 * 3600.0
BATCH_SIZE = 500

_vocabulary = numpy.array([f"word{n}" for n in range(WORD_COUNT)])
_word_weights = 1 / numpy.arange(1, WORD_COUNT + 1)
_word_weights /= _word_weights.sum()
_topic_vectors = numpy.random.default_rng(0).standard_normal((TOPIC_COUNT, VECTOR_DIMENSIONS)).astype("f4")
_topic_vectors /= numpy.linalg.norm(_topic_vectors, axis=1, keepdims=True)


def stored_messages(first: int, last: int, now: float) -> Iterator[Sequence[tuple[StoredMessage, Vector]]]:
    """Yields the messages of these numbers, in batches of as many as `BATCH`."""
    for start in range(first, last, BATCH_SIZE):
        yield _build_batch(range(start, min(start + BATCH_SIZE, last)), now)


def _build_batch(numbers: range, now: float) -> list[tuple[StoredMessage, Vector]]:
    random = numpy.random.default_rng(numbers.start)
    texts = random.choice(_vocabulary, size=(len(numbers), 15), p=_word_weights)
    times = now - random.random(len(numbers)) * SPAN_SECONDS
    return [
        (_stored_message(n, _chat_of_number(n), " ".join(text), float(sent)), topic_vector(n, random))
        for n, text, sent in zip(numbers, texts, times, strict=True)
    ]


def topic_vector(topic: int, random: numpy.random.Generator) -> Vector:
    """Returns a vector whose cosine with others of its topic is about 0.4, and with the rest about 0."""
    noise = random.standard_normal(VECTOR_DIMENSIONS).astype("f4")
    made: list[float] = (
        0.63 * _topic_vectors[topic % TOPIC_COUNT] + 0.77 * noise / numpy.linalg.norm(noise)
    ).tolist()
    return made


def random_question(random: numpy.random.Generator) -> str:
    """Five words that are neither the most frequent nor the rarest."""
    return " ".join(random.choice(_vocabulary[30:3000], size=5))


def build_exchange(number: int, now: float) -> list[tuple[StoredMessage, Vector]]:
    """Both sides of one more turn, in a chat of such turns."""
    random = numpy.random.default_rng(number)
    question = _stored_message(number, GROWING_CHAT, random_question(random), now)
    answer = StoredMessage(
        id=f"{question.id}!",
        side="assistant",
        chat=GROWING_CHAT,
        room=GROWING_CHAT,
        sender="us",
        text="answer",
        sent=now,
    )
    return [(question, topic_vector(number, random)), (answer, topic_vector(number, random))]


def build_message(number: int, now: float) -> Message:
    """Returns a message as the webhook keeps it, in a chat of its own."""
    chat = f"{LARGEST_CHAT}:{number}"
    return Message(
        id=str(number),
        chat=chat,
        room=LARGEST_CHAT,
        channel="slack",
        sender="slack:T1:U1",
        text=random_question(numpy.random.default_rng(number)),
        sent=now,
        received=now,
    )


def _chat_of_number(number: int) -> str:
    if number % 40 == 0:
        return LARGEST_CHAT
    if number < 1000 and number % 10 == 1:
        return TYPICAL_CHAT
    return f"{WORKSPACE}:C{2 + number * 7919 % (CHAT_COUNT - 2)}"


def _stored_message(number: int, chat: str, text: str, sent: float) -> StoredMessage:
    return StoredMessage(
        id=f"{chat}#{number}",
        side="user",
        chat=chat,
        room=chat,
        sender=f"U{number % 300}",
        text=text,
        sent=sent,
    )
