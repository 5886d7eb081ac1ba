"""The local stack, as *Try it* uses it: places, people, what they do there, and the turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlencode

import msgspec

from repartee.console.turn_view import TurnView

REACTIONS = ("👍", "👎", "❤️")
"""The emojis that are offered. Telegram lets no other than those of its list be used."""


class TryPlace(msgspec.Struct, frozen=True):
    """A place to say something: `key` names it in addresses; `people` are ids and names of those who can
    say it."""

    key: str
    channel: str
    title: str
    people: tuple[tuple[str, str], ...]
    has_threads: bool = False


class TryChoice(msgspec.Struct, frozen=True):
    """The person who speaks, the assistant, and the place."""

    place: str
    assistant: str
    person: str

    @property
    def address(self) -> str:
        """The parameters that make it the same choice again."""
        return urlencode(msgspec.structs.asdict(self))


class SaidFile(msgspec.Struct, frozen=True):
    """A file that a person sends: its name, its media type and its bytes."""

    name: str
    type: str
    content: bytes

    @property
    def kind(self) -> str:
        """Returns the first part of the media type: `image`, `audio`, `application` …"""
        return self.type.partition("/")[0]


class ActResult(msgspec.Struct, frozen=True):
    """The outcome of an act: `problem` says what went wrong, `told` what the person alone is told."""

    problem: str = ""
    told: str = ""


class ShownMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the channel shows it. `buttons` are a word that names the button, and its label;
    `own_words` are those that the person who speaks may change, `can_delete` tells whether they may take the
    message back, `can_react` whether they may react to it."""

    id: str
    author: str
    text: str
    is_assistant: bool = False
    is_streaming: bool = False
    is_edited: bool = False
    files: tuple[str, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()
    reactions: tuple[str, ...] = ()
    own_words: str = ""
    can_delete: bool = False
    can_react: bool = False


class ShownRoom(msgspec.Struct, frozen=True):
    """A room as people see it now; `status` is what goes on below the messages."""

    messages: tuple[ShownMessage, ...] = ()
    status: str = ""


class TurnChip(msgspec.Struct, frozen=True):
    """A turn in the list of a room's turns."""

    id: str
    question: str
    state: str
    first_words_ms: float | None = None


class RerunChange(msgspec.Struct, frozen=True):
    """The change with which a turn is run again: one step at a time, without some steps, with other
    instructions, by another model, or with another question."""

    is_serial: bool = False
    left_out: tuple[str, ...] = ()
    instructions: str = ""
    model: str = ""
    question: str = ""


class TryItStage(Protocol):
    """The local stack, as this page uses it."""

    def list_places(self) -> Sequence[TryPlace]:
        """Returns where something can be said."""

    def list_assistants(self) -> Sequence[str]:
        """Returns the names of the assistants."""

    def list_samples(self, choice: TryChoice) -> Sequence[str]:
        """Returns sentences and commands to begin with."""

    def say(self, choice: TryChoice, text: str, file: SaidFile | None = None) -> ActResult:
        """Posts a message as the platform does, or the platform's command."""

    def read_recording(self) -> SaidFile:
        """Returns a voice message to try."""

    def edit_message(self, choice: TryChoice, message: str, text: str) -> ActResult:
        """Changes the words of a message that the person said."""

    def delete_message(self, choice: TryChoice, message: str) -> ActResult:
        """Takes back a message that the person said, as their channel lets them."""

    def react(self, choice: TryChoice, message: str, emoji: str) -> ActResult:
        """Reacts to a message with an emoji of `REACTIONS`."""

    def press_button(self, choice: TryChoice, button: str, message: str = "") -> ActResult:
        """Presses the newest button of that name; an opinion's below that message."""

    def stop_reply(self, choice: TryChoice) -> ActResult:
        """Says the word that stops a reply."""

    def start_thread(self, choice: TryChoice) -> None:
        """Lets what is said next begin a conversation."""

    def read_room(self, choice: TryChoice) -> ShownRoom:
        """Returns the room as it is."""

    def list_turns(self, choice: TryChoice) -> Sequence[TurnChip]:
        """Returns the turns of the room, newest first."""

    def find_turn(self, id: str) -> TurnView | None:
        """Returns a turn, as far as it has come."""

    def run_again(self, id: str, change: RerunChange) -> TurnView:
        """Runs a turn again. Delivers nothing and writes nothing."""
