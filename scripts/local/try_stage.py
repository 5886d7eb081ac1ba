"""`console.TryItStage` on the local stack: people's messages are posted as their platforms post them."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from local.button_press import FEEDBACK_BUTTONS, build_press, build_slack_feedback
from local.job_runner import POSTS_PATHS
from local.live_turns import LiveTurns
from local.person_files import FILE_PATHS, read_recording
from local.person_posts import SLASH_COMMAND, PersonPosts, changed_words, own_words
from local.posted_things import describe_message_extras
from local.run_again import TurnRepeater
from local.sample_events import samples
from local.sample_history import display_names
from local.stack import LocalStack
from local.try_places import (
    COMMANDS,
    PLACES,
    SAMPLES,
    TELEGRAM_PEOPLE,
    WHATSAPP_PEOPLE,
    address_of,
    place_of,
)
from local.turn_views import TurnViews, question_of
from local.web_talk import WebTalk
from repartee.channels.slack import buttons
from repartee.console.try_it_stage import (
    REACTIONS,
    ActResult,
    RerunChange,
    SaidFile,
    ShownMessage,
    ShownRoom,
    TryChoice,
    TryPlace,
    TurnChip,
)
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
FEEDBACK_LABELS = (("helpful", "👍 Good response"), ("unhelpful", "👎 Bad response"))
CHANGED_PATHS = {"slack": "changed", "telegram": "telegram/changed", "whatsapp": "whatsapp/changed"}
UNTOLD_DELETION = "Telegram tells bots of no deletion: the assistant still has this message."
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
        self._posts = PersonPosts(stack.platform_secret)
        self._threads: dict[str, str] = {}
        self._newest: dict[str, dict[str, Any]] = {}

    def list_places(self) -> Sequence[TryPlace]:
        return [one for one in PLACES if one.channel == "web" or self._stack.is_standin(one.channel)]

    def list_assistants(self) -> Sequence[str]:
        return self._assistants

    def list_samples(self, choice: TryChoice) -> Sequence[str]:
        return (*SAMPLES.get(choice.assistant, ()), *COMMANDS.get(place_of(choice).channel, ()))

    def read_recording(self) -> SaidFile:
        return read_recording()

    def say(self, choice: TryChoice, text: str, file: SaidFile | None = None) -> ActResult:
        room = address_of(choice).room
        channel = place_of(choice).channel
        self._chosen[f"{channel}:{room}"] = choice.assistant
        if channel == "web":
            self._web.say(choice.person, text, file)
            return ActResult()
        if channel == "slack" and text.startswith("/"):
            return self._give_command(choice, text)
        return self._post(choice, text, file)

    def edit_message(self, choice: TryChoice, message: str, text: str) -> ActResult:
        earlier = self._find_message(choice, message)
        if earlier is None or not _can_edit(choice, earlier):
            return ActResult("This message is not yours to change.")
        self._change_shown(choice, earlier, text=changed_words(earlier["text"], text))
        return self._send(self._posts.edit(choice, earlier, text, time.time()))

    def delete_message(self, choice: TryChoice, message: str) -> ActResult:
        earlier = self._find_message(choice, message)
        if earlier is None or not _is_own(choice, earlier):
            return ActResult("This message is not yours to delete.")
        has_replies = self._change_shown(choice, earlier, deleted=True).get("has_replies", False)
        posted = self._posts.delete(choice, earlier, time.time(), has_replies=has_replies)
        return self._send(posted) if posted else ActResult(told=UNTOLD_DELETION)

    def react(self, choice: TryChoice, message: str, emoji: str) -> ActResult:
        found = self._find_message(choice, message)
        if found is None or emoji not in REACTIONS:
            return ActResult("There is no such message here.")
        self._change_shown(choice, found, reaction=emoji)
        return self._send(self._posts.react(choice, found, emoji, time.time()))

    def press_button(self, choice: TryChoice, button: str, message: str = "") -> ActResult:
        channel, (word, _, proposal) = place_of(choice).channel, button.partition(":")
        if channel == "web":
            self._web.decide(choice.person, proposal, approve=word == "approve")
            return ActResult()
        said = self._newest.get(choice.place, {})
        posts, secret = self._stack.call_standins(POSTS_PATHS[channel]), self._stack.platform_secret(channel)
        if word in FEEDBACK_BUTTONS:
            shown = self._find_message(choice, message) or {"ts": "", "thread_ts": ""}
            pressed = build_slack_feedback(posts, shown, word, choice.person, secret, time.time())
        else:
            pressed = build_press(channel, posts, word.lower(), said, secret, time.time())
        return ActResult("There is no such button.") if pressed is None else self._send(pressed)

    def stop_reply(self, choice: TryChoice) -> ActResult:
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
        messages = [_to_shown(choice, one) for one in shown]
        return ShownRoom(tuple(messages), str(status or ""))

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

    def _post(self, choice: TryChoice, text: str, file: SaidFile | None) -> ActResult:
        place, address = place_of(choice), address_of(choice)
        thread = self._threads.get(address.room, "") if place.channel == "slack" else ""
        file_id = f"F{uuid.uuid4().hex[:12].upper()}"
        if file:
            path = FILE_PATHS[place.channel].format(id=file_id, name=quote(file.name))
            self._stack.store_person_file(path, file.type, file.content)
        posted = self._posts.say(choice, text, time.time(), thread, file, file_id)
        event = samples.extract_said(posted.body)
        self._newest[choice.place] = event
        if place.channel == "slack":
            self._threads.setdefault(address.room, event["ts"])
        self._stack.show_person_message(event)
        return self._send(posted)

    def _give_command(self, choice: TryChoice, text: str) -> ActResult:
        """Gives Slack's slash command. What is answered is seen by the person alone."""
        if text.split(maxsplit=1)[0] != SLASH_COMMAND:
            return ActResult(f"Slack knows one command of this app: {SLASH_COMMAND}.")
        answer = self._deliver(self._posts.give_slack_command(choice, text, time.time()))
        if answer["statusCode"] != HTTPStatus.OK:
            return _refusal_of(answer)
        return ActResult(told=json.loads(answer["body"] or "{}").get("text", ""))

    def _send(self, posted: samples.PostedRequest) -> ActResult:
        answer = self._deliver(posted)
        self._stack.apply_webhook_answer(posted.path, answer["body"])
        return ActResult() if answer["statusCode"] == HTTPStatus.OK else _refusal_of(answer)

    def _find_message(self, choice: TryChoice, id: str) -> dict[str, Any] | None:
        """Returns a message as the stand-in shows it."""
        path = address_of(choice).path
        seen = self._stack.call_standins(path)["messages"] if path else ()
        return next((one for one in seen if _id_of(one) == id), None)

    def _change_shown(self, choice: TryChoice, message: dict[str, Any], **change: Any) -> dict[str, Any]:
        """Lets the stand-in show a message as the person's client does at once. Returns what it says."""
        channel, room = place_of(choice).channel, address_of(choice).room
        keys: dict[str, dict[str, Any]] = {
            "slack": {"channel": room, "ts": message.get("ts")},
            "telegram": {"chat_id": int(room) if channel == "telegram" else 0, "id": message.get("id")},
            "whatsapp": {"id": message.get("id")},
        }
        changed: dict[str, Any] = self._stack.call_standins(CHANGED_PATHS[channel], **keys[channel], **change)
        return changed


