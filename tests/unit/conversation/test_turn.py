"""What a person sees of a turn, and what is left behind, when things go well and when they do not."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from repartee.channels.slack.deliver import SlackReplies
from repartee.conversation.speech import APOLOGY, BROKEN_OFF, WITHHELD
from tests.support.world import CHANNEL, ROOM, World

THREAD = "1788999999.000001"
CHAT = f"{ROOM}:{THREAD}"


@pytest.fixture
def world() -> World:
    world = World()
    world.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def test_a_question_is_answered_in_its_thread_and_remembered(world: World) -> None:
    """One message, one streamed reply, both sides remembered, nothing left open."""
    world.ask("where?", THREAD)

    world.work()

    assert world.visible() == ["Re: <where?> "]
    assert [call["method"] for call in world.slack.posts] == [
        "chat.startStream",
        "chat.appendStream",
        "chat.stopStream",
    ]
    assert [said.text for said in world.said.values()] == ["where?", "Re: <where?> "]
    assert world.inbox.waiting(CHAT).messages == ()
    assert world.inbox.waiting(CHAT).exchanges == ()
    assert not world.wakes.letters


def test_messages_that_wait_together_are_answered_together(world: World) -> None:
    """Three messages in a row get one reply."""
    for text in ("one", "two", "three"):
        world.ask(text, THREAD)

    world.work()

    assert world.visible() == ["Re: <one> <two> <three> "]


def test_a_message_that_comes_meanwhile_is_answered_next(world: World) -> None:
    """What arrives while a turn runs is answered by the next, in the same invocation, knowing the first."""
    world.ask("first", THREAD)

    def somebody_else() -> None:
        if not world.turns:
            world.ask("second", THREAD)

    world.between_pieces = somebody_else

    world.work()

    assert world.visible() == ["Re: <first> ", "Re: <second> "]
    assert [line.text for line in world.prompts[1].history] == ["first", "Re: <first> "]


def test_what_was_said_is_known_before_it_is_remembered(world: World) -> None:
    """An exchange that could not be stored yet is in the next prompt all the same."""
    world.broken = {"messages.put"}
    world.ask("first", THREAD)
    world.work()
    world.ask("second", THREAD)

    world.work()

    assert [line.text for line in world.prompts[1].history] == ["first", "Re: <first> "]


def test_an_exchange_that_was_not_remembered_is_remembered_later(world: World) -> None:
    """When the messages store is back, the sweep's wake finishes what was left."""
    world.broken = {"messages.put"}
    world.ask("first", THREAD)
    world.work()
    world.broken = set()

    world.settle()

    assert [said.text for said in world.said.values()] == ["first", "Re: <first> "]
    assert world.visible() == ["Re: <first> "]


def test_in_a_muted_room_the_assistant_files_the_message_and_is_silent(world: World) -> None:
    """Muted, nothing is visible, the model is not asked, and what was said is remembered."""
    world.records.mute(ROOM, world.now + 3600, world.now)
    world.ask("psst", THREAD)

    world.work()

    assert world.visible() == []
    assert not world.prompts
    assert [said.text for said in world.said.values()] == ["psst"]
    assert world.inbox.waiting(CHAT).messages == ()


def test_in_a_muted_room_who_calls_the_assistant_by_name_is_answered(world: World) -> None:
    """A mention since the mute breaks the silence, for that answer alone."""
    world.records.mute(ROOM, world.now + 3600, world.now)
    world.ask("where?", THREAD, mentioned=True)
    world.work()
    world.ask("and when?", THREAD)

    world.work()

    assert world.visible() == ["Re: <where?> "]


def test_what_is_overheard_is_only_remembered(world: World) -> None:
    """What people say to each other in a meeting is kept, and the assistant has no part in it."""
    world.ask("stop", THREAD, addressed=False, overheard=True)

    world.work()

    assert world.visible() == []
    assert not world.prompts
    assert [said.text for said in world.said.values()] == ["stop"]


