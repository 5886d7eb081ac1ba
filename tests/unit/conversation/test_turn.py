"""What a person sees of a turn, and what is left behind, when things go well and when they do not."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from repartee.channels.slack.replies import SlackReplySender
from repartee.errors import IncompleteReply
from repartee.language.texts import APOLOGY
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld

THREAD = "1788999999.000001"
CHAT = f"{ROOM_ID}:{THREAD}"


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def test_a_question_is_answered_in_its_thread_and_remembered(world: CrashingWorld) -> None:
    """One message, one streamed reply, both sides remembered, nothing left open."""
    world.ask_question("where?", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <where?> "]
    assert [call["method"] for call in world.slack.posts] == [
        "chat.startStream",
        "chat.appendStream",
        "chat.stopStream",
    ]
    assert [said.text for said in world.said.values()] == ["where?", "Re: <where?> "]
    assert world.inbox.list_open(CHAT).messages == ()
    assert world.inbox.list_open(CHAT).exchanges == ()
    assert [wake.visible_at - world.now > 10 for wake in world.wakes.queued.values()] == [True]


def test_messages_that_wait_together_are_answered_together(world: CrashingWorld) -> None:
    """Three messages in a row get one reply."""
    for text in ("one", "two", "three"):
        world.ask_question(text, THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <one> <two> <three> "]


def test_a_message_that_comes_meanwhile_is_answered_next(world: CrashingWorld) -> None:
    """What arrives while a turn runs is answered by the next, knowing the first."""
    world.ask_question("first", THREAD)

    def somebody_else() -> None:
        if not world.turns:
            world.ask_question("second", THREAD)

    world.between_pieces = somebody_else

    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <first> ", "Re: <second> "]
    assert [line.text for line in world.prompts[1].history] == ["first", "Re: <first> "]


def test_what_was_said_is_known_before_it_is_remembered(world: CrashingWorld) -> None:
    """An exchange that could not be stored yet is in the next prompt all the same."""
    world.broken = {"messages.put"}
    world.ask_question("first", THREAD)
    world.run_worker()
    world.ask_question("second", THREAD)

    world.run_worker()

    assert [line.text for line in world.prompts[1].history] == ["first", "Re: <first> "]


def test_an_exchange_that_was_not_remembered_is_remembered_later(world: CrashingWorld) -> None:
    """When the messages store is back, the sweep's wake finishes what was left."""
    world.broken = {"messages.put"}
    world.ask_question("first", THREAD)
    world.run_worker()
    world.broken = set()

    world.run_until_quiet()

    assert [said.text for said in world.said.values()] == ["first", "Re: <first> "]
    assert world.visible_texts() == ["Re: <first> "]


def test_in_a_muted_room_the_assistant_files_the_message_and_is_silent(world: CrashingWorld) -> None:
    """Muted, nothing is visible, the model is not asked, and what was said is remembered."""
    world.records.mute(ROOM_ID, world.now + 3600, world.now)
    world.ask_question("psst", THREAD)

    world.run_worker()

    assert world.visible_texts() == []
    assert not world.prompts
    assert [said.text for said in world.said.values()] == ["psst"]
    assert world.inbox.list_open(CHAT).messages == ()


