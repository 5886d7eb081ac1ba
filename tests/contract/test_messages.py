"""The contract of `ports.Messages`, on every store."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from repartee.conversation.message import workspace_of
from repartee.errors import Late
from repartee.plan import deadline
from repartee.ports import Messages, Vector
from tests.support.message_stores import MessagesStore
from tests.support.said import about, said

THREADS = 64


def texts(found: object) -> list[str]:
    return [one.text for one in found]  # type: ignore[attr-defined]


def test_an_unknown_chat_has_no_newest(messages: Messages, room: str) -> None:
    """An unknown chat has nothing that is newest."""
    assert texts(messages.newest(room, "user", 10)) == []


def test_nothing_is_relevant_in_an_unknown_room(messages: Messages, room: str) -> None:
    """In an unknown room nothing is relevant."""
    assert texts(messages.relevant(room, "user", "coffee", about(1), 10)) == []


def test_newest_is_oldest_first_and_limited(messages: Messages, room: str) -> None:
    """The newest come oldest first, and are no more than asked for."""
    messages.put([(said(f"number {n}", chat=room, sent=float(n)), None) for n in (3, 1, 5, 2, 4)])

    assert texts(messages.newest(room, "user", 3)) == [
        "number 3",
        "number 4",
        "number 5",
    ]


@pytest.mark.parametrize("limit", [1, 3, 5, 8, 11, 100])
def test_the_newest_may_lie_far_back(messages: Messages, room: str, limit: int) -> None:
    """However far apart messages are, and even where a clock is ahead of ours, the newest are found."""
    now, day = time.time(), 24 * 3600
    ages = [-0.1, 0, 0.5, 1, 2, 3, 20, 31.5, 33, 400, 20_000]
    messages.put([(said(f"{age} days", chat=room, sent=now - age * day), None) for age in ages])

    found = messages.newest(room, "user", limit)

    assert texts(found) == [f"{age} days" for age in reversed(ages[:limit])]


def test_what_is_read_is_what_was_said(messages: Messages, room: str) -> None:
    """A message is read as it was written, to the microsecond and the last emoji."""
    one = said(
        'Grüße 👋\n\x1f* weird \\ "text"',
        chat=f"{room}:17.5",
        room=room,
        sender="bob",
        sent=1766000000.123456,
    )

    messages.put([(one, about(1))])

    assert list(messages.newest(one.chat, "user", 1)) == [one]
    assert list(messages.relevant(room, "user", "weird", None, 1)) == [one]


def test_sides_are_apart(messages: Messages, room: str) -> None:
    """One side's words are never among the other's."""
    messages.put(
        [
            (said("coffee?", chat=room), about(1)),
            (said("coffee!", chat=room, side="assistant"), about(1)),
        ]
    )

    assert texts(messages.newest(room, "user", 10)) == ["coffee?"]
    assert texts(messages.relevant(room, "assistant", "coffee", about(1), 10)) == ["coffee!"]


def test_chats_are_apart_and_a_room_has_them_all(messages: Messages, room: str) -> None:
    """History is the chat's; relevance is the room's, over all its chats."""
    messages.put([
        (said("coffee in one", chat=f"{room}:1", room=room), about(1)),
        (said("coffee in two", chat=f"{room}:2", room=room), about(1)),
        (said("coffee elsewhere", chat=f"{room}9"), about(1)),
    ])  # fmt: skip

    assert texts(messages.newest(f"{room}:1", "user", 10)) == ["coffee in one"]
    assert set(texts(messages.relevant(room, "user", "coffee", about(1), 10))) == {
        "coffee in one",
        "coffee in two",
    }


def test_a_room_has_the_newest_of_all_its_chats(messages: Messages, room: str) -> None:
    """A thread that begins finds what was said in its room: the newest of all chats there, by time."""
    now = time.time()
    messages.put([
        (said(f"number {n}", chat=f"{room}:{n % 3}", room=room, sent=now - 10 + n), None) for n in range(6)
    ])  # fmt: skip
    messages.put(
        [(said("elsewhere", chat=f"{room}9", sent=now), None), (said("in it", chat=room, sent=now), None)]
    )

    assert texts(messages.newest(room, "user", 4)) == ["number 3", "number 4", "number 5", "in it"]
    assert texts(messages.newest(f"{room}:1", "user", 4)) == ["number 1", "number 4"]


def test_workspaces_are_apart(messages: Messages, room: str) -> None:
    """Nothing of one workspace is seen in another, however alike."""
    messages.put([(said("coffee", chat=room), about(1))])

    assert texts(messages.relevant(room.replace("slack:T", "slack:U"), "user", "coffee", about(1), 10)) == []


def test_relevance_finds_by_vector_what_shares_no_word(messages: Messages, room: str) -> None:
    """What means the same is relevant though it shares no word."""
    messages.put(
        [
            (said("espresso", chat=room), about(1, 0.9)),
            (said("holidays", chat=room), about(2)),
        ]
    )

    assert texts(messages.relevant(room, "user", "coffee", about(1), 10)) == ["espresso"]


@pytest.mark.parametrize("kind", [list, tuple, lambda vector: array("f", vector)])
def test_any_sequence_of_numbers_is_a_vector(
    messages: Messages, room: str, kind: Callable[..., Vector]
) -> None:
    """An embedder's array is as good as a list."""
    messages.put([(said("the espresso machine", chat=room), kind(about(1)))])

    assert texts(messages.relevant(room, "user", "zzz", kind(about(1)), 1)) == ["the espresso machine"]
    assert texts(messages.relevant(room, "user", "", kind(about(1)), 1)) == ["the espresso machine"]


