"""Cold starts on one core, of the built functions and of peers with the same job, and a SnapStart restore.

Each function runs under the emulator on Lambda's runtime, on one core; local stack and Weaviate are beside
it. Nothing is injected, so what the stack's own answers take is counted too. Reading a snapshot from Lambda's
storage is not: a restored process was only stopped.
"""

from __future__ import annotations

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

from benches.support.bars import bar_rows, check_bar
from benches.support.peer_packages import install_peer
from benches.support.tables import render_table as drawn
from local import lambda_handlers
from local.sample_events import samples
from local.stack import SIGNING_SECRET, LocalStack
from repartee import wiring
from repartee.aws.calls import AwsClients
from repartee.stores.weaviate import WeaviateConnection
from repartee.stores.weaviate.schema import migrate_schema
from standins.openai.server import Pace
from support import layers, sam, servers
from support.emulator import EmulatedFunction, FunctionLimits, emulate_function
from support.snapshot import snapshot_function

BENCHES_FOLDER = Path(__file__).parent
START_COUNT, CALL_COUNT = 7, 50
ONE_CORE = ("taskset", "--cpu-list", "0")
TIMED_HANDLER = "timed.handler"

WEBHOOK_LAYERS, TURN_LAYERS = ("BaseLayer", "PackageLayer"), ("BaseLayer", "TurnLayer", "PackageLayer")
PEER_TITLES = {"bolt": "Bolt for Python", "langgraph_turn": "LangGraph"}


def measure() -> dict[str, Any]:
    """Returns all figures; about two minutes, and more the first time."""
    with tempfile.TemporaryDirectory(prefix="repartee-cold-") as scratch, ExitStack() as running:
        built = Path(scratch) / "built"
        _print_progress("building")
        sam.run_build(built, sam.machine_architecture())
        (Path(scratch) / "timed").mkdir()
        (Path(scratch) / "timed" / "python").symlink_to(BENCHES_FOLDER / "peers" / "timed")
        bench = running.enter_context(run_around(Path(scratch) / "timed", Pace(0.0, 10_000)))
        ours = [built / name for name in WEBHOOK_LAYERS], [built / name for name in TURN_LAYERS]
        turns = {
            "turn": bench.measure_turn(built / "Turn", ours[1]),
            PEER_TITLES["langgraph_turn"]: bench.measure_turn(
                BENCHES_FOLDER / "peers" / "langgraph_turn", [install_peer("langgraph_turn")]
            ),
        }
        restored = bench.measure_restore(built / "Turn", ours[1])
        webhooks = {
            "webhook": bench.measure_webhook(built / "Webhook", ours[0]),
            PEER_TITLES["bolt"]: bench.measure_webhook(
                BENCHES_FOLDER / "peers" / "bolt", [install_peer("bolt")]
            ),
        }
    return {
        "starts": START_COUNT,
        "webhooks": webhooks,
        "turns": turns,
        "restored_ms": restored,
        "bars": [
            check_bar("webhook: ms of its start, median", webhooks["webhook"]["ready_ms"], 300),
            check_bar("webhook: ms of CPU of a call when warm, p95", webhooks["webhook"]["warm_cpu_ms"], 5),
            check_bar(
                "turn: ms from process start to the first model call, median", turns["turn"]["model_ms"], 1500
            ),
            check_bar("turn: ms from a restore to the first model call, median", restored, 150),
        ],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
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
class ColdStartBench:
    """The stack around the functions, and what is measured of them."""

    stack: LocalStack
    model: ModelProxy
    timed: Path
    settings: Mapping[str, str]
    sqs: Any

    def measure_webhook(self, folder: Path, layers: list[Path]) -> dict[str, float]:
        """Milliseconds of its start and to its first answer; processor time of later ones."""
        answered, starts = [], []
        for _ in range(START_COUNT):
            with self._start_function(folder, layers) as function:
                event, began = _mention_event(), time.perf_counter()
                answer = function.invoke(event)
                assert answer["statusCode"] == 200, answer
                answered.append((time.perf_counter() - began) * 1000)
                starts.append(_read_timing(function, "start")[0]["ready_ms"])
        with self._start_function(folder, layers) as function:
            for _ in range(CALL_COUNT + 10):
                function.invoke(_mention_event())
            warm = sorted(one["cpu_ms"] for one in _read_timing(function, "call")[10:])
        return {
            "ready_ms": statistics.median(starts),
            "answered_ms": statistics.median(answered),
            "warm_cpu_ms": warm[int(0.95 * len(warm))],
            "megabytes": sum(map(_folder_megabytes, layers)) / 1e6,
        }

    def measure_turn(self, folder: Path, layers: list[Path]) -> dict[str, float]:
        """Milliseconds of its start, and from the process's start to its first call of the model."""
        called, starts = [], []
        for _ in range(START_COUNT + 1):
            wake = self.build_wake()
            with self._start_function(folder, layers) as function:
                self.model.first = 0.0
                function.invoke(wake)
                (start,) = _read_timing(function, "start")
            self.delete_wake(wake)
            called.append((self.model.first - start["at"]) * 1000)
            starts.append(start["ready_ms"])
        return {  # the first makes what later ones find, such as the vectors of routes' examples
            "ready_ms": statistics.median(starts[1:]),
            "model_ms": statistics.median(called[1:]),
            "megabytes": sum(map(_folder_megabytes, layers)) / 1e6,
        }

    def measure_restore(self, folder: Path, layers: list[Path]) -> float:
        """Milliseconds from a restore to the first call of the model, median."""
        found = []
        for _ in range(START_COUNT):
            wake = self.build_wake()
            with snapshot_function(folder, layers, self.settings, FunctionLimits(270), ONE_CORE) as function:
                self.model.first, began = 0.0, time.time()
                function.restore()
                function.invoke(wake)
            self.delete_wake(wake)
            found.append((self.model.first - began) * 1000)
        return statistics.median(found)

    @contextmanager
    def _start_function(self, folder: Path, layers: list[Path]) -> Iterator[EmulatedFunction]:
        with emulate_function(
            folder, [*layers, self.timed], self.settings, FunctionLimits(270), ONE_CORE, TIMED_HANDLER
        ) as function:
            yield function

    def build_wake(self) -> dict[str, Any]:
        """Returns a stored mention, and its wake. Wakes in reserve of earlier ones are taken away."""
        self.store_message(_mention_event())
        while True:
            found = self.receive_wakes()
            wake = samples.wrap_wakes(found, self.settings["WAKES_QUEUE_URL"])
            if found and "successor_due" in found[0]["Body"]:
                return wake
            self.delete_wake(wake)

    def receive_wakes(self) -> list[Any]:
        """The next wake of the queue, if one comes within a second."""
        queue = self.settings["WAKES_QUEUE_URL"]
        answer = self.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, AttributeNames=["All"])
        found: list[Any] = answer.get("Messages", [])
        return found

    def delete_wake(self, wake: dict[str, Any]) -> None:
        """Takes the wake out of the queue, as Lambda does."""
        for record in wake["Records"]:
            self.sqs.delete_message(
                QueueUrl=self.settings["WAKES_QUEUE_URL"], ReceiptHandle=record["receiptHandle"]
            )

    def store_message(self, event: dict[str, Any]) -> None:
        """The webhook's work, done here."""
        assert (
            lambda_handlers.load_handler("webhook")(event, lambda_handlers.LambdaContext("webhook"))[
                "statusCode"
            ]
            == 200
        )


