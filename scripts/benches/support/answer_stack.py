"""Webhook and turn in processes of their own, with the queue, the table and the stand-ins between them."""

from __future__ import annotations

import itertools
import json
import os
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benches.support.answered_message import AnsweredMessage
from benches.support.bare_rounds import BareRounds
from benches.support.hosted_function import AwsCall, HostedCall, HostedFunction
from benches.support.invoked_turns import FUNCTION, InvocationStandIn
from benches.support.peer_packages import PEERS_FOLDER
from benches.support.restored_function import FunctionSnapshot, RestoredFunction
from benches.support.table_copies import copy_table
from local.sample_events import samples
from local.stack import SIGNING_SECRET, LocalStack
from repartee.aws.calls import AwsClients
from standins.openai.server import Pace
from standins.slack.server import BOT_TOKEN
from support import servers

FIRST_TOKEN_SECONDS, REPLY_WORDS = 0.35, 150
PACE = Pace(FIRST_TOKEN_SECONDS, 57.0)
"""The pace at which the scripted reply is whole after about three seconds."""

REPLY = " ".join(f"word{number}" for number in range(REPLY_WORDS)) + "."
TEXT_ARGUMENTS = ("markdown_text", "text", "chunks")
CHECKPOINTS_TABLE = "Checkpoints"
BARE_WEBHOOK = PEERS_FOLDER / "bare_webhook"
AnsweringFunction = HostedFunction | RestoredFunction
LATE_WAKES_SECONDS = 25.0
"""Seconds after the last answer until every wake that a turn delayed has come."""


@dataclass(frozen=True)
class Subject:
    """Names the code that is measured: its two functions' folders, each with the paths of its packages."""

    webhook: Path
    webhook_paths: Sequence[Path]
    turn: Path
    turn_paths: Sequence[Path]
    is_invoked: bool = False
    """Whether its webhook may invoke the turn beside the queue."""


