"""Holds what a desk's receiver was told to what happened: each event once, in order, none missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from benches.load_test.answer_text import TOKEN_PATTERN
from benches.load_test.desk_events import ToldEvent
from benches.load_test.desk_plan import DeskMessage
from benches.load_test.seen_answers import Acceptance

ANY_TOKEN = re.compile(TOKEN_PATTERN)
EVENT_FAULTS = ("events_lost", "events_twice", "events_out_of_order")
ONCE_IN_A_HANDOVER = ("escalated", "taken")


def find_event_faults(
    told: Sequence[ToldEvent], messages: Sequence[DeskMessage], accepted: Mapping[str, Acceptance]
) -> dict[str, list[str]]:
    """Returns what is wrong with what the receiver was told, chat by chat. Which reply answers a message is
    known by the words, of which an event has no more than the beginning: a chat with a long reply is held to
    what customers wrote alone."""
    found: dict[str, list[str]] = {name: [] for name in EVENT_FAULTS}
    chat_of = {one.token: one.chat for one in messages}
    by_chat: dict[int, list[ToldEvent]] = {}
    for conversation in _group_by_conversation(told):
        chats = [chat_of[token] for one in conversation for token in _read_tokens(one) if token in chat_of]
        if chats:
            by_chat.setdefault(chats[0], []).extend(conversation)
    own: dict[int, list[DeskMessage]] = {}
    for message in sorted(messages, key=lambda one: one.number):
        own.setdefault(message.chat, []).append(message)
    for chat, asked in own.items():
        for name, fault in _check_chat(asked, by_chat.get(chat, ()), accepted):
            found[name].append(f"chat {chat}: {fault}")
    return found


def _group_by_conversation(told: Sequence[ToldEvent]) -> list[list[ToldEvent]]:
    grouped: dict[str, list[ToldEvent]] = {}
    for one in told:
        grouped.setdefault(one.conversation, []).append(one)
    return list(grouped.values())


def _check_chat(
    asked: Sequence[DeskMessage], told: Sequence[ToldEvent], accepted: Mapping[str, Acceptance]
) -> Iterator[tuple[str, str]]:
    taken = [one for one in asked if one.token in accepted]
    received = _find_places(told, "message.received")
    yield from _check_tokens("received", taken, received)
    yield from _find_disorder(taken, received, accepted)
    if not any(one.is_long for one in asked):
        replied = _find_places(told, "reply.sent")
        yield from _check_tokens("replied to", taken, replied)
        for token in replied.keys() & received.keys():
            if replied[token][0] < received[token][0]:
                yield "events_out_of_order", f"{token} was replied to before it was received"
    yield from _check_handover(asked, told)


def _check_tokens(
    what: str, taken: Sequence[DeskMessage], places: Mapping[str, Sequence[int]]
) -> Iterator[tuple[str, str]]:
    for message in taken:
        count = len(places.get(message.token, ()))
        if count != 1:
            yield "events_twice" if count else "events_lost", f"{message.token} {what}"


def _find_disorder(
    taken: Sequence[DeskMessage], received: Mapping[str, Sequence[int]], accepted: Mapping[str, Acceptance]
) -> Iterator[tuple[str, str]]:
    """Yields messages that were told of before one that was accepted when they were not yet posted."""
    for earlier, later in pairwise(one for one in taken if one.token in received):
        came_after = accepted[earlier.token].ended < accepted[later.token].began
        if came_after and received[later.token][0] < received[earlier.token][0]:
            yield "events_out_of_order", f"{later.token} before {earlier.token}"


def _check_handover(asked: Sequence[DeskMessage], told: Sequence[ToldEvent]) -> Iterator[tuple[str, str]]:
    counts = Counter(one.kind for one in told)
    wanted = int(any(one.is_escalated for one in asked))
    for kind in ONCE_IN_A_HANDOVER:
        if counts[kind] < wanted:
            yield "events_lost", kind
        if counts[kind] > wanted:
            yield "events_twice", kind
    kinds = [one.kind for one in told if one.kind in ONCE_IN_A_HANDOVER]
    if kinds != sorted(kinds):
        yield "events_out_of_order", "taken before escalated"


def _find_places(told: Sequence[ToldEvent], kind: str) -> dict[str, list[int]]:
    """Returns where events of a kind name each message."""
    places: dict[str, list[int]] = {}
    for place, one in enumerate(told):
        if one.kind == kind:
            for token in _read_tokens(one):
                places.setdefault(token, []).append(place)
    return places


def _read_tokens(event: ToldEvent) -> list[str]:
    return list(dict.fromkeys(ANY_TOKEN.findall(event.text)))