def test_in_a_muted_room_who_calls_the_assistant_by_name_is_answered(world: CrashingWorld) -> None:
    """A mention since the mute breaks the silence, for that answer alone."""
    world.records.mute(ROOM_ID, world.now + 3600, world.now)
    world.ask_question("where?", THREAD, mentioned=True)
    world.run_worker()
    world.ask_question("and when?", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <where?> "]


def test_what_is_overheard_is_only_remembered(world: CrashingWorld) -> None:
    """What people say to each other in a meeting is kept, and the assistant has no part in it."""
    world.ask_question("stop", THREAD, addressed=False, overheard=True)

    world.run_worker()

    assert world.visible_texts() == []
    assert not world.prompts
    assert [said.text for said in world.said.values()] == ["stop"]


def test_what_is_overheard_is_not_answered_with_the_question_after_it(world: CrashingWorld) -> None:
    """It is known, as what was said before."""
    world.ask_question("I would take the train.", THREAD, addressed=False, overheard=True)
    world.ask_question("when does it leave?", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <when does it leave?> "]
    (prompt,) = world.prompts
    assert "I would take the train." in "".join(line.text for line in prompt.history)
    assert len([said for said in world.said.values() if said.side == "user"]) == 2


def test_an_order_after_what_is_overheard_is_confirmed(world: CrashingWorld) -> None:
    """What others say to each other makes no question of an order."""
    world.ask_question("let us begin.", THREAD, addressed=False, overheard=True)
    world.ask_question("mute", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["I will be quiet here. Say `unmute` to me when you want me back."]
    assert not world.prompts


def test_a_mute_before_the_first_text_silences(world: CrashingWorld) -> None:
    """The mute is looked up again before the first visible text, if the last look is older than a second."""
    world.ask_question("psst", THREAD)
    known = number_of("records.read_chat_state", world) + 1

    world.run_worker(
        {
            known: lambda: world.order_and_wait(
                lambda: world.records.mute(ROOM_ID, world.now + 3600, world.now)
            )
        }
    )

    assert world.visible_texts() == []
    assert world.inbox.list_open(CHAT).messages == ()


def number_of(call: str, world: CrashingWorld) -> int:
    """The point before the first call of that name in a turn like this one."""
    trial = CrashingWorld()
    trial.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    trial.ask_question("psst", THREAD)
    return trial.run_worker().passed.index(f"before {call}") + 1


def test_a_mute_in_the_middle_withholds_the_rest(world: CrashingWorld) -> None:
    """Muted while the reply streams, the stream ends with what was visible, and says so."""
    world.ask_question("one", THREAD)
    world.ask_question("two", THREAD)
    world.between_pieces = lambda: world.records.mute(ROOM_ID, world.now + 3600, world.now)

    world.run_worker()

    (reply,) = world.visible_texts()
    assert reply.endswith("\n\n_(I was muted.)_")
    assert "<two>" not in reply
    assert world.inbox.list_open(CHAT).messages == ()


def test_a_reply_that_is_stopped_ends_the_models_call_first(
    world: CrashingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody pays for words that nobody reads, however long the platform takes to end the reply."""
    ended: list[int] = []
    model = world.stream

    def stream(*arguments: Any) -> Generator[Any, None, None]:
        try:
            yield from model(*arguments)
        finally:
            ended.append(len(world.slack.posts))

    monkeypatch.setattr(world, "stream", stream)
    world.ask_question("one", THREAD)
    world.ask_question("two", THREAD)
    world.between_pieces = lambda: world.records.stop(CHAT, world.now)

    world.run_worker()

    posts = [call["method"] for call in world.slack.posts]
    assert "chat.stopStream" in posts[ended[0] :]


@pytest.mark.parametrize("later", [0, 1])
def test_a_mute_between_two_attempts_ends_what_the_first_has_said(world: CrashingWorld, later: int) -> None:
    """What is visible stays, with a word that no more comes: muted before the second attempt knows whether it
    may speak, or after."""
    world.ask_question("one", THREAD)
    world.model_fails = 1
    world.run_worker()
    world.pass_time(3.0)
    known = number_of("records.read_chat_state", world) + later

    world.run_worker(
        {
            known: lambda: world.order_and_wait(
                lambda: world.records.mute(ROOM_ID, world.now + 3600, world.now)
            )
        }
    )

    (reply,) = world.visible_texts()
    assert reply.startswith("Re: <one>")
    assert reply.endswith("\n\n_(I was muted.)_")
    assert [said.text for said in world.said.values() if said.side == "assistant"] == [reply]


def test_a_stop_in_the_middle_ends_the_reply(world: CrashingWorld) -> None:
    """Who says stop sees the reply end, and what was said until then is answered."""
    world.ask_question("one", THREAD)
    world.ask_question("two", THREAD)
    world.between_pieces = lambda: world.records.stop(CHAT, world.now)

    world.run_worker()

    (reply,) = world.visible_texts()
    assert reply.endswith("\n\n_(Stopped.)_")
    assert world.inbox.list_open(CHAT).messages == ()


def test_what_is_asked_after_a_stop_is_answered(world: CrashingWorld) -> None:
    """Who stops a reply and asks something else, while the first turn still ends, gets that answered."""
    world.ask_question("one", THREAD)

    def somebody_objects() -> None:
        world.between_pieces = lambda: None
        world.order_and_wait(lambda: world.records.stop(CHAT, world.ask_question("stop", THREAD).sent))
        world.ask_question("two", THREAD)

    world.between_pieces = somebody_objects
    world.run_until_quiet()

    stopped, answered = world.visible_texts()
    assert stopped.endswith("\n\n_(Stopped.)_")
    assert answered == "Re: <two> "


def test_what_was_asked_before_a_stop_is_not_answered_with_what_comes_after_it(world: CrashingWorld) -> None:
    """Of messages that wait together too."""
    world.ask_question("one", THREAD)
    world.records.stop(CHAT, world.ask_question("stop", THREAD).sent)
    world.ask_question("two", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <two> "]


def test_an_order_is_confirmed_without_the_model(world: CrashingWorld) -> None:
    """The webhook has carried it out; the turn says so, even where it is muted by it."""
    world.records.mute(ROOM_ID, world.now + 3600, world.now)
    world.ask_question("mute", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["I will be quiet here. Say `unmute` to me when you want me back."]
    assert not world.prompts


def test_a_stop_by_itself_needs_no_words(world: CrashingWorld) -> None:
    """A stop is answered by silence."""
    world.ask_question("stop", THREAD)

    world.run_worker()

    assert world.visible_texts() == []
    assert world.inbox.list_open(CHAT).messages == ()


def test_if_the_mute_cannot_be_known_the_assistant_is_silent_and_tries_again(world: CrashingWorld) -> None:
    """Without the records nothing is visible and nothing is lost; later the answer comes."""
    world.broken = {"records"}
    world.ask_question("psst", THREAD)
    world.run_worker()
    assert world.visible_texts() == []

    world.broken = set()
    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <psst> "]


@pytest.mark.parametrize("broken", ["messages", "embedder"])
def test_a_backend_that_is_down_costs_its_part_of_the_answer(world: CrashingWorld, broken: str) -> None:
    """Without history or vectors there is an answer, without its part."""
    world.broken = {broken}
    world.ask_question("where?", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <where?> "]


@pytest.mark.parametrize("broken", ["model", "slack", "slack.chat.startStream", "inbox.close_turn"])
def test_an_answer_that_failed_comes_when_the_backend_is_back(world: CrashingWorld, broken: str) -> None:
    """A failed attempt is tried again after a while, in the same visible reply."""
    world.broken = {broken}
    world.ask_question("where?", THREAD)
    world.run_worker()

    world.broken = set()
    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <where?> "]
    assert not world.wakes.dead_lettered


def test_a_token_that_is_not_accepted_is_read_again(world: CrashingWorld) -> None:
    """After a rotation the first attempt fails, asks for newer secrets, and the next one answers."""
    world.token = "xoxb-before-the-rotation"
    world.ask_question("where?", THREAD)

    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <where?> "]


def test_secrets_that_cannot_be_read_again_cost_an_attempt_and_no_more(world: CrashingWorld) -> None:
    """The lease is released all the same, so that the next attempt comes after two seconds."""
    world.token, world.broken = "xoxb-before-the-rotation", {"secrets"}
    world.ask_question("where?", THREAD)

    world.run_worker()

    assert world.inbox.leases[CHAT].until == 0
    assert min(letter.visible_at for letter in world.wakes.queued.values()) == world.now + 2


def test_after_three_attempts_there_is_one_apology(world: CrashingWorld) -> None:
    """The last attempt ends with one apology, a dead letter that names chat and message, and a free chat."""
    world.model_error = IncompleteReply("as ordered")
    message = world.ask_question("where?", THREAD)

    for _ in range(40):
        world.run_worker()
        world.pass_time(5)

    assert world.visible_texts() == [APOLOGY]
    assert world.wakes.dead_lettered == [(CHAT, (message.id,), "IncompleteReply")]
    assert world.inbox.failed == {(CHAT, message.id): "IncompleteReply"}
    assert not world.wakes.queued
    assert len(world.prompts) == 3


def test_a_reply_that_breaks_off_for_good_says_so(world: CrashingWorld) -> None:
    """When the last attempt fails halfway, what was visible stays, with a word that it broke off."""
    world.model_fails = 3
    world.ask_question("where?", THREAD)

    for _ in range(40):
        world.run_worker()
        world.pass_time(5)

    (reply,) = world.visible_texts()
    assert reply.startswith("Re: ")
    assert reply.endswith("\n\n_(My answer broke off here. Please ask me again.)_")


def test_an_apology_that_could_not_be_closed_is_not_said_again(world: CrashingWorld) -> None:
    """When the close after the apology fails, the next worker finds the apology and leaves it as it is."""
    world.model_error, world.broken = IncompleteReply("as ordered"), {"inbox.close_turn"}
    world.ask_question("where?", THREAD)
    for _ in range(40):
        world.run_worker()
        world.pass_time(5)
    assert world.visible_texts() == [APOLOGY]

    world.broken = set()
    world.run_until_quiet()

    assert world.visible_texts() == [APOLOGY]


def test_a_reply_that_is_whole_is_not_said_to_have_broken_off(world: CrashingWorld) -> None:
    """However often its turn cannot be closed: it waits for the inbox, and nobody apologises."""
    world.broken = {"inbox.close_turn"}
    world.ask_question("one", THREAD)
    for _ in range(6):
        world.run_worker()
        world.pass_time(40.0)
    world.broken = set()

    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <one> "]
    assert not world.wakes.dead_lettered


def test_what_cannot_even_be_apologised_for_holds_up_nobody(
    world: CrashingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message whose reply fails in a way that nobody foresaw is given up, and the next is answered."""
    world.ask_question("one", THREAD)
    with monkeypatch.context() as unforeseen:
        unforeseen.setattr(SlackReplySender, "open_reply", lambda *_: 1 / 0)
        for _ in range(4):
            world.run_worker()
            world.pass_time(40.0)
    world.ask_question("two", THREAD)

    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <two> "]
    assert [reason for _, _, reason in world.wakes.dead_lettered] == ["ZeroDivisionError"]


def test_a_muted_room_gets_no_apology(world: CrashingWorld) -> None:
    """An apology is visible text: where nobody may hear it, only the dead letter tells."""
    world.model_error = IncompleteReply("as ordered")
    world.ask_question("where?", THREAD)
    world.run_worker()
    world.records.mute(ROOM_ID, world.now + 7200, world.now)
    world.broken = {"records.read_chat_state"}

    for _ in range(40):
        world.run_worker()
        world.pass_time(100)

    assert world.visible_texts() == []
    assert len(world.wakes.dead_lettered) == 1


def test_no_apology_follows_a_stop(world: CrashingWorld) -> None:
    """Who stops a reply that had broken off sees it end with that, on the last attempt too."""
    world.ask_question("one", THREAD)
    for _ in range(2):
        world.model_fails = 1
        world.run_worker()
        world.pass_time(11.0)
    world.records.stop(CHAT, world.now)
    world.broken = {"records.read_chat_state"}

    for _ in range(40):
        world.run_worker()
        world.pass_time(100)

    (reply,) = world.visible_texts()
    assert reply.endswith("\n\n_(Stopped.)_")
    assert "broke off" not in reply


def test_a_wake_that_meets_a_live_lease_comes_back(world: CrashingWorld) -> None:
    """Two workers in one chat: the second goes, and its wake looks again when the lease would end."""
    world.ask_question("where?", THREAD)
    world.inbox.acquire_lease(CHAT, "another", world.now, world.now + 20)
    world.inbox.leases[CHAT].wake_due = 0.0  # it has sent none itself

    world.run_worker()

    (letter,) = world.wakes.queued.values()
    assert world.now + 20 <= letter.visible_at <= world.now + 21
    assert world.visible_texts() == []


def test_a_wake_without_anything_open_leaves_nothing(world: CrashingWorld) -> None:
    """A wake that comes twice finds nothing, and the chat is free at once."""
    world.wakes.send(CHAT)

    world.run_worker()

    assert not world.wakes.queued
    assert world.inbox.acquire_lease(CHAT, "next", world.now, world.now + 20).turn == "next"


def test_serial_gives_the_same(world: CrashingWorld) -> None:
    """One step after the other, the person sees the same and the same outcomes are told."""
    other = CrashingWorld()
    other.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    other.parallel = False

    for one in (world, other):
        one.ask_question("where?", THREAD)
        one.run_worker()

    assert world.visible_texts() == other.visible_texts()
    assert {o.name: o.status for o in world.turns[0].outcomes} == {
        o.name: o.status for o in other.turns[0].outcomes
    }
    assert world.prompts == other.prompts