def test_relevance_finds_by_words_what_has_no_vector(messages: Messages, room: str) -> None:
    """What shares a word is relevant though neither has a vector."""
    messages.put(
        [
            (said("The coffee machine is broken", chat=room), None),
            (said("holidays", chat=room), None),
        ]
    )

    assert texts(messages.relevant(room, "user", "Who repairs the COFFEE?", None, 10)) == [
        "The coffee machine is broken"
    ]


def test_relevance_puts_the_best_first(messages: Messages, room: str) -> None:
    """What is alike in words and in meaning comes first, and is all that fits in one."""
    messages.put(
        [
            (said("espresso", chat=room), about(1, 0.8)),
            (said("coffee machine", chat=room), about(1, 0.85)),
            (said("tea", chat=room), about(1, 0.4)),
        ]
    )

    assert texts(messages.relevant(room, "user", "coffee machine", about(1), 10)) == [
        "coffee machine",
        "espresso",
        "tea",
    ]
    assert texts(messages.relevant(room, "user", "coffee machine", about(1), 1)) == ["coffee machine"]


def test_a_shared_word_is_not_enough_where_vectors_are_far(messages: Messages, room: str) -> None:
    """Where there are vectors they say what a message is about; words have a say in the order alone."""
    messages.put([(said("the bank of the river", chat=room), about(1))])

    assert texts(messages.relevant(room, "user", "the bank is closed", about(2), 10)) == []
    assert texts(messages.relevant(room, "user", "the bank is closed", None, 10)) == ["the bank of the river"]


@pytest.mark.parametrize("text", ["", "?!", "who is the that", "zebra"])
def test_nothing_is_relevant_when_nothing_was_said_about_it(messages: Messages, room: str, text: str) -> None:
    """Nothing is relevant when nothing was said about it: small words and far vectors do not count."""
    messages.put([(said("the coffee is there, who is that", chat=room), about(1))])

    assert texts(messages.relevant(room, "user", text, about(2), 10)) == []
    assert texts(messages.relevant(room, "user", text, None, 10)) == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "a OR b* NEAR(",
        "text:coffee",
        "-coffee",
        "coffee" * 10_000,
        "word " * 50_000,
    ],
)
def test_any_text_can_be_searched_for(messages: Messages, room: str, text: str) -> None:
    """No text is a query language: whatever people write can be searched for."""
    messages.put([(said("tea", chat=room), about(1))])

    assert texts(messages.relevant(room, "user", text, about(1), 10)) == ["tea"]


def test_repeating_a_write_changes_nothing(messages: Messages, room: str) -> None:
    """The same message written twice is there once."""
    messages.put([(said("coffee", chat=room), about(1))])
    messages.put([(said("coffee", chat=room), about(1))])

    assert texts(messages.newest(room, "user", 10)) == ["coffee"]
    assert texts(messages.relevant(room, "user", "coffee", about(1), 10)) == ["coffee"]


