"""Messages that are too large to be closed together are answered one turn after the other."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from repartee.channels.web.payloads import MAX_TEXT_CHARS
from repartee.domain.desk_event import EventBatch
from repartee.domain.message import ContextPart, Exchange
from repartee.domain.stored_size import MAX_EXCHANGE_BYTES, encode_compact
from repartee.domain.turn_record import TurnRecord
from repartee.errors import InvalidArgument
from repartee.language.texts import APOLOGY
from repartee.ports import LeaseRecord
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld
from tests.support.inbox_builders import only_messages
from tests.support.memory_stores import MemoryInbox

THREAD = "1788999999.000001"
CHAT = f"{ROOM_ID}:{THREAD}"


def largest_text(number: int) -> str:
    """A text as long as the web takes one, of characters that compression makes hardly shorter."""
    characters = [chr(code) for code in range(0x20000, 0x2A000)]
    return f"{number} " + "".join(Random(number).choices(characters, k=MAX_TEXT_CHARS - 2))


def test_five_largest_messages_during_a_reply_are_all_answered_in_order() -> None:
    """Each turn answers what it can close; the rest waits for the next, and nothing is left open."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    texts = [largest_text(number) for number in range(5)]

    asked: list[str] = []

    def write_more() -> None:
        if len(asked) == 1:
            asked.extend(world.ask_question(text, THREAD).id for text in texts)

    world.between_pieces = write_more
    asked.append(world.ask_question("first", THREAD).id)
    world.run_until_quiet()

    exchanges = list(world.inbox.exchanges.values())
    assert [[one.id for one in exchange.messages] for exchange in exchanges] == [[id] for id in asked]
    assert [prompt.incoming[-1].text[:2] for prompt in world.prompts] == ["fi", "0 ", "1 ", "2 ", "3 ", "4 "]
    assert all(exchange.reply.startswith("Re: <") for exchange in exchanges)
    assert max(len(encode_compact(exchange)) for exchange in exchanges) <= MAX_EXCHANGE_BYTES
    left = world.inbox.list_open(CHAT)
    assert (left.messages, left.exchanges, world.inbox.failed) == ((), (), {})


class RefusingInbox(MemoryInbox):
    """An inbox that refuses for good to close a turn with all that came along."""

    def close_turn(
        self,
        record: LeaseRecord,
        exchange: Exchange,
        *,
        failed: str = "",
        turn_record: TurnRecord | None = None,
        events: Sequence[EventBatch] = (),
    ) -> bool:
        if any(one.context for one in only_messages(exchange.messages)):
            raise InvalidArgument("inbox", "ValidationException")
        return super().close_turn(record, exchange, failed=failed)


@pytest.mark.parametrize("model_error", [None, InvalidArgument("openai", "content_filter")])
def test_a_refused_close_ends_in_a_dead_letter_and_the_chat_goes_on(model_error: Exception | None) -> None:
    """What was said, the answer or an apology, is said once; the next message is answered."""
    world = CrashingWorld()
    world.inbox = RefusingInbox()
    world.model_error = model_error
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    quoted = ContextPart(kind="quoted", text="a page")
    refused = world.ask_question("where?", THREAD, context=(quoted,))
    world.run_until_quiet()

    world.model_error = None
    world.ask_question("and now?", THREAD)
    world.run_until_quiet()

    said, answer = world.visible_texts()
    assert said == APOLOGY if model_error else said.endswith("where?> ")
    assert answer == "Re: <and now?> "
    assert world.wakes.dead_lettered == [(CHAT, (refused.id,), "InvalidArgument")]
    left = world.inbox.list_open(CHAT)
    assert (left.messages, left.exchanges) == ((), ())
    assert set(world.inbox.failed) == {(CHAT, refused.id)}
