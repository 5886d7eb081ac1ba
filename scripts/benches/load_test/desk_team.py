"""A stand-in of a desk's team in Slack: takes each conversation that it gets a card of, and answers below it.

No intelligence in it: it answers each message of a customer that it sees by naming it, as the scripted model
does, so that what customers saw tells whether the person's words reached them, once and in order.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from benches.load_test.answer_text import SENTENCE_END, TOKEN_PATTERN
from local.sample_events import samples
from local.sample_events.samples import PostedRequest
from local.stack import LocalStack
from repartee.channels.slack.buttons import HANDOVER_ACTION_PREFIX

TEAM_ID, TEAM_CHANNEL = "T0BUTLER", "C0LOADTEAM"
TEAM_ROOM = f"slack:{TEAM_ID}:{TEAM_CHANNEL}"
MEMBERS = ("U0ANA", "U0BEN")
"""Those who press Take: both at once."""

NOTE_WORDS = "between us the customer sounds tired"
NOTE = f"// {NOTE_WORDS}"
"""Words of a member to colleagues in each thread. They may reach no customer."""

ANY_TOKEN = re.compile(TOKEN_PATTERN)
PostEvent = Callable[[dict[str, Any]], None]
FindAnswered = Callable[[Sequence[str]], set[str]]
"""Returns which of a customer's messages have an answer in the customer's chat."""


@dataclass
class TeamThread:
    """One conversation as a member sees it: its card, and the messages of the customer in their order."""

    ts: str
    card: Sequence[Mapping[str, Any]]
    told: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> list[str]:
        """The messages of the customer that the team saw, each once, those of the card first."""
        shown = [json.dumps(self.card), *self.told]
        return list(dict.fromkeys(token for text in shown for token in ANY_TOKEN.findall(text)))

    @property
    def tokens_below(self) -> list[str]:
        """The messages of the customer that stand below the card, as often as they do."""
        return [token for text in self.told for token in ANY_TOKEN.findall(text)]

    @property
    def handover_id(self) -> str:
        """The id that the card's buttons carry; empty where it has none."""
        elements = (one for block in self.card for one in block.get("elements", ()))
        return next((str(one.get("value") or "") for one in elements), "")


@dataclass
class DeskTeam:
    """Presses and answers through the webhook's function, as Slack posts it. What the assistant has answered
    before, and the card shows, is left as it is."""

    stack: LocalStack
    post: PostEvent
    find_answered: FindAnswered
    answered: dict[str, list[str]] = field(default_factory=dict)
    """By thread, the customer's messages that a member has answered."""

    def read_threads(self) -> list[TeamThread]:
        """Returns the team's channel by cards."""
        threads: dict[str, TeamThread] = {}
        for post in self.stack.call_standins("posts"):
            given = post["arguments"]
            if post["method"] != "chat.postMessage" or given.get("channel") != TEAM_CHANNEL:
                continue
            if not post.get("ok"):  # Slack refused it: too many a second
                continue
            if not given.get("thread_ts") and post.get("ts"):
                threads[post["ts"]] = TeamThread(post["ts"], _read_blocks(given))
            elif thread := threads.get(given.get("thread_ts") or ""):
                thread.told.append(_read_text(_read_blocks(given)))
        return list(threads.values())

    def work(self) -> int:
        """Takes what is new and answers what is not answered. Returns how many messages it answered."""
        count = 0
        for thread in self.read_threads():
            if thread.ts not in self.answered:
                self.answered[thread.ts] = sorted(self.find_answered(thread.tokens))
                self._take(thread)
                self.post(self._build_message(thread.ts, MEMBERS[0], NOTE))
            new = [token for token in thread.tokens if token not in self.answered[thread.ts]]
            for token in new:
                self.answered[thread.ts].append(token)
                self.post(self._build_message(thread.ts, MEMBERS[0], answer_as_person(token)))
            count += len(new)
        return count

    def _take(self, thread: TeamThread) -> None:
        for member in MEMBERS:
            self.post(self._build_press(thread.ts, member, thread.handover_id))

    def _build_message(self, ts: str, member: str, text: str) -> dict[str, Any]:
        at = time.time()
        envelope = json.loads(samples.find_event("slack/thread_reply").read_text())
        stamp = f"{at:.6f}"
        envelope["event"] |= {"user": member, "channel": TEAM_CHANNEL, "thread_ts": ts, "text": text}
        envelope["event"] |= {"ts": stamp, "event_ts": stamp, "client_msg_id": str(uuid.uuid4())}
        envelope |= {"event_id": f"Ev{uuid.uuid4().hex[:10].upper()}", "event_time": int(at)}
        self.stack.show_person_message(envelope["event"])
        return self._sign("/slack/events", json.dumps(envelope).encode(), at)

    def _build_press(self, ts: str, member: str, handover_id: str) -> dict[str, Any]:
        at = time.time()
        press = json.loads(samples.find_event("slack/interactivity/approve").read_text())
        press["user"] |= {"id": member, "name": member.lower(), "username": member.lower()}
        press["container"] |= {"message_ts": ts, "channel_id": TEAM_CHANNEL}
        press["container"].pop("thread_ts")
        press["message"] |= {"ts": ts}
        press["message"].pop("thread_ts")
        press["channel"] = {"id": TEAM_CHANNEL, "name": "desk"}
        press["actions"][0] |= {"action_id": f"{HANDOVER_ACTION_PREFIX}take", "value": handover_id}
        press["actions"][0] |= {"action_ts": f"{at:.6f}"}
        body = urlencode({"payload": json.dumps(press)}).encode()
        return self._sign("/slack/interactivity", body, at)

    def _sign(self, path: str, body: bytes, at: float) -> dict[str, Any]:
        headers = samples.sign_for_slack(
            body, at, self.stack.signing_secret, form=path.endswith("interactivity")
        )
        return dict(PostedRequest(path, headers, body).as_lambda_event(at, str(uuid.uuid4())))


def answer_as_person(token: str) -> str:
    """Returns a member's answer to a customer's message."""
    return f"To {token}, part 1 of 1: {SENTENCE_END}"


def _read_blocks(arguments: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    blocks = arguments.get("blocks") or ()
    return json.loads(blocks) if isinstance(blocks, str) else blocks


def _read_text(blocks: Sequence[Mapping[str, Any]]) -> str:
    return "".join(str(block["text"]["text"]) for block in blocks if "text" in block)
