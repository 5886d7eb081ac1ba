"""The load bench reads from what people saw what is wrong with it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from benches.load_test.answer_text import find_tokens, write_answer
from benches.load_test.echoing_standins import EchoingModelStandIn, find_shape
from benches.load_test.function_workers import Interruption, LeftTurn
from benches.load_test.result_page import render_page
from benches.load_test.scenario import LoadMessage, plan_messages, short_scenario
from benches.load_test.seen_answers import Acceptance, SeenFaults, SentAnswer, find_faults
from repartee.language.texts import DELAYED
from standins.openai.arguments import MODEL

CHAT, TOKEN = "telegram:5000001", "zqaaaaaa"
SENT_AT = 1000.0


def asked(number: int, platform: str = "telegram", *, is_long: bool = False) -> LoadMessage:
    """Builds a message of chat 1."""
    token = "zqaaaaa" + "abcdef"[number]
    return LoadMessage(1, number, platform, token, float(number), is_redelivered=False, is_long=is_long)  # type: ignore[arg-type]


def kill(seconds: float = 0.2, *noted_ids: str) -> Interruption:
    """Builds the end of a worker, so many seconds after the first answer was sent."""
    left = LeftTurn(frozenset(noted_ids), frozenset([TOKEN]))
    return Interruption("kill", SENT_AT + seconds, CHAT, SENT_AT + seconds, left)


def look(
    texts: list[str],
    *messages: LoadMessage,
    killed: Interruption | None = None,
    sent: tuple[SentAnswer, ...] = (),
) -> SeenFaults:
    """Looks at a chat whose messages were accepted one after the other. Each text was a message of its own:
    the first is known as "1", and the others followed after half a minute."""
    accepted = {one.token: Acceptance(one.number * 10.0, one.number * 10.0 + 1) for one in messages}
    sent = sent or tuple(
        SentAnswer(SENT_AT + 30.0 * number, str(number + 1), frozenset(find_tokens([text])))
        for number, text in enumerate(texts)
    )
    return find_faults({1: texts}, messages, accepted, sent, {1: [killed] if killed else []})


def test_what_is_answered_once_and_in_order_has_no_fault() -> None:
    """Two messages with their own answers, and two that one reply answers, are right."""
    first, second, third = (asked(number) for number in range(3))
    texts = [write_answer(first.text), write_answer(f"{second.text}\n{third.text}")]

    assert look(texts, first, second, third) == SeenFaults()


def test_a_long_answer_in_two_parts_is_one() -> None:
    """Platforms take only so much in a message: the parts together are the answer."""
    message = asked(0, is_long=True)
    answer = write_answer(message.text)

    assert look([answer[:4000], answer[4000:]], message) == SeenFaults()


def test_a_message_without_an_answer_is_lost() -> None:
    """An answer that nobody saw is none."""
    first, second = asked(0), asked(1)

    assert len(look([write_answer(first.text)], first, second).lost) == 1


def test_an_answer_that_breaks_off_is_cut_short() -> None:
    """All sentences of an answer must be seen."""
    message = asked(0)

    assert len(look([write_answer(message.text).partition("\n")[0]], message).cut_short) == 1


def test_an_answer_seen_twice_is_counted() -> None:
    """The same answer in two messages is one too many, whenever a worker was killed in Slack."""
    message = asked(0, "slack")
    answer = write_answer(message.text)

    assert len(look([answer, answer], message, killed=kill()).twice) == 1


def test_the_gap_of_a_platform_is_counted_apart() -> None:
    """In Telegram an answer is seen twice whose worker was killed before it had noted that it was sent."""
    message = asked(0)
    answers = [write_answer(message.text)] * 2

    found = look(answers, message, killed=kill())

    assert (len(found.twice_in_gap), found.twice) == (1, [])


@pytest.mark.parametrize("killed", [kill(0.2, "1"), kill(25.0), None], ids=["noted", "later", "alive"])
def test_what_is_said_twice_outside_the_gap_is_a_fault(killed: Interruption | None) -> None:
    """Where the first message was noted, where its worker died long afterwards, and where none died."""
    message = asked(0)
    answers = [write_answer(message.text)] * 2

    found = look(answers, message, killed=killed)

    assert (found.twice_in_gap, len(found.twice)) == ([], 1)


def test_the_gap_has_one_message() -> None:
    """A worker that had sent two and noted neither went on without the note: both are said twice."""
    message = asked(0, "whatsapp")
    answers = [write_answer(message.text)] * 2
    sent = tuple(SentAnswer(SENT_AT + at, id, frozenset([TOKEN])) for id, at in (("1", 0.0), ("2", 0.1)))

    assert len(look(answers, message, killed=kill(), sent=sent).twice) == 1


def test_one_death_explains_one_repetition() -> None:
    """An answer that is seen three times needs two that died."""
    message = asked(0)

    assert len(look([write_answer(message.text)] * 3, message, killed=kill()).twice) == 1


def test_answers_of_closed_turns_are_no_part_of_the_gap() -> None:
    """What the chat was told just before, in a turn that was closed, is not what the dead worker had sent."""
    first, second = asked(1), asked(0)
    texts = [write_answer(first.text), *[write_answer(second.text)] * 2]
    sent = (
        SentAnswer(SENT_AT - 1.0, "0", frozenset([first.token])),
        SentAnswer(SENT_AT, "1", frozenset([TOKEN])),
        SentAnswer(SENT_AT + 25.0, "2", frozenset([TOKEN])),
    )

    found = look(texts, second, first, killed=kill(), sent=sent)

    assert (len(found.twice_in_gap), found.twice) == (1, [])


def test_a_worker_that_was_frozen_before_it_sent_sends_afterwards() -> None:
    """It cannot know yet that another has answered meanwhile: the platform has no fence."""
    message = asked(0, "whatsapp")
    frozen = Interruption("freeze", SENT_AT - 25.0, CHAT, SENT_AT, LeftTurn(open_tokens=frozenset([TOKEN])))
    sent = (
        SentAnswer(SENT_AT - 4.0, "1", frozenset([TOKEN])),
        SentAnswer(SENT_AT + 0.1, "2", frozenset([TOKEN])),
    )

    found = look([write_answer(message.text)] * 2, message, killed=frozen, sent=sent)

    assert (len(found.twice_in_gap), found.twice) == (1, [])


def test_words_beside_an_answer_are_found() -> None:
    """A notice in the same message as an answer is no part of it."""
    first, second = asked(0), asked(1)
    texts = [f"You write too fast.\n\n{write_answer(first.text)}"]

    found = look(texts, first, second)

    assert found.other_words == ["chat 1: You write too fast."]
    assert (len(found.lost), found.apologies) == (1, [])


def test_the_order_of_answers_is_that_of_messages() -> None:
    """A message that was posted when the earlier one was acknowledged is answered after it."""
    first, second = asked(0), asked(1)

    assert len(look([write_answer(second.text), write_answer(first.text)], first, second).out_of_order) == 1


def test_what_names_no_message_is_an_apology() -> None:
    """A message that answers nothing is told with its text."""
    message = asked(0)

    assert look([write_answer(message.text), "Sorry, try again."], message).apologies == [
        "chat 1: Sorry, try again."
    ]


def test_a_delay_that_is_told_is_no_apology() -> None:
    """In an outage people are told that the answer comes later, in the product's own words."""
    message = asked(0)

    found = look([str(DELAYED), write_answer(message.text)], message)

    assert (len(found.delay_notices), found.apologies) == (1, [])


