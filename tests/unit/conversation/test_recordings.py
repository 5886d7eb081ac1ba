"""Turns are recorded in rooms that opted in, redacted, once their people know, and at no one's cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from repartee.domain.recording import KeptRecording, Repetition, RepetitionChange, TurnRecording
from repartee.errors import Unavailable
from repartee.language.texts import ROOM_RECORDED
from repartee.turn.recorded_replay import list_sources, replay_prompt
from repartee.wiring import stores
from tests.support.scenario_runner import EarlierMessage, Scenario, ScenarioRunner, ScenarioStep

FOREVER_SECONDS = 30 * 86400.0
QUESTION = "Call me at +49 170 1234567, who has the keys to the archive?"


class MemoryRecordings:
    """`ports.RecordingStore` in memory; `is_down` says whether it can be reached."""

    def __init__(self) -> None:
        self.kept: list[KeptRecording] = []
        self.is_down, self.tries = False, 0

    def put(self, kept: KeptRecording) -> bool:
        self.tries += 1
        if self.is_down:
            raise Unavailable("recordings", "down")
        self.kept.append(kept)
        return True

    def list_room(self, room: str) -> Iterator[TurnRecording]:
        return (one.recording for one in self.kept if one.recording.room == room)

    def find_turn(self, room: str, turn: str) -> TurnRecording | None:
        return next((one for one in self.list_room(room) if one.turn == turn), None)

    def erase_turn(self, room: str, turn: str) -> None:
        """Forgets it."""
        self.kept = [one for one in self.kept if one.recording.turn != turn]

    def save_repetition(self, repetition: Repetition) -> bool:
        """Keeps none: turns are not run again here."""
        return False

    def find_repetition(self, room: str, turn: str) -> Repetition | None:
        """Finds none."""
        return None


def make_runner(folder: Path, *texts: str, **settings: str) -> ScenarioRunner:
    steps = tuple(ScenarioStep(text=text, model=(f"Answer to {text.split()[0]}.",)) for text in texts)
    keys = {"RECORDINGS_TABLE": "Recordings", "RECORDINGS_KEY": "a key for the recordings of these tests"}
    before = (
        EarlierMessage("I put the keys of the archive into the drawer", by="U0BEN", name="Ben", minutes=9),
    )
    scenario = Scenario(says="", talk=steps, settings=keys | settings, before=before)
    return ScenarioRunner(scenario, "slack", "office", folder, parallel=True)


def opt_in(runner: ScenarioRunner) -> MemoryRecordings:
    store, now = MemoryRecordings(), runner.parts.clock()
    runner.parts.put(stores.recordings, store)
    runner.parts.stored_records.set_recording(runner.place.room, now, now + FOREVER_SECONDS)
    return store


def test_people_are_told_before_anything_is_recorded(tmp_path: Path) -> None:
    """With the first reply, once; the turn after it is the first that is recorded."""
    runner = make_runner(tmp_path, "Hello there", QUESTION)
    store = opt_in(runner)

    first, second = runner.run_scenario()

    assert first[0].startswith(ROOM_RECORDED)
    assert "recorded" not in second[0]
    assert [one.recording.incoming[0].text.partition(" ")[0] for one in store.kept] == ["Call"]


def test_nothing_is_recorded_where_no_one_asked_for_it(tmp_path: Path) -> None:
    """Recording is off by default, and ends by itself."""
    runner = make_runner(tmp_path, "Hello there", QUESTION)
    store = MemoryRecordings()
    runner.parts.put(stores.recordings, store)
    runner.parts.stored_records.set_recording(runner.place.room, 1.0, runner.parts.clock())

    first, _ = runner.run_scenario()

    assert first == ["Answer to Hello."]
    assert store.tries == 0


def test_a_recording_has_what_happened_without_who_it_was(tmp_path: Path) -> None:
    """Redacted, also where models are given all; with pseudonyms in the place of ids and names."""
    runner = make_runner(tmp_path, "Hello there", QUESTION)
    store = opt_in(runner)
    runner.run_scenario()

    (kept,) = store.kept
    recording, written = kept.recording, repr(kept.recording.gathered) + repr(kept.recording.prompt)
    assert "1234567" not in repr(recording)
    assert "[PHONE_" in recording.incoming[0].text
    assert "U0ADA" not in written
    assert "Ben" not in written
    assert {one.author[:7] for one in recording.incoming} == {"person-"}
    assert "the drawer" in written
    assert recording.route
    assert recording.answers == ("Answer to Call.",)
    assert recording.reply == "Answer to Call."
    assert [part.name for part in recording.prompt] == ["instructions", "history", "context", "incoming"]
    assert recording.prompt[0].tokens > 0
    assert "You are a workplace assistant" in recording.prompt[0].text
    assert recording.tokens > 1000
    assert recording.gather_seconds > 0
    assert {"slack:T0BUTLER:U0ADA", "slack:T0BUTLER:U0BEN"} <= kept.people


def test_a_recorded_prompt_is_made_again(tmp_path: Path) -> None:
    """Message by message as the model read it, redacted; without a source it is what the plan would have made
    of that source's fallback, and nobody's id is in that either."""
    runner = make_runner(tmp_path, "Hello there", QUESTION)
    store = opt_in(runner)
    runner.run_scenario()

    recording, given = store.kept[0].recording, runner.parts.models.given[-1]
    again = replay_prompt(recording, RepetitionChange())
    assert [one.side for one in again.history] == [one.side for one in given.history]
    assert [one.text.count("\n") for one in again.history] == [one.text.count("\n") for one in given.history]
    assert again.context.count("\n") == given.context.count("\n")
    assert [one.text[:10] for one in again.incoming] == [one.text[:10] for one in given.incoming]
    assert again.tools == ()
    assert {"user_history", "assistant_history"} <= set(list_sources(recording))

    without = replay_prompt(recording, RepetitionChange(left_out=("user_history",)))
    assert "the drawer" in again.history[0].text
    assert [one.side for one in without.history] == ["assistant"]
    assert "Said earlier about this" not in again.context
    assert "the drawer" in without.context  # it was found by its meaning too, and shown once
    assert "U0" not in repr(recording.prompt)


def test_a_source_that_cannot_be_taken_out_is_not_offered(tmp_path: Path) -> None:
    """What asks a store is not asked again, and what fails costs its own source alone."""
    runner = make_runner(tmp_path, "Hello there", QUESTION)
    store = opt_in(runner)
    runner.run_scenario()

    sources = list_sources(store.kept[0].recording)
    assert "embedding" not in sources  # the search by it would have to be made again
    assert "command_result" not in sources  # it writes


def test_a_store_that_is_down_costs_its_recording_alone(tmp_path: Path) -> None:
    """Everybody is answered and remembered, and after three failures it is left alone."""
    runner = make_runner(tmp_path, "Hello", *(f"Question{n} about keys" for n in range(5)))
    store = opt_in(runner)
    store.is_down = True

    seen = runner.run_scenario()

    assert [len(one) for one in seen] == [1] * 6
    assert not runner.parts.stored_inbox.list_open(runner.place.chat).exchanges
    assert store.kept == []


@pytest.mark.parametrize("settings", [{"RECORDINGS_KEY": ""}, {"RECORDINGS_TABLE": ""}])
def test_without_key_or_table_everything_else_goes_on(settings: dict[str, str], tmp_path: Path) -> None:
    """There is no recording, and nothing in clear."""
    runner = make_runner(tmp_path, "Hello there", "Thanks a lot", **settings)
    store = opt_in(runner)

    assert [len(one) for one in runner.run_scenario()] == [1, 1]
    assert store.kept == []
