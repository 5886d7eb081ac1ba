"""The contract of `ports.Messages`, on every store."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from repartee.domain.message import workspace_of
from repartee.errors import DeadlineExceeded
from repartee.plan import deadline
from repartee.ports import MessageStore, Vector
from tests.support.message_builders import make_stored_message, make_vector
from tests.support.message_stores import MessagesStore

THREADS = 64


def texts(found: object) -> list[str]:
    return [one.text for one in found]  # type: ignore[attr-defined]


def test_an_unknown_chat_has_no_newest(messages: MessageStore, room: str) -> None:
    """An unknown chat has nothing that is newest."""
    assert texts(messages.list_newest(room, "user", 10)) == []


def test_nothing_is_relevant_in_an_unknown_room(messages: MessageStore, room: str) -> None:
    """In an unknown room nothing is relevant."""
    assert texts(messages.search(room, "user", "coffee", make_vector(1), 10)) == []


def test_names_are_kept_with_messages(messages: MessageStore, room: str) -> None:
    """Who said it, as people see it, wherever the message is read again."""
    named = make_stored_message("the keys", chat=room, sender="slack:T1:U0BEN", sender_name="Ben Löw")
    unnamed = make_stored_message("no keys", chat=room, sent=2.0)
    messages.put([(named, make_vector(1)), (unnamed, None)])

    assert list(messages.list_newest(room, "user", 2)) == [named, unnamed]
    assert next(iter(messages.search(room, "user", "the keys", make_vector(1), 1))) == named


def test_newest_is_oldest_first_and_limited(messages: MessageStore, room: str) -> None:
    """The newest come oldest first, and are no more than asked for."""
    messages.put(
        [(make_stored_message(f"number {n}", chat=room, sent=float(n)), None) for n in (3, 1, 5, 2, 4)]
    )

    assert texts(messages.list_newest(room, "user", 3)) == [
        "number 3",
        "number 4",
        "number 5",
    ]


@pytest.mark.parametrize("limit", [1, 3, 5, 8, 11, 100])
def test_the_newest_may_lie_far_back(messages: MessageStore, room: str, limit: int) -> None:
    """However far apart messages are, and even where a clock is ahead of ours, the newest are found."""
    now, day = time.time(), 24 * 3600
    ages = [-0.1, 0, 0.5, 1, 2, 3, 20, 31.5, 33, 400, 20_000]
    messages.put(
        [(make_stored_message(f"{age} days", chat=room, sent=now - age * day), None) for age in ages]
    )

    found = messages.list_newest(room, "user", limit)

    assert texts(found) == [f"{age} days" for age in reversed(ages[:limit])]


def test_what_is_read_is_what_was_said(messages: MessageStore, room: str) -> None:
    """A message is read as it was written, to the microsecond and the last emoji."""
    one = make_stored_message(
        'Grüße 👋\n\x1f* weird \\ "text"',
        chat=f"{room}:17.5",
        room=room,
        sender="bob",
        sent=1766000000.123456,
    )

    messages.put([(one, make_vector(1))])

    assert list(messages.list_newest(one.chat, "user", 1)) == [one]
    assert list(messages.search(room, "user", "weird", None, 1)) == [one]


def test_sides_are_apart(messages: MessageStore, room: str) -> None:
    """One side's words are never among the other's."""
    messages.put(
        [
            (make_stored_message("coffee?", chat=room), make_vector(1)),
            (make_stored_message("coffee!", chat=room, side="assistant"), make_vector(1)),
        ]
    )

    assert texts(messages.list_newest(room, "user", 10)) == ["coffee?"]
    assert texts(messages.search(room, "assistant", "coffee", make_vector(1), 10)) == ["coffee!"]


def test_chats_are_apart_and_a_room_has_them_all(messages: MessageStore, room: str) -> None:
    """History is the chat's; relevance is the room's, over all its chats."""
    messages.put([
        (make_stored_message("coffee in one", chat=f"{room}:1", room=room), make_vector(1)),
        (make_stored_message("coffee in two", chat=f"{room}:2", room=room), make_vector(1)),
        (make_stored_message("coffee elsewhere", chat=f"{room}9"), make_vector(1)),
    ])  # fmt: skip

    assert texts(messages.list_newest(f"{room}:1", "user", 10)) == ["coffee in one"]
    assert set(texts(messages.search(room, "user", "coffee", make_vector(1), 10))) == {
        "coffee in one",
        "coffee in two",
    }


def test_a_room_has_the_newest_of_all_its_chats(messages: MessageStore, room: str) -> None:
    """A thread that begins finds what was said in its room: the newest of all chats there, by time."""
    now = time.time()
    messages.put(
        [
            (make_stored_message(f"number {n}", chat=f"{room}:{n % 3}", room=room, sent=now - 10 + n), None)
            for n in range(6)
        ]
    )
    messages.put(
        [
            (make_stored_message("elsewhere", chat=f"{room}9", sent=now), None),
            (make_stored_message("in it", chat=room, sent=now), None),
        ]
    )

    assert texts(messages.list_newest(room, "user", 4)) == ["number 3", "number 4", "number 5", "in it"]
    assert texts(messages.list_newest(f"{room}:1", "user", 4)) == ["number 1", "number 4"]


def test_workspaces_are_apart(messages: MessageStore, room: str) -> None:
    """Nothing of one workspace is seen in another, however alike."""
    messages.put([(make_stored_message("coffee", chat=room), make_vector(1))])

    assert (
        texts(messages.search(room.replace("slack:T", "slack:U"), "user", "coffee", make_vector(1), 10)) == []
    )


def test_relevance_finds_by_vector_what_shares_no_word(messages: MessageStore, room: str) -> None:
    """What means the same is relevant though it shares no word."""
    messages.put(
        [
            (make_stored_message("espresso", chat=f"{room}:1", room=room), make_vector(1, 0.9)),
            (make_stored_message("holidays", chat=f"{room}:2", room=room), make_vector(2)),
        ]
    )

    assert texts(messages.search(room, "user", "coffee", make_vector(1), 10)) == ["espresso"]


@pytest.mark.parametrize("kind", [list, tuple, lambda vector: array("f", vector)])
def test_any_sequence_of_numbers_is_a_vector(
    messages: MessageStore, room: str, kind: Callable[..., Vector]
) -> None:
    """An embedder's array is as good as a list."""
    messages.put([(make_stored_message("the espresso machine", chat=room), kind(make_vector(1)))])

    assert texts(messages.search(room, "user", "zzz", kind(make_vector(1)), 1)) == ["the espresso machine"]
    assert texts(messages.search(room, "user", "", kind(make_vector(1)), 1)) == ["the espresso machine"]