def _refusal_of(answer: dict[str, Any]) -> ActResult:
    return ActResult(f"The webhook answered {answer['statusCode']}: {answer['body']}")


def _id_of(message: dict[str, Any]) -> str:
    return str(message.get("ts") or message.get("id"))


def _is_in_thread(message: dict[str, Any], thread: str) -> bool:
    return thread in (message["ts"], message["thread_ts"])


def _is_own(choice: TryChoice, message: dict[str, Any]) -> bool:
    return not message["bot"] and message["user"] == choice.person


def _can_edit(choice: TryChoice, message: dict[str, Any]) -> bool:
    return _is_own(choice, message) and bool(own_words(message["text"])) and not message.get("files")


def _to_shown(choice: TryChoice, message: dict[str, Any]) -> ShownMessage:
    files, labels = describe_message_extras(message)
    opinions = buttons.FEEDBACK_ACTION_ID in message.get("actions", ())
    words = own_words(message["text"])
    return ShownMessage(
        id=_id_of(message),
        author=ASSISTANT_NAME if message["bot"] else DISPLAY_NAMES.get(message["user"], message["user"]),
        text=MENTION.sub(lambda found: f"@{DISPLAY_NAMES.get(found[1], found[1])}", message["text"]),
        is_assistant=bool(message["bot"]),
        is_streaming=bool(message["streaming"]),
        is_edited=bool(message.get("edited")),
        files=tuple(files if message["bot"] else message.get("files", ())),
        buttons=(*((label.lower(), label) for label in labels), *(FEEDBACK_LABELS if opinions else ())),
        reactions=tuple(message.get("reactions", ())),
        own_words=words if _can_edit(choice, message) else "",
        can_delete=_is_own(choice, message),
        can_react=bool(message["bot"]) and not message["streaming"],
    )
