"""Cold starts on one core, of the built functions and of peers with the same job, and a SnapStart restore.

Each function runs under the emulator on Lambda's runtime, on one core; local stack and Weaviate are beside
it. Nothing is injected, so what the stack's own answers take is counted too. Reading a snapshot from Lambda's
storage is not: a restored process was only stopped.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benches.bars import bar, bar_rows
from benches.tables import table as drawn
from local import events, lambdas
from local.model_standin import Pace
from local.stack import SIGNING_SECRET, LocalStack
from repartee import wiring
from repartee.services.aws import Clients
from repartee.stores.weaviate import Connection
from repartee.stores.weaviate.schema import migrate
from support import layers, sam, servers
from support.caches import made_once
from support.emulator import Function, Limits, emulated
from support.snapshot import snapshotted

HERE = Path(__file__).parent
STARTS, CALLS = 7, 50
ONE_CORE = ("taskset", "--cpu-list", "0")
TIMED = "timed.handler"

WEBHOOK, TURN = ("BaseLayer", "PackageLayer"), ("BaseLayer", "TurnLayer", "PackageLayer")
PEERS = {"bolt": "Bolt for Python", "langgraph_turn": "LangGraph"}


def measure() -> dict[str, Any]:
    """All figures; about two minutes, and more the first time."""
    with tempfile.TemporaryDirectory(prefix="repartee-cold-") as scratch, ExitStack() as running:
        built = Path(scratch) / "built"
        _say("building")
        sam.build(built, sam.this_machine())
        (Path(scratch) / "timed").mkdir()
        (Path(scratch) / "timed" / "python").symlink_to(HERE / "peers" / "timed")
        bench = running.enter_context(around(Path(scratch) / "timed", Pace(0.0, 10_000)))
        ours = [built / name for name in WEBHOOK], [built / name for name in TURN]
        turns = {
            "turn": bench.turn(built / "Turn", ours[1]),
            PEERS["langgraph_turn"]: bench.turn(HERE / "peers" / "langgraph_turn", [_peer("langgraph_turn")]),
        }
        restored = bench.restored(built / "Turn", ours[1])
        webhooks = {
            "webhook": bench.webhook(built / "Webhook", ours[0]),
            PEERS["bolt"]: bench.webhook(HERE / "peers" / "bolt", [_peer("bolt")]),
        }
    return {
        "starts": STARTS,
        "webhooks": webhooks,
        "turns": turns,
        "restored_ms": restored,
        "bars": [
            bar("webhook: ms of its start, median", webhooks["webhook"]["ready_ms"], 300),
            bar("webhook: ms of CPU of a call when warm, p95", webhooks["webhook"]["warm_cpu_ms"], 5),
            bar(
                "turn: ms from process start to the first model call, median", turns["turn"]["model_ms"], 1500
            ),
            bar("turn: ms from a restore to the first model call, median", restored, 150),
        ],
    }


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    webhooks = [
        (
            name,
            f"{one['ready_ms']:.0f}",
            f"{one['answered_ms']:.0f}",
            f"{one['warm_cpu_ms']:.1f}",
            f"{one['megabytes']:.0f}",
        )
        for name, one in result["webhooks"].items()
    ]
    turns = [
        (name, f"{one['ready_ms']:.0f}", f"{one['model_ms']:.0f}", f"{one['megabytes']:.0f}")
        for name, one in result["turns"].items()
    ]
    turns.append(("turn, restored from a snapshot", "", f"{result['restored_ms']:.0f}", ""))
    return "\n\n".join(
        (
            f"{result['starts']} cold starts each on one core, median milliseconds",
            drawn(("webhook", "start", "first answer", "CPU warm, p95", "MB"), webhooks),
            drawn(("turn", "start", "first model call", "MB"), turns),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


@dataclass
class Bench:
    """The stack around the functions, and what is measured of them."""

    stack: LocalStack
    model: ModelDoor
    timed: Path
    settings: Mapping[str, str]
    sqs: Any

    def webhook(self, folder: Path, layers: list[Path]) -> dict[str, float]:
        """Milliseconds of its start and to its first answer; processor time of later ones."""
        answered, starts = [], []
        for _ in range(STARTS):
            with self._started(folder, layers) as function:
                event, began = _mention(), time.perf_counter()
                answer = function.invoke(event)
                assert answer["statusCode"] == 200, answer
                answered.append((time.perf_counter() - began) * 1000)
                starts.append(_told(function, "start")[0]["ready_ms"])
        with self._started(folder, layers) as function:
            for _ in range(CALLS + 10):
                function.invoke(_mention())
            warm = sorted(one["cpu_ms"] for one in _told(function, "call")[10:])
        return {
            "ready_ms": statistics.median(starts),
            "answered_ms": statistics.median(answered),
            "warm_cpu_ms": warm[int(0.95 * len(warm))],
            "megabytes": sum(map(_size, layers)) / 1e6,
        }

    def turn(self, folder: Path, layers: list[Path]) -> dict[str, float]:
        """Milliseconds of its start, and from the process's start to its first call of the model."""
        called, starts = [], []
        for _ in range(STARTS + 1):
            wake = self.wake()
            with self._started(folder, layers) as function:
                self.model.first = 0.0
                function.invoke(wake)
                (start,) = _told(function, "start")
            self.done(wake)
            called.append((self.model.first - start["at"]) * 1000)
            starts.append(start["ready_ms"])
        return {  # the first makes what later ones find, such as the vectors of routes' examples
            "ready_ms": statistics.median(starts[1:]),
            "model_ms": statistics.median(called[1:]),
            "megabytes": sum(map(_size, layers)) / 1e6,
        }

    def restored(self, folder: Path, layers: list[Path]) -> float:
        """Milliseconds from a restore to the first call of the model, median."""
        found = []
        for _ in range(STARTS):
            wake = self.wake()
            with snapshotted(folder, layers, self.settings, Limits(270), ONE_CORE) as function:
                self.model.first, began = 0.0, time.time()
                function.restore()
                function.invoke(wake)
            self.done(wake)
            found.append((self.model.first - began) * 1000)
        return statistics.median(found)

    @contextmanager
    def _started(self, folder: Path, layers: list[Path]) -> Iterator[Function]:
        with emulated(folder, [*layers, self.timed], self.settings, Limits(270), ONE_CORE, TIMED) as function:
            yield function

    def wake(self) -> dict[str, Any]:
        """A mention that was kept, as the turn is told of it."""
        queue = self.settings["WAKES_QUEUE_URL"]
        self.keep(_mention())
        answer = self.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, AttributeNames=["All"])
        return events.wakes(answer["Messages"], queue)

    def done(self, wake: dict[str, Any]) -> None:
        """Takes the wake out of the queue, as Lambda does."""
        for record in wake["Records"]:
            self.sqs.delete_message(
                QueueUrl=self.settings["WAKES_QUEUE_URL"], ReceiptHandle=record["receiptHandle"]
            )

    def keep(self, event: dict[str, Any]) -> None:
        """The webhook's work, done here."""
        assert lambdas.handler("webhook")(event, lambdas.Context("webhook"))["statusCode"] == 200


