"""The local tables and queues are those of the template."""

from __future__ import annotations

import json
from typing import Any

from local import aws_resources


class Recorded:
    """Takes what an AWS client is asked for, and answers with names."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def create_table(self, **call: Any) -> None:
        self.calls.append(call)

    def create_queue(self, **call: Any) -> dict[str, str]:
        self.calls.append(call)
        return {"QueueUrl": "http://queue/" + call["QueueName"]}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        return {"Attributes": {"QueueArn": "arn:" + QueueUrl.rpartition("/")[2]}}


def test_settings() -> None:
    """The functions' settings lead to what was made."""
    settings = aws_resources.create_resources(Recorded(), Recorded())

    assert {"RECORDS_TABLE", "WAKES_QUEUE_URL", "DEAD_LETTERS_QUEUE_URL"} <= settings.keys()
    assert settings["WAKES_QUEUE_URL"].startswith("http://queue/")


def test_tables() -> None:
    """The tables have their local indexes, the accounts' table none."""
    dynamodb = Recorded()

    aws_resources.create_resources(dynamodb, Recorded())

    indexes = {
        table["TableName"]: [index["IndexName"] for index in table.get("LocalSecondaryIndexes", ())]
        for table in dynamodb.calls
    }
    assert indexes == {
        "Records": ["open"],
        "Messages": ["newest", "signed"],
        "Accounts": [],
        "Recordings": [],
    }


def test_dead_letters() -> None:
    """Each queue buries what failed too often in a queue that was made before it."""
    sqs = Recorded()

    aws_resources.create_resources(Recorded(), sqs)

    made: list[str] = []
    buried_in: dict[str, tuple[str, int]] = {}
    for call in sqs.calls:
        if redrive := json.loads(call["Attributes"].get("RedrivePolicy", "null")):
            target = redrive["deadLetterTargetArn"].removeprefix("arn:")
            assert target in made
            buried_in[call["QueueName"]] = target, int(redrive["maxReceiveCount"])
        made.append(call["QueueName"])
    assert buried_in == {
        "Wakes": ("DeadLetters", 5),
        "Briefs": ("BriefDeadLetters", 5),
        "BriefEmails": ("BriefEmailDeadLetters", 5),
        "DeskEvents": ("DeskEventDeadLetters", 5),
    }