def test_relevance_finds_by_words_what_has_no_vector(messages: MessageStore, room: str) -> None:
    """What shares a word is relevant though neither has a vector."""
    messages.put(
        [
            (make_stored_message("The coffee machine is broken", chat=f"{room}:1", room=room), None),
            (make_stored_message("holidays", chat=f"{room}:2", room=room), None),
        ]
    )

    assert texts(messages.search(room, "user", "Who repairs the COFFEE?", None, 10)) == [
        "The coffee machine is broken"
    ]


UNSPACED_CASES = [
    ("咖啡机昨天坏了", "咖啡在哪里"),
    ("我家的猫生病了", "猫"),
    ("下周二在上海开会", "什么时候去上海"),
    ("会議は三階の部屋です", "会議はどこですか"),
    ("冷蔵庫にお茶があります", "お茶"),
    ("コーヒーメーカーが壊れた", "新しいコーヒーを買う"),
    ("りんごを五個買いました", "りんごの値段は"),
    ("昨日、犬と公園へ行った", "犬は元気"),
    ("ﾌﾟﾘﾝﾀｰの紙がない", "プリンター"),
    ("커피가 다 떨어졌어요", "커피 어디 있나요?"),
    ("회의실에 물이 없습니다", "물"),
    ("เครื่องชงกาแฟเสียแล้ว", "กาแฟ"),
    ("ประชุมพรุ่งนี้ตอนบ่าย", "มีประชุมไหม"),
]
"""What was said, and a question that shares a word with it. No word stands between spaces in both."""

