"""Counts the AWS usage of one page of the deployed console, which an operator opens who has signed in."""

from __future__ import annotations

import base64
import json
import os
import time
from typing import Any

import itsdangerous

from local import lambda_handlers
from local.stack import LocalStack, StackFailed
from operations.aws_usage import AwsUsage, CountedWiring, measure_usage, time_call
from repartee.console.access import Operator, Role, SessionAccess
from repartee.console.app import SECURE_SESSION_COOKIE
from repartee.console.pages import PREFIX
from repartee.domain.rollup import HourRollups
from repartee.domain.turn_record import StepRecord, TurnRecord
from repartee.ports.operator_jobs import JobKind, OperatorJob
from repartee.stores.dynamodb.turn_statistics import HOUR_SECONDS, hour_items
from repartee.stores.dynamodb.writes import write_items
from repartee.wiring import operations, process

READ_UNIT_BYTES = 4096
HISTORY_HOURS, TURNS_AN_HOUR, STEPS_A_TURN = 24, 60, 20
HOST = "api.example.com"
EXPORTS_BUCKET, PERSON = "exports", "slack:T0BUTLER:U0ADA"

CONSOLE_SETTINGS = {
    "CONSOLE_ISSUER": "https://login.example.com",
    "CONSOLE_CLIENT_ID": "console",
    "CONSOLE_CLIENT_SECRET": "for-the-local-stack-only-client-secret",
    "CONSOLE_SESSION_KEY": "for-the-local-stack-only-session-key",
    "CONSOLE_ROLES": "admin=groups:platform",
}

CHATS = (
    ("slack:T1:C{}:1.5", "slack", "office"),
    ("telegram:{}", "telegram", "coach"),
    ("web:p{}:main", "web", "coach"),
)


def measure_console_page(page: str) -> AwsUsage:
    """Opens the page in a deployed console, after a day with a turn a minute."""
    cookie: list[str] = []

    def configure(stack: LocalStack, parts: CountedWiring) -> None:
        client, table = parts.get(process.dynamodb_client), parts.get(process.settings).records_table
        store_history(client, table, time.time())
        client.meta.events.register("after-call.dynamodb", _ReadSizes(parts).count_answer)
        cookie.append(sign_in_operator(parts))

    def run(stack: LocalStack, parts: CountedWiring) -> None:
        console = lambda_handlers.load_handler("console")
        answers: list[Any] = []
        event = page_event(page, cookie[0])
        context = lambda_handlers.LambdaContext("console")
        time_call(parts, "console", lambda: answers.append(console(event, context)))
        if answers[0]["statusCode"] != 200:
            raise StackFailed(f"the page {page} was answered with {answers[0]['statusCode']}")

    return measure_usage(CONSOLE_SETTINGS, run, configure)


def measure_operator_job(kind: JobKind) -> AwsUsage:
    """Has a job done that an administrator has started, about a person of the sample history. An export and
    an erasure read the whole table, which is small here."""

    def configure(stack: LocalStack, parts: CountedWiring) -> None:
        place = {"LocationConstraint": os.environ["AWS_DEFAULT_REGION"]}
        s3 = parts.get(process.aws_clients).get_client("s3")
        s3.create_bucket(Bucket=EXPORTS_BUCKET, CreateBucketConfiguration=place)

    def run(stack: LocalStack, parts: CountedWiring) -> None:
        jobs, now = parts.get(operations.operator_jobs), time.time()
        job = OperatorJob(id="j1", kind=kind, operator="s1", person=PERSON, started_at=now, due_at=now + 60)
        jobs.start(job)
        handler, context = (
            lambda_handlers.load_handler("operator_job"),
            lambda_handlers.LambdaContext("operator_job"),
        )
        event = {"job": {"id": job.id, "kind": kind, "person": PERSON}}
        time_call(parts, "operatorjob", lambda: handler(event, context))
        done = jobs.find(job.slot)
        if done is None or done.state != "done":
            raise StackFailed(f"the job {kind} was not done")

    return measure_usage({"EXPORTS_BUCKET": EXPORTS_BUCKET}, run, configure)


class _ReadSizes:
    """Counts the read units of answers that are larger than one unit, which the count of calls leaves out."""

    def __init__(self, parts: CountedWiring) -> None:
        self._parts = parts

    def count_answer(self, http_response: Any, model: Any, **_: Any) -> None:
        if model.name in ("Query", "Scan", "GetItem"):
            units = -(-len(http_response.content) // READ_UNIT_BYTES)
            self._parts.account.calls["dynamodb_read"] += max(0, units - 1)


def sign_in_operator(parts: CountedWiring) -> str:
    """Starts an operator's session, as after the login service's answer. Returns the browser's cookie."""
    session: dict[str, Any] = {}
    access = SessionAccess(parts.get(operations.operator_sessions), parts.get(process.clock))
    access.start_session(session, Operator("ada", "Ada", Role.ADMIN))
    signer = itsdangerous.TimestampSigner(parts.get(process.settings).console_session_key)
    signed = signer.sign(base64.b64encode(json.dumps(session).encode()))
    return f"{SECURE_SESSION_COOKIE}={signed.decode()}"


def page_event(page: str, cookie: str) -> dict[str, Any]:
    """Returns the request for a page of the console, as the HTTP API hands it to the function."""
    path, _, query = page.partition("?")
    http = {"method": "GET", "path": f"{PREFIX}/{path}", "sourceIp": "203.0.113.7", "protocol": "HTTP/1.1"}
    return {
        "version": "2.0",
        "routeKey": f"GET {PREFIX}/{{proxy+}}",
        "rawPath": f"{PREFIX}/{path}",
        "rawQueryString": query,
        "cookies": [cookie],
        "headers": {"host": HOST, "x-forwarded-proto": "https", "accept-encoding": "gzip"},
        "requestContext": {"domainName": HOST, "http": http},
        "isBase64Encoded": False,
    }


def store_history(client: Any, table: str, until: float) -> None:
    """Puts the sums of a day's turns into the table, as the sweep does."""
    last = int(until // HOUR_SECONDS)
    for hour in range(last - HISTORY_HOURS + 1, last + 1):
        kept = HourRollups()
        for number in range(TURNS_AN_HOUR):
            kept.add(hour, _turn_record(hour, number))
        write_items(client, table, hour_items(hour, kept, set(kept.chats), until))


def _turn_record(hour: int, number: int) -> TurnRecord:
    chat, channel, assistant = CHATS[number % len(CHATS)]
    received = float(hour * HOUR_SECONDS + number)
    steps = tuple(StepRecord(f"step_{one}", "ok", 0.0, 40.0 * one + number, 1) for one in range(STEPS_A_TURN))
    return TurnRecord(
        turn=f"t{hour}-{number}",
        chat=chat.format(number),
        channel=channel,
        assistant=assistant,
        mode="parallel",
        received_at=received,
        woken_at=received + 0.1,
        started_at=received + 0.2,
        gathered_at=received + 0.9,
        first_token_at=received + 1.3,
        first_text_at=received + 1.4,
        replied_at=received + 3,
        closed_at=received + 3.1,
        input_tokens=1200,
        output_tokens=150,
        cost_usd=0.003,
        steps=steps,
    )
