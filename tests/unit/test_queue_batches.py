"""Batches of messages from a queue: what is read is taken, and what is not keeps nothing back."""

from __future__ import annotations

import io
from collections.abc import Mapping

from aws_lambda_powertools import Logger

from local.lambda_handlers import LambdaContext
from repartee.domain.reminder import ReminderWake
from repartee.wiring import Wiring, process
from repartee.wiring.queue_batches import end_of_invocation, take_records

WAKE_FIELDS = '{"person": "slack:T1:U1", "reminder_id": "r1", "due_at": 5.0}'


def test_a_message_that_cannot_be_read_keeps_no_other() -> None:
    """It comes again, as does what could not be done; its content is in no log."""
    wiring, log = Wiring({}), io.StringIO()
    wiring.put(process.logger, Logger(service="batches", stream=log))
    taken: dict[str, ReminderWake] = {}

    def take(wakes: Mapping[str, ReminderWake], until: float) -> list[str]:
        assert until == 9.0
        taken.update(wakes)
        return ["m3"]

    records = [
        {"messageId": id, "body": body}
        for id, body in (("m1", '{"person": "SECRET"'), ("m2", WAKE_FIELDS), ("m3", WAKE_FIELDS), ("m4", "3"))
    ]
    answer = take_records(wiring, records, ReminderWake, 9.0, take)

    assert taken.keys() == {"m2", "m3"}
    assert taken["m2"] == ReminderWake("slack:T1:U1", "r1", 5.0)
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["m1", "m4", "m3"]
    assert "SECRET" not in log.getvalue()


def test_a_batch_of_which_nothing_can_be_read_is_not_taken() -> None:
    """All of it comes again."""
    wiring = Wiring({})
    wiring.put(process.logger, Logger(service="batches", stream=io.StringIO()))

    def refuse(wakes: Mapping[str, ReminderWake], until: float) -> list[str]:
        raise AssertionError

    answer = take_records(wiring, [{"messageId": "m1", "body": ""}], ReminderWake, 9.0, refuse)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_an_invocation_ends_when_lambda_says() -> None:
    """By the process's clock, and the milliseconds that are left."""
    wiring = Wiring({})
    wiring.put(process.clock, lambda: 100.0)
    context = LambdaContext("remind")

    left = context.get_remaining_time_in_millis() / 1000
    assert end_of_invocation(wiring, context) == 100.0 + left
