"""The figures of a load run: what people waited for, what a message cost, what the processes took."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benches.load_test.function_workers import FunctionFigures, Interruption
from benches.load_test.load_run import LoadRun, count_by_chat
from benches.load_test.memory_figures import describe_memory
from benches.load_test.old_messages import HOT_ROOM
from benches.load_test.seen_answers import SeenFaults, find_faults
from benches.support.answered_message import WRITES
from benches.support.tables import percentile
from repartee.domain.turn_record import TurnRecord
from repartee.stores.dynamodb.turn_records import DynamoTurnRecords

SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
ReadTime = Callable[[TurnRecord], float]
WAIT_PARTS: Mapping[str, tuple[ReadTime, ReadTime]] = {
    "platform to gateway": (lambda one: one.sent_at, lambda one: one.received_at),
    "webhook and queue": (lambda one: one.received_at, lambda one: one.woken_at),
    "lease and claim": (lambda one: one.woken_at, lambda one: one.started_at),
    "gathering": (lambda one: one.started_at, lambda one: one.gathered_at),
    "model until its first token": (lambda one: one.gathered_at, lambda one: one.first_token_at),
    "first token to visible text": (lambda one: one.first_token_at, lambda one: one.first_text_at),
    "writing": (lambda one: one.first_text_at, lambda one: one.replied_at),
    "closing": (lambda one: one.replied_at, lambda one: one.closed_at),
    "turn": (lambda one: one.woken_at, lambda one: one.closed_at),
    "all, until the reply is whole": (lambda one: one.received_at, lambda one: one.replied_at),
}
"""The parts of the wait, each between two times of a turn record."""

CLEAN_FAULTS = ("lost", "cut_short", "twice", "out_of_order", "in_wrong_chat", "apologies", "other_words")
"""Faults that no run may show; what is twice in a platform's own gap is counted beside."""

RELEVANCE_STEPS = ("relevant_user_messages", "relevant_assistant_messages")
MAX_LISTED = 20


def collect_figures(run: LoadRun) -> dict[str, Any]:
    """Returns everything that is told of a run that has ended; its servers must still be up."""
    record, count = run.record, len(run.messages)
    seen, signs = _read_seen(run), _list_activity_signs(run)
    turns = list_turn_records(run)
    last = max((one.replied_at for one in turns), default=record.last_closed)
    table = run.stack.measure_table()
    return {
        "chats": run.scenario.chats,
        "messages": count,
        "accepted": len(record.accepted),
        "seconds": round(last - record.began, 1),
        "messages_a_second": round(count / max(1.0, last - record.began), 2),
        "turns": len(turns),
        "faults": {name: len(found) for name, found in asdict(seen).items()},
        "faults_listed": {name: found[:MAX_LISTED] for name, found in asdict(seen).items() if found},
        "open_at_end": record.open_at_end[:MAX_LISTED],
        "dead_letters": run.stack.count_waiting_wakes("DEAD_LETTERS_QUEUE_URL"),
        "activity_signs_left": len(signs),
        "activity_signs_listed": signs[:MAX_LISTED],
        "interruptions": {
            kind: sum(one.kind == kind for one in run.disturber.interruptions) for kind in ("kill", "freeze")
        },
        "refused_posts": record.refused_posts,
        "wakes": {
            "received": record.wakes_received,
            "a_message": round(record.wakes_received / count, 3),
            "by_kind": dict(record.wakes_by_kind),
            "lost": record.wakes_lost,
            "doubled": record.wakes_doubled,
            "woken_by_sweep": record.woken_by_sweep,
        },
        "waits_ms": measure_waits(turns),
        "worker_seconds": {
            "turn": _quantiles(record.turn.closing_call_seconds),
            "idle": _quantiles(record.turn.idle_call_seconds),
            "start": _quantiles(record.turn.start_seconds),
            "post": _quantiles(record.post_seconds),
        },
        "scenario": asdict(run.scenario),
        "hot_chat_relevance": measure_relevance(turns, HOT_ROOM),
        "costs": _sum_costs((record.webhook, record.turn, record.sweep), count),
        "cpu_ms": {
            "webhook, a message": round(record.webhook.cpu_ms / count, 2),
            "turn, a message": round(record.turn.cpu_ms / count, 2),
            "a message": round((record.webhook.cpu_ms + record.turn.cpu_ms) / count, 2),
        },
        "table": {
            **table,
            "items_a_message": round(table["items"] / count, 2),
            "bytes_a_message": round(table["bytes"] / count),
        },
        "memory_mb": {
            "webhook": describe_memory([worker.memory_samples for worker in run.webhooks]),
            "turn": describe_memory([worker.memory_samples for worker in run.turns]),
        },
        "queue": [{"seconds": round(at), "wakes": waiting} for at, waiting in record.queue],
    }


