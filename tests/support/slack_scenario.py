"""Slack payloads as they are in events/, posted to the whole of Repartee on a clock that stands still between
them.

What the model was given is asserted as one text (`given`); what people see, as Slack shows it
(`visible_texts`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from repartee.channels.slack.receiver import sign_body
from repartee.domain.http import HttpRequest
from repartee.domain.message import StoredMessage
from repartee.domain.prompt import Prompt
from repartee.ports import Inbox, Records
from repartee.wiring import functions, stores
from tests.support.scenario_runner import prompt_text
from tests.support.scenario_wiring import SECRETS, ScenarioWiring, ScriptedAnswer

EVENTS_FOLDER = Path(__file__).parents[2] / "events" / "slack"

ROOM = "slack:T0BUTLER:C0GENERAL"
STARTED_AT = 1_789_000_500.0


class SlackScenario:
    """One workspace with the office assistant in it."""

    def __init__(self, folder: Path, *, parallel: bool = True, **settings: str) -> None:
        self.parts = ScenarioWiring(folder, {}, parallel, **{"ASSISTANT": "office"} | settings)
        self.slack = self.parts.slack_standin
        self.parts.time.sleep(max(0.0, STARTED_AT - self.parts.clock()))

    @property
    def records(self) -> Records:
        return self.parts.get(stores.records)

    @property
    def inbox(self) -> Inbox:
        return self.parts.get(stores.inbox)

    def post(self, name: str, answer: str = "Here you are.", **changes: Any) -> None:
        """Posts a sample event with other fields, and lets everything be answered that waits."""
        self.deliver(name, **changes)
        self.answer_all(answer)

    def deliver(self, name: str, **changes: Any) -> None:
        """Posts a sample event with other fields in its `event`, or in its envelope (`envelope={…}`)."""
        payload = read_event(name)
        payload.update(changes.pop("envelope", {}))
        if "text" in changes:
            payload["event"].pop("blocks", None)
        payload["event"].update(changes)
        self.deliver_payload(payload)

    def deliver_payload(self, payload: dict[str, Any], path: str = "/slack/events") -> None:
        """Posts a payload as Slack does, signed."""
        at, body = self.parts.clock(), json.dumps(payload).encode()
        self.deliver_body(body, path, at)

    def deliver_body(self, body: bytes, path: str, at: float = 0.0) -> None:
        """Posts a body as Slack does, signed."""
        at = at or self.parts.clock()
        timestamp = str(int(at))
        signature = sign_body(SECRETS["SLACK_SIGNING_SECRET"], timestamp, body)
        headers = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
        answer = self.parts.get(functions.webhook).handle_request(
            HttpRequest("POST", path, headers, body, at, f"request-{at}")
        )
        assert answer.status == 200, f"the webhook answered {answer.status} {answer.body}"

    def answer_all(self, *answers: str) -> None:
        """Lets the model answer so, and everything be answered that waits."""
        self.parts.models.script.extend(ScriptedAnswer(answer) for answer in answers)
        self.parts.answer_all_wakes()
        self.parts.models.script.clear()

    @property
    def prompts(self) -> list[Prompt]:
        """Returns what the model was given, one prompt a call."""
        return list(self.parts.models.given)

    @property
    def given(self) -> str:
        """All that the model was given last."""
        return prompt_text(self.prompts[-1])

    @property
    def own_words(self) -> str:
        """The last prompt's incoming messages, without what is quoted in them."""
        lines = "\n".join(line.text for line in self.prompts[-1].incoming).splitlines()
        return "\n".join(line for line in lines if not line.startswith((">", "[")))

    def visible_texts(self, channel: str = "C0GENERAL") -> list[str]:
        """Returns what the assistant shows in the channel."""
        shown = self.slack.visible_channel(channel)["messages"]
        return [one["text"] for one in shown if one["user"] == "U0REPARTEE"]

    def stored(self, scope: str = ROOM) -> list[StoredMessage]:
        """Returns what people said in the room, as the messages store keeps it."""
        return list(self.parts.get(stores.messages).list_newest(scope, "user", 100))

    def calls(self, method: str) -> int:
        """How often Slack's method was called."""
        return sum(call["method"] == method for call in self.slack.posts)


def read_event(name: str) -> dict[str, Any]:
    """A sample event of Slack's."""
    payload: dict[str, Any] = json.loads((EVENTS_FOLDER / f"{name}.json").read_text())
    return payload
