"""`/repartee brief …` and `/repartee remind …` order in plain words what a person orders in a chat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from repartee.channels.slack.receiver import sign_body
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.domain.reminder import ReminderWake
from repartee.wiring import brief_stores, briefs, functions
from tests.support.memory_briefs import MemoryBriefRuns, MemoryReminders
from tests.support.scenario_wiring import SECRETS
from tests.support.slack_scenario import SlackScenario, read_event

ADA = "slack:T0BUTLER:U0ADA"
ORDERED: dict[str, Any] = {
    "act": "brief",
    "topics": [
        {"name": "Lisbon", "kind": "room", "room": "#lisbon"},
        {"name": "here", "kind": "room", "room": "here"},
        {"name": "leads", "kind": "leads"},
    ],
    "time": "08:00",
    "weekdays": [0, 1, 2, 3, 4],
}


class SlashedWorkspace(SlackScenario):
    """A workspace in which Ada types slash commands."""

    def __init__(self, folder: Path, budget: str = "") -> None:
        super().__init__(folder, BUDGET_ROOM_TOKENS=budget)
        self.parts.put(brief_stores.brief_runs, MemoryBriefRuns())
        self.parts.put(briefs.reminder_queue, MemoryReminders())

    def type(self, text: str, signature: str = "", **fields: str) -> HttpResponse:
        form = read_event("commands/brief_command") | {"text": text} | fields
        body, at = urlencode(form).encode(), self.parts.clock()
        signed = signature or sign_body(SECRETS["SLACK_SIGNING_SECRET"], str(int(at)), body)
        headers = {"x-slack-request-timestamp": str(int(at)), "x-slack-signature": signed}
        webhook = self.parts.get(functions.webhook)
        return webhook.handle_request(HttpRequest("POST", "/slack/commands", headers, body, at, "r1"))

    def understand(self, **notice: Any) -> None:
        self.parts.models.small["ParsedNotice"] = notice


@pytest.fixture
def workspace(tmp_path: Path) -> SlashedWorkspace:
    return SlashedWorkspace(tmp_path / "slashed")


def test_a_brief_is_ordered_by_a_slash_command(workspace: SlashedWorkspace) -> None:
    """The sender alone is told at once where the answer comes; in the channel nothing is seen."""
    workspace.understand(**ORDERED)
    answer = workspace.type("Brief me every weekday at 8 about #lisbon, here and the leads")
    workspace.answer_all("You get it on weekdays at eight.")
    (kept,) = workspace.parts.get(brief_stores.briefs).list_subscriptions(ADA)

    assert json.loads(answer.body) == {
        "response_type": "ephemeral",
        "text": "I answer you in our direct conversation.",
    }
    assert workspace.visible_texts("D0ADA") == ["You get it on weekdays at eight."]
    assert workspace.visible_texts() == []
    assert "A brief is ordered, as they asked: about Lisbon, here, leads" in workspace.given
    refs = [ref.id for project in kept.projects for ref in project.sources]
    assert refs == ["slack:T0BUTLER:C0LISBON", "slack:T0BUTLER:C0GENERAL", "leads"]
    assert "typed_in" not in kept.address.platform


def test_what_was_ordered_is_said_in_the_direct_conversation(workspace: SlashedWorkspace) -> None:
    """A reminder that was ordered in a channel is seen by its person alone."""
    workspace.understand(act="remind", text="call back", minutes=10)
    workspace.type("remind me in 10 minutes to call back", trigger_id="1.2.3")
    workspace.answer_all("In ten minutes.")
    reminders = workspace.parts.get(brief_stores.reminders)
    (kept,) = reminders.list_reminders(ADA)
    workspace.parts.time.sleep(600)
    wake = ReminderWake(ADA, kept.id, kept.due_at)
    failed = workspace.parts.get(briefs.reminder_teller).say_all({"m1": wake}, workspace.parts.clock() + 25)

    assert failed == []
    assert workspace.visible_texts("D0ADA") == ["In ten minutes.", "Reminder: call back"]
    assert workspace.calls("conversations.open") == 1
    assert workspace.visible_texts() == []


@pytest.mark.parametrize("act, told", [("list_briefs", "about Lisbon"), ("stop_brief", "is stopped")])
def test_briefs_are_shown_and_stopped_like_in_a_chat(
    workspace: SlashedWorkspace, act: str, told: str
) -> None:
    """Typed in the direct conversation itself, too."""
    workspace.understand(**ORDERED)
    workspace.type("brief me at 8 about #lisbon", channel_id="D0ADA", channel_name="directmessage")
    workspace.answer_all("Done.")
    workspace.understand(act=act)
    workspace.type("brief stop" if act == "stop_brief" else "brief show", channel_id="D0ADA")
    workspace.answer_all("As you like.")

    assert told in workspace.given
    assert workspace.visible_texts("D0ADA") == ["Done.", "As you like."]
    assert len(workspace.parts.get(brief_stores.briefs).list_subscriptions(ADA)) == (act == "list_briefs")


def test_a_command_that_nobody_signed_orders_nothing(workspace: SlashedWorkspace) -> None:
    """It is refused before it is read."""
    assert workspace.type("brief me at 8", signature="v0=" + "0" * 64).status == 401
    workspace.answer_all("Done.")
    assert workspace.prompts == []


def test_help_tells_of_briefs(workspace: SlashedWorkspace) -> None:
    """Beside the other commands."""
    assert "/repartee brief " in workspace.type("help").body


def test_what_the_small_model_takes_of_an_order_is_counted(tmp_path: Path) -> None:
    """In the budget of the room in which it is answered, beside the reply."""
    limited = SlashedWorkspace(tmp_path / "limited", budget="100000")
    limited.understand(**ORDERED)
    limited.type("Brief me every weekday at 8 about #lisbon, here and the leads")
    limited.answer_all("You get it on weekdays at eight.")
    (kept,) = limited.parts.get(brief_stores.briefs).list_subscriptions(ADA)
    room = kept.address.room
    state = limited.records.read_chat_state(room, room, ADA)
    asked = [what for what, *_ in limited.parts.models.analysed]

    assert "ParsedNotice" in asked
    assert state.room_usage.tokens == 1_100 + 110 * len(asked)