UNSPACED_NOISE = ["明天放假", "写真を送ってください", "오늘 날씨가 좋네요", "สวัสดี", "holidays"]


@pytest.mark.parametrize("said, asked", UNSPACED_CASES)
def test_relevance_finds_words_that_no_spaces_part(
    messages: MessageStore, room: str, said: str, asked: str
) -> None:
    """Words of Chinese, Japanese, Korean and Thai are found, those of one or two characters too."""
    everything = enumerate((said, *UNSPACED_NOISE))
    messages.put([(make_stored_message(text, chat=f"{room}:{n}", room=room), None) for n, text in everything])

    assert texts(messages.search(room, "user", asked, None, 10)) == [said]


def test_words_without_spaces_have_a_say_in_the_order(messages: MessageStore, room: str) -> None:
    """Where vectors are equally close, the message that shares a word comes first, in these languages too."""
    messages.put(
        [
            (make_stored_message("明天放假", chat=room), make_vector(1)),
            (make_stored_message("咖啡机昨天坏了", chat=room), make_vector(1)),
        ]
    )

    found = texts(messages.search(room, "user", "咖啡在哪里", make_vector(1), 10))

    assert found == ["咖啡机昨天坏了", "明天放假"]


def test_what_shares_only_polite_words_is_not_relevant(messages: MessageStore, room: str) -> None:
    """Endings and question words say nothing about a subject, in languages without spaces neither."""
    messages.put(
        [(make_stored_message(text, chat=room), None) for text in ("出発します", "什么时候放假", "좋습니다")]
    )

    assert texts(messages.search(room, "user", "確認します", None, 10)) == []
    assert texts(messages.search(room, "user", "这是什么", None, 10)) == []
    assert texts(messages.search(room, "user", "갔습니다", None, 10)) == []


def test_words_without_spaces_can_be_rewritten_and_forgotten(messages: MessageStore, room: str) -> None:
    """Nothing of an earlier text, or of one that was forgotten, is found any more."""
    messages.put([(make_stored_message("咖啡机坏了", id="1", chat=room), None)])
    messages.put([(make_stored_message("冰箱坏了", id="1", chat=room), None)])

    assert texts(messages.search(room, "user", "咖啡", None, 10)) == []
    assert texts(messages.search(room, "user", "冰箱", None, 10)) == ["冰箱坏了"]
    assert messages.delete_all(room) == 1
    assert texts(messages.search(room, "user", "冰箱", None, 10)) == []


def test_relevance_puts_the_best_first(messages: MessageStore, room: str) -> None:
    """What is alike in words and in meaning comes first, and is all that fits in one."""
    messages.put(
        [
            (make_stored_message("espresso", chat=room), make_vector(1, 0.8)),
            (make_stored_message("coffee machine", chat=room), make_vector(1, 0.85)),
            (make_stored_message("tea", chat=room), make_vector(1, 0.4)),
        ]
    )

    assert texts(messages.search(room, "user", "coffee machine", make_vector(1), 10)) == [
        "coffee machine",
        "espresso",
        "tea",
    ]
    assert texts(messages.search(room, "user", "coffee machine", make_vector(1), 1)) == ["coffee machine"]


def test_words_and_vectors_each_find_what_the_other_does_not(messages: MessageStore, room: str) -> None:
    """What shares a rare word is found though its vector is far, and what is close though it shares none."""
    messages.put(
        [
            (make_stored_message("invoice 4711 is paid", chat=f"{room}:1", room=room), make_vector(3)),
            (
                make_stored_message("the supplier has the money", chat=f"{room}:2", room=room),
                make_vector(1, 0.2),
            ),
            (make_stored_message("lunch?", chat=f"{room}:3", room=room), make_vector(4)),
        ]
    )

    found = texts(messages.search(room, "user", "what became of invoice 4711", make_vector(1), 10))

    assert sorted(found) == ["invoice 4711 is paid", "the supplier has the money"]


