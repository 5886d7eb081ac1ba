"""What a person says in private stays there: it looks at the prompts of rooms where others read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from repartee.domain.message import is_shared_room
from repartee.ports import Memory
from repartee.stores.sqlite import SqliteMemories
from repartee.turn.kept_reply import OWN_RIGHTS_PROMPT
from tests.support.memory_workouts import make_workout
from tests.support.scenario_runner import PLACES, Scenario, ScenarioRunner, ScenarioStep
from tests.support.scenario_wiring import LocalEmbedder, ScriptedAnswer

ADA, ROOM, DIRECT = "slack:T0BUTLER:U0ADA", "slack:T0BUTLER:C0GENERAL", "slack:T0BUTLER:D0ADA"
SECRET = "is leaving the company in May"


def talk(tmp_path: Path, assistant: str, settings: dict[str, str] | None = None) -> ScenarioRunner:
    """Conversations in Slack, in whichever room a step's event is."""
    conversation = Scenario(says="", talk=(), channels=("slack",), settings=settings or {})
    return ScenarioRunner(conversation, "slack", assistant, tmp_path / assistant, parallel=True)


def say(runner: ScenarioRunner, event: str, text: str, *answers: Any) -> list[str]:
    """A person says it; returns all texts that the models were given because of it."""
    models = runner.parts.models
    given, analysed = len(models.given), len(models.analysed)
    runner._run_step(ScenarioStep(text=text, event={"slack": event}, model=answers, small=models.small))
    return [
        *(str(msgspec.json.encode(_prompt_texts(one))) for one in models.given[given:]),
        *(text for _, _, text in models.analysed[analysed:]),
    ]


def _prompt_texts(prompt: Any) -> list[Any]:
    return [
        prompt.context,
        [one.text for one in prompt.history],
        [one.text for one in prompt.incoming],
        [result for asked in prompt.rounds for result in asked.results],
    ]


@pytest.mark.parametrize(
    "room, shared",
    [
        (DIRECT, False),
        (ROOM, True),
        ("slack:T1:G0GROUP", True),
        ("telegram:42", False),
        ("telegram:-100200", True),
        ("telegram:-100200:e42", False),
        ("telegram:-100200:7", True),
        ("whatsapp:100:351900", False),
        ("web:ada", False),
        ("matrix.acme:!r1", True),
        ("", True),
    ],
)
def test_a_room_is_private_only_if_that_is_known(room: str, shared: bool) -> None:
    """Whatever is of an unknown kind counts as a room where others read."""
    assert is_shared_room(room) is shared


def test_a_note_from_a_direct_message_is_in_no_prompt_of_a_channel(tmp_path: Path) -> None:
    """The channel's prompts lack it; those of the direct message have it."""
    runner = talk(tmp_path, "office")
    runner.parts.stored_records.update_profile(ADA, {"note:1": SECRET, "role": "spy"}, DIRECT)

    in_channel = say(runner, PLACES["slack"].event, "when does the Lisbon office open?")
    alone = say(runner, "slack/direct_message", "when does the Lisbon office open?")

    assert in_channel
    assert not [text for text in in_channel if SECRET in text or "spy" in text]
    assert any(SECRET in text for text in alone)


def test_a_note_of_an_earlier_version_counts_as_private(tmp_path: Path) -> None:
    """It has no scope: nobody can tell where it was told."""
    runner = talk(tmp_path, "office")
    runner.parts.stored_records.profiles[ADA] = {"note:1": SECRET}

    assert not [text for text in say(runner, PLACES["slack"].event, "who am I?") if SECRET in text]


def test_a_note_from_a_channel_is_in_its_prompts_and_in_no_other_channels(tmp_path: Path) -> None:
    """A room's members know what was told there, and those of another room do not."""
    runner = talk(tmp_path, "office")
    runner.parts.stored_records.update_profile(ADA, {"note:1": SECRET}, ROOM)
    there = say(runner, PLACES["slack"].event, "who am I?")

    runner.parts.stored_records.told_in_rooms.clear()
    runner.parts.stored_records.update_profile(ADA, {"note:1": SECRET}, "slack:T0BUTLER:C0HR")
    elsewhere = say(runner, PLACES["slack"].event, "who am I?")

    assert any(SECRET in text for text in there)
    assert not [text for text in elsewhere if SECRET in text]


