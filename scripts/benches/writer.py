"""A worker of the delivery bench: writes replies as a turn does, beside others in other processes.

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

from repartee.conversation.message import Message
from repartee.conversation.reply import Crowd, Replies, Shown
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
    replies, records = CONNECTED[order["platform"]](order)
    with ThreadPoolExecutor(len(order["replies"])) as pool:
        written = pool.map(lambda place: _write(order, place, replies, records), order["replies"])
        print(json.dumps(list(written)))


def _to_slack(order: dict[str, Any]) -> tuple[Replies, DynamoRecords]:
    from local.slack_standin import TOKEN
    from repartee.channels.slack.api import SlackApi
    from repartee.channels.slack.deliver import SlackReplies

    records = _records(order)
    return SlackReplies(SlackApi(order["api"], lambda: TOKEN), records, time.time, time.sleep), records


def _to_telegram(order: dict[str, Any]) -> tuple[Replies, DynamoRecords]:
    from local.telegram_standin import TOKEN
    from repartee.channels.telegram.api import TelegramApi
    from repartee.channels.telegram.deliver import TelegramReplies

    records = _records(order)
    api = TelegramApi(order["api"], lambda: TOKEN)
    return TelegramReplies(api, records, time.time, time.sleep), records


def _records(order: dict[str, Any]) -> DynamoRecords:
    return DynamoRecords(Clients(connections=16).make("dynamodb"), order["table"], time.time)


def _to_whatsapp(order: dict[str, Any]) -> tuple[Replies, DynamoRecords]:
    from aws_lambda_powertools import Logger

    from local.whatsapp_standin import TOKEN
    from repartee.channels.whatsapp.api import WhatsAppApi
    from repartee.channels.whatsapp.deliver import WhatsAppReplies

    api = WhatsAppApi(order["api"], lambda: TOKEN)
    return WhatsAppReplies(api, time.time, time.sleep, Logger(service="bench")), _records(order)


CONNECTED = {"slack": _to_slack, "telegram": _to_telegram, "whatsapp": _to_whatsapp}


def _write(
    order: dict[str, Any], place: dict[str, Any], replies: Replies, records: DynamoRecords
) -> dict[str, Any]:
    """Writes one reply. Its pieces come when they are due, whatever the platform does meanwhile."""
    message = _message(order["platform"], place)
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
    return {"place": place["name"], "began": began, "ended": time.time()}


def _message(platform: str, place: dict[str, Any]) -> Message:
    return Message(
        id=place["name"],
        chat=place["chat"],
        room=place["room"],
        channel=platform,
        sender=f"{platform}:bench:U0ADA",
        text="Tell me all about it.",
        sent=time.time(),
        received=time.time(),
        platform=place["ids"],
    )


if __name__ == "__main__":
    main()