def test_what_is_overheard_is_not_answered_with_the_question_after_it(world: World) -> None:
    """It is known, as what was said before."""
    world.ask("I would take the train.", THREAD, addressed=False, overheard=True)
    world.ask("when does it leave?", THREAD)

    world.work()

    assert world.visible() == ["Re: <when does it leave?> "]
    (prompt,) = world.prompts
    assert "I would take the train." in "".join(line.text for line in prompt.history)
    assert len([said for said in world.said.values() if said.side == "user"]) == 2


def test_an_order_after_what_is_overheard_is_confirmed(world: World) -> None:
    """What others say to each other makes no question of an order."""
    world.ask("let us begin.", THREAD, addressed=False, overheard=True)
    world.ask("mute", THREAD)

    world.work()

    assert world.visible() == ["I will be quiet here. Say `unmute` to me when you want me back."]
    assert not world.prompts


def test_a_mute_before_the_first_text_silences(world: World) -> None:
    """The mute is looked up again before the first visible text."""
    world.ask("psst", THREAD)

    world.work(
        {number_of("records.control", world): lambda: world.records.mute(ROOM, world.now + 3600, world.now)}
    )

    assert world.visible() == []
    assert world.inbox.waiting(CHAT).messages == ()


def number_of(call: str, world: World) -> int:
    """The point before the first call of that name in a turn like this one."""
    trial = World()
    trial.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    trial.ask("psst", THREAD)
    return trial.work().passed.index(f"before {call}") + 1


def test_a_mute_in_the_middle_withholds_the_rest(world: World) -> None:
    """Muted while the reply streams, the stream ends with what was visible, and says so."""
    world.ask("one", THREAD)
    world.ask("two", THREAD)
    world.between_pieces = lambda: world.records.mute(ROOM, world.now + 3600, world.now)

    world.work()

    (reply,) = world.visible()
    assert reply.endswith(WITHHELD["muted"])
    assert "<two>" not in reply
    assert world.inbox.waiting(CHAT).messages == ()


