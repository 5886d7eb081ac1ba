"""Keeps the recordings of turns, after the reply and outside the lease, where a room has opted in."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from repartee.domain.message import Exchange
from repartee.domain.redactor import RedactorFactory, redacting_in
from repartee.domain.usage import Usage, UsageTotal
from repartee.errors import BackendError, log_fields
from repartee.plan.breaker import Breaker
from repartee.ports.logging import Logger
from repartee.ports.recordings import RecordingStore
from repartee.turn.recording import build_recording

if TYPE_CHECKING:
    from repartee.turn.turn import Turn

MAX_FAILURES = 3
"""Recordings in a row that could not be kept, after which the store is left alone for a while."""

COOLDOWN_SECONDS = 60.0
"""Seconds for which it is left alone. The turns meanwhile are not recorded."""

MAX_WAITING_TURNS = 20
"""Turns of one worker that wait to be recorded."""

PSEUDONYM_CHARS = 8


class Recorder(Protocol):
    """Records turns."""

    def note_turn(self, turn: Turn, exchange: Exchange) -> None:
        """Notes a turn that was closed, if it is to be recorded."""

    def record_noted(self, turn_id: str) -> None:
        """Keeps the recording of a noted turn. Never raises because of what fails."""


class NoRecorder:
    """Records nothing: no store of recordings is set up."""

    def note_turn(self, turn: Turn, exchange: Exchange) -> None:
        pass

    def record_noted(self, turn_id: str) -> None:
        pass


NO_RECORDER: Recorder = NoRecorder()


class TurnRecorder:
    """`Recorder` with a store, which is made when there is the first recording. What cannot be redacted or
    kept is not recorded. With the `key` a pseudonym can be found by trying ids."""

    def __init__(
        self,
        make_store: Callable[[], RecordingStore],
        redactor_for: RedactorFactory,
        key: Callable[[], str],
        price_usage: Callable[[Iterable[Usage]], UsageTotal],
        logger: Logger,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_store, self._redactor_for, self._key = make_store, redactor_for, key
        self._price_usage, self._logger, self._monotonic = price_usage, logger, monotonic
        self._breaker = Breaker(MAX_FAILURES, COOLDOWN_SECONDS)
        self._noted: dict[str, tuple[Turn, Exchange]] = {}

    def note_turn(self, turn: Turn, exchange: Exchange) -> None:
        if turn.consent.is_given and turn.talk and turn.talk.prompt:
            for old in list(self._noted)[: max(len(self._noted) + 1 - MAX_WAITING_TURNS, 0)]:
                self._noted.pop(old, None)  # there was no time left to record it
            self._noted[turn.id] = turn, exchange

    def record_noted(self, turn_id: str) -> None:
        noted = self._noted.pop(turn_id, None)
        admitted = self._breaker.admit(self._monotonic()) if noted else None
        if not noted or not admitted:
            return
        try:
            kept = self._record(*noted)
        except BackendError as failure:
            self._breaker.failed(self._monotonic(), probe=admitted == "probe")
            self._logger.warning("turn_not_recorded", turn=turn_id, **log_fields(failure))
        except Exception as failure:  # noqa: BLE001 - a recording costs nothing but itself
            self._breaker.probe_abandoned()
            self._logger.warning("turn_not_recorded", turn=turn_id, **log_fields(failure))
        else:
            self._breaker.succeeded(probe=admitted == "probe")
            self._logger.info("turn_recorded" if kept else "room_recorded_enough_today", turn=turn_id)

    def _record(self, turn: Turn, exchange: Exchange) -> bool:
        cost = self._price_usage(turn.usages)
        with redacting_in(exchange.room):
            redactor = self._redactor_for(exchange.room)
            return self._make_store().put(build_recording(turn, exchange, redactor, self._pseudonym_of, cost))

    def _pseudonym_of(self, person: str) -> str:
        digest = hmac.digest(self._key().encode(), f"person\0{person}".encode(), "sha256")
        return f"person-{digest.hex()[:PSEUDONYM_CHARS]}"
