"""A short history of one channel, so that the first run already has something to remember."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from repartee.conversation.message import Said
from repartee.ports import Embedder, Messages

DAY = 86_400.0
FILE = Path(__file__).with_name("sample.json")


def history(now: float) -> list[Said]:
    """What was said in the channel, counted back from now."""
    sample = _sample()
    return [_said(sample["room"], line, number, now) for number, line in enumerate(sample["said"])]


def remember(said: list[Said], messages: Messages, embedder: Embedder) -> None:
    """Puts the history into the messages store, with its vectors."""
    vectors = embedder.embed([one.text for one in said])
    messages.put(list(zip(said, vectors, strict=True)))


def people() -> Iterator[dict[str, Any]]:
    """The people of the channel, as items of the records' table."""
    for person, known in _sample()["people"].items():
        attributes = {name: {"S": value} for name, value in known.items()}
        yield {"pk": {"S": person}, "sk": {"S": "profile"}, **attributes}


def linked() -> Iterator[dict[str, Any]]:
    """The accounts of people in Odoo's stand-in, as items of the records' table."""
    from local.odoo_company import LINKED

    for person, user in LINKED.items():
        account = {"login": {"S": user.login}, "key": {"S": user.keys[0]}}
        yield {"pk": {"S": person}, "sk": {"S": "account"}, **account}


def names() -> dict[str, str]:
    """What to call people, by their id in Slack."""
    return {person.rpartition(":")[2]: known["name"] for person, known in _sample()["people"].items()}


def _said(room: str, line: dict[str, Any], number: int, now: float) -> Said:
    assistant = line["by"] == "assistant"
    sent = now - line["days_ago"] * DAY + number
    thread = f"{room}:{now - line['days_ago'] * DAY:.0f}.{line['thread']:06}"
    return Said(
        id=f"{thread}#{number}",
        side="assistant" if assistant else "user",
        chat=thread,
        room=room,
        sender="office" if assistant else f"{room.rpartition(':')[0]}:{line['by']}",
        text=line["text"],
        sent=sent,
    )


def _sample() -> dict[str, Any]:
    sample: dict[str, Any] = json.loads(FILE.read_text())
    return sample