@contextmanager
def around(timed: Path, pace: Pace) -> Iterator[Bench]:
    """The local stack with a model of this pace, and Weaviate with its collections."""
    with servers.use("weaviate") as weaviate, LocalStack({}, pace) as stack:
        os.environ.update(stack.settings)
        stack.ready()
        aws = Clients(connections=4)
        stack.prepare(*(aws.make(name) for name in ("dynamodb", "sqs", "secretsmanager")))
        connection = Connection(weaviate.url, weaviate.grpc_port)
        migrate(connection.connect())
        connection.close()
        door = ModelDoor(stack.settings["OPENAI_BASE_URL"])
        more = {
            "OPENAI_BASE_URL": door.url,
            "WEAVIATE_URL": weaviate.url,
            "WEAVIATE_GRPC_PORT": str(weaviate.grpc_port),
        }
        settings = {name: value for name, value in stack.settings.items() if name != "SQLITE_PATH"} | more
        os.environ.update(settings)
        wiring.install(wiring.Wiring(os.environ))
        urllib.request.urlopen(f"{stack.standins}/standin/posts").close()
        yield Bench(stack, door, timed, settings, aws.make("sqs"))


class ModelDoor(ThreadingHTTPServer):
    """Stands before the model's stand-in and knows when a reply was `first` asked for."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarding)
        self.first = 0.0
        self.behind = behind.removesuffix("/v1")
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Forwarding(BaseHTTPRequestHandler):
    server: ModelDoor

    def do_POST(self) -> None:
        now = time.time()
        if not self.path.endswith("/embeddings"):
            self.server.first = self.server.first or now
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
        request = urllib.request.Request(self.server.behind + self.path, body, kept)
        with urllib.request.urlopen(request) as answer:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(answer.read())

    def log_message(self, *_: Any) -> None:
        pass


def _peer(name: str) -> Path:
    """What a peer imports, installed and compiled as our own layers are."""
    pins = HERE / "peers" / name / "requirements.txt"
    print(f"Preparing {PEERS[name]}", file=sys.stderr, flush=True)

    def make(folder: Path) -> None:
        layers.install(pins, folder / "python", sam.this_machine())
        layers.compile_all(folder / "python")

    return made_once(f"bench-{name}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}", make)


def _mention() -> dict[str, Any]:
    now = time.time()
    posted = events.posted(events.find("app_mention"), now, SIGNING_SECRET, lambda: uuid.uuid4().hex)
    return posted.as_lambda_event(now, str(uuid.uuid4()))


def _told(function: Function, kind: str) -> list[dict[str, Any]]:
    return [line for line in function.logged() if line.get("timed") == kind]


def _size(folder: Path) -> int:
    return layers.size(folder / "python")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
