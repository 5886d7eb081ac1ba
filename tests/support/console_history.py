"""A history of many turns, as the stores keep them: for the views of the console, and for their speed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from repartee.domain.rollup import HourRollups
from repartee.domain.turn_record import StepRecord, TurnRecord
from repartee.stores.dynamodb.turn_statistics import HOUR_SECONDS, WATERMARK_KEY, hour_items
from repartee.stores.dynamodb.writes import write_items

CHANNELS = (
    ("slack:T1:C{}:1.5", "slack", "office"),
    ("telegram:{}", "telegram", "coach"),
    ("web:p{}:main", "web", "coach"),
)
STEP_NAMES = (
    "chat_state",
    "history",
    "relevant_user_messages",
    "erp_schema",
    "router",
    "embedding",
    "prompt",
)


def make_records(
    turns: int,
    chats: int,
    until: float,
    hours: int,
    seed: int = 7,
    cost_by_model: tuple[tuple[str, float], ...] = (),
) -> Iterator[TurnRecord]:
    """Yields turns that were closed in so many hours, in so many chats; one of 400 failed."""
    source = random.Random(seed)
    for number in range(turns):
        chat, channel, assistant = CHANNELS[number % 3]
        closed = until - source.random() * hours * HOUR_SECONDS
        waited = source.lognormvariate(7, 0.5) / 1000
        received = closed - waited - 1
        yield TurnRecord(
            turn=f"t{number}",
            chat=chat.format(source.randrange(chats // 3 + 1)),
            channel=channel,
            assistant=assistant,
            mode="parallel" if number % 10 else "serial",
            received_at=received,
            woken_at=received + waited * 0.1,
            started_at=received + waited * 0.2,
            gathered_at=received + waited * 0.6,
            first_token_at=received + waited * 0.9,
            first_text_at=received + waited,
            replied_at=closed,
            closed_at=closed,
            input_tokens=1200,
            output_tokens=150,
            cost_usd=0.003,
            cost_by_model=cost_by_model,
            failed="" if number % 400 else "the model is down",
            steps=tuple(StepRecord(name, "ok", 0.0, 40.0 + source.random() * 400, 1) for name in STEP_NAMES),
        )


def store_rollups(client: Any, table: str, records: Iterator[TurnRecord], until: float) -> None:
    """Puts the sums of the turns into the table, as the sweep would have."""
    by_hour: dict[int, HourRollups] = {}
    for record in records:
        hour = int(record.closed_at // HOUR_SECONDS)
        by_hour.setdefault(hour, HourRollups()).add(hour, record)
    for hour, kept in by_hour.items():
        write_items(client, table, hour_items(hour, kept, set(kept.chats), until))
    client.put_item(TableName=table, Item={**WATERMARK_KEY, "until": {"N": repr(until)}})
