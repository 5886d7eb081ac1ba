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
GAP_SECONDS = 1.0
"""Seconds between a platform's answer to a send and the note of it, on a busy machine."""


@dataclass(frozen=True)
class Acceptance:
    """When the webhook took a message and when it acknowledged it (epoch seconds)."""

    began: float
    ended: float


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
    sends: Mapping[str, Sequence[float]],
    interruptions: Mapping[int, Sequence[Interruption]],
) -> SeenFaults:
    """Looks through the assistant's visible messages of each chat. `sends` has when each message's answer was
    sent, by its token; `interruptions` when workers of a chat were killed or frozen."""
    found, asked = SeenFaults(), _group_by_chat(messages)
    for chat, own in asked.items():
        _check_chat(found, own, texts.get(chat, ()), accepted, sends, interruptions.get(chat, ()))
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
    sends: Mapping[str, Sequence[float]],
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
        if any(times > 1 for times in parts.values()):
            in_gap = message.platform in GAP_PLATFORMS and is_in_gap(
                sends.get(message.token, ()), interruptions
            )
            (found.twice_in_gap if in_gap else found.twice).append(label)
    found.out_of_order += _find_disorder(own, [one.token for one in sentences], accepted)


def is_in_gap(sends: Sequence[float], interruptions: Sequence[Interruption]) -> bool:
    """Returns whether a worker of the chat was interrupted just when it had sent."""
    return any(
        -GAP_SECONDS <= interrupted.at - sent <= GAP_SECONDS
        for sent in sends
        for interrupted in interruptions
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
