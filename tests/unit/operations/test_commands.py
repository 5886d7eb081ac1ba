"""What the person on call has: dead letters that are shown and replayed, one request's logs, a bill."""

from __future__ import annotations

import json
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from moto import mock_aws

from operations import briefs, cost, deadletters, tail
from operations.aws_usage import AwsUsage, capacity_units
from repartee.aws.event_queue import SqsEventQueue
from repartee.aws.queue import SqsWakes, Wake
from repartee.domain.brief import BriefJob
from repartee.domain.desk_event import DeadEvent, EventLane, single_out
from repartee.domain.email import EmailJob
from repartee.domain.reminder import Reminder
from repartee.domain.turn_record import StepRecord, TurnRecord
from repartee.stores.dynamodb.briefs import DynamoBriefs
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.outbox import DynamoOutbox
from repartee.stores.dynamodb.reminders import DynamoReminders
from repartee.stores.dynamodb.turn_records import turn_record_item
from tests.support import aws
from tests.support.desk_events import LANE, make_batch
from tests.support.inbox_builders import CHAT_ID, make_exchange, make_message
from tests.support.memory_briefs import make_subscription


class Account:
    """An account of AWS with a table, its queues and a group of logs."""

    def __init__(self) -> None:
        make: Any = aws.botocore_session().create_client
        self.sqs, self.logs, dynamodb = (make(name) for name in ("sqs", "logs", "dynamodb"))
        table = aws.make_table(dynamodb)
        self.wakes, self.dead = aws.make_queue(self.sqs), aws.make_queue(self.sqs)
        self.briefs, self.dead_briefs = aws.make_queue(self.sqs), aws.make_queue(self.sqs)
        self.emails, self.dead_emails = aws.make_queue(self.sqs), aws.make_queue(self.sqs)
        self.events, self.dead_events = aws.make_queue(self.sqs), aws.make_queue(self.sqs)
        self.inbox = DynamoInbox(dynamodb, table)
        self.outbox = DynamoOutbox(dynamodb, table, time.time)
        self.logs.create_log_group(logGroupName="repartee-TurnLog-1")
        self.settings = {
            "RECORDS_TABLE": table,
            "WAKES_QUEUE_URL": self.wakes,
            "DEAD_LETTERS_QUEUE_URL": self.dead,
            "BRIEFS_QUEUE_URL": self.briefs,
            "BRIEF_DEAD_LETTERS_QUEUE_URL": self.dead_briefs,
            "BRIEF_EMAILS_QUEUE_URL": self.emails,
            "BRIEF_EMAIL_DEAD_LETTERS_QUEUE_URL": self.dead_emails,
            "DESK_EVENTS_QUEUE_URL": self.events,
            "DESK_EVENT_DEAD_LETTERS_QUEUE_URL": self.dead_events,
            "LOG_GROUPS": "repartee-TurnLog-1",
        }

    def gives_up(self) -> None:
        """A message is given up, and a dead letter names it."""
        self.inbox.put(make_message())
        holding = self.inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0)
        self.inbox.close_turn(
            msgspec.structs.replace(holding, messages=("1",)), make_exchange("t1"), failed="DeadlineExceeded"
        )
        SqsWakes(self.sqs, self.wakes, self.dead).dead_letter(CHAT_ID, ["1"], "DeadlineExceeded")

    def in_queue(self, queue: str) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [one["Body"] for one in found.get("Messages", [])]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with mock_aws():
        account = Account()
        for name, value in account.settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(deadletters, "RECEIVE_WAIT_SECONDS", 0)
        yield account


def run(command: Any, *arguments: str) -> list[str]:
    """What a command that ends well says."""
    said: list[str] = []
    assert command.main(list(arguments), said.append) == 0
    return said


def test_dead_letters_are_shown_and_stay(account: Account) -> None:
    """When, where and why; looking changes nothing."""
    account.gives_up()

    (line,) = run(deadletters)

    assert CHAT_ID in line
    assert "1 given up: DeadlineExceeded" in line
    assert len(account.in_queue(account.dead)) == 1


