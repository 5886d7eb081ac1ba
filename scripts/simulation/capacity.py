"""Calculates what so many conversations a day need of AWS and of the platforms, from measured units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from repartee.stores.dynamodb.turn_records import SHARDS_PER_HOUR

MESSAGES_PER_CONVERSATION = 3.6
PEAK_FACTOR = 3.0
"""How much more comes in the busiest hour's second than on the average of a day."""

DAY_SECONDS, DAYS_PER_MONTH = 86_400.0, 30.0
TURN_MEMORY_GIGABYTES, WEBHOOK_MEMORY_GIGABYTES = 1769 / 1024, 1.0
PARTITION_WRITE_UNITS_PER_SECOND, PARTITION_READ_UNITS_PER_SECOND = 1000.0, 3000.0
TABLE_WRITE_UNITS_PER_SECOND = 40_000.0
"""The quota of an account's table on demand, which AWS raises when asked."""

ON_DEMAND_START_WRITE_UNITS_PER_SECOND = 4000.0
"""Write units a second that a new table on demand takes at once; it then grows with its peaks."""

ACCOUNT_CONCURRENCY_LIMIT = 1000
SQS_IN_FLIGHT_LIMIT = 120_000
WORKSPACE_STREAMS_PER_MINUTE = 20
TELEGRAM_MESSAGES_PER_SECOND, WHATSAPP_MESSAGES_PER_SECOND = 30, 80


@dataclass(frozen=True)
class Need:
    """One row: what is needed, of which limit that is how much."""

    what: str
    needed: float
    limit: float

    @property
    def share(self) -> float:
        return self.needed / self.limit


@dataclass(frozen=True)
class DayLoad:
    """So many conversations a day, as messages a second at the peak."""

    conversations: int

    @property
    def messages(self) -> float:
        return self.conversations * MESSAGES_PER_CONVERSATION

    @property
    def peak_messages_per_second(self) -> float:
        return self.messages / DAY_SECONDS * PEAK_FACTOR


def list_needs(load: DayLoad, run: Mapping[str, Any], turn_seconds: float) -> list[Need]:
    """Returns what the load needs at its peak. `turn_seconds` is how long a turn takes with a real model."""
    peak, costs = load.peak_messages_per_second, run["costs"]
    queue = run["wakes"]["a_message"] * peak
    return [
        Need("turn: concurrent workers", math.ceil(peak * turn_seconds), ACCOUNT_CONCURRENCY_LIMIT),
        Need(
            "table: write units a second", costs["write_units_a_message"] * peak, TABLE_WRITE_UNITS_PER_SECOND
        ),
        Need(
            "new table: write units a second at once",
            costs["write_units_a_message"] * peak,
            ON_DEMAND_START_WRITE_UNITS_PER_SECOND,
        ),
        Need(
            "turn records of an hour: write units a second in one partition key",
            2 * peak / SHARDS_PER_HOUR,
            PARTITION_WRITE_UNITS_PER_SECOND,
        ),
        Need("queue: wakes in flight", queue * turn_seconds, SQS_IN_FLIGHT_LIMIT),
        Need("one Telegram bot: messages a second", peak, TELEGRAM_MESSAGES_PER_SECOND),
        Need("one WhatsApp number: messages a second", peak, WHATSAPP_MESSAGES_PER_SECOND),
        Need("one Slack workspace: streams a minute", peak * 60, WORKSPACE_STREAMS_PER_MINUTE),
    ]


def price_month(
    load: DayLoad, run: Mapping[str, Any], prices: Mapping[str, float], turn_seconds: float
) -> dict[str, float]:
    """Returns dollars a month by service, for what AWS is paid; the model is another's bill."""
    messages, costs = load.messages * DAYS_PER_MONTH, run["costs"]
    operations = costs["operations_a_message"]
    requests = sum(
        calls for name, calls in operations.items()
        if name.startswith(("SendMessage", "ChangeMessage", "GetQueue"))
    )  # fmt: skip
    webhook_seconds = run["cpu_ms"]["webhook, a message"] / 1000 + 0.02
    per_turn = TURN_MEMORY_GIGABYTES * turn_seconds * prices["lambda_gb_second_arm64"]
    return {
        "API Gateway": messages * prices["api_request"],
        "Lambda": messages
        * (
            per_turn
            + WEBHOOK_MEMORY_GIGABYTES * webhook_seconds * prices["lambda_gb_second_arm64"]
            + (1 + run["wakes"]["a_message"]) * prices["lambda_request"]
        ),
        "SQS": messages * (requests + 2 * run["wakes"]["a_message"]) * prices["sqs_request"],
        "DynamoDB": messages
        * (
            costs["write_units_a_message"] * prices["dynamodb_write"]
            + costs["read_units_a_message"] * prices["dynamodb_read"]
        ),
    }
