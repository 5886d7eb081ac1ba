"""A desk's team in Slack's stand-in, beside a local stack that a browser uses."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx2

from local.sample_events import samples
from standins.slack.server import BOT_TOKEN, SlackStandIn
from tests.support.standin_server import StandInClient

TEAM_CHANNEL, MEMBER = "C0SUPPORT", "U0BEN"
SIGNING_SECRET = "the team's signing secret"
PATIENCE_SECONDS = 30.0
"""Seconds for a turn on a busy machine."""


def team_settings(standins: StandInClient) -> dict[str, str]:
    """Returns the settings of a local stack whose desk answers on the web, with its team in this Slack."""
    return {
        "ASSISTANT": "office,web=desk",
        "SLACK_API_URL": f"{standins.url}/slack/api/",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    }


class ServedTeam:
    """The team of the desk of the local stack at `url`."""

    def __init__(self, url: str, slack: SlackStandIn) -> None:
        self._url, self._slack = url, slack

    def wait_for_card(self, text: str) -> str:
        """Waits for the newest card, which says this. Returns the id of its thread."""
        return str(self._wait(lambda: self._messages(text, is_card=True))[-1]["ts"])

    def wait_for_words(self, thread: str, text: str) -> None:
        """Waits until the assistant has written this below the card."""
        self._wait(lambda: [one for one in self._messages(text) if one["thread_ts"] == thread])

    def thread_texts(self, thread: str) -> list[str]:
        """Returns what the assistant wrote below the card."""
        return [one["text"] for one in self._messages() if one["thread_ts"] == thread]

    def answer(self, thread: str, text: str, *, times: int = 1) -> None:
        """A member writes below the card, and Slack delivers it so often."""
        now = time.time()
        stamp = f"{now:.6f}"
        envelope = json.loads(samples.find_event("slack/thread_reply").read_text())
        envelope["event"] |= {"user": MEMBER, "channel": TEAM_CHANNEL, "thread_ts": thread, "text": text}
        envelope["event"] |= {"ts": stamp, "event_ts": stamp, "client_msg_id": uuid.uuid4().hex}
        envelope["event_id"] = f"Ev{uuid.uuid4().hex[:10]}"
        self._slack.add_person_message(TEAM_CHANNEL, MEMBER, text, ts=stamp, thread_ts=thread)
        body = json.dumps(envelope).encode()
        for _ in range(times):
            headers = samples.sign_for_slack(body, now, SIGNING_SECRET)
            address, patience = f"{self._url}/slack/events", PATIENCE_SECONDS
            httpx2.post(address, content=body, headers=headers, timeout=patience).raise_for_status()

    def _messages(self, text: str = "", *, is_card: bool = False) -> list[dict[str, Any]]:
        shown = self._slack.visible_channel(TEAM_CHANNEL)["messages"]
        return [
            one
            for one in shown
            if one["bot"]
            and bool(one["thread_ts"]) != is_card
            and text in json.dumps(one, ensure_ascii=False)
        ]

    def _wait(self, find: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        until = time.monotonic() + PATIENCE_SECONDS
        while not (found := find()):
            assert time.monotonic() < until, self._slack.visible_channel(TEAM_CHANNEL)["messages"]
            time.sleep(0.05)
        return found
