"""scripts/run as a person starts it: piped and on a terminal, as text and as one object."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REAL_SERVICES = ("OPENAI_API_KEY", "SLACK_BOT_TOKEN", "WEAVIATE_URL", "ASSISTANT", "AWS_ENDPOINT_URL")
PROPOSAL = 'Set the expected revenue of the lead "Desks for Lisbon" to 20000'
NARROW_COLUMNS = 60


def start_run(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    """scripts/run without what is set to something real."""
    environment = {name: value for name, value in os.environ.items() if name not in REAL_SERVICES}
    environment.pop("COLUMNS", None)
    environment |= {"PYTHONPATH": f"{ROOT / 'scripts'}:{ROOT / 'shared'}", **more.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", "local.run_command", *arguments], env=environment, text=True, **more
    )


def run_piped(*arguments: str, **more: Any) -> tuple[int, str]:
    """Returns the exit code and what was printed."""
    running = start_run(*arguments, stdout=subprocess.PIPE, **more)
    output, _ = running.communicate(timeout=120)
    return running.returncode, output


def run_on_terminal(*arguments: str) -> tuple[int, str]:
    """Returns the exit code and what a terminal of 60 columns was sent, without its control sequences."""
    ours, theirs = pty.openpty()
    size = {"COLUMNS": str(NARROW_COLUMNS), "LINES": "50", "TERM": "dumb"}
    running = start_run(*arguments, stdout=theirs, stdin=theirs, stderr=theirs, env=size)
    os.close(theirs)
    output = b""
    try:
        while piece := os.read(ours, 65536):
            output += piece
    except OSError:
        pass  # the other side is closed
    os.close(ours)
    return running.wait(timeout=120), output.decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def proposed() -> dict[str, Any]:
    """The object of a run that proposes a change, shows everything, and approves."""
    code, output = run_piped("--say", PROPOSAL, "--approve", "--show", "--json", "--latency=none")
    assert code == 0
    found: dict[str, Any] = json.loads(output)
    return found


def test_the_whole_way_is_on_one_clock(proposed: dict[str, Any]) -> None:
    """From the webhook to what is remembered, each part begins when the one that it waited for had ended."""
    rows = proposed["waterfall"]
    ends = {row["name"]: (row["start_ms"], row["end_ms"]) for row in rows}
    order = ["parse", "store", "wake", "queue", "lease, claim", "prompt", "tool.erp_propose_update"]
    order += ["model, first token", "delivery, first words", "writing the rest", "close", "persist"]

    assert all(row["start_ms"] >= 0 and row["end_ms"] >= row["start_ms"] for row in rows)
    for earlier, later in pairwise(order):
        assert ends[earlier][1] <= ends[later][0] + 5.0, (earlier, later)  # two clocks' rounding
    assert proposed["first_words_ms"] == ends["delivery, first words"][1]


def test_the_prompt_and_the_values_are_shown(proposed: dict[str, Any]) -> None:
    """What the steps returned is there by name, and each request to the model as it was made."""
    assert "20000" in proposed["values"]["incoming_text"]
    assert len(proposed["prompts"]) == 3
    assert "erp_search" in proposed["prompts"][0]["tools"]
    assert PROPOSAL in str(proposed["prompts"][0]["input"][-1])
    assert any(item.get("type") == "function_call_output" for item in proposed["prompts"][1]["input"])


def test_a_proposal_is_approved_by_a_signed_press(proposed: dict[str, Any]) -> None:
    """The press goes through the webhook like a person's, and a turn carries out the change."""
    assert proposed["approved"]["reply"].startswith("Done: ")
    assert {"store", "wake", "queue", "close"} <= {row["name"] for row in proposed["approved"]["waterfall"]}


@pytest.mark.parametrize("run", [run_piped, run_on_terminal])
def test_the_screen_fits_sixty_columns(run: Any) -> None:
    """Also where the reply is longer. The injected latencies are named; the last lines say what to try."""
    code, output = run()

    lines = [line.rstrip() for line in output.splitlines()]
    assert code == 0
    assert [line for line in lines if len(line) > NARROW_COLUMNS] == []
    assert "14 December" in output
    assert "messages.list_newest 600 ms" in output
    assert "scripts/run --serial" in output[output.index("Next:") :]


def test_pii_is_hidden_in_what_is_shown() -> None:
    """What a step returned is shown as the settings redact it."""
    say = "call me at +49 30 901820 about Lisbon"
    code, output = run_piped("--say", say, "--show", "--json", "--latency=none", env={"PII": "rules"})

    shown = json.loads(output)
    assert code == 0
    assert "901820" not in json.dumps([shown["values"], shown["prompts"]])


@pytest.mark.parametrize(
    "event, shown",
    [
        ("slack/voice_and_picture", ["[voice message audio_message.m4a]", "[picture whiteboard.png]"]),
        ("telegram/voice", ["[voice message]"]),
        ("whatsapp/image", ["[picture]"]),
        ("slack/mute", ["quiet here until"]),
    ],
)
def test_what_is_posted_is_shown_as_what_it_is(event: str, shown: list[str]) -> None:
    """Voices and pictures are named in the conversation; a mute says until when."""
    code, output = run_piped(event, "--latency=none")

    assert code == 0
    assert [words for words in shown if words not in " ".join(output.split())] == []


def test_nothing_to_approve_is_said() -> None:
    """A run that proposes nothing fails with one line."""
    running = start_run(
        "--approve", "--json", "--latency=none", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _, errors = running.communicate(timeout=120)

    assert running.returncode == 1
    assert errors == "scripts/run: nothing was proposed, so there is nothing to approve\n"
