"""Holds what people saw of a run to what it must be: each message answered once, in full, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benches.load_test.answer_text import find_other_words, read_sentences
from benches.load_test.function_workers import Interruption
from benches.load_test.scenario import LoadMessage

GAP_PLATFORMS = ("telegram", "whatsapp")
"""Where what was sent cannot be looked up: what a worker sent that died before its note is seen twice."""

DELAY_NOTICE = "This takes longer than usual. I will answer as soon as I can."
MAX_UNNOTED_SECONDS = 10.0
"""Seconds for which what was sent may be unnoted before its worker is interrupted: the table may be out."""

LATE_SEND_SECONDS = 2.0
"""Seconds after which a platform may still take what a worker had sent that was interrupted."""


@dataclass(frozen=True)
class Acceptance:
    """When the webhook took a message and when it acknowledged it (epoch seconds)."""

    began: float
    ended: float


@dataclass(frozen=True)
class SentAnswer:
    """A message that a platform took (epoch seconds), by its id, and which questions it answers."""

    at: float
    id: str
    tokens: frozenset[str]


@dataclass
class SeenFaults:
    """Messages by what is wrong with what people saw of them, each with its chat."""

    lost: list[str] = field(default_factory=list)
    cut_short: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    twice_in_gap: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    in_wrong_chat: list[str] = field(default_factory=list)
    apologies: list[str] = field(default_factory=list)
    other_words: list[str] = field(default_factory=list)
    """Said in a message beside its answers: a notice, or an answer that is not whole."""
    delay_notices: list[str] = field(default_factory=list)
    """Told once in a chat whose answer an outage delays; no fault."""


def find_faults(
    texts: Mapping[int, Sequence[str]],
    messages: Sequence[LoadMessage],
    accepted: Mapping[str, Acceptance],
    sent: Sequence[SentAnswer],
    interruptions: Mapping[int, Sequence[Interruption]],
) -> SeenFaults:
    """Looks through the assistant's visible messages of each chat. `sent` is what platforms took that cannot
    be asked for it; `interruptions` are the workers of a chat that were killed or frozen."""
    found, asked = SeenFaults(), _group_by_chat(messages)
    for chat, own in asked.items():
        tokens = {message.token for message in own}
        own_sent = [one for one in sent if one.tokens & tokens]
        _check_chat(found, own, texts.get(chat, ()), accepted, own_sent, interruptions.get(chat, ()))
    return found


def _group_by_chat(messages: Sequence[LoadMessage]) -> dict[int, list[LoadMessage]]:
    grouped: dict[int, list[LoadMessage]] = {}
    for message in messages:
        grouped.setdefault(message.chat, []).append(message)
    return grouped


def _check_chat(
    found: SeenFaults,
    own: Sequence[LoadMessage],
    texts: Sequence[str],
    accepted: Mapping[str, Acceptance],
    sent: Sequence[SentAnswer],
    interruptions: Sequence[Interruption],
) -> None:
    found.delay_notices += [f"chat {own[0].chat}" for text in texts if text == DELAY_NOTICE]
    texts = [text for text in texts if text != DELAY_NOTICE]
    unnamed = [text for text in texts if not list(read_sentences([text]))]
    found.apologies += [f"chat {own[0].chat}: {text}" for text in unnamed]
    if words := find_other_words(text for text in texts if text not in unnamed):
        found.other_words.append(f"chat {own[0].chat}: {words}")
    sentences = list(read_sentences(texts))
    tokens = {message.token for message in own}
    found.in_wrong_chat += [one.token for one in sentences if one.token not in tokens]
    for message in own:
        label = f"{message.token} ({message.platform}, chat {message.chat})"
        parts = Counter(one.number for one in sentences if one.token == message.token)
        count = next((one.count for one in sentences if one.token == message.token), 0)
        if not parts:
            found.lost.append(label)
        elif set(parts) != set(range(1, count + 1)):
            found.cut_short.append(label)
        repeats = max(parts.values(), default=1) - 1
        if repeats:
            explained = sum(is_in_gap(message.token, sent, one) for one in interruptions)
            in_gap = message.platform in GAP_PLATFORMS and repeats <= explained
            (found.twice_in_gap if in_gap else found.twice).append(label)
    found.out_of_order += _find_disorder(own, [one.token for one in sentences], accepted)


def is_in_gap(token: str, sent: Sequence[SentAnswer], interrupted: Interruption) -> bool:
    """Returns whether the answer is in the one message that the interrupted worker had sent and not noted:
    nobody can know of that one. With two of them it went on before it had noted the first. One that was
    frozen before it sent may do so afterwards."""
    left = interrupted.left
    unnoted = {
        one.id: one
        for one in sent
        if one.id not in left.noted_ids and (token in one.tokens or one.tokens & left.open_tokens)
    }
    sent_before = [
        one
        for one in unnoted.values()
        if interrupted.at - MAX_UNNOTED_SECONDS <= one.at <= interrupted.at + LATE_SEND_SECONDS
    ]
    if sent_before:
        return len(sent_before) == 1 and token in sent_before[0].tokens
    return interrupted.ended > interrupted.at and any(
        token in one.tokens and 0.0 <= one.at - interrupted.ended <= LATE_SEND_SECONDS
        for one in unnoted.values()
    )


def _find_disorder(
    own: Sequence[LoadMessage], seen: Sequence[str], accepted: Mapping[str, Acceptance]
) -> list[str]:
    """Messages that were answered after one that was accepted only when they were acknowledged already."""
    first_places = {token: place for place, token in reversed(list(enumerate(seen)))}
    ordered = [one for one in own if one.token in first_places and one.token in accepted]
    return [
        f"{later.token} before {earlier.token}"
        for earlier, later in pairwise(ordered)
        if accepted[earlier.token].ended < accepted[later.token].began
        and first_places[later.token] < first_places[earlier.token]
    ]
