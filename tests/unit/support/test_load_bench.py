"""The load bench reads from what people saw what is wrong with it."""

from __future__ import annotations

import time
from typing import Any

from benches.load_test.answer_text import write_answer
from benches.load_test.echoing_standins import EchoingModelStandIn, find_shape
from benches.load_test.function_workers import Interruption
from benches.load_test.result_page import render_page
from benches.load_test.scenario import LoadMessage, plan_messages, short_scenario
from benches.load_test.seen_answers import Acceptance, SeenFaults, find_faults
from repartee.language.texts import DELAYED
from standins.openai.arguments import MODEL

SENT_AT = 1000.0
KILLED_WHEN_SENT = Interruption("kill", SENT_AT + 0.2, "telegram:5000001")
KILLED_LATER = Interruption("kill", SENT_AT + 30.0, "telegram:5000001")


def asked(number: int, platform: str = "telegram", *, is_long: bool = False) -> LoadMessage:
    """Builds a message of chat 1."""
    token = "zqaaaaa" + "abcdef"[number]
    return LoadMessage(1, number, platform, token, float(number), is_redelivered=False, is_long=is_long)  # type: ignore[arg-type]


def look(texts: list[str], *messages: LoadMessage, killed: Interruption | None = None) -> SeenFaults:
    """Looks at a chat whose messages were accepted one after the other."""
    accepted = {one.token: Acceptance(one.number * 10.0, one.number * 10.0 + 1) for one in messages}
    sends = {one.token: [SENT_AT] for one in messages}
    return find_faults({1: texts}, messages, accepted, sends, {1: [killed] if killed else []})


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

    assert len(look([answer, answer], message, killed=KILLED_WHEN_SENT).twice) == 1


def test_the_gap_of_a_platform_is_counted_apart() -> None:
    """In Telegram an answer is seen twice whose worker was killed as soon as it had sent it."""
    message = asked(0)
    answers = [write_answer(message.text)] * 2

    in_gap, later = (look(answers, message, killed=killed) for killed in (KILLED_WHEN_SENT, KILLED_LATER))

    assert (len(in_gap.twice_in_gap), in_gap.twice) == (1, [])
    assert (later.twice_in_gap, len(later.twice)) == ([], 1)


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
        "messages": 1, "seconds": 1.0, "messages_a_second": 1.0, "turns": 1, "refused_posts": 0,
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
