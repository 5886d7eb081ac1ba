"""Commands as people type them, in ten languages: measured on labelled messages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from repartee.intake.command_parsing import parse_command

LABELLED = yaml.safe_load((Path(__file__).parents[2] / "data" / "commands.yaml").read_text())
LANGUAGES = {"en", "de", "es", "fr", "pt", "it", "tr", "hi", "ja", "zh"}
FRIDAY = datetime(2026, 11, 27, 10, tzinfo=UTC).timestamp()


def action_of(text: str) -> str:
    command = parse_command(text, sent=FRIDAY)
    return command.action if command else "none"


@pytest.mark.parametrize("part", ["look", "held_out"])
def test_what_is_not_surely_a_command_goes_to_the_model(part: str) -> None:
    """No message that wants an answer is taken for a command, in any language."""
    wrong = {
        text: got
        for kinds in LABELLED[part].values()
        for text in kinds["none"]
        if (got := action_of(text)) != "none"
    }

    assert wrong == {}


@pytest.mark.parametrize("part", ["look", "held_out"])
def test_commands_are_understood_as_people_type_them(part: str) -> None:
    """With courtesy, marks, a name and a time 95 of 100 are carried out, and none as another one."""
    commands = [
        (text, action)
        for kinds in LABELLED[part].values()
        for action, texts in kinds.items()
        for text in texts
        if action != "none"
    ]
    got = [(text, action, action_of(text)) for text, action in commands]

    assert [one for one in got if one[2] not in (one[1], "none")] == []
    assert sum(one[1] == one[2] for one in got) >= 0.95 * len(got)


@pytest.mark.parametrize("part", ["look", "held_out"])
def test_all_languages_are_measured(part: str) -> None:
    """Each has commands of every kind and messages that are none."""
    assert set(LABELLED[part]) == LANGUAGES
    assert all(
        min(map(len, kinds.values())) >= 2 and len(kinds["none"]) >= 6 for kinds in LABELLED[part].values()
    )


@pytest.mark.parametrize("case", LABELLED["timed"], ids=lambda case: f"{case['text']} {case['sent']}")
def test_a_mute_ends_when_the_persons_clock_says_so(case: dict[str, str]) -> None:
    """Days and hours are those of the person's time zone, across summer time too."""
    zone = ZoneInfo(case["zone"])
    sent = datetime.fromisoformat(case["sent"]).replace(tzinfo=zone).timestamp()
    command = parse_command(case["text"], sent=sent, timezone=zone)

    assert command is not None
    end = datetime.fromtimestamp(sent + command.duration_seconds, zone)
    assert end.replace(tzinfo=None) == datetime.fromisoformat(case["until"])


def test_an_hour_that_comes_twice_is_the_one_to_come() -> None:
    """When the clock was set back, "until 2:50" in the second hour ends in that hour."""
    zone = ZoneInfo("Europe/Berlin")
    sent = datetime(2026, 10, 25, 2, 45, fold=1, tzinfo=zone).timestamp()
    command = parse_command("mute until 02:50", sent=sent, timezone=zone)

    assert command is not None
    assert command.duration_seconds == 300


def test_the_assistants_own_name_may_stand_in_front() -> None:
    """Its name on the platform, or one that a bot has; the name of a person makes it a message."""
    assert parse_command("Hal, stop", names=("hal",))
    assert parse_command("@acme_bot: unmute")
    assert parse_command("Hal, stop") is None


@given(
    st.text(),
    st.floats(0, 4e9),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"]),
)
def test_reading_any_text_never_fails(text: str, sent: float, zone: str) -> None:
    """Whatever follows a command's word, at whatever time: it is a command that ends later, or none."""
    for whole in (text, f"mute until {text}", f"mute for {text}", f"{text}まで静かに"):
        command = parse_command(whole, sent=sent, timezone=ZoneInfo(zone))
        assert command is None or command.duration_seconds >= 0