def test_a_brief_that_died_is_written_again(account: Account) -> None:
    """As it was; what cannot be read is said to be so. What is only shown stays."""
    body = msgspec.json.encode(BriefJob("slack:T1:U1", "s1", "2026-09-10")).decode()
    account.sqs.send_message(QueueUrl=account.dead_briefs, MessageBody=body)

    (shown,) = run(deadletters)
    assert "slack:T1:U1  the brief of 2026-09-10, tried five times in vain" in shown
    (replayed,) = run(deadletters, "replay")

    assert replayed.endswith("replayed")
    assert account.in_queue(account.briefs) == [body]
    assert run(deadletters) == ["nothing is dead"]


def test_a_mail_that_died_is_sent_again(account: Account) -> None:
    """A brief's, and one that asks for a confirmation. What is no job of a mail stays."""
    jobs = [EmailJob("slack:T1:U1", "s1", "2026-09-10"), EmailJob("slack:T1:U2", nonce="n1")]
    bodies = [msgspec.json.encode(job).decode() for job in jobs]
    for body in (*bodies, "something else"):
        account.sqs.send_message(QueueUrl=account.dead_emails, MessageBody=body)

    shown = "\n".join(run(deadletters))
    assert "slack:T1:U1  the mail of 2026-09-10, tried five times in vain" in shown
    assert "slack:T1:U2  the mail that asks for a confirmation, tried five times in vain" in shown
    assert account.in_queue(account.emails) == []
    run(deadletters, "replay")

    assert sorted(account.in_queue(account.emails)) == sorted(bodies)
    assert account.in_queue(account.dead_emails) == ["something else"]


def test_an_event_that_died_is_sent_again(account: Account) -> None:
    """It waits before what came later, and its lane is looked at; so is a lane that died as a whole."""
    lease = account.inbox.acquire_lease(LANE.chat, "t1", 100.0, 120.0)
    account.inbox.close_turn(lease, make_exchange("t1"), events=[make_batch("1")])
    state = account.outbox.acquire_lane(LANE, "worker", 100.0, 145.0)
    assert state is not None
    (kept,) = account.outbox.list_batches(LANE, 1)
    alone = single_out(kept, 0)
    account.outbox.bury_event(state.miss("evt_1"), alone)
    account.outbox.delete_batch(LANE, kept.position)
    queue = SqsEventQueue(account.sqs, account.dead_events, account.dead_events)
    queue.bury(DeadEvent(LANE.chat, LANE.endpoint, alone.position, "evt_1", "rated", "HTTP 500"))

    (shown,) = run(deadletters)
    assert f"{LANE.chat}  rated evt_1 for {LANE.endpoint}: HTTP 500" in shown
    (replayed,) = run(deadletters, "replay")

    assert replayed.endswith("replayed")
    assert [one.position for one in account.outbox.list_batches(LANE, 9)] == [alone.position]
    (body,) = account.in_queue(account.events)
    assert msgspec.json.decode(body, type=EventLane).chat == LANE.chat
    queue.send(LANE)
    (line,) = run(deadletters, "replay")
    assert "its events for" in line
    assert len(account.in_queue(account.events)) == 2
    assert run(deadletters) == ["nothing is dead"]


def test_briefs_and_reminders_are_listed(account: Account) -> None:
    """Of everybody, or of one person; what a reminder says is not shown."""
    assert run(briefs, "list") == ["nobody gets a brief"]
    table = account.settings["RECORDS_TABLE"]
    dynamodb: Any = aws.botocore_session().create_client("dynamodb")
    store = DynamoBriefs(dynamodb, table, time.time)
    for one in (make_subscription(), make_subscription("slack:T1:U2")):
        store.put_subscription(one)
    for day in range(1, 7):  # five of them after the sign
        store.note_delivered("slack:T1:U2", f"2026-09-0{day}")
        if day == 1:
            store.note_engaged("slack:T1:U2", "click", 1_789_000_000.0)
    made = make_subscription()
    reminder = Reminder(
        id="r1",
        person=made.person,
        address=made.address,
        schedule=made.schedule,
        timezone="UTC",
        text="call the landlord",
        created_at=1.0,
        due_at=1_789_000_000.0,
    )
    DynamoReminders(dynamodb, table).put_reminder(reminder)

    everybody = "\n".join(run(briefs, "list"))
    assert "slack:T1:U1  every due day  no sign yet  about Lisbon; every day at 08:00" in everybody
    assert "slack:T1:U2  every second day  last click 2026-09-10 00:26 UTC  about Lisbon" in everybody
    own = run(briefs, "list", "slack:T1:U1")
    assert own[1:] == ["slack:T1:U1  a reminder, 2026-09-10 00:26 UTC"]
    assert "landlord" not in "".join(own)
    assert run(briefs, "list", "slack:T1:U9") == ["slack:T1:U9 has no brief and no reminder"]


