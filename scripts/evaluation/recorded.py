"""Makes conversations of recordings, so that they are run as written ones are."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from evaluation.run_version import CALLS_SUFFIX
from evaluation.versions import InvalidVersion
from operations.deployed_stack import AWS_ERRORS, MissingPart
from operations.personal_data import read_environment
from repartee.domain.recording import RecordedStep, TurnRecording
from repartee.errors import ReparteeError
from repartee.wiring import Wiring, stores

SPOKEN_KINDS = ("user", "assistant")
"""Kinds of gathered texts that are messages of either side."""

MAX_GAP_SECONDS = 6 * 3600.0
"""Seconds at the most between two messages of a replay."""

ERP_SETTINGS = {"ODOO_URL": "https://odoo.example"}
"""Settings under which the tools of the ERP are offered; their recorded results are given."""


def find_recordings(given: str, options: argparse.Namespace) -> list[TurnRecording]:
    """Returns the recordings in a file (JSON lines), or those of a room. Raises `InvalidVersion`."""
    try:
        if Path(given).is_file():
            lines = Path(given).read_bytes().splitlines()
            found = [msgspec.json.decode(line, type=TurnRecording) for line in lines if line.strip()]
        else:
            wiring = Wiring(read_environment(options))
            found = list(wiring.get(stores.recordings).list_room(given))
    except (msgspec.DecodeError, MissingPart, ReparteeError, ValueError, OSError, *AWS_ERRORS) as problem:
        raise InvalidVersion(f"{given}: {problem}") from None
    if not found:
        raise InvalidVersion(f"{given} has no recordings: it is neither their file nor a room that has some")
    return found


def write_conversations(recordings: Sequence[TurnRecording], folder: Path) -> list[Path]:
    """Writes a conversation for each chat, and beside it the recorded calls of its steps. Returns the
    conversations' files."""
    chats: dict[str, list[TurnRecording]] = defaultdict(list)
    for one in sorted(recordings, key=lambda one: one.closed_at):
        if _said_text(one):
            chats[one.chat].append(one)
    return [_write_chat(turns, folder, number) for number, turns in enumerate(chats.values(), 1)]


def _write_chat(turns: Sequence[TurnRecording], folder: Path, number: int) -> Path:
    path = folder / turns[0].assistant / f"recorded-{number}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.yaml.encode(make_scenario(turns)))
    calls = [[msgspec.to_builtins(call) for call in turn.calls] for turn in turns]
    path.with_suffix(CALLS_SUFFIX).write_text(json.dumps(calls))
    return path


def make_scenario(turns: Sequence[TurnRecording]) -> dict[str, Any]:
    """Returns the turns of one chat as a conversation. What was there before is what the first turn found."""
    channel = turns[0].chat.partition(":")[0]
    offers_erp = any(name.startswith("erp_") for turn in turns for name in turn.tools)
    gaps = [60.0, *(later.closed_at - one.closed_at for one, later in pairwise(turns))]
    return {
        "says": "What was recorded.",
        "channels": [channel if channel in ("slack", "telegram") else "slack"],
        "settings": ERP_SETTINGS if offers_erp else {},
        "before": list(_earlier_messages(turns[0])),
        "talk": [
            {
                "text": _said_text(turn),
                "after": min(max(gap, 1.0), MAX_GAP_SECONDS),
                "model": list(_scripted_answers(turn)),
            }
            for turn, gap in zip(turns, gaps, strict=True)
        ],
    }


def _said_text(turn: TurnRecording) -> str:
    return "\n".join(one.text for one in turn.incoming if one.kind == "message" and one.text)


def _scripted_answers(turn: TurnRecording) -> Iterator[Mapping[str, Any]]:
    """Returns what the model wrote and called; of a private turn, the note that stands for its reply."""
    for number, text in enumerate(turn.answers or (turn.reply,)):
        calls = [[one.name, _read_arguments(one.arguments)] for one in turn.calls if one.answer == number]
        yield {"text": text, "calls": calls}


def _read_arguments(written: str) -> dict[str, Any]:
    """Returns the arguments. None where a placeholder stands for a number, and they are JSON no more."""
    try:
        read = json.loads(written)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _earlier_messages(turn: TurnRecording) -> Iterator[dict[str, Any]]:
    known: set[tuple[str, float]] = set()
    for step in turn.gathered:
        for message in _spoken(step, turn):
            if (message["text"], message["age"]) not in known:
                known.add((message["text"], message["age"]))
                yield _earlier_message(**message)


def _spoken(step: RecordedStep, turn: TurnRecording) -> Iterator[dict[str, Any]]:
    for one in step.texts:
        age = turn.closed_at - one.sent
        if one.kind in SPOKEN_KINDS and one.text and one.sent and age > 0:
            yield {"text": one.text, "by": one.author, "age": age, "in_chat": one.in_chat}


def _earlier_message(text: str, by: str, age: float, in_chat: bool) -> dict[str, Any]:
    when = {"minutes": age / 60} if in_chat else {"days": age / 86400}
    return {"text": text, "by": by, **when}
