"""Whether a turn is recorded: its room has opted in, and the people of its chat were told before."""

from __future__ import annotations

from contextlib import suppress

from repartee.domain.control import Control
from repartee.errors import BackendError
from repartee.language import texts
from repartee.ports import ChatState, Records
from repartee.turn.lease import Clock


class RecordingConsent:
    """The consent of one turn. `notice` is what its people are told, once, before a later turn is
    recorded."""

    def __init__(self, records: Records, chat: str, clock: Clock) -> None:
        self._records, self._chat, self._clock = records, chat, clock
        self.chat_state = ChatState()
        self.notice = ""

    @property
    def is_given(self) -> bool:
        """Whether the turn is recorded."""
        return self._is_on(self.chat_state.control) and not self.notice

    def use_state(self, state: ChatState) -> None:
        """Takes what the room has opted in to, and whether the chat knows."""
        self.chat_state, control = state, state.control
        self.notice = texts.ROOM_RECORDED if self._is_on(control) and not control.is_recording_told else ""

    def note_told(self, *, is_said: bool) -> None:
        """Notes that the notice was said, if it was. Where that fails it is said again, and nothing is
        recorded before."""
        with suppress(BackendError):
            if self.notice and is_said:
                self._records.note_recording_told(self._chat, self._clock())

    def _is_on(self, control: Control) -> bool:
        return control.is_recorded(self._clock())