def test_what_was_said_beside_a_hit_follows_it(messages: MessageStore, room: str) -> None:
    """The answer stands just after the question that shares the words: it is found with it, and before what
    was said just before; not what was said in another chat, by the other side, or on another day."""
    said = ("nice day", "how long have you been married?", "five years already!", "time flies")
    messages.put(
        [
            *((make_stored_message(text, chat=room, sent=1e6 + n), None) for n, text in enumerate(said)),
            (make_stored_message("hello", chat=f"{room}:1", room=room, sent=1e6 + 1.5), None),
            (make_stored_message("a reply", side="assistant", chat=room, sent=1e6 + 1.5), None),
            (make_stored_message("a wedding", chat=f"{room}:2", room=room, sent=1e6), None),
            (make_stored_message("much later", chat=f"{room}:2", room=room, sent=1e6 + 200_000), None),
        ]
    )

    assert texts(messages.search(room, "user", "who is married?", None, 10)) == [said[1], said[2], said[0]]
    assert texts(messages.search(room, "user", "the wedding", None, 10)) == ["a wedding"]


def test_what_a_named_person_said_comes_first(messages: MessageStore, room: str) -> None:
    """A question that names a person puts what that person said first; the name itself is no word to find."""
    messages.put(
        [
            (make_stored_message(text, chat=f"{room}:{n}", room=room, sender=name, sender_name=name), vector)
            for n, (name, text, vector) in enumerate(
                [
                    ("Ben Löw", "I parked the van behind the house", make_vector(1, 0.5)),
                    ("Ada", "I parked the van at the station", make_vector(1, 0.6)),
                    ("Ada", "Ben, Ben, Ben!", make_vector(2)),
                ]
            )
        ]
    )

    found = texts(messages.search(room, "user", "Where did Ben park the van?", make_vector(1), 10))

    assert found == ["I parked the van behind the house", "I parked the van at the station"]


def test_what_a_person_said_is_found_by_the_name_alone(messages: MessageStore, room: str) -> None:
    """Where a question says nothing but a name, what that person said is found."""
    keys = make_stored_message("the keys", chat=f"{room}:1", room=room, sender="ben", sender_name="Ben Löw")
    messages.put([(keys, None), (make_stored_message("lunch?", chat=f"{room}:2", room=room), None)])

    assert texts(messages.search(room, "user", "Löw", None, 10)) == ["the keys"]


STEM_CASES = [
    ("we went camping in the woods", "who camped?"),
    ("Wir haben die Rechnungen bezahlt, und das ist gut", "Ist die Rechnung bezahlt?"),
    ("Las facturas de la empresa están en la mesa", "¿Dónde está la factura?"),
    ("Les clients de la ville sont arrivés avec nous", "Est-ce que le client est là avec vous ?"),
    ("O relatório das vendas não está na mesa", "Qual é o relatório da venda e não da compra?"),
    ("Le riunioni di questo mese sono nella sala", "Quando è la riunione della sala con noi?"),
    ("Kitaplar bu oda için çok güzel", "Bu kitap için ne dedin?"),
]
"""What was said, and a question with another form of one of its words, in one language each."""


@pytest.mark.parametrize("said, asked", STEM_CASES)
def test_other_forms_of_a_word_are_found(messages: MessageStore, room: str, said: str, asked: str) -> None:
    """A question finds what was said in another form: another number, another time."""
    messages.put(
        [
            (make_stored_message(text, chat=f"{room}:{n}", room=room), None)
            for n, text in enumerate((said, "xyz"))
        ]
    )

    assert texts(messages.search(room, "user", asked, None, 10)) == [said]


