"""A short history of one channel, so that the first run already has something to remember."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from repartee.domain.message import StoredMessage
from repartee.ports import Embedder, MessageStore

DAY_SECONDS = 86_400.0
SAMPLE_FILE = Path(__file__).with_name("sample.json")


def build_history(now: float) -> list[StoredMessage]:
    """Builds the sample history of the channel and of the other rooms that were told the same, counted back
    from now. What is in a room is said by the people who are in it, or answers them."""
    sample = _load_sample()
    room, said = sample["room"], list(enumerate(sample["said"]))
    workspace = room.rpartition(":")[0]
    everybody = {line["by"]: f"{workspace}:{line['by']}" for _, line in said}
    rooms = {room: everybody, **sample["also_in"]}
    return [
        _stored_message(place, people.get(line["by"], ""), line, number, now)
        for place, people in rooms.items()
        for number, line in said
        if line["by"] in people or (line["by"] == "assistant" and sample["said"][number - 1]["by"] in people)
    ]


def store_history(said: list[StoredMessage], messages: MessageStore, embedder: Embedder) -> None:
    """Puts the history into the messages store, with its vectors. Each text is embedded once."""
    texts = list(dict.fromkeys(one.text for one in said))
    vectors = dict(zip(texts, embedder.embed(texts), strict=True))
    messages.put([(one, vectors[one.text]) for one in said])


def people_items() -> Iterator[dict[str, Any]]:
    """The people of the channel, as items of the records' table."""
    for person, known in _load_sample()["people"].items():
        attributes = {name: {"S": value} for name, value in known.items()}
        yield {"pk": {"S": person}, "sk": {"S": "profile"}, **attributes}


def linked_accounts() -> Iterator[dict[str, Any]]:
    """The accounts of people in Odoo's stand-in, as items of the accounts' table."""
    from standins.odoo.company import LINKED_USERS

    for person, user in LINKED_USERS.items():
        account = {"login": {"S": user.login}, "key": {"S": user.keys[0]}}
        yield {"pk": {"S": person}, "sk": {"S": "account"}, **account}


def display_names() -> dict[str, str]:
    """Returns the display names of people, by their id in Slack."""
    return {person.rpartition(":")[2]: known["name"] for person, known in _load_sample()["people"].items()}


def _stored_message(room: str, sender: str, line: dict[str, Any], number: int, now: float) -> StoredMessage:
    assistant = line["by"] == "assistant"
    sent = now - line["days_ago"] * DAY_SECONDS + number
    thread = f"{room}:{now - line['days_ago'] * DAY_SECONDS:.0f}.{line['thread']:06}"
    return StoredMessage(
        id=f"{thread}#{number}",
        side="assistant" if assistant else "user",
        chat=thread,
        room=room,
        sender="office" if assistant else sender,
        text=line["text"],
        sent=sent,
    )


def _load_sample() -> dict[str, Any]:
    sample: dict[str, Any] = json.loads(SAMPLE_FILE.read_text())
    return sample