@dataclass
class AnswerStack:
    """The servers that all subjects use."""

    stack: LocalStack
    settings: Mapping[str, str]
    aws: AwsClients
    scratch: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)
    tables: dict[str, str] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def running(cls, scratch: Path) -> Iterator[AnswerStack]:
        """Starts DynamoDB Local, ElasticMQ and the stand-ins, and makes the tables."""
        with ExitStack() as up:
            real = [up.enter_context(servers.start_server(name)) for name in ("dynamodb", "elasticmq")]
            stack = up.enter_context(LocalStack({}, PACE))
            endpoints = {key: value for server in real for key, value in server.exported_settings.items()}
            os.environ.update(stack.settings | endpoints)
            stack.wait_until_ready()
            aws = AwsClients(max_connections=4)
            dynamodb, sqs, secrets = (aws.get_client(n) for n in ("dynamodb", "sqs", "secretsmanager"))
            stack.create_resources(dynamodb, sqs, secrets)
            _create_checkpoints_table(dynamodb)
            settings = {**stack.settings, **endpoints, "CHECKPOINTS_TABLE": CHECKPOINTS_TABLE}
            yield cls(stack, settings, aws, scratch)

    @contextmanager
    def start(self, name: str, subject: Subject, *, is_restored: bool = True) -> Iterator[RunningSubject]:
        """Starts the subject's functions with a queue and a table of their own: copies of a snapshot, as
        SnapStart makes them, or processes that start anew."""
        number, sqs = next(self.numbers), self.aws.get_client("sqs")
        queue = sqs.create_queue(QueueName=f"wakes-{number}", Attributes={"VisibilityTimeout": "300"})
        settings = {
            **self.settings,
            "WAKES_QUEUE_URL": queue["QueueUrl"],
            "RECORDS_TABLE": self._find_table(name),
            "SQLITE_PATH": str(self.scratch / f"messages-{number}.db"),
        }
        log = self.scratch / f"{number}.log"
        with ExitStack() as up:

            def start(folder: Path, paths: Sequence[Path]) -> AnsweringFunction:
                if not is_restored:
                    return up.enter_context(HostedFunction(folder, paths, settings, log))
                snapshot = up.enter_context(FunctionSnapshot(folder, paths, settings, log))
                return up.enter_context(snapshot.restore())

            turn, spare = (start(subject.turn, subject.turn_paths) for _ in range(2))
            invoked = InvocationStandIn(turn.invoke)
            if subject.is_invoked:
                settings["TURN_FUNCTION"] = FUNCTION
                settings["AWS_ENDPOINT_URL_LAMBDA"] = up.enter_context(invoked.serving())
            webhook = start(subject.webhook, subject.webhook_paths)
            yield RunningSubject(
                self,
                settings["WAKES_QUEUE_URL"],
                webhook,
                turn,
                spare,
                invoked,
                is_invoked=subject.is_invoked,
            )

    def _find_table(self, name: str) -> str:
        """Returns the subject's own table, which all of its processes share."""
        if name not in self.tables:
            self.tables[name] = f"Records-{len(self.tables)}"
            copy_table(self.aws.get_client("dynamodb"), self.settings["RECORDS_TABLE"], self.tables[name])
        return self.tables[name]

    def make_bare_rounds(self) -> BareRounds:
        """Returns the calls that any answer waits for, with a queue of their own."""
        queue = self.aws.get_client("sqs").create_queue(QueueName=f"rounds-{next(self.numbers)}")
        slack_url = self.settings["SLACK_API_URL"]
        return BareRounds(self.settings["RECORDS_TABLE"], queue["QueueUrl"], slack_url, BOT_TOKEN)

    @contextmanager
    def start_bare_webhook(self) -> Iterator[HostedFunction]:
        """Starts the webhook's two calls alone, with a queue of their own that nobody reads."""
        queue = self.aws.get_client("sqs").create_queue(QueueName=f"bare-{next(self.numbers)}")
        settings = {**self.settings, "WAKES_QUEUE_URL": queue["QueueUrl"]}
        with HostedFunction(BARE_WEBHOOK, (), settings, self.scratch / "bare.log") as function:
            yield function

    def measure_bare_cpu(self, bare: HostedFunction) -> float:
        """Returns the processor time of the two calls for a mention, in milliseconds."""
        posted = samples.build_request(
            samples.find_event("app_mention"), time.time(), SIGNING_SECRET, lambda: uuid.uuid4().hex
        )
        return bare.invoke(posted.as_lambda_event(time.time(), str(uuid.uuid4()))).cpu_ms