@pytest.mark.parametrize("asked", ["what about the budget last week?", "Budget letzte Woche?", "上周 budget"])
def test_what_was_said_at_the_time_in_question_comes_first(
    messages: MessageStore, room: str, asked: str
) -> None:
    """Of two messages that are equally about it, that of the time that the question speaks of comes first."""
    now, day = 1_789_000_000.0, 24 * 3600.0
    messages.put(
        [
            (make_stored_message("budget A", chat=f"{room}:1", room=room, sent=now - 90 * day), None),
            (make_stored_message("budget B", chat=f"{room}:2", room=room, sent=now - 6 * day), None),
            (make_stored_message("budget C", chat=f"{room}:3", room=room, sent=now - 40 * day), None),
        ]
    )

    assert texts(messages.search(room, "user", asked, None, 10, asked_at=now))[0] == "budget B"


@pytest.mark.parametrize("text", ["", "?!", "who is the that", "zebra"])
def test_nothing_is_relevant_when_nothing_was_said_about_it(
    messages: MessageStore, room: str, text: str
) -> None:
    """Nothing is relevant when nothing was said about it: small words and far vectors do not count."""
    messages.put([(make_stored_message("the coffee is there, who is that", chat=room), make_vector(1))])

    assert texts(messages.search(room, "user", text, make_vector(2), 10)) == []
    assert texts(messages.search(room, "user", text, None, 10)) == []


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
def test_any_text_can_be_searched_for(messages: MessageStore, room: str, text: str) -> None:
    """No text is a query language: whatever people write can be searched for."""
    messages.put([(make_stored_message("tea", chat=room), make_vector(1))])

    assert texts(messages.search(room, "user", text, make_vector(1), 10)) == ["tea"]


def test_repeating_a_write_changes_nothing(messages: MessageStore, room: str) -> None:
    """The same message written twice is there once."""
    messages.put([(make_stored_message("coffee", chat=room), make_vector(1))])
    messages.put([(make_stored_message("coffee", chat=room), make_vector(1))])

    assert texts(messages.list_newest(room, "user", 10)) == ["coffee"]
    assert texts(messages.search(room, "user", "coffee", make_vector(1), 10)) == ["coffee"]


def test_a_later_write_stands(messages: MessageStore, room: str) -> None:
    """A message written again with other words has the later words alone."""
    messages.put([(make_stored_message("coffee", id="1", chat=room), make_vector(1))])
    messages.put([(make_stored_message("holidays", id="1", chat=room), make_vector(2))])

    assert texts(messages.list_newest(room, "user", 10)) == ["holidays"]
    assert texts(messages.search(room, "user", "coffee", make_vector(1), 10)) == []


def test_the_same_id_in_two_workspaces_is_two_messages(messages: MessageStore, room: str) -> None:
    """Ids are the chat's: what is written in one place never replaces what is in another."""
    elsewhere = f"{room.rpartition(':')[0]}x:C1"
    messages.put(
        [
            (make_stored_message("here", id="1", chat=room), None),
            (make_stored_message("there", id="1", chat=elsewhere), None),
        ]
    )

    assert texts(messages.list_newest(room, "user", 10)) == ["here"]
    assert texts(messages.list_newest(elsewhere, "user", 10)) == ["there"]


def test_writing_nothing_is_nothing(messages: MessageStore) -> None:
    """An empty write is no error."""
    messages.put([])


def test_a_chat_can_be_forgotten(messages: MessageStore, room: str) -> None:
    """What was said in a chat can be forgotten, in words and vectors; the room's other chats stay."""
    kept, gone = (
        make_stored_message("coffee two", chat=f"{room}:2", room=room),
        make_stored_message("coffee one", chat=f"{room}:1", room=room),
    )
    answer = make_stored_message("coffee!", chat=gone.chat, room=room, side="assistant")
    messages.put([(kept, make_vector(1)), (gone, make_vector(1)), (answer, make_vector(1))])

    assert messages.delete_all(gone.chat) == 2

    assert (
        texts(messages.list_newest(gone.chat, "user", 10))
        == texts(messages.list_newest(gone.chat, "assistant", 10))
        == []
    )
    assert texts(messages.search(room, "user", "coffee one", make_vector(1), 10)) == ["coffee two"]


