"""The same conversation, told in Slack, Telegram, WhatsApp and on the web, gives the model the same prompt.

A channel that comes to tell more of what people send adds the payload of it to `tell`, and takes its name out
of `NAMED_LATER` once its receiver tells names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from repartee.assistants.attachment_prompts import build_prompt_lines
from repartee.assistants.coach.prompt_builder import CoachPromptContext, build_coach_prompt
from repartee.assistants.office.prompts import OfficePromptContext, build_office_prompt
from repartee.assistants.office.routes import Route
from repartee.domain.message import ContextKind, ContextPart, Exchange, Message
from repartee.domain.prompt import Prompt
from repartee.ports import ChatState, CoachState
from tests.support.memory_handlers import NOW_SECONDS
from tests.support.told_in_channels import PAYLOADS, other_person, tell

ROUTE = Route(name="general", examples={}, history_limit=30, summary=True, relevant_limit=8, instructions="")
FIRST, SECOND = "Which desks are free, and who has the keys?", "Book the second one of these, please"

Compose = Callable[[tuple[Message, ...], Exchange], Prompt]


def compose_office(incoming: tuple[Message, ...], earlier: Exchange) -> Prompt:
    return build_office_prompt(
        OfficePromptContext(
            incoming=incoming,
            incoming_lines=build_prompt_lines(incoming),
            route=ROUTE,
            chat_state=ChatState(),
            history=earlier.to_stored(),
        )
    )


def compose_coach(incoming: tuple[Message, ...], earlier: Exchange) -> Prompt:
    from datetime import date

    context = CoachPromptContext(local_date=date(2026, 9, 10), chat_state=CoachState())
    return build_coach_prompt(incoming, build_prompt_lines(incoming), (earlier,), context)


def conversation(channel: str, compose: Compose, *context: ContextPart) -> Prompt:
    """The prompt of the second message of a conversation in the channel."""
    first, second = tell(channel, FIRST), tell(channel, SECOND, 60)
    exchange = Exchange(
        turn="t1",
        chat=first.chat,
        room=first.room,
        assistant="office",
        messages=(first,),
        reply="1. The one at the window. 2. The one at the door.",
        answered_at=NOW_SECONDS + 5,
    )
    asked = msgspec.structs.replace(second, context=context)
    return msgspec.structs.replace(compose((asked,), exchange), cache_key="")


@pytest.mark.parametrize("compose", [compose_office, compose_coach])
def test_a_conversation_is_the_same_to_the_model_in_every_channel(compose: Compose) -> None:
    """What was said before, who asks, and what is asked."""
    prompts = {channel: conversation(channel, compose) for channel in PAYLOADS}

    assert all(prompt == prompts["slack"] for prompt in prompts.values())
    assert [line.text for line in prompts["web"].incoming] == [SECOND]
    assert prompts["web"].history[0].text == FIRST
    assert "Who is asking: Ada Lovelace" in prompts["web"].context


@pytest.mark.parametrize("kind", get_args(ContextKind))
@pytest.mark.parametrize("compose", [compose_office, compose_coach])
def test_what_comes_along_is_the_same_in_every_channel(compose: Compose, kind: ContextKind) -> None:
    """Whose words they are, when they were said, and what they say."""
    prompts = {
        channel: conversation(
            channel,
            compose,
            ContextPart(
                kind=kind, author=other_person(channel, "Ben"), sent=NOW_SECONDS, text="I have them."
            ),
            ContextPart(kind=kind, by_assistant=True, text="All of them."),
        )
        for channel in PAYLOADS
    }

    assert all(prompt == prompts["slack"] for prompt in prompts.values())
    (line,) = prompts["slack"].incoming
    assert line.text.index("Ben") < line.text.index("> I have them.")
    assert line.text.index("you, the assistant,") < line.text.index("> All of them.")
    assert line.text.endswith(f"\n\n{SECOND}")


@pytest.mark.parametrize("channel", PAYLOADS)
@pytest.mark.parametrize("text", ["mute", "stop", "unmute"])
def test_a_command_is_what_the_person_says_themselves(channel: str, text: str) -> None:
    """In the sender's own words it is one; in words that came along it is none."""
    said, quoted = tell(channel, text), tell(channel, "what does that mean?")
    with_context = msgspec.structs.replace(quoted, context=(ContextPart(kind="forwarded", text=text),))

    assert said.command is not None
    assert said.command.action == text
    assert with_context.command is None
    assert with_context.issue_command() is None