@contextmanager
def run_around(timed: Path, pace: Pace) -> Iterator[ColdStartBench]:
    """Yields the local stack with a model of this pace, and Weaviate with its collections."""
    with servers.use_server("weaviate") as weaviate, LocalStack({}, pace) as stack:
        os.environ.update(stack.settings)
        stack.wait_until_ready()
        aws = AwsClients(max_connections=4)
        stack.create_resources(*(aws.get_client(name) for name in ("dynamodb", "sqs", "secretsmanager")))
        connection = WeaviateConnection(weaviate.url, weaviate.grpc_port)
        migrate_schema(connection.connect())
        connection.close()
        door = ModelProxy(stack.settings["OPENAI_BASE_URL"])
        more = {
            "OPENAI_BASE_URL": door.url,
            "WEAVIATE_URL": weaviate.url,
            "WEAVIATE_GRPC_PORT": str(weaviate.grpc_port),
        }
        settings = {name: value for name, value in stack.settings.items() if name != "SQLITE_PATH"} | more
        os.environ.update(settings)
        wiring.set_wiring(wiring.Wiring(os.environ))
        urllib.request.urlopen(f"{stack.standins}/standin/posts").close()
        yield ColdStartBench(stack, door, timed, settings, aws.get_client("sqs"))


class ModelProxy(ThreadingHTTPServer):
    """Stands before the model's stand-in and knows when a reply was `first` asked for."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _ForwardingHandler)
        self.first = 0.0
        self.behind = behind.removesuffix("/v1")
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _ForwardingHandler(BaseHTTPRequestHandler):
    server: ModelProxy

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


def _mention_event() -> dict[str, Any]:
    now = time.time()
    posted = samples.build_request(
        samples.find_event("app_mention"), now, SIGNING_SECRET, lambda: uuid.uuid4().hex
    )
    return posted.as_lambda_event(now, str(uuid.uuid4()))


def _read_timing(function: EmulatedFunction, kind: str) -> list[dict[str, Any]]:
    return [line for line in function.logged_objects() if line.get("timed") == kind]


def _folder_megabytes(folder: Path) -> int:
    return layers.folder_bytes(folder / "python")


def _print_progress(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