def test_a_person_can_be_forgotten(messages: MessageStore, room: str) -> None:
    """What a person said in a workspace can be forgotten; what others said stays."""
    messages.put([
        (make_stored_message("by ann here", chat=room), make_vector(1)),
        (make_stored_message("by ann there", chat=f"{room}2", room=f"{room}2"), make_vector(1)),
        (make_stored_message("by bob", chat=room, sender="bob"), make_vector(1)),
    ])  # fmt: skip

    assert messages.delete_all(workspace_of(room), "ann") == 2

    assert texts(messages.list_newest(room, "user", 10)) == ["by bob"]
    assert texts(messages.list_newest(f"{room}2", "user", 10)) == []


def test_forgetting_what_is_unknown_is_nothing(messages: MessageStore, room: str) -> None:
    """Forgetting again, or what was never there, is no error."""
    assert messages.delete_all(room) == 0
    assert messages.delete_all(workspace_of(room), "ann") == 0


def test_no_call_is_made_when_no_time_is_left(messages: MessageStore, room: str) -> None:
    """At and past the deadline every call is late at once, and writes nothing."""
    with deadline.limited_to(0):
        with pytest.raises(DeadlineExceeded):
            messages.list_newest(room, "user", 1)
        with pytest.raises(DeadlineExceeded):
            messages.search(room, "user", "coffee", make_vector(1), 1)
        with pytest.raises(DeadlineExceeded):
            messages.put([(make_stored_message("coffee", chat=room), make_vector(1))])

    assert texts(messages.list_newest(room, "user", 1)) == []


def test_threads_write_and_read_the_same_chat(messages: MessageStore, room: str) -> None:
    """64 threads write into one chat: no write is lost or doubled, each sees its own, order holds."""

    def write_and_read(n: int) -> bool:
        one = make_stored_message(f"number {n}", chat=room, sent=float(n))
        messages.put([(one, make_vector(n))])
        messages.put([(one, make_vector(n))])
        return one in messages.list_newest(room, "user", THREADS)

    with ThreadPoolExecutor(THREADS) as pool:
        seen = list(pool.map(write_and_read, range(THREADS)))

    assert all(seen)
    assert texts(messages.list_newest(room, "user", 2 * THREADS)) == [f"number {n}" for n in range(THREADS)]


def test_processes_write_the_same_chat(
    messages_store: MessagesStore, messages: MessageStore, room: str
) -> None:
    """Two processes write into one chat from many threads: no write is lost or doubled, order holds."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(write_some, [messages_store] * 2, [room] * 2, [0, 1]))

    assert texts(messages.list_newest(room, "user", 1000)) == [f"number {n}" for n in range(64)]


def write_some(store: MessagesStore, room: str, which: int) -> None:
    messages = store.open_store()

    def write(n: int) -> None:
        messages.put([(make_stored_message(f"number {n}", chat=room, sent=float(n)), make_vector(n))])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, [*range(which, 64, 2), *range(16)]))
    messages.close()


def test_a_deleted_message_is_gone(messages: MessageStore, room: str) -> None:
    """It is neither listed nor found, what others said stays, and deleting it again is no error."""
    mine, other = (make_stored_message(f"coffee {n}", chat=room, sent=float(n)) for n in (1, 2))
    messages.put([(mine, make_vector(1)), (other, make_vector(1))])

    messages.delete([mine])
    messages.delete([mine])

    assert texts(messages.list_newest(room, "user", 10)) == ["coffee 2"]
    assert texts(messages.search(room, "user", "coffee", make_vector(1), 10)) == ["coffee 2"]
