"""Runs a recorded turn again with something changed. Only the model is asked, so nothing is read, written or
delivered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from repartee.domain.prompt import Prompt
from repartee.domain.recording import Repetition, RepetitionChange, TurnRecording
from repartee.domain.usage import Usage, UsageTotal
from repartee.errors import BackendError, describe_error
from repartee.plan import Pool
from repartee.ports import LanguageModel
from repartee.ports.cancellation import CancelToken
from repartee.ports.recordings import RecordingStore
from repartee.turn.recorded_replay import RepetitionRefused, describe_parts, list_remarks, replay_prompt
from repartee.turn.tool_loop import ToolLoop


class RecordedTurnRepeater:
    """Runs recorded turns again. `make_model` makes the model of a name, the configured one of none."""

    def __init__(
        self,
        find_store: Callable[[], RecordingStore | None],
        make_model: Callable[[str], LanguageModel],
        price_usage: Callable[[Iterable[Usage]], UsageTotal],
        pool: Pool,
        clock: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find_store, self._make_model, self._price_usage = find_store, make_model, price_usage
        self._pool, self._clock, self._monotonic = pool, clock, monotonic

    def repeat(self, room: str, turn: str, change: RepetitionChange, tell: Callable[[str], object]) -> None:
        """Runs a turn again, and keeps what comes of it. Raises `RepetitionRefused` for one that is not
        recorded any more, and what the store raises."""
        store = self._find_store()
        recording = store.find_turn(room, turn) if store else None
        if store is None or recording is None:
            raise RepetitionRefused("this turn is not recorded any more")
        prompt = replay_prompt(recording, change)
        size = sum(part.tokens for part in describe_parts(prompt))
        tell(f"The prompt is made from the recording: {size} tokens.")
        tell("The model is asked. No tool is run, and nothing is delivered.")
        repeated = self._ask_model(recording, change, prompt)
        if not store.save_repetition(repeated):
            raise RepetitionRefused("the recording was erased meanwhile, and what came of it with it")
        tell(f"{repeated.tokens} tokens in {repeated.seconds:.1f} s.")

    def _ask_model(self, recording: TurnRecording, change: RepetitionChange, prompt: Prompt) -> Repetition:
        began, first, failure = self._monotonic(), 0.0, ""
        talk = ToolLoop(
            self._make_model(change.model),
            self._pool,
            parallel=True,
            show_status=lambda status: None,
            cancel_token=CancelToken(),
            elapsed=lambda: self._monotonic() - began,
            clock=self._monotonic,
        )
        pieces: list[str] = []
        try:
            for piece in talk.run(prompt):
                first = first or self._monotonic()
                pieces.append(piece)
        except BackendError as error:
            failure = describe_error(error)
        spent = self._price_usage(talk.usages)
        written = [asked.text for asked in prompt.rounds if asked.text]
        return Repetition(
            turn=recording.turn,
            room=recording.room,
            at=self._clock(),
            change=change,
            prompt=describe_parts(prompt),
            reply="\n\n".join([*written, "".join(pieces)]),
            failure=failure,
            remarks=tuple(list_remarks(recording, change)),
            first_text_seconds=first - began if first else 0.0,
            seconds=self._monotonic() - began,
            tokens=spent.tokens,
            cost_usd=spent.cost_usd,
        )
