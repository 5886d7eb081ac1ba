"""scripts/evaluate --recordings: recorded turns are run against versions, and nothing is done again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from evaluation.__main__ import main
from evaluation.recorded import write_conversations
from evaluation.versions import parse_version, run_version
from repartee.domain.recording import RecordedCall, RecordedStep, RecordedText, TurnRecording

CHAT = "slack:T1:C1:5"
CLOSED_AT = 1_789_041_600.0


def make_recording(number: int, text: str, **fields: object) -> TurnRecording:
    recording = TurnRecording(
        turn=f"turn-{number}",
        chat=CHAT,
        room="slack:T1:C1",
        assistant="office",
        closed_at=CLOSED_AT + 300 * number,
        incoming=(RecordedText("message", text, "person-1", CLOSED_AT),),
    )
    return msgspec.structs.replace(recording, **fields)


GREETING = make_recording(
    1,
    "Who had the keys to the archive?",
    answers=("Ben had them.",),
    gathered=(
        RecordedStep(
            "user_history",
            "ok",
            0.1,
            1,
            (RecordedText("user", "I have the keys", "person-2", CLOSED_AT - 60),),
        ),
    ),
)
PROPOSAL = make_recording(
    2,
    "Create a lead for the Lisbon desks in our ERP, please.",
    tools=("erp_search", "erp_propose_create"),
    answers=("", "", "Decide below."),
    calls=(
        RecordedCall(0, "erp_open", "{}", "opened"),
        RecordedCall(
            1,
            "erp_propose_create",
            '{"model":"crm.lead","values":"{}"}',
            "It is shown to the person as recorded.",
        ),
    ),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "turns.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, (PROPOSAL, GREETING))))
    return path


def test_recorded_turns_are_run_in_their_order(tmp_path: Path) -> None:
    """What was said before is there, and the model says what it said then."""
    (path,) = write_conversations([PROPOSAL, GREETING], tmp_path)

    (steps,) = run_version(parse_version(""), [path], real_model=False).values()

    assert [step["problem"] for step in steps] == ["", ""]
    assert steps[0]["reply"] == ["Ben had them."]
    assert steps[0]["prompt_tokens"] > 100
    assert "Decide below." in " ".join(steps[1]["reply"])


def test_a_tool_that_writes_is_not_run(tmp_path: Path) -> None:
    """The model is given the recorded result, and no proposal is shown to anybody."""
    (path,) = write_conversations([PROPOSAL], tmp_path)

    (steps,) = run_version(parse_version(""), [path], real_model=False).values()

    assert steps[0]["called"][-1] == "erp_propose_create"
    assert steps[0]["results"][-1] == "It is shown to the person as recorded."
    assert len(steps[0]["reply"]) == 1


def test_two_versions_are_compared_over_recordings(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With other instructions the prompts have another size, and the table says so of each turn."""
    instructions = tmp_path / "instructions.txt"
    instructions.write_text("Answer in one sentence.")

    assert main([f"prompt={instructions}", "", "--recordings", str(file)]) == 0

    shown = capsys.readouterr().out
    assert "2 steps, 2 of them changed" in shown
    assert "prompt_tokens" in shown
    assert "Who had the keys" in shown


@pytest.mark.parametrize("content", ["", "{}", "no recording"])
def test_a_file_without_recordings_is_refused(content: str, tmp_path: Path) -> None:
    """Before anything is run."""
    path = tmp_path / "turns.jsonl"
    path.write_text(content)

    assert main(["", "--recordings", str(path)]) == 2