def test_a_reply_that_is_stopped_ends_the_models_call_first(
    world: World, monkeypatch: pytest.MonkeyPatch
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
    world.ask("one", THREAD)
    world.ask("two", THREAD)
    world.between_pieces = lambda: world.records.stop(CHAT, world.now)

    world.work()

    posts = [call["method"] for call in world.slack.posts]
    assert "chat.stopStream" in posts[ended[0] :]


@pytest.mark.parametrize("later", [0, 1])
def test_a_mute_between_two_attempts_ends_what_the_first_has_said(world: World, later: int) -> None:
    """What is visible stays, with a word that no more comes: muted before the second attempt knows whether it
    may speak, or after."""
    world.ask("one", THREAD)
    world.model_fails = 1
    world.work()
    world.sleep(3.0)
    known = number_of("records.standing", world) + later

    world.work({known: lambda: world.records.mute(ROOM, world.now + 3600, world.now)})

    (reply,) = world.visible()
    assert reply.startswith("Re: <one>")
    assert reply.endswith(WITHHELD["muted"])
    assert [said.text for said in world.said.values() if said.side == "assistant"] == [reply]


def test_a_stop_in_the_middle_ends_the_reply(world: World) -> None:
    """Who says stop sees the reply end, and what was said until then is answered."""
    world.ask("one", THREAD)
    world.ask("two", THREAD)
    world.between_pieces = lambda: world.records.stop(CHAT, world.now)

    world.work()

    (reply,) = world.visible()
    assert reply.endswith(WITHHELD["stopped"])
    assert world.inbox.waiting(CHAT).messages == ()


def test_what_is_asked_after_a_stop_is_answered(world: World) -> None:
    """Who stops a reply and asks something else, while the first turn still ends, gets that answered."""
    world.ask("one", THREAD)

    def somebody_objects() -> None:
        world.between_pieces = lambda: None
        world.records.stop(CHAT, world.ask("stop", THREAD).sent)
        world.ask("two", THREAD)

    world.between_pieces = somebody_objects
    world.work()

    stopped, answered = world.visible()
    assert stopped.endswith(WITHHELD["stopped"])
    assert answered == "Re: <two> "


def test_what_was_asked_before_a_stop_is_not_answered_with_what_comes_after_it(world: World) -> None:
    """Of messages that wait together too."""
    world.ask("one", THREAD)
    world.records.stop(CHAT, world.ask("stop", THREAD).sent)
    world.ask("two", THREAD)

    world.work()

    assert world.visible() == ["Re: <two> "]


def test_an_order_is_confirmed_without_the_model(world: World) -> None:
    """The webhook has carried it out; the turn says so, even where it is muted by it."""
    world.records.mute(ROOM, world.now + 3600, world.now)
    world.ask("mute", THREAD)

    world.work()

    assert world.visible() == ["I will be quiet here. Say `unmute` to me when you want me back."]
    assert not world.prompts


def test_a_stop_by_itself_needs_no_words(world: World) -> None:
    """A stop is answered by silence."""
    world.ask("stop", THREAD)

    world.work()

    assert world.visible() == []
    assert world.inbox.waiting(CHAT).messages == ()


def test_if_the_mute_cannot_be_known_the_assistant_is_silent_and_tries_again(world: World) -> None:
    """Without the records nothing is visible and nothing is lost; later the answer comes."""
    world.broken = {"records"}
    world.ask("psst", THREAD)
    world.work()
    assert world.visible() == []

    world.broken = set()
    world.settle()

    assert world.visible() == ["Re: <psst> "]


@pytest.mark.parametrize("broken", ["messages", "embedder"])
def test_a_backend_that_is_down_costs_its_part_of_the_answer(world: World, broken: str) -> None:
    """Without history or vectors there is an answer, without its part."""
    world.broken = {broken}
    world.ask("where?", THREAD)

    world.work()

    assert world.visible() == ["Re: <where?> "]


@pytest.mark.parametrize("broken", ["model", "slack", "slack.chat.startStream", "inbox.close"])
def test_an_answer_that_failed_comes_when_the_backend_is_back(world: World, broken: str) -> None:
    """A failed attempt is tried again after a while, in the same visible reply."""
    world.broken = {broken}
    world.ask("where?", THREAD)
    world.work()

    world.broken = set()
    world.settle()

    assert world.visible() == ["Re: <where?> "]
    assert not world.wakes.buried


def test_a_token_that_is_not_accepted_is_read_again(world: World) -> None:
    """After a rotation the first attempt fails, asks for newer secrets, and the next one answers."""
    world.token = "xoxb-before-the-rotation"
    world.ask("where?", THREAD)

    world.settle()

    assert world.visible() == ["Re: <where?> "]


def test_secrets_that_cannot_be_read_again_cost_an_attempt_and_no_more(world: World) -> None:
    """The lease is released all the same, so that the next attempt comes after two seconds."""
    world.token, world.broken = "xoxb-before-the-rotation", {"secrets"}
    world.ask("where?", THREAD)

    world.work()

    assert world.inbox.leases[CHAT].until == 0
    assert [letter.visible for letter in world.wakes.letters.values()] == [world.now + 2]


def test_after_three_attempts_there_is_one_apology(world: World) -> None:
    """The last attempt ends with one apology, a dead letter that names chat and message, and a free chat."""
    world.broken = {"model"}
    message = world.ask("where?", THREAD)

    for _ in range(40):
        world.work()
        world.sleep(5)

    assert world.visible() == [APOLOGY]
    assert world.wakes.buried == [(CHAT, (message.id,), "Unreachable")]
    assert world.inbox.failed == {(CHAT, message.id): "Unreachable"}
    assert not world.wakes.letters
    assert len(world.prompts) == 3


def test_a_reply_that_breaks_off_for_good_says_so(world: World) -> None:
    """When the last attempt fails halfway, what was visible stays, with a word that it broke off."""
    world.model_fails = 3
    world.ask("where?", THREAD)

    for _ in range(40):
        world.work()
        world.sleep(5)

    (reply,) = world.visible()
    assert reply.startswith("Re: ")
    assert reply.endswith(BROKEN_OFF)


def test_an_apology_that_could_not_be_closed_is_not_said_again(world: World) -> None:
    """When the close after the apology fails, the next worker finds the apology and leaves it as it is."""
    world.broken = {"model", "inbox.close"}
    world.ask("where?", THREAD)
    for _ in range(40):
        world.work()
        world.sleep(5)
    assert world.visible() == [APOLOGY]

    world.broken = set()
    world.settle()

    assert world.visible() == [APOLOGY]


def test_a_reply_that_is_whole_is_not_said_to_have_broken_off(world: World) -> None:
    """However often its turn cannot be closed: it waits for the inbox, and nobody apologises."""
    world.broken = {"inbox.close"}
    world.ask("one", THREAD)
    for _ in range(6):
        world.work()
        world.sleep(40.0)
    world.broken = set()

    world.settle()

    assert world.visible() == ["Re: <one> "]
    assert not world.wakes.buried


def test_what_cannot_even_be_apologised_for_holds_up_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message whose reply fails in a way that nobody foresaw is given up, and the next is answered."""
    world.ask("one", THREAD)
    with monkeypatch.context() as unforeseen:
        unforeseen.setattr(SlackReplies, "open", lambda *_: 1 / 0)
        for _ in range(4):
            world.work()
            world.sleep(40.0)
    world.ask("two", THREAD)

    world.settle()

    assert world.visible() == ["Re: <two> "]
    assert [reason for _, _, reason in world.wakes.buried] == ["ZeroDivisionError"]


def test_a_muted_room_gets_no_apology(world: World) -> None:
    """An apology is visible text: where nobody may hear it, only the dead letter tells."""
    world.broken = {"model"}
    world.ask("where?", THREAD)
    world.work()
    world.records.mute(ROOM, world.now + 3600, world.now)
    world.broken = {"records.standing"}

    for _ in range(40):
        world.work()
        world.sleep(5)

    assert world.visible() == []
    assert len(world.wakes.buried) == 1


def test_no_apology_follows_a_stop(world: World) -> None:
    """Who stops a reply that had broken off sees it end with that, on the last attempt too."""
    world.ask("one", THREAD)
    for _ in range(2):
        world.model_fails = 1
        world.work()
        world.sleep(11.0)
    world.records.stop(CHAT, world.now)
    world.broken = {"records.standing"}

    world.work()

    (reply,) = world.visible()
    assert reply.endswith(WITHHELD["stopped"])
    assert "broke off" not in reply


def test_a_wake_that_meets_a_live_lease_comes_back(world: World) -> None:
    """Two workers in one chat: the second goes, and its wake looks again when the lease would end."""
    world.ask("where?", THREAD)
    world.inbox.acquire(CHAT, "another", world.now, world.now + 20)

    world.work()

    (letter,) = world.wakes.letters.values()
    assert letter.visible == world.now + 20
    assert world.visible() == []


def test_a_wake_without_anything_open_leaves_nothing(world: World) -> None:
    """A wake that comes twice finds nothing, and the chat is free at once."""
    world.wakes.send(CHAT)

    world.work()

    assert not world.wakes.letters
    assert world.inbox.acquire(CHAT, "next", world.now, world.now + 20).turn == "next"


def test_serial_gives_the_same(world: World) -> None:
    """One step after the other, the person sees the same and the same outcomes are told."""
    other = World()
    other.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    other.parallel = False

    for one in (world, other):
        one.ask("where?", THREAD)
        one.work()

    assert world.visible() == other.visible()
    assert {o.name: o.kind for o in world.turns[0].outcomes} == {
        o.name: o.kind for o in other.turns[0].outcomes
    }
    assert world.prompts == other.prompts
