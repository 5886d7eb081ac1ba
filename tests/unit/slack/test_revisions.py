"""What becomes of a message that its author edits or deletes, before and after its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.slack_scenario import ROOM, SlackScenario, read_event

OLD = "when does the Lisbon office open, and who has the keys?"
NEW = "when does the Lisbon office open?"


@pytest.fixture
def scenario(tmp_path: Path) -> SlackScenario:
    return SlackScenario(tmp_path)


def test_a_message_that_waits_is_answered_as_it_is_now(scenario: SlackScenario) -> None:
    """One answer, to the new words."""
    scenario.deliver("app_mention")
    scenario.deliver("message_changed")

    scenario.answer_all("On Monday.")

    assert len(scenario.prompts) == 1
    assert scenario.own_words == NEW
    assert [one.text for one in scenario.stored()] == [NEW]


def test_a_message_that_is_deleted_while_it_waits_gets_no_answer(scenario: SlackScenario) -> None:
    """And nothing of it is kept."""
    scenario.deliver("app_mention")
    scenario.deliver("message_deleted")

    scenario.answer_all("On Monday.")

    assert (scenario.prompts, scenario.visible_texts(), scenario.stored()) == ([], [], [])


def test_an_answered_message_is_edited_in_the_store(scenario: SlackScenario) -> None:
    """It is not answered again, and later prompts hold the new words alone."""
    scenario.post("app_mention")
    scenario.post("message_changed")

    scenario.post("thread_reply")

    assert [one.text for one in scenario.stored()][:1] == [NEW]
    assert len(scenario.visible_texts()) == 2
    assert OLD not in scenario.given


def test_an_answered_message_is_deleted_from_the_store(scenario: SlackScenario) -> None:
    """Memory, prompts and the inbox forget it."""
    scenario.post("app_mention")
    scenario.post("message_deleted")

    scenario.post("thread_reply")

    assert OLD not in scenario.given
    assert [one.text for one in scenario.stored()] == ["And is there parking?"]
    assert all(OLD not in one.text for one in scenario.inbox.list_latest(f"{ROOM}:1789000000.000100", 10))


def test_a_deleted_message_with_replies_is_deleted_too(scenario: SlackScenario) -> None:
    """Slack then tells of a tombstone in its place."""
    scenario.post("app_mention")
    tombstone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
    tombstone |= {
        "text": "This message was deleted.",
        "ts": "1789000000.000100",
        "thread_ts": "1789000000.000100",
    }

    scenario.post("message_changed", message=tombstone)

    assert scenario.stored() == []


def test_an_unfurled_link_changes_nothing(scenario: SlackScenario) -> None:
    """No turn is taken, and nothing is written."""
    scenario.post("app_mention")
    chat = f"{ROOM}:1789000000.000100"
    known = scenario.inbox.list_latest(chat, 10)

    scenario.post("message_unfurled")

    assert scenario.inbox.list_latest(chat, 10) == known
    assert [one.text for one in scenario.stored()] == [OLD]


def test_a_change_of_an_unknown_message_is_ignored(scenario: SlackScenario) -> None:
    """What was said to others stays unknown when it is edited; a mention in an edit calls the assistant."""
    plain = {"type": "message", "user": "U0ADA", "ts": "1789041500.000100", "team": "T0BUTLER"}
    edited = {"user": "U0ADA", "ts": "1789041550.000000"}

    scenario.post("message_changed", message=plain | {"text": "hello", "edited": edited})
    assert scenario.prompts == []

    scenario.post("message_changed", message=plain | {"text": "<@U0REPARTEE> hello", "edited": edited})
    assert scenario.own_words == "hello"


def test_an_edit_during_the_answer_is_what_is_stored(scenario: SlackScenario) -> None:
    """One worker answers, and then stores both in the order in which they were said."""
    answer, edits = scenario.parts.models.stream, iter(["message_changed"])

    def stream(*arguments: Any) -> Any:
        for name in edits:
            scenario.deliver(name)
        return answer(*arguments)

    vars(scenario.parts.models)["stream"] = stream

    scenario.post("app_mention")

    assert [one.text for one in scenario.stored()] == [NEW]
    assert len(scenario.visible_texts()) == 1


def test_a_waiting_message_may_become_a_command(scenario: SlackScenario) -> None:
    """It is carried out, and confirmed in the place of an answer."""
    scenario.deliver("app_mention")
    message = read_event("message_changed")["event"]["message"] | {"text": "<@U0REPARTEE> mute"}

    scenario.deliver("message_changed", message=message)
    scenario.answer_all()

    assert scenario.prompts == []
    assert scenario.records.read_control(ROOM, "").muted_until > 0


def test_a_post_that_was_read_with_its_thread_is_deleted_too(scenario: SlackScenario) -> None:
    """Although it was never said to the assistant."""
    thread_ts = "1789000000.000100"
    scenario.slack.add_person_message("C0GENERAL", "U0BEN", "The code is 4711.", ts=thread_ts)
    scenario.post("mention_in_a_thread")
    assert "The code is 4711." in [one.text for one in scenario.stored()]

    post = {"type": "message", "user": "U0BEN", "ts": thread_ts, "thread_ts": thread_ts, "team": "T0BUTLER"}
    scenario.post("message_deleted", previous_message=post | {"text": "The code is 4711."})

    assert "The code is 4711." not in [one.text for one in scenario.stored()]
