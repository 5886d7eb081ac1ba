"""Writes replies as a turn does, in one worker process of the delivery bench.

`python -m benches.support.reply_writer '{"replies": [...], …}'` prints, for each reply, when each piece of it
was written.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from repartee.aws.calls import AwsClients
from repartee.domain.message import Message
from repartee.domain.reply import ActiveMessages, VisibleState
from repartee.ports.channels import ReplySender
from repartee.stores.dynamodb.records import DynamoRecords

CHECK_INTERVAL_SECONDS = 1.0
"""Seconds between two looks at the records, as a turn's watch has it."""


class WatchedReplies:
    """The active messages of the workspace, as a turn's heartbeat reads them."""

    def __init__(self, look: Callable[[], ActiveMessages]) -> None:
        self._look, self._over = look, threading.Event()
        self.crowd = ActiveMessages()
        self._thread = threading.Thread(target=self._watch_active_messages, daemon=True)

    def __enter__(self) -> WatchedReplies:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch_active_messages(self) -> None:
        while not self._over.wait(CHECK_INTERVAL_SECONDS):
            self.crowd = self._look()


def main() -> None:
    order = json.loads(sys.argv[1])
    replies, records = REPLIES_BY_PLATFORM[order["platform"]](order)
    with ThreadPoolExecutor(len(order["replies"])) as pool:
        written = pool.map(lambda place: _write_reply(order, place, replies, records), order["replies"])
        print(json.dumps(list(written)))


def _slack_replies(order: dict[str, Any]) -> tuple[ReplySender, DynamoRecords]:
    from repartee.channels.slack.api import SlackApi
    from repartee.channels.slack.replies import SlackReplySender
    from standins.slack.server import BOT_TOKEN

    records = _make_records(order)
    return SlackReplySender(
        SlackApi(order["api"], lambda: BOT_TOKEN), records, time.time, time.sleep
    ), records


def _telegram_replies(order: dict[str, Any]) -> tuple[ReplySender, DynamoRecords]:
    from repartee.channels.telegram.api import TelegramApi
    from repartee.channels.telegram.replies import TelegramReplySender
    from standins.telegram.server import BOT_TOKEN

    records = _make_records(order)
    api = TelegramApi(order["api"], lambda: BOT_TOKEN)
    return TelegramReplySender(api, records, time.time, time.sleep), records


def _make_records(order: dict[str, Any]) -> DynamoRecords:
    return DynamoRecords(AwsClients(max_connections=16).get_client("dynamodb"), order["table"], time.time)


def _whatsapp_replies(order: dict[str, Any]) -> tuple[ReplySender, DynamoRecords]:
    from aws_lambda_powertools import Logger

    from repartee.channels.whatsapp.api import WhatsAppApi
    from repartee.channels.whatsapp.replies import WhatsAppReplySender
    from standins.whatsapp.server import ACCESS_TOKEN

    api = WhatsAppApi(order["api"], lambda: ACCESS_TOKEN)
    return WhatsAppReplySender(api, time.time, time.sleep, Logger(service="bench")), _make_records(order)


REPLIES_BY_PLATFORM = {"slack": _slack_replies, "telegram": _telegram_replies, "whatsapp": _whatsapp_replies}


def _write_reply(
    order: dict[str, Any], place: dict[str, Any], replies: ReplySender, records: DynamoRecords
) -> dict[str, Any]:
    """Writes one reply. Its pieces come when they are due, whatever the platform does meanwhile."""
    message = _build_message(order["platform"], place)
    text, size, every = order["text"], order["size"], 1 / order["per_second"]
    time.sleep(max(0.0, order["at"] + place["after"] - time.time()))
    replies.show_typing(message)
    with WatchedReplies(lambda: records.read_control(message.room, message.chat).active_messages) as watched:
        reply = replies.open_reply(message, place["turn"], VisibleState(), lambda ids, text: None)
        began = time.time() + order["thinks"]
        for number, start in enumerate(range(0, len(text), size)):
            time.sleep(max(0.0, began + number * every - time.time()))
            if watched.crowd.messages:
                reply.share_limits(watched.crowd)
            reply.append(text[start : start + size])
        reply.finish()
    return {"place": place["name"], "began": began, "ended": time.time()}


def _build_message(platform: str, place: dict[str, Any]) -> Message:
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