@dataclass
class RunningSubject:
    """A subject's functions, one message at a time. `spare` takes the wakes that come for an earlier chat."""

    stack: AnswerStack
    queue: str
    webhook: AnsweringFunction
    turn: AnsweringFunction
    spare: AnsweringFunction
    invoked: InvocationStandIn
    late_calls: list[AwsCall] = field(default_factory=list)
    answered_at: float = 0.0
    threads: list[str] = field(default_factory=list)
    _late_wakes: list[Mapping[str, Any]] = field(default_factory=list)
    _poller: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _webhook_caller: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    is_invoked: bool = False

    def answer_message(self) -> AnsweredMessage:
        """Posts a mention. Its wake is handed to the turn as Lambda's poller does, unless it is invoked."""
        self._take_due_wakes()  # a wake of an earlier message has a worker of its own on Lambda
        standins = self.stack.stack
        _call_standins(standins, "POST", "script", [{"text": REPLY}])
        event, thread = self._build_mention()
        posts, before = len(standins.call_standins("posts")), len(standins.call_standins("model-times"))
        posted_at = time.time()
        received = self._poller.submit(self._receive)  # a poller waits for wakes already
        taken_in = self._webhook_caller.submit(self.webhook.invoke, event)
        if self.is_invoked:
            taken_in.exception()  # only then it is known whether the turn was
        turn = self._answer_wakes(thread, received)  # a wake may come before the webhook is done
        webhook = taken_in.result()
        assert webhook.answer["statusCode"] == 200, webhook.answer
        self.answered_at = time.time()
        self.threads.append(thread)
        self._take_late_wakes()
        requests = standins.call_standins("model-times")[before:]
        (reply,) = [one for one in requests if one["kind"] == "reply"]
        said = [post for post in standins.call_standins("posts")[posts:] if post["ok"]]
        visible = next(post["at"] for post in said if _has_text(post["arguments"]))
        complete = max(post["at"] for post in said if post["method"] in ("chat.stopStream", "chat.update"))
        waits = tuple((one["asked_at"], one["first_text_at"] or one["ended_at"]) for one in requests)
        return AnsweredMessage(
            posted_at, webhook, turn, waits, reply["asked_at"], reply["first_text_at"], visible, complete
        )

    def begin_measuring(self) -> None:
        """Counts the late calls of the messages that come from now on."""
        self.threads.clear()
        self.late_calls.clear()

    def finish_late_wakes(self) -> list[AwsCall]:
        """Takes the wakes that are still to come. Returns the calls of all late ones."""
        while time.time() < self.answered_at + LATE_WAKES_SECONDS:
            self._late_wakes += self._receive()
            self._take_late_wakes()
        self._take_due_wakes()
        return self.late_calls

    def _answer_wakes(self, thread: str, received: Future[list[dict[str, Any]]]) -> HostedCall:
        """Takes wakes until the one of this thread was answered, unless its turn was invoked. Others wait: on
        Lambda each has a worker."""
        if self.invoked.expected:
            answer = self.invoked.take_answer()
            self._late_wakes += received.result()
            return answer
        while True:
            for message in received.result():
                if thread in message["Body"]:
                    done = self.turn.invoke(samples.wrap_wakes([message], self.queue))
                    self._delete(message)
                    return done
                self._late_wakes.append(message)
            received = self._poller.submit(self._receive)

    def _take_late_wakes(self) -> None:
        for message in self._late_wakes:
            called = self.spare.invoke(samples.wrap_wakes([message], self.queue)).calls
            if any(thread in message["Body"] for thread in self.threads):
                self.late_calls += called
            self._delete(message)
        self._late_wakes.clear()

    def _take_due_wakes(self) -> None:
        while received := self._receive(0):
            self._late_wakes += received
        self._take_late_wakes()

    def _receive(self, wait_seconds: int = 1) -> list[dict[str, Any]]:
        sqs = self.stack.aws.get_client("sqs")
        answer = sqs.receive_message(
            QueueUrl=self.queue, WaitTimeSeconds=wait_seconds, AttributeNames=["All"]
        )
        return list(answer.get("Messages", []))

    def _delete(self, message: Mapping[str, Any]) -> None:
        sqs = self.stack.aws.get_client("sqs")
        sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def _build_mention(self) -> tuple[dict[str, Any], str]:
        standins, at = self.stack.stack, time.time()
        _call_standins(standins, "DELETE", "limits")  # each message finds the workspace rested
        posted = samples.build_request(
            samples.find_event("app_mention"), at, SIGNING_SECRET, lambda: uuid.uuid4().hex
        )
        inner = json.loads(posted.body)["event"]
        standins.show_person_message(inner)
        return posted.as_lambda_event(at, str(uuid.uuid4())), inner["ts"]


def _has_text(arguments: Mapping[str, Any]) -> bool:
    return any("word" in json.dumps(arguments[name]) for name in TEXT_ARGUMENTS if arguments.get(name))


def _call_standins(stack: LocalStack, method: str, path: str, body: Any = None) -> None:
    request = urllib.request.Request(
        f"{stack.standins}/standin/{path}", json.dumps(body).encode() if body else None, method=method
    )
    urllib.request.urlopen(request, timeout=15).close()


def _create_checkpoints_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName=CHECKPOINTS_TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
        KeySchema=[
            {"AttributeName": "PK", "KeyType": "HASH"},
            {"AttributeName": "SK", "KeyType": "RANGE"},
        ],
    )
