"""`console.TryItStage` on the local stack: people's messages are posted as their platforms post them."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from local.button_press import build_press
from local.job_runner import POSTS_PATHS
from local.live_turns import LiveTurns
from local.posted_things import describe_message_extras
from local.run_again import TurnRepeater
from local.sample_events import samples
from local.sample_history import display_names
from local.stack import LocalStack
from local.try_places import (
    PLACES,
    SAMPLES,
    TELEGRAM_PEOPLE,
    WHATSAPP_PEOPLE,
    PostedMessages,
    address_of,
    place_of,
)
from local.turn_views import TurnViews, question_of
from local.web_talk import WebTalk
from repartee.console.try_it import RerunChange, ShownMessage, ShownRoom, TryChoice, TryPlace, TurnChip
from repartee.console.turn_view import TurnView
from repartee.domain.message import Incoming

ASSISTANT_NAME = "repartee"
DISPLAY_NAMES = {
    "U0REPARTEE": ASSISTANT_NAME,
    **display_names(),
    **dict(TELEGRAM_PEOPLE),
    **dict(WHATSAPP_PEOPLE),
}
MENTION = re.compile(r"<@(\w+)>")
STOP_WORD = "stop"
MAX_CHIPS = 12
"""Turns of a room that are listed."""

Deliver = Callable[[samples.PostedRequest], dict[str, Any]]


class LocalStage:
    """The local stack, as the console's page uses it. `deliver` hands a post to the webhook."""

    def __init__(
        self,
        stack: LocalStack,
        deliver: Deliver,
        turns: LiveTurns,
        views: TurnViews,
        repeater: TurnRepeater,
        web: WebTalk,
        assistants: Sequence[str],
        chosen_assistants: dict[str, str],
    ) -> None:
        self._stack, self._deliver, self._turns, self._views = stack, deliver, turns, views
        self._repeater, self._web, self._assistants = repeater, web, tuple(assistants)
        self._chosen = chosen_assistants
        self._posts = PostedMessages(stack.platform_secret, lambda: uuid.uuid4().hex)
        self._threads: dict[str, str] = {}
        self._newest: dict[str, dict[str, Any]] = {}

    def list_places(self) -> Sequence[TryPlace]:
        return [one for one in PLACES if one.channel == "web" or self._stack.is_standin(one.channel)]

    def list_assistants(self) -> Sequence[str]:
        return self._assistants

    def list_samples(self, assistant: str) -> Sequence[str]:
        return SAMPLES.get(assistant, ())

    def say(self, choice: TryChoice, text: str) -> str:
        room = address_of(choice).room
        channel = place_of(choice).channel
        self._chosen[f"{channel}:{room}"] = choice.assistant
        if channel == "web":
            self._web.say(choice.person, text)
            return ""
        return self._post(choice, text)

    def press_button(self, choice: TryChoice, button: str) -> str:
        channel, (word, _, proposal) = place_of(choice).channel, button.partition(":")
        if channel == "web":
            self._web.decide(choice.person, proposal, approve=word == "approve")
            return ""
        said = self._newest.get(choice.place, {})
        posts = self._stack.call_standins(POSTS_PATHS[channel])
        secret = self._stack.platform_secret(channel)
        pressed = build_press(channel, posts, word.lower(), said, secret, time.time())
        return "There is no proposal to decide on." if pressed is None else self._send(pressed)

    def stop_reply(self, choice: TryChoice) -> str:
        return self.say(choice, STOP_WORD)

    def start_thread(self, choice: TryChoice) -> None:
        if place_of(choice).channel == "web":
            self._web.start_conversation(choice.person)
        self._threads.pop(address_of(choice).room, None)

    def read_room(self, choice: TryChoice) -> ShownRoom:
        place, address = place_of(choice), address_of(choice)
        if place.channel == "web":
            return self._web.read_room(choice.person)
        seen = self._stack.call_standins(address.path)
        thread = self._threads.get(address.room, "")
        shown = [one for one in seen["messages"] if not place.has_threads or _is_in_thread(one, thread)]
        status = seen["statuses"].get(thread, "") if "statuses" in seen else seen["typing"] and "is typing…"
        return ShownRoom(tuple(map(_to_shown, shown)), str(status or ""))

    def list_turns(self, choice: TryChoice) -> Sequence[TurnChip]:
        channel, room = place_of(choice).channel, address_of(choice).room

        def is_there(message: Incoming) -> bool:
            return message.channel == channel and message.room.rpartition(":")[2] == room

        return [
            TurnChip(
                live.id,
                question_of(live),
                "running" if live.turn is None else "failed" if live.turn.failure_reason else "done",
                self._views.first_words_ms(live),
            )
            for live in self._turns.in_room(is_there)[:MAX_CHIPS]
        ]

    def find_turn(self, id: str) -> TurnView | None:
        live = self._turns.find(id)
        return self._views.make_view(live) if live else None

    def run_again(self, id: str, change: RerunChange) -> TurnView:
        live = self._turns.find(id)
        assert live is not None
        return self._repeater.run_again(live, change)

    def _post(self, choice: TryChoice, text: str) -> str:
        place, address = place_of(choice), address_of(choice)
        thread = self._threads.get(address.room, "") if place.channel == "slack" else ""
        posted = self._posts.build(choice, text, time.time(), thread)
        event = samples.extract_said(posted.body)
        self._newest[choice.place] = event
        if place.channel == "slack":
            self._threads.setdefault(address.room, event["ts"])
        self._stack.show_person_message(event)
        return self._send(posted)

    def _send(self, posted: samples.PostedRequest) -> str:
        answer = self._deliver(posted)
        self._stack.apply_webhook_answer(posted.path, answer["body"])
        refused = answer["statusCode"] != 200
        return f"The webhook answered {answer['statusCode']}: {answer['body']}" if refused else ""


def _is_in_thread(message: dict[str, Any], thread: str) -> bool:
    return thread in (message["ts"], message["thread_ts"])


def _to_shown(message: dict[str, Any]) -> ShownMessage:
    files, labels = describe_message_extras(message)
    return ShownMessage(
        id=str(message.get("ts") or message.get("id")),
        author=ASSISTANT_NAME if message["bot"] else DISPLAY_NAMES.get(message["user"], message["user"]),
        text=MENTION.sub(lambda found: f"@{DISPLAY_NAMES.get(found[1], found[1])}", message["text"]),
        is_assistant=bool(message["bot"]),
        is_streaming=bool(message["streaming"]),
        is_edited=bool(message.get("edited")),
        files=tuple(files),
        buttons=tuple((label.lower(), label) for label in labels),
    )
