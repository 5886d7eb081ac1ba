"""The servers of a load run: a table, a queue, the stand-ins, and relays before the stores that can break."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benches.load_test.answer_text import find_tokens
from benches.load_test.function_workers import LeftTurn
from benches.load_test.scenario import Outage
from local.stack import LocalStack
from local.vector_folder import SHIPPED_ROUTES_FOLDER, FolderVectors
from repartee.aws.calls import AwsClients
from repartee.domain.message import Message
from repartee.domain.reply import VisibleState
from repartee.settings import Settings
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.items import decode_attribute, primary_key
from repartee.wiring import Wiring, stores
from standins.openai.server import Pace
from support import servers
from support.breakable_relay import BreakableRelay
from support.schema import migrate

PACE = Pace(0.35, 57.0)
"""The pace of the scripted model: a short answer is whole after about a second."""

FAULTS = {
    "model": "model:*",
    "slack": "slack:*",
    "telegram": "telegram:*",
    "whatsapp": "whatsapp:*",
}
"""Which calls of a stand-in fail while its service is out."""

HOST = "127.0.0.1"


@dataclass
class LoadStack:
    """Holds what all functions of a run use. `settings` lead them through the relays, `aws` does not."""

    stack: LocalStack
    settings: Mapping[str, str]
    aws: AwsClients
    scratch: Path
    _break_store: Mapping[str, Callable[[float], None]]

    @classmethod
    @contextmanager
    def running(cls, scratch: Path, store: str = "sqlite") -> Iterator[LoadStack]:
        """Starts everything; `store` keeps the messages: sqlite or weaviate."""
        with ExitStack() as up:
            dynamodb = up.enter_context(servers.start_server("dynamodb"))
            elasticmq = up.enter_context(servers.start_server("elasticmq"))
            relays = {"table": BreakableRelay(dynamodb.ports["http"]),
                      "queue": BreakableRelay(elasticmq.ports["http"])}  # fmt: skip
            messages = _sqlite_settings(scratch)
            breaking: dict[str, Callable[[float], None]] = {"messages": partial(_lock_sqlite, scratch)}
            if store == "weaviate":
                weaviate = up.enter_context(servers.start_server("weaviate"))
                through = {port: BreakableRelay(weaviate.ports[port]) for port in ("http", "grpc")}
                messages = {"WEAVIATE_URL": _url(through["http"]),
                            "WEAVIATE_GRPC_PORT": str(through["grpc"].port)}  # fmt: skip
                breaking["messages"] = partial(_break_relays, list(through.values()))
                for relay in through.values():
                    up.callback(relay.close)
            for name, relay in relays.items():
                up.callback(relay.close)
                breaking[name] = partial(_break_relays, [relay])
            stack = up.enter_context(LocalStack(messages, PACE, "benches.load_test.echoing_standins"))
            direct = dynamodb.exported_settings | elasticmq.exported_settings
            os.environ.update(stack.settings | direct)
            stack.wait_until_ready()
            aws = AwsClients(max_connections=32)
            stack.create_resources(*(aws.get_client(n) for n in ("dynamodb", "sqs", "secretsmanager")))
            settings = {
                **messages,
                **stack.settings,
                "AWS_ENDPOINT_URL_DYNAMODB": _url(relays["table"]),
                "AWS_ENDPOINT_URL_SQS": _url(relays["queue"]),
            }
            if store == "weaviate":
                migrate(Settings(settings))
            _keep_shipped_classifiers(settings | direct)
            yield cls(stack, settings, aws, scratch, breaking)

    def run_outage(self, outage: Outage) -> None:
        """Lets the backend fail for so many seconds. Returns when it is over."""
        if breaking := self._break_store.get(outage.backend):
            breaking(outage.seconds)
            return
        self.stack.call_standins("faults", at=FAULTS[outage.backend], kind="error", times=-1, status=503)
        threading.Event().wait(outage.seconds)
        request = urllib.request.Request(f"{self.stack.standins}/standin/faults", method="DELETE")
        urllib.request.urlopen(request, timeout=15).close()

    def count_waiting_wakes(self, name: str) -> int:
        """Returns how many messages the queue has that a setting names, seen or not."""
        counted = ("", "NotVisible", "Delayed")
        names = [f"ApproximateNumberOfMessages{which}" for which in counted]
        answer = self.aws.get_client("sqs").get_queue_attributes(
            QueueUrl=self.settings[name], AttributeNames=names
        )
        return sum(int(answer["Attributes"][one]) for one in names)

    def read_left_turn(self, chat: str) -> LeftTurn:
        """Returns what the table has of the chat's unfinished turn."""
        client, table = self.aws.get_client("dynamodb"), self.settings["RECORDS_TABLE"]
        answer = client.get_item(TableName=table, Key=primary_key(chat, "turn"), ConsistentRead=True)
        visible = decode_attribute(answer.get("Item", {}).get("shown"), VisibleState, VisibleState())
        waiting = DynamoInbox(client, table).list_open(chat).messages
        texts = [message.text for message in waiting if isinstance(message, Message)]
        return LeftTurn(frozenset(visible.message_ids.values()), frozenset(find_tokens(texts)))

    def measure_table(self) -> dict[str, int]:
        """Returns how many items and bytes the table has."""
        told: Any = self.aws.get_client("dynamodb").describe_table(TableName=self.settings["RECORDS_TABLE"])
        return {"items": told["Table"]["ItemCount"], "bytes": told["Table"]["TableSizeBytes"]}


def _keep_shipped_classifiers(settings: Mapping[str, str]) -> None:
    """Keeps the classifiers of the packaged embedding model, as a deployment does: else every worker would
    train its own as it starts."""
    shipped, kept = FolderVectors(SHIPPED_ROUTES_FOLDER), Wiring(settings).get(stores.vectors)
    for name in sorted(file.name for file in SHIPPED_ROUTES_FOLDER.iterdir()):
        kept.write(name, shipped.read([name])[name])


def _url(relay: BreakableRelay) -> str:
    return f"http://{HOST}:{relay.port}"


def _sqlite_settings(scratch: Path) -> dict[str, str]:
    shutil.rmtree(scratch / "messages", ignore_errors=True)
    (scratch / "messages").mkdir()
    return {"SQLITE_PATH": str(scratch / "messages" / "messages.db")}


def _break_relays(relays: list[BreakableRelay], seconds: float) -> None:
    for relay in relays:
        relay.is_broken = True
        relay.reset_connections()
    threading.Event().wait(seconds)
    for relay in relays:
        relay.is_broken = False


def _lock_sqlite(scratch: Path, seconds: float) -> None:
    """Holds the write lock: what is to be stored has to wait."""
    connection = sqlite3.connect(scratch / "messages" / "messages.db", timeout=5, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        threading.Event().wait(seconds)
        connection.execute("ROLLBACK")
    finally:
        connection.close()