def describe_faulty_chats(run: LoadRun, figures: Mapping[str, Any]) -> str:
    """Returns all calls of the platforms in the chats in which something is wrong."""
    of_desk = figures.get("desk", {}).get("faults_listed")
    listed = json.dumps(
        [figures["faults_listed"], figures["open_at_end"], figures["activity_signs_listed"], of_desk]
    )
    chats = {
        message.chat: message.platform
        for message in run.messages
        if message.token in listed or f"chat {message.chat}:" in listed
    }
    lines = [f"interrupted: {one}" for one in run.disturber.interruptions]
    for chat, platform in list(chats.items())[:MAX_LISTED]:
        lines += [f"chat {chat}: {message}" for message in run.messages if message.chat == chat]
        lines += [f"chat {chat}: {call}" for call in run.posts.list_calls(chat, platform)]
    return "\n".join(lines)


def list_turn_records(run: LoadRun) -> list[TurnRecord]:
    """Returns the records of all turns that the run closed."""
    records = DynamoTurnRecords(run.stack.aws.get_client("dynamodb"), run.stack.settings["RECORDS_TABLE"])
    return list(records.list_newest(run.record.last_closed + 60, run.record.began))


def measure_waits(turns: Sequence[TurnRecord]) -> dict[str, dict[str, float]]:
    """Returns percentiles of each part of the wait in milliseconds, of the turns that came so far."""
    waits = {}
    for part, (begin, end) in WAIT_PARTS.items():
        values = [1000 * (end(one) - begin(one)) for one in turns if begin(one) and end(one)]
        if values:
            waits[part] = {name: round(percentile(values, share), 1) for name, share in SHARES.items()}
    return waits


def measure_relevance(turns: Sequence[TurnRecord], room: str) -> dict[str, float]:
    """Returns how the reads of relevant messages ended in a room, and how long they took (milliseconds)."""
    steps = [
        step
        for turn in turns
        if turn.chat == room
        for step in turn.steps
        if step.name in RELEVANCE_STEPS and step.status != "skipped"
    ]
    if not steps:
        return {}
    return {
        "reads": len(steps),
        "missed": sum(step.status != "ok" for step in steps),
        "p50": round(percentile([step.end_ms - step.start_ms for step in steps], 0.5), 1),
        "p95": round(percentile([step.end_ms - step.start_ms for step in steps], 0.95), 1),
    }


def _quantiles(values: Sequence[float]) -> list[float]:
    """Returns twenty-one quantiles of how long a worker was busy, from which `scripts/simulate` draws."""
    return [round(percentile(values, step / 20), 3) for step in range(21)] if values else []


def _read_seen(run: LoadRun) -> SeenFaults:
    texts = {
        chat: run.posts.list_visible_texts(chat, platform)
        for chat, platform in count_by_chat(run.messages).items()
    }
    interruptions: dict[int, list[Interruption]] = {}
    for one in run.disturber.interruptions:
        if (chat := run.posts.find_chat(one.chat)) is not None:
            interruptions.setdefault(chat, []).append(one)
    return find_faults(texts, run.messages, run.record.accepted, run.posts.list_sent_answers(), interruptions)


def _list_activity_signs(run: LoadRun) -> list[str]:
    chats = count_by_chat(run.messages).items()
    return [f"chat {chat}:" for chat, platform in chats if run.posts.has_activity_sign(chat, platform)]


def _sum_costs(functions: Sequence[FunctionFigures], count: int) -> dict[str, Any]:
    operations: dict[str, float] = {}
    units = {"write": 0.0, "read": 0.0}
    for one in functions:
        for name, calls in one.operations.items():
            operations[name] = operations.get(name, 0) + calls
        for name, consumed in one.units.items():
            units["write" if name in WRITES else "read"] += consumed
    return {
        "calls_a_message": round(sum(operations.values()) / count, 3),
        "operations_a_message": {
            name: round(calls / count, 3) for name, calls in sorted(operations.items(), key=lambda i: -i[1])
        },
        "write_units_a_message": round(units["write"] / count, 2),
        "read_units_a_message": round(units["read"] / count, 2),
    }
