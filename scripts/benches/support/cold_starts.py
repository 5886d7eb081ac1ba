"""Functions that start from nothing beside the local stack, and what their starts and first calls took."""

from __future__ import annotations

import os
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from local.sample_events import samples
from local.stack import SIGNING_SECRET, LocalStack
from repartee.aws.calls import AwsClients
from repartee.stores.weaviate import WeaviateConnection
from repartee.stores.weaviate.schema import migrate_schema
from standins.openai.server import Pace
from support import servers
from support.emulator import EmulatedFunction, FunctionLimits, emulate_function
from support.snapshot import snapshot_function

LIMITS = FunctionLimits(270)
TIMED_FOLDER = Path(__file__).parents[1] / "peers" / "timed"
TIMED_HANDLER = "timed.handler"
ONE_CORE = ("taskset", "--cpu-list", "0")
WARM_UP_CALLS, CALL_COUNT = 10, 50


@dataclass(frozen=True)
class BuiltFunction:
    """A function as it was built, with its layers."""

    folder: Path
    layers: tuple[Path, ...]


@dataclass(frozen=True)
class Start:
    """Milliseconds of one start: until the function's module is loaded, CPU of that, and until what it was
    started for is done."""

    ready_ms: float
    cpu_ms: float
    done_ms: float


@dataclass(frozen=True)
class ColdStarts:
    """The stack around the functions. `timed` is the layer whose handler tells the times."""

    stack: LocalStack
    model: ModelProxy
    timed: Path
    settings: Mapping[str, str]
    sqs: Any

    def start_webhook(self, webhook: BuiltFunction) -> Start:
        """Starts a webhook for a mention, which is done when it is answered."""
        with self.run_function(webhook) as function:
            _post_mention(function)
            answered = time.time()
            return _read_start(function, answered)

    def measure_warm_cpu(self, webhook: BuiltFunction) -> list[float]:
        """Milliseconds of processor time of the calls of a warm webhook, in ascending order."""
        with self.run_function(webhook) as function:
            for _ in range(WARM_UP_CALLS + CALL_COUNT):
                _post_mention(function)
            return sorted(one["cpu_ms"] for one in _read_timing(function, "call")[WARM_UP_CALLS:])

    def start_turn(self, webhook: EmulatedFunction, turn: BuiltFunction) -> Start:
        """Starts a turn with the wake of a mention that the webhook stores, to make its first call of the
        model."""
        with self._take_wake(webhook) as wake, self.run_function(turn) as function:
            self.model.first_asked = 0.0
            function.invoke(wake)
            return _read_start(function, self.model.first_asked)

    def restore_turn(self, webhook: EmulatedFunction, turn: BuiltFunction) -> float:
        """Milliseconds from a restore to the first call of the model."""
        with (
            self._take_wake(webhook) as wake,
            snapshot_function(turn.folder, turn.layers, self.settings, LIMITS, ONE_CORE) as function,
        ):
            self.model.first_asked, began = 0.0, time.time()
            function.restore()
            function.invoke(wake)
        return (self.model.first_asked - began) * 1000

    def run_function(self, built: BuiltFunction) -> AbstractContextManager[EmulatedFunction]:
        """Runs it under the emulator, on one core."""
        layers = [*built.layers, self.timed]
        return emulate_function(built.folder, layers, self.settings, LIMITS, ONE_CORE, TIMED_HANDLER)

    @contextmanager
    def _take_wake(self, webhook: EmulatedFunction) -> Iterator[dict[str, Any]]:
        """Yields the wake of a mention that was just stored, and takes it out of the queue afterwards, as
        Lambda does. Wakes that come only in case a worker died are taken out before."""
        wake = self.build_wake(webhook)
        yield wake
        self.delete_wake(wake)

    def build_wake(self, webhook: EmulatedFunction) -> dict[str, Any]:
        """Returns the wake of a mention that the webhook has stored now, as Lambda gets it."""
        _post_mention(webhook)
        while not (found := self.receive_wakes()) or '"safety"' in found[0]["Body"]:
            self.delete_wake(samples.wrap_wakes(found, self.settings["WAKES_QUEUE_URL"]))
        return samples.wrap_wakes(found, self.settings["WAKES_QUEUE_URL"])

    def receive_wakes(self) -> list[Any]:
        """The next wake of the queue, if one comes within a second."""
        answer = self.sqs.receive_message(
            QueueUrl=self.settings["WAKES_QUEUE_URL"], WaitTimeSeconds=1, AttributeNames=["All"]
        )
        found: list[Any] = answer.get("Messages", [])
        return found

    def delete_wake(self, wake: Mapping[str, Any]) -> None:
        """Takes the wake out of the queue, as Lambda does."""
        for record in wake["Records"]:
            self.sqs.delete_message(
                QueueUrl=self.settings["WAKES_QUEUE_URL"], ReceiptHandle=record["receiptHandle"]
            )