def test_a_later_write_stands(messages: Messages, room: str) -> None:
    """A message written again with other words has the later words alone."""
    messages.put([(said("coffee", id="1", chat=room), about(1))])
    messages.put([(said("holidays", id="1", chat=room), about(2))])

    assert texts(messages.newest(room, "user", 10)) == ["holidays"]
    assert texts(messages.relevant(room, "user", "coffee", about(1), 10)) == []


def test_the_same_id_in_two_workspaces_is_two_messages(messages: Messages, room: str) -> None:
    """Ids are the chat's: what is written in one place never replaces what is in another."""
    elsewhere = f"{room.rpartition(':')[0]}x:C1"
    messages.put(
        [
            (said("here", id="1", chat=room), None),
            (said("there", id="1", chat=elsewhere), None),
        ]
    )

    assert texts(messages.newest(room, "user", 10)) == ["here"]
    assert texts(messages.newest(elsewhere, "user", 10)) == ["there"]


def test_writing_nothing_is_nothing(messages: Messages) -> None:
    """An empty write is no error."""
    messages.put([])


def test_a_chat_can_be_forgotten(messages: Messages, room: str) -> None:
    """What was said in a chat can be forgotten, in words and vectors; the room's other chats stay."""
    kept, gone = (
        said("coffee two", chat=f"{room}:2", room=room),
        said("coffee one", chat=f"{room}:1", room=room),
    )
    answer = said("coffee!", chat=gone.chat, room=room, side="assistant")
    messages.put([(kept, about(1)), (gone, about(1)), (answer, about(1))])

    assert messages.forget(gone.chat) == 2

    assert (
        texts(messages.newest(gone.chat, "user", 10))
        == texts(messages.newest(gone.chat, "assistant", 10))
        == []
    )
    assert texts(messages.relevant(room, "user", "coffee one", about(1), 10)) == ["coffee two"]


def test_a_person_can_be_forgotten(messages: Messages, room: str) -> None:
    """What a person said in a workspace can be forgotten; what others said stays."""
    messages.put([
        (said("by ann here", chat=room), about(1)),
        (said("by ann there", chat=f"{room}2", room=f"{room}2"), about(1)),
        (said("by bob", chat=room, sender="bob"), about(1)),
    ])  # fmt: skip

    assert messages.forget(workspace_of(room), "ann") == 2

    assert texts(messages.newest(room, "user", 10)) == ["by bob"]
    assert texts(messages.newest(f"{room}2", "user", 10)) == []


def test_forgetting_what_is_unknown_is_nothing(messages: Messages, room: str) -> None:
    """Forgetting again, or what was never there, is no error."""
    assert messages.forget(room) == 0
    assert messages.forget(workspace_of(room), "ann") == 0


def test_no_call_is_made_when_no_time_is_left(messages: Messages, room: str) -> None:
    """At and past the deadline every call is late at once, and writes nothing."""
    with deadline.within(0):
        with pytest.raises(Late):
            messages.newest(room, "user", 1)
        with pytest.raises(Late):
            messages.relevant(room, "user", "coffee", about(1), 1)
        with pytest.raises(Late):
            messages.put([(said("coffee", chat=room), about(1))])

    assert texts(messages.newest(room, "user", 1)) == []


def test_threads_write_and_read_the_same_chat(messages: Messages, room: str) -> None:
    """64 threads write into one chat: no write is lost or doubled, each sees its own, order holds."""

    def write_and_read(n: int) -> bool:
        one = said(f"number {n}", chat=room, sent=float(n))
        messages.put([(one, about(n))])
        messages.put([(one, about(n))])
        return one in messages.newest(room, "user", THREADS)

    with ThreadPoolExecutor(THREADS) as pool:
        seen = list(pool.map(write_and_read, range(THREADS)))

    assert all(seen)
    assert texts(messages.newest(room, "user", 2 * THREADS)) == [f"number {n}" for n in range(THREADS)]


def test_processes_write_the_same_chat(messages_store: MessagesStore, messages: Messages, room: str) -> None:
    """Two processes write into one chat from many threads: no write is lost or doubled, order holds."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(write_some, [messages_store] * 2, [room] * 2, [0, 1]))

    assert texts(messages.newest(room, "user", 1000)) == [f"number {n}" for n in range(64)]


def write_some(store: MessagesStore, room: str, which: int) -> None:
    messages = store.open()

    def write(n: int) -> None:
        messages.put([(said(f"number {n}", chat=room, sent=float(n)), about(n))])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, [*range(which, 64, 2), *range(16)]))
    messages.close()
