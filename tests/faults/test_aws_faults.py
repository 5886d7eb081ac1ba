"""DynamoDB's and SQS's failures: real servers paused and killed, and the answers that those never give."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from repartee.aws.queue import SqsWakes
from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    PermissionDenied,
    Throttled,
    Unavailable,
)
from repartee.plan import deadline
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.items import UNPROCESSED_PAUSES_SECONDS
from repartee.stores.dynamodb.records import DynamoRecords
from support import servers
from support.faulty_server import FaultyServer
from tests.support import aws
from tests.support.inbox_builders import CHAT_ID, make_message

Answers = list[tuple[int, dict[str, Any]]]


def faulty(name: str) -> FaultyServer:
    if (lack := servers.why_unavailable(name)) and os.environ.get("CI") != "true":
        pytest.skip(reason=lack)
    return FaultyServer(name)


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[FaultyServer]:
    server = faulty("dynamodb")
    yield server
    server.remove()


@pytest.fixture(scope="module")
def elasticmq() -> Iterator[FaultyServer]:
    server = faulty("elasticmq")
    yield server
    server.remove()


@pytest.fixture
def answers() -> Iterator[tuple[str, Answers]]:
    """Where a server is that answers what it is told to, in order."""
    told: Answers = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = told.pop(0)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Prints nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", told
    server.shutdown()
    server.server_close()


def test_a_paused_table_is_late_and_then_goes_on(dynamodb: FaultyServer) -> None:
    """While the table is paused calls end at their deadline, and when it goes on so do we. A write that was
    late may have taken effect: to repeat it is no harm."""
    client = aws.make_client("dynamodb", dynamodb.url)
    inbox = DynamoInbox(client, aws.make_table(client))

    dynamodb.pause()
    with deadline.limited_to(0.2), pytest.raises(DeadlineExceeded):
        inbox.put(make_message())
    with deadline.limited_to(0.2), pytest.raises(DeadlineExceeded):
        inbox.list_open(CHAT_ID)
    dynamodb.resume()

    inbox.put(make_message())
    assert inbox.list_open(CHAT_ID).messages == (make_message(),)


def test_a_table_that_is_gone_is_unreachable_until_it_is_back(dynamodb: FaultyServer) -> None:
    """While the server is down calls are unreachable; the first after its return is answered."""
    client = aws.make_client("dynamodb", dynamodb.url)

    dynamodb.kill()
    with pytest.raises(Unavailable):
        DynamoInbox(client, "none").list_open(CHAT_ID)
    dynamodb.start()

    assert DynamoInbox(client, aws.make_table(client)).list_open(CHAT_ID).messages == ()


def test_a_paused_queue_is_late_and_then_goes_on(elasticmq: FaultyServer) -> None:
    """While the queue is paused a wake ends at its deadline, and when it goes on so do we."""
    client = aws.make_client("sqs", elasticmq.url)
    wakes = SqsWakes(client, aws.make_queue(client))

    elasticmq.pause()
    with deadline.limited_to(0.2), pytest.raises(DeadlineExceeded):
        wakes.send(CHAT_ID)
    elasticmq.resume()

    wakes.send(CHAT_ID)


def failure(code: str) -> dict[str, Any]:
    return {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}


@pytest.mark.parametrize(
    "status, code, error",
    [
        (400, "ProvisionedThroughputExceededException", Throttled),
        (400, "ThrottlingException", Throttled),
        (400, "RequestLimitExceeded", Throttled),
        (400, "AccessDeniedException", PermissionDenied),
        (400, "ExpiredTokenException", PermissionDenied),
        (400, "ValidationException", InvalidArgument),
        (500, "InternalServerError", Unavailable),
    ],
)
def test_each_failure_is_ours_in_kind(
    answers: tuple[str, Answers], status: int, code: str, error: type[BackendError]
) -> None:
    """What DynamoDB refuses reads as ours."""
    url, told = answers
    told.append((status, failure(code)))

    with pytest.raises(error):
        DynamoInbox(aws.make_client("dynamodb", url), "Records").put(make_message())


def standing(answers: tuple[str, Answers]) -> Callable[[], object]:
    records = DynamoRecords(aws.make_client("dynamodb", answers[0]), "Records", lambda: 100.0)
    return lambda: records.read_chat_state("slack:T1:C1", CHAT_ID, "slack:T1:U1")


def left_over(*keys: str) -> dict[str, Any]:
    kept = [{"pk": {"S": key}, "sk": {"S": "control"}} for key in keys]
    return {"Responses": {"Records": []}, "UnprocessedKeys": {"Records": {"Keys": kept}} if keys else {}}


def test_keys_that_are_left_over_are_asked_for_again(answers: tuple[str, Answers]) -> None:
    """A turn's records that DynamoDB leaves out of a batch are asked for again."""
    answers[1].extend([(200, left_over("slack:T1:C1")), (200, left_over())])

    standing(answers)()

    assert answers[1] == []


def test_keys_that_stay_left_over_are_throttled(answers: tuple[str, Answers]) -> None:
    """Records that DynamoDB leaves out again and again are throttled, and not taken to be absent."""
    answers[1].extend([(200, left_over("slack:T1:C1"))] * (len(UNPROCESSED_PAUSES_SECONDS) + 1))

    with pytest.raises(Throttled):
        standing(answers)()


def test_keys_that_are_left_over_are_waited_for_within_the_deadline(answers: tuple[str, Answers]) -> None:
    """With pauses that get longer, and none that goes past the end of the step."""
    answers[1].extend([(200, left_over("slack:T1:C1"))] * (len(UNPROCESSED_PAUSES_SECONDS) + 1))
    begin = time.monotonic()

    with deadline.limited_to(0.3), pytest.raises(Throttled):
        standing(answers)()

    assert answers[1]
    assert time.monotonic() - begin < 0.5


@pytest.mark.parametrize(
    "code, error", [("TransactionConflict", Throttled), ("ValidationError", InvalidArgument)]
)
def test_a_cancelled_close_says_whether_it_is_tried_again(
    answers: tuple[str, Answers], code: str, error: type[Exception]
) -> None:
    """A close that met another's write is to be tried again, one whose item is too large is not; neither
    says anything about the lease."""
    from repartee.ports import LeaseRecord
    from tests.support.inbox_builders import make_exchange

    cancelled = failure("TransactionCanceledException")
    answers[1].append((400, {**cancelled, "CancellationReasons": [{"Code": code}]}))

    with pytest.raises(error, match=code):
        DynamoInbox(aws.make_client("dynamodb", answers[0]), "Records").close_turn(
            LeaseRecord(chat=CHAT_ID, fence=1, until=1.0, turn="t"), make_exchange()
        )