def link_timed_layer(folder: Path) -> Path:
    """Makes the layer whose handler tells the times of a function's start and calls."""
    timed = folder / "timed"
    timed.mkdir()
    (timed / "python").symlink_to(TIMED_FOLDER)
    return timed


@contextmanager
def run_around(timed: Path, pace: Pace) -> Iterator[ColdStarts]:
    """Yields the local stack with a model of this pace, and Weaviate with its collections."""
    with servers.use_server("weaviate") as weaviate, LocalStack({}, pace) as stack:
        os.environ.update(stack.settings)
        stack.wait_until_ready()
        aws = AwsClients(max_connections=4)
        stack.create_resources(*(aws.get_client(name) for name in ("dynamodb", "sqs", "secretsmanager")))
        with closing(WeaviateConnection(weaviate.url, weaviate.grpc_port)) as connection:
            migrate_schema(connection.connect())
        proxy = ModelProxy(stack.settings["OPENAI_BASE_URL"])
        settings = {name: value for name, value in stack.settings.items() if name != "SQLITE_PATH"}
        settings |= {
            "OPENAI_BASE_URL": proxy.url,
            "WEAVIATE_URL": weaviate.url,
            "WEAVIATE_GRPC_PORT": str(weaviate.grpc_port),
        }
        os.environ.update(settings)
        urllib.request.urlopen(f"{stack.standins}/standin/posts").close()
        with closing(proxy):
            yield ColdStarts(stack, proxy, timed, settings, aws.get_client("sqs"))


class ModelProxy(ThreadingHTTPServer):
    """Stands before the model's stand-in and knows when a reply was `first_asked` for, in epoch seconds."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _ForwardingHandler)
        self.first_asked = 0.0
        self.behind = behind.removesuffix("/v1")
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serves no longer."""
        self.shutdown()
        self.server_close()


class _ForwardingHandler(BaseHTTPRequestHandler):
    server: ModelProxy

    def do_POST(self) -> None:
        now = time.time()
        if not self.path.endswith("/embeddings"):
            self.server.first_asked = self.server.first_asked or now
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
        request = urllib.request.Request(self.server.behind + self.path, body, kept)
        with urllib.request.urlopen(request) as answer:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(answer.read())

    def handle(self) -> None:
        with suppress(ConnectionResetError):  # a function whose process was ended
            super().handle()

    def log_message(self, *_: Any) -> None:
        pass


def _post_mention(webhook: EmulatedFunction) -> None:
    now = time.time()
    event = samples.find_event("app_mention")
    posted = samples.build_request(event, now, SIGNING_SECRET, lambda: uuid.uuid4().hex)
    answer = webhook.invoke(posted.as_lambda_event(now, str(uuid.uuid4())))
    if answer["statusCode"] != 200:
        raise AssertionError(f"the webhook answered a mention with {answer}")


def _read_start(function: EmulatedFunction, done_at: float) -> Start:
    (found,) = _read_timing(function, "start")
    return Start(found["ready_ms"], found["cpu_ms"], (done_at - found["at"]) * 1000)


def _read_timing(function: EmulatedFunction, kind: str) -> list[dict[str, Any]]:
    return [line for line in function.logged_objects() if line.get("timed") == kind]