def test_a_replay_has_the_message_answered_again(account: Account) -> None:
    """It is open, its chat is woken, and the letter is gone."""
    account.gives_up()

    (line,) = run(deadletters, "replay")

    assert line.endswith("replayed")
    assert [one.id for one in account.inbox.list_open(CHAT_ID).messages] == ["1"]
    assert [msgspec.json.decode(one, type=Wake).chat for one in account.in_queue(account.wakes)] == [CHAT_ID]
    assert account.in_queue(account.dead) == []


def test_a_wake_that_died_is_sent_again(account: Account) -> None:
    """One that five turns could not take lies in the same queue."""
    account.sqs.send_message(QueueUrl=account.dead, MessageBody=json.dumps({"chat": CHAT_ID}))

    run(deadletters, "replay")

    assert len(account.in_queue(account.wakes)) == 1


def test_only_what_is_named_is_replayed(account: Account) -> None:
    """The others stay, and so does what is no letter of ours."""
    account.sqs.send_message(QueueUrl=account.dead, MessageBody="something else")
    account.gives_up()

    lines = run(deadletters, "replay", "no-such-id")

    assert not any(line.endswith("replayed") for line in lines)
    assert len(account.in_queue(account.dead)) == 2


def test_a_turn_is_followed_by_its_correlation_id(account: Account) -> None:
    """In order of time, logs and metrics, and nothing of others."""
    entries = [
        {"level": "INFO", "message": "turn_closed", "correlation_id": "c-1", "turn": "t1"},
        {"level": "INFO", "message": "turn_closed", "correlation_id": "c-2", "turn": "t2"},
        {
            "_aws": {"CloudWatchMetrics": [{"Metrics": [{"Name": "Turns"}]}]},
            "Turns": [1.0],
            "correlation": "c-1",
        },
    ]
    account.logs.create_log_stream(logGroupName="repartee-TurnLog-1", logStreamName="s")
    account.logs.put_log_events(
        logGroupName="repartee-TurnLog-1",
        logStreamName="s",
        logEvents=[
            {"timestamp": int(time.time() * 1000) + n, "message": json.dumps(one)}
            for n, one in enumerate(entries)
        ],
    )

    first, second = run(tail, "c-1")

    assert first.endswith("turn      INFO     turn_closed  turn=t1")
    assert second.endswith("metrics  Turns=1")


def test_the_record_of_a_turn_shows_where_its_time_went(account: Account) -> None:
    """A turn is found by its id or its chat, also when its log is gone: the parts of the wait with their
    milliseconds, and the steps that did not go as planned."""
    now = time.time()
    record = TurnRecord(
        turn="t9",
        chat=CHAT_ID,
        channel="slack",
        assistant="office",
        mode="parallel",
        received_at=now - 4.0,
        woken_at=now - 3.96,
        started_at=now - 3.95,
        gathered_at=now - 3.8,
        first_token_at=now - 3.4,
        first_text_at=now - 3.399,
        replied_at=now - 0.4,
        closed_at=now - 0.35,
        output_tokens=171,
        steps=(StepRecord("history", "fallback", 2.0, 140.0, error="Unavailable"),),
    )
    dynamodb: Any = aws.botocore_session().create_client("dynamodb")
    dynamodb.put_item(TableName=account.settings["RECORDS_TABLE"], Item=turn_record_item(record, 14))

    by_turn, by_chat = run(tail, "t9"), run(tail, CHAT_ID)

    assert by_turn == by_chat
    assert "0 + 171 tokens" in by_turn[1]
    took = {line.strip("● ").split("  ")[0]: line.split()[-1] for line in by_turn[2:]}
    assert (took["wake"], took["gathering"], took["first token"]) == ("40", "150", "400")
    assert (took["history"], took["Unavailable"]) == ("138", "Unavailable")


