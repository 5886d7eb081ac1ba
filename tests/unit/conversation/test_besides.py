"""What goes with a reply: duties, pictures, decisions that were carried out, what is remembered besides."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from repartee.domain.message import Exchange, Message
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.prompt import Prompt, PromptMessage
from repartee.domain.reply import Image
from repartee.errors import Unavailable
from repartee.plan import Plan
from repartee.ports import ChatState, Records
from repartee.turn.assistant import Assistant
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld

THREAD = "1788999999.000001"
CHAT = f"{ROOM_ID}:{THREAD}"
CHART = Image("squat.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(64), "Squats of this year")
CHART_OF_COSTS = Image("costs.png", "image/png", CHART.content, "Costs of this year")


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def assistant(
    duties: tuple[PostReplyTask, ...] = (), reply_images: tuple[Image, ...] = (), **more: Any
) -> Any:
    """One whose replies come with these."""
    plan = Plan("helper", inputs=("incoming", "records"))

    @plan.step()
    def chat_state(incoming: tuple[Message, ...], records: Records) -> ChatState:
        return records.read_chat_state(incoming[-1].room, incoming[-1].chat, incoming[-1].sender)

    @plan.step()
    def prompt(incoming: tuple[Message, ...]) -> Prompt:
        return Prompt("Be kind.", (), "", tuple(PromptMessage("user", message.text) for message in incoming))

    plan.step()(_named("post_reply_tasks", lambda: duties))
    plan.step()(_named("reply_images", lambda: reply_images))
    graph = plan.build(targets=("chat_state", "prompt", "post_reply_tasks", "reply_images"))
    return lambda ports: Assistant("helper", graph, SimpleNamespace(records=ports["records"]), **more)


def _named(name: str, call: Callable[[], Any]) -> Callable[[], Any]:
    call.__name__ = name
    return call


def broken() -> None:
    raise Unavailable("records", "down")


def test_duties_are_done_once_the_reply_is_written(world: CrashingWorld) -> None:
    """What the reply promises is done before the turn is closed."""
    command_result: list[str] = []
    duty = PostReplyTask(
        "save", lambda: command_result.append(world.visible_texts()[0]), "I could not save it."
    )
    world.assistant = assistant((duty,))
    world.ask_question("one", THREAD)

    world.run_worker()

    assert len(command_result) == 1
    assert command_result[0].startswith("Re:")
    assert world.visible_texts() == ["Re: <one> "]


def test_a_duty_that_cannot_be_done_is_told(world: CrashingWorld) -> None:
    """In the same reply, once for all that say the same."""
    world.assistant = assistant(
        (
            PostReplyTask("save", broken, "I could not save it."),
            PostReplyTask("keep", broken, "I could not save it."),
        )
    )
    world.ask_question("one", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <one> \n\n_(I could not save it.)_"]


def test_duties_are_done_even_if_the_reply_is_stopped(world: CrashingWorld) -> None:
    """What a person told is kept, whoever wants to hear no more."""
    command_result: list[str] = []
    world.assistant = assistant(
        (PostReplyTask("save", lambda: command_result.append("saved"), "I could not save it."),)
    )
    world.ask_question("one", THREAD)
    world.between_pieces = lambda: world.order_and_wait(lambda: world.records.stop(CHAT, world.now))

    world.run_worker()

    assert command_result == ["saved"]
    assert world.visible_texts()[0].endswith("\n\n_(Stopped.)_")


def test_a_picture_follows_its_reply(world: CrashingWorld) -> None:
    """Into the same thread."""
    world.assistant = assistant(reply_images=(CHART,))
    world.ask_question("one", THREAD)

    world.run_worker()

    assert "files.completeUploadExternal" in [call["method"] for call in world.slack.posts]


def test_a_picture_that_cannot_be_sent_takes_back_no_reply(world: CrashingWorld) -> None:
    """The words are there, and the turn is closed."""
    world.assistant = assistant(reply_images=(CHART,))
    world.broken = {"slack.files.getUploadURLExternal"}
    world.ask_question("one", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <one> "]
    assert world.inbox.list_open(CHAT).messages == ()


def test_no_picture_follows_a_reply_that_was_stopped(world: CrashingWorld) -> None:
    """Who says stop wants to see no more of it."""
    world.assistant = assistant(reply_images=(CHART,))
    world.ask_question("one", THREAD)
    world.ask_question("two", THREAD)
    world.between_pieces = lambda: world.records.stop(CHAT, world.now)

    world.run_worker()

    assert world.visible_texts()[0].endswith("\n\n_(Stopped.)_")
    assert "files.completeUploadExternal" not in [call["method"] for call in world.slack.posts]


@pytest.mark.parametrize("command", ["stop", "mute"])
def test_a_command_between_two_pictures_ends_them(world: CrashingWorld, command: str) -> None:
    """The first is there; the second is not sent."""
    world.assistant = assistant(reply_images=(CHART, CHART_OF_COSTS))
    world.ask_question("one", THREAD)

    def order(name: str) -> None:
        if name == "after slack.files.completeUploadExternal":
            if command == "stop":
                world.records.stop(CHAT, world.now)
            else:
                world.records.mute(CHAT, world.now + 3600.0, world.now)
            world.now += 1.1

    world.at_each_point = order
    world.run_worker()
    world.run_until_quiet()

    calls = [call["method"] for call in world.slack.posts]
    assert calls.count("files.completeUploadExternal") == 1
    assert world.visible_texts()[0] == "Re: <one> "


def test_a_decision_is_carried_out_and_told_without_the_model(world: CrashingWorld) -> None:
    """The press of a button is no question."""
    world.assistant = assistant(resolve_press=lambda message: f"{message.proposal_id}: done.")
    world.press_button("proposal-1", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["proposal-1: done."]
    assert not world.prompts
    assert not world.said or all(history.side == "assistant" for history in world.said.values())


def test_a_decision_and_a_question_are_answered_together(world: CrashingWorld) -> None:
    """First what was done, then the answer."""
    world.assistant = assistant(resolve_press=lambda message: "Done.")
    world.press_button("proposal-1", THREAD)
    world.ask_question("and now?", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Done.\n\nRe: <and now?> "]


def test_a_decision_that_comes_with_a_stop_is_told(world: CrashingWorld) -> None:
    """The stop was about what was said before."""
    world.assistant = assistant(resolve_press=lambda message: "Done.")
    world.records.stop(CHAT, world.ask_question("stop", THREAD).sent)
    world.press_button("proposal-1", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Done."]
    assert not world.prompts


def test_a_reply_that_is_known_needs_no_model(world: CrashingWorld) -> None:
    """It is said like any other."""
    made = assistant()

    def knowing(ports: dict[str, Any]) -> Assistant:
        plan = Plan("knowing", inputs=("incoming", "records"))
        plan.step()(_named("prompt", lambda: Prompt("", (), "", (), ready_reply="I am back at midnight.")))

        @plan.step()
        def chat_state(incoming: tuple[Message, ...], records: Records) -> ChatState:
            return records.read_chat_state(incoming[-1].room, incoming[-1].chat, incoming[-1].sender)

        helper: Assistant = made(ports)
        return replace(helper, graph=plan.build(targets=("chat_state", "prompt")))

    world.assistant = knowing
    world.ask_question("one", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["I am back at midnight."]
    assert not world.prompts


def test_what_is_remembered_besides_is_tried_again(world: CrashingWorld) -> None:
    """An exchange is remembered when all of it is: what failed is done again, and the answer stands."""
    kept: list[Exchange] = []

    def remember(exchange: Exchange) -> None:
        kept.append(exchange)
        if len(kept) == 1:
            raise Unavailable("records", "down")

    world.besides = remember
    world.ask_question("one", THREAD)
    world.run_worker()
    assert world.inbox.list_open(CHAT).exchanges

    world.run_until_quiet()

    assert len(kept) == 2
    assert not world.inbox.list_open(CHAT).exchanges
    assert world.visible_texts() == ["Re: <one> "]
