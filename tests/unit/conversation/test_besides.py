"""What goes with a reply: duties, pictures, decisions that were carried out, what is remembered besides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from repartee.conversation.means import Assistant, Duty
from repartee.conversation.message import Exchange, Message
from repartee.conversation.prompt import Line, Prompt
from repartee.conversation.reply import Picture
from repartee.conversation.speech import WITHHELD
from repartee.errors import Unreachable
from repartee.plan import Plan
from repartee.ports import Records, Standing
from tests.support.world import CHANNEL, ROOM, World

THREAD = "1788999999.000001"
CHAT = f"{ROOM}:{THREAD}"
CHART = Picture("squat.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(64), "Squats of this year")


@pytest.fixture
def world() -> World:
    world = World()
    world.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def assistant(duties: tuple[Duty, ...] = (), pictures: tuple[Picture, ...] = (), **more: Any) -> Any:
    """One whose replies come with these."""
    plan = Plan("helper", inputs=("asked", "records"))

    @plan.step()
    def standing(asked: tuple[Message, ...], records: Records) -> Standing:
        return records.standing(asked[-1].room, asked[-1].chat, asked[-1].sender)

    @plan.step()
    def prompt(asked: tuple[Message, ...]) -> Prompt:
        return Prompt("Be kind.", (), "", tuple(Line("user", message.text) for message in asked))

    plan.step()(_named("afterwards", lambda: duties))
    plan.step()(_named("pictures", lambda: pictures))
    graph = plan.build(targets=("standing", "prompt", "afterwards", "pictures"))
    return lambda ports: Assistant("helper", graph, {"records": ports["records"]}, **more)


def _named(name: str, call: Callable[[], Any]) -> Callable[[], Any]:
    call.__name__ = name
    return call


def broken() -> None:
    raise Unreachable("records", "down")


def test_duties_are_done_once_the_reply_is_written(world: World) -> None:
    """What the reply promises is done before the turn is closed."""
    done: list[str] = []
    duty = Duty("save", lambda: done.append(world.visible()[0]), "I could not save it.")
    world.assistant = assistant((duty,))
    world.ask("one", THREAD)

    world.work()

    assert len(done) == 1
    assert done[0].startswith("Re:")
    assert world.visible() == ["Re: <one> "]


def test_a_duty_that_cannot_be_done_is_told(world: World) -> None:
    """In the same reply, once for all that say the same."""
    world.assistant = assistant(
        (Duty("save", broken, "I could not save it."), Duty("keep", broken, "I could not save it."))
    )
    world.ask("one", THREAD)

    world.work()

    assert world.visible() == ["Re: <one> \n\nI could not save it."]


def test_duties_are_done_even_if_the_reply_is_stopped(world: World) -> None:
    """What a person told is kept, whoever wants to hear no more."""
    done: list[str] = []
    world.assistant = assistant((Duty("save", lambda: done.append("saved"), "I could not save it."),))
    world.ask("one", THREAD)
    world.between_pieces = lambda: world.records.stop(CHAT, world.now)

    world.work()

    assert done == ["saved"]
    assert world.visible()[0].endswith(WITHHELD["stopped"])


def test_a_picture_follows_its_reply(world: World) -> None:
    """Into the same thread."""
    world.assistant = assistant(pictures=(CHART,))
    world.ask("one", THREAD)

    world.work()

    assert "files.completeUploadExternal" in [call["method"] for call in world.slack.posts]


def test_a_picture_that_cannot_be_sent_takes_back_no_reply(world: World) -> None:
    """The words are there, and the turn is closed."""
    world.assistant = assistant(pictures=(CHART,))
    world.broken = {"slack.files.getUploadURLExternal"}
    world.ask("one", THREAD)

    world.work()

    assert world.visible() == ["Re: <one> "]
    assert world.inbox.waiting(CHAT).messages == ()


def test_no_picture_follows_a_reply_that_was_stopped(world: World) -> None:
    """Who says stop wants to see no more of it."""
    world.assistant = assistant(pictures=(CHART,))
    world.ask("one", THREAD)
    world.ask("two", THREAD)
    world.between_pieces = lambda: world.records.stop(CHAT, world.now)

    world.work()

    assert world.visible()[0].endswith(WITHHELD["stopped"])
    assert "files.completeUploadExternal" not in [call["method"] for call in world.slack.posts]


def test_a_decision_is_carried_out_and_told_without_the_model(world: World) -> None:
    """The press of a button is no question."""
    world.assistant = assistant(decided=lambda message: f"{message.decides}: done.")
    world.ask("approve", THREAD, decides="proposal-1")

    world.work()

    assert world.visible() == ["proposal-1: done."]
    assert not world.prompts
    assert not world.said or all(said.side == "assistant" for said in world.said.values())


def test_a_decision_and_a_question_are_answered_together(world: World) -> None:
    """First what was done, then the answer."""
    world.assistant = assistant(decided=lambda message: "Done.")
    world.ask("approve", THREAD, decides="proposal-1")
    world.ask("and now?", THREAD)

    world.work()

    assert world.visible() == ["Done.\n\nRe: <and now?> "]


def test_a_decision_that_comes_with_a_stop_is_told(world: World) -> None:
    """The stop was about what was said before."""
    world.assistant = assistant(decided=lambda message: "Done.")
    world.records.stop(CHAT, world.ask("stop", THREAD).sent)
    world.ask("approve", THREAD, decides="proposal-1")

    world.work()

    assert world.visible() == ["Done."]
    assert not world.prompts


def test_a_reply_that_is_known_needs_no_model(world: World) -> None:
    """It is said like any other."""
    made = assistant()

    def knowing(ports: dict[str, Any]) -> Assistant:
        plan = Plan("knowing", inputs=("asked", "records"))
        plan.step()(_named("prompt", lambda: Prompt("", (), "", (), known="I am back at midnight.")))

        @plan.step()
        def standing(asked: tuple[Message, ...], records: Records) -> Standing:
            return records.standing(asked[-1].room, asked[-1].chat, asked[-1].sender)

        helper: Assistant = made(ports)
        return replace(helper, graph=plan.build(targets=("standing", "prompt")))

    world.assistant = knowing
    world.ask("one", THREAD)

    world.work()

    assert world.visible() == ["I am back at midnight."]
    assert not world.prompts


def test_what_is_remembered_besides_is_tried_again(world: World) -> None:
    """An exchange is remembered when all of it is: what failed is done again, and the answer stands."""
    kept: list[Exchange] = []

    def remember(exchange: Exchange) -> None:
        kept.append(exchange)
        if len(kept) == 1:
            raise Unreachable("records", "down")

    world.besides = remember
    world.ask("one", THREAD)
    world.work()
    assert world.inbox.waiting(CHAT).exchanges

    world.settle()

    assert len(kept) == 2
    assert not world.inbox.waiting(CHAT).exchanges
    assert world.visible() == ["Re: <one> "]