def test_a_bill_is_units_times_prices() -> None:
    """Each line is what a turn took, a million times."""
    taken = AwsUsage(Counter({"sqs:SendMessage": 2, "dynamodb_write": 10}), {"turn": 2.0}, logged=1000)
    prices = tomllib.loads(cost.PRICES_FILE.read_text())

    lines = {
        (service, what.split()[-1]): dollars
        for service, what, dollars in cost.bill_of_turns(taken, prices, {"turn": 1024}, "arm64")
    }

    assert lines["SQS", "requests"] == pytest.approx(0.8)
    assert lines["Lambda", "MB"] == pytest.approx(0.2 + 2 * 13.3334)
    assert lines["CloudWatch", "logs"] == pytest.approx(0.5)


def test_what_a_mail_costs_is_what_is_more_than_without_it() -> None:
    """The functions, calls and logs that the other run did not take; a job has no request of a webhook."""
    alone = AwsUsage(Counter({"sqs:ReceiveMessage": 1}), {"briefwrite": 1.0}, logged=100)
    mailed = AwsUsage(Counter({"sqs:ReceiveMessage": 3}), {"briefwrite": 1.2, "briefemail": 0.1}, logged=350)
    prices = tomllib.loads(cost.PRICES_FILE.read_text())

    lines = cost.bill_of_jobs(cost.subtract_usage(mailed, alone), prices, {"briefemail": 1024}, "arm64")

    told = {(service, what): dollars for service, what, dollars in lines}
    assert told["SQS", "2 requests"] == pytest.approx(0.8)
    assert told["CloudWatch", "250 bytes of logs"] == pytest.approx(0.125)
    assert [what for service, what in told if service == "Lambda"] == ["briefemail: 0.10 s with 1024 MB"]
    assert not any(service == "API Gateway" for service, _ in told)


def test_the_schedule_of_briefs_costs_what_each_of_its_runs_does() -> None:
    """It runs every five minutes, also while nobody says anything: its function, and its invocation."""
    taken = AwsUsage(Counter({"dynamodb_read": 16}), {"briefschedule": 0.1})
    prices = tomllib.loads(cost.PRICES_FILE.read_text())

    service, what, dollars = cost.bill_of_schedule(taken, prices, {"briefschedule": 1024}, "arm64")

    assert (service, what) == ("AWS", "the schedule of briefs, 8,640 times")
    assert dollars == pytest.approx(8640 * (16 * 0.125e-6 + 0.2e-6 + 0.1 * 1.33334e-5 + 1.0e-6))


def test_an_alarm_is_paid_for_each_metric_that_it_looks_at() -> None:
    """One by a formula looks at each metric of the formula, and the formula itself is free."""
    metrics = "[{Id: a, MetricStat: {}}, {Id: b, MetricStat: {}}, {Id: c, Expression: a / b}]"
    template = f"""
Resources:
  Plain: {{Type: AWS::CloudWatch::Alarm, Properties: {{MetricName: Errors}}}}
  Formula: {{Type: AWS::CloudWatch::Alarm, Properties: {{Metrics: {metrics}}}}}
  Queue: {{Type: AWS::SQS::Queue}}
"""

    assert cost.count_alarm_metrics(template) == 3


def test_units_go_by_size() -> None:
    """A write of more than a kilobyte takes more units, one to the index another, a transaction twice."""
    large = {"TableName": "t", "Item": {"text": {"S": "x" * 1500}}}

    assert list(capacity_units("PutItem", large)) == ["dynamodb_write"] * 2
    assert list(capacity_units("PutItem", {"Item": {"open": {"S": "1"}}})) == ["dynamodb_write"] * 2
    assert (
        list(capacity_units("TransactWriteItems", {"TransactItems": [{"Put": {}}]})) == ["dynamodb_write"] * 2
    )
    assert list(capacity_units("Query", {})) == ["dynamodb_read"]
