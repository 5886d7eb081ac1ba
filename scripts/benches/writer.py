"""A worker of the delivery bench: writes replies into Slack as a turn does, beside others in other processes.

`python -m benches.writer '{"replies": [...], …}'` prints, for each reply, when each piece of it was written.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.slack_standin import BOT_USER, TOKEN
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.deliver import SlackReplies
from repartee.conversation.message import Message
from repartee.conversation.reply import Crowd, Shown
from repartee.services.aws import Clients
from repartee.stores.dynamodb.records import DynamoRecords

LOOK_EVERY = 1.0
"""Seconds between two looks at the records, as a turn's watch has it."""


class Watched:
    """What a turn's watch sees of the workspace's crowd."""

    def __init__(self, look: Callable[[], Crowd]) -> None:
        self._look, self._over = look, threading.Event()
        self.crowd = Crowd()
        self._thread = threading.Thread(target=self._keep_watch, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _keep_watch(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            self.crowd = self._look()


def main() -> None:
    order = json.loads(sys.argv[1])
    replies, records = _connected(order)
    with ThreadPoolExecutor(len(order["replies"])) as pool:
        written = pool.map(lambda place: _write(order, place, replies, records), order["replies"])
        print(json.dumps(list(written)))


def _connected(order: dict[str, Any]) -> tuple[SlackReplies, DynamoRecords]:
    clients = Clients(connections=16)
    records = DynamoRecords(clients.make("dynamodb"), order["table"], time.time)
    api = SlackApi(order["slack"], lambda: TOKEN)
    return SlackReplies(api, records, time.time, time.sleep), records


def _write(
    order: dict[str, Any], place: dict[str, Any], replies: SlackReplies, records: DynamoRecords
) -> dict[str, Any]:
    """Writes one reply. Its pieces come when they are due, whatever the platform does meanwhile."""
    message = _message(order, place)
    text, size, every = order["text"], order["size"], 1 / order["per_second"]
    time.sleep(max(0.0, order["at"] + place["after"] - time.time()))
    replies.sign(message)
    with Watched(lambda: records.control(message.room, message.chat).crowd) as watched:
        reply = replies.open(message, place["turn"], Shown(), lambda ids, text: None)
        began = time.time() + order["thinks"]
        for number, start in enumerate(range(0, len(text), size)):
            time.sleep(max(0.0, began + number * every - time.time()))
            if watched.crowd.showing:
                reply.among(watched.crowd)
            reply.add(text[start : start + size])
        reply.finish()
    return {"thread": place["thread"], "began": began, "ended": time.time()}


def _message(order: dict[str, Any], place: dict[str, Any]) -> Message:
    room = f"slack:{order['workspace']}:{order['channel']}"
    return Message(
        id=place["thread"],
        chat=f"{room}:{place['thread']}",
        room=room,
        channel="slack",
        sender=f"slack:{order['workspace']}:U0ADA",
        text="Tell me all about it.",
        sent=time.time(),
        received=time.time(),
        platform={
            "channel": order["channel"],
            "thread": place["thread"],
            "user": "U0ADA",
            "team": order["workspace"],
            "self": BOT_USER,
        },
    )


if __name__ == "__main__":
    main()