FIGURE = "40000 for the twelve tables"


def test_an_answer_with_one_persons_rights_is_in_no_later_prompt_of_the_channel(tmp_path: Path) -> None:
    """It is shown in the channel; whoever asks next, the model does not know it any more."""
    runner = talk(tmp_path, "office", {"ODOO_URL": "https://odoo.example"})
    search = {"model": "crm.lead", "domain": "[]", "fields": ["name"], "order": "", "limit": 5}
    answers = (ScriptedAnswer(calls=(("erp_search", search),)), FIGURE)
    say(runner, PLACES["slack"].event, "which leads are in the pipeline in Odoo?", *answers)

    later = say(runner, PLACES["slack"].event, "what did you just tell Ada about Odoo?")

    assert any(FIGURE in text for text in runner.visible_text())
    assert not [text for text in later if FIGURE in text]
    assert any(OWN_RIGHTS_PROMPT[:40] in text for text in later)
    kept = [one.reply for one in runner.parts.stored_inbox.exchanges.values()]
    assert not [reply for reply in kept if FIGURE in reply]


def test_an_answer_with_ones_own_rights_is_remembered_where_nobody_else_reads(tmp_path: Path) -> None:
    """In a direct message the conversation goes on from it."""
    runner = talk(tmp_path, "office", {"ODOO_URL": "https://odoo.example"})
    search = {"model": "crm.lead", "domain": "[]", "fields": ["name"], "order": "", "limit": 5}
    answers = (ScriptedAnswer(calls=(("erp_search", search),)), FIGURE)
    say(runner, "slack/direct_message", "which leads are in the pipeline in Odoo?", *answers)

    kept = [one.reply for one in runner.parts.stored_inbox.exchanges.values()]
    assert kept == [FIGURE]


COACH_NEEDS = {
    "knowledge": False,
    "workout": False,
    "recall": True,
    "remember": False,
    "progress": True,
    "exercise": "squat",
    "meanwhile": "",
}
PRIVATE_MARKS = ("meniscus", "111", "marathon", "age: 15")


@pytest.mark.parametrize("event, told", [("slack/app_mention", False), ("slack/direct_message", True)])
def test_what_the_coach_knows_from_a_direct_message(tmp_path: Path, event: str, *, told: bool) -> None:
    """Memories, workouts, what was agreed and the age are in no prompt of a channel, and in those of the
    direct message; that the rules for minors hold counts in both."""
    runner = talk(tmp_path, "coach")
    _know_in_private(runner)
    runner.parts.models.small = {"MessageNeeds": COACH_NEEDS, "write": "Looking."}

    given = say(runner, event, "how do my squats go, with my torn meniscus knee?")
    contexts = [prompt.context for prompt in runner.parts.models.given]

    assert contexts
    assert [any(mark in context for context in contexts) for mark in PRIVATE_MARKS] == [told] * 4
    assert told or not [text for text in given if "111" in text or "marathon" in text]
    assert all("ules for minors hold" in context for context in contexts)


def _know_in_private(runner: ScenarioRunner) -> None:
    """Ada has told the coach all of it in a direct message."""
    parts = runner.parts
    memories = SqliteMemories(f"{parts.folder}/messages.sqlite-memories")
    (vector,) = LocalEmbedder().embed(["has a torn meniscus in the knee"])
    injury = Memory(id="injury:knee", text="has a torn meniscus in the knee", told_at=1.0)
    memories.put(ADA, [(injury, vector)])
    parts.stored_workouts.put(ADA, [make_workout(f"2026-09-0{day}", load=111.0) for day in (2, 5, 8)])
    parts.stored_coaching.courses[ADA] = {"plan": "a marathon"}
    parts.stored_records.update_profile(ADA, {"age": "15"}, DIRECT)