def test_an_answer_in_the_chat_of_another_is_found() -> None:
    """Each person is answered in the chat in which they asked."""
    first, other = asked(0), asked(1)

    assert look([write_answer(first.text), write_answer(other.text)], first).in_wrong_chat


def test_a_seed_gives_the_same_run() -> None:
    """Messages, times and redeliveries are drawn from the seed alone."""
    assert plan_messages(short_scenario(3)) == plan_messages(short_scenario(3))
    assert plan_messages(short_scenario(3)) != plan_messages(short_scenario(4))


def test_every_token_is_one_messages_own() -> None:
    """No two messages of a run share a token."""
    planned = plan_messages(short_scenario())

    assert len({message.token for message in planned}) == len(planned)


def test_the_page_loads_nothing_from_elsewhere() -> None:
    """The charts are drawn in the page; names are escaped."""
    run = {
        "chats": 1, "messages": 1, "seconds": 1.0, "messages_a_second": 1.0, "turns": 1, "refused_posts": 0,
        "dead_letters": 0, "activity_signs_left": 0, "faults": {}, "interruptions": {},
        "wakes": {"a_message": 1.2, "by_kind": {"message": 3, "reserve": 2}},
        "cpu_ms": {}, "table": {}, "hot_chat_relevance": {},
        "memory_mb": {"webhook": {}, "turn": {}}, "queue": [],
        "waits_ms": {"turn": {"p50": 1.0, "p95": 2.0, "p99": 3.0}},
        "costs": {"calls_a_message": 1, "write_units_a_message": 1, "read_units_a_message": 1,
                  "operations_a_message": {"<Query>": 1}},
    }  # fmt: skip

    page = render_page({"store": "sqlite", "runs": {"1 chats": run}, "bars": []})

    assert "<svg" in page
    assert "&lt;Query&gt;" in page
    assert "http" not in page
    assert "wakes: by kind, reserve" in page


def test_many_long_answers_in_one_turn_are_whole() -> None:
    """The model's limit cuts them, and it goes on where it was: the last question is answered, too."""
    model = EchoingModelStandIn(time.time)
    asked = " ".join(f"zqaaaa{a}{b}: where do we stand at length?" for a in "ab" for b in "cd")
    items: list[Any] = [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": asked}]
    said = ""
    for _ in range(3):
        request = {"model": MODEL, "input": items, "stream": True, "max_output_tokens": 2_500}
        writing = model.respond(request)
        said += "".join(writing.pieces)
        own = {"type": "message", "role": "assistant", "content": "".join(writing.pieces)}
        items = [*items, own, {"role": "developer", "content": "Go on."}]

    assert said == write_answer(asked)


def test_texts_that_differ_in_tokens_alone_have_one_shape() -> None:
    """However many messages they name; what has no token is itself."""
    one, two = (write_answer(f"{token}: where do we stand?") for token in ("zqaaaaaa", "zqbbbbbb"))
    both = write_answer("zqaaaaaa: where do we stand? zqbbbbbb: and where?")

    assert one != two
    assert find_shape(one) == find_shape(two) == find_shape(both)
    assert find_shape("Which room is free at 10?") == "Which room is free at 10?"
