"""A desk's team in a scenario: members press and write in Slack, through the webhook, and see their room."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from local.sample_events import samples
from repartee.channels.slack.buttons import HANDOVER_ACTION_PREFIX
from tests.support.scenario_wiring import SECRETS

if TYPE_CHECKING:
    from tests.support.scenario_runner import ScenarioRunner

TEAM_CHANNEL = "C0TEAM"
ANA, BO = "U0ANA", "U0BEN"
PRESSES = {"press take": (ANA,), "two press take": (ANA, BO)}


def press_take(held: ScenarioRunner, members: tuple[str, ...]) -> None:
    """Has members press Take on the newest card, one after another before anything is answered."""
    handover = held.parts.stored_handovers.read(held.place.chat)
    for member in members:
        press = json.loads(samples.find_event("slack/interactivity/approve").read_text())
        press["user"] |= {"id": member, "name": member, "username": member}
        press["container"] = {"type": "message", "message_ts": handover.card.message_id} | {
            "channel_id": TEAM_CHANNEL,
            "is_ephemeral": False,
        }
        press["message"] |= {"ts": handover.card.message_id}
        del press["message"]["thread_ts"]
        press["channel"] = {"id": TEAM_CHANNEL, "name": "desk"}
        at = held.parts.clock()
        press["actions"][0] |= {"action_id": f"{HANDOVER_ACTION_PREFIX}take", "value": handover.id}
        press["actions"][0] |= {"action_ts": f"{at:.6f}"}
        _post(held, "/slack/interactivity", urlencode({"payload": json.dumps(press)}).encode(), form=True)


def write_as_member(held: ScenarioRunner, text: str) -> None:
    """Has a member write below the newest card."""
    at = held.parts.clock()
    card = held.parts.stored_handovers.read(held.place.chat).card
    envelope = json.loads(samples.find_event("slack/thread_reply").read_text())
    stamp = f"{at:.6f}"
    envelope["event"] |= {"user": ANA, "channel": TEAM_CHANNEL, "thread_ts": card.message_id, "text": text}
    envelope["event"] |= {"ts": stamp, "event_ts": stamp, "client_msg_id": uuid.uuid4().hex}
    envelope["event_id"] = f"Ev{uuid.uuid4().hex[:10]}"
    held.parts.slack_standin.add_person_message(TEAM_CHANNEL, ANA, text, ts=stamp, thread_ts=card.message_id)
    _post(held, "/slack/events", json.dumps(envelope).encode())


def check_team_view(
    held: ScenarioRunner, cards: tuple[str, ...] | None, thread: tuple[str, ...] | None
) -> None:
    """Raises `AssertionError` where the team was shown other cards, or other messages below them, than those
    that were written, or where a wake failed."""
    assert not held.parts.failed_wakes, "a wake failed"
    calls = [one for one in held.parts.slack_standin.posts if one["method"] == "chat.postMessage"]
    posts = [one["arguments"] for one in calls if one["arguments"].get("channel") == TEAM_CHANNEL]
    new, held.team_looked = posts[held.team_looked :], len(posts)
    shown = [_read_blocks(one) for one in new if not one.get("thread_ts")]
    below = [_read_blocks(one) for one in new if one.get("thread_ts")]
    for wanted, found in ((cards, shown), (thread, below)):
        if wanted is not None:
            assert len(found) == len(wanted), f"the team sees {found}"
            for one, text in zip(wanted, found, strict=True):
                is_pattern = one.startswith("/") and one.endswith("/")
                matches = re.search(one[1:-1], text, re.DOTALL) if is_pattern else one in text
                assert matches, f"the team sees {text!r}, wanted: {one!r}"


def _read_blocks(arguments: dict[str, Any]) -> str:
    blocks = arguments.get("blocks") or []
    parsed = json.loads(blocks) if isinstance(blocks, str) else blocks
    return "".join(str(block["text"]["text"]) for block in parsed if "text" in block)


def _post(held: ScenarioRunner, path: str, body: bytes, *, form: bool = False) -> None:
    at = held.parts.clock()
    headers = samples.sign_for_slack(body, at, SECRETS["SLACK_SIGNING_SECRET"], form=form)
    held.post(samples.PostedRequest(path, headers, body))
