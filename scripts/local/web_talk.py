"""A person's conversation on the web, kept as their page would show it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import msgspec

from local.person_files import web_attachment
from repartee.console.try_it_stage import SaidFile, ShownMessage, ShownRoom

READ_TIMEOUT_SECONDS = 280.0
"""Seconds that a reply may be silent: longer than a turn may take."""


@dataclass
class WebConversation:
    """The messages of one conversation. Its id is part of the addresses of its turns."""

    id: str
    messages: list[ShownMessage] = field(default_factory=list)
    status: str = ""


class WebTalk:
    """Posts what people say, and reads what becomes of it in a thread for each reply."""

    def __init__(self, url: str, issue_token: Callable[[str], str], new_id: Callable[[], str]) -> None:
        self._url, self._issue_token, self._new_id = url, issue_token, new_id
        self._conversations: dict[str, WebConversation] = {}

    def start_conversation(self, person: str) -> None:
        """Lets what the person says next begin a conversation."""
        self._conversations[person] = WebConversation(f"c{self._new_id()}")

    def read_room(self, person: str) -> ShownRoom:
        """Returns the conversation as it is."""
        shown = self._conversation(person)
        return ShownRoom(tuple(shown.messages), shown.status)

    def say(self, person: str, text: str, file: SaidFile | None = None) -> None:
        """Says it, perhaps with a file, and lets the reply come in."""
        conversation, id = self._conversation(person), self._new_id()
        names = (file.name,) if file else ()
        said = ShownMessage(id=id, author=person.title(), text=text, files=names)
        conversation.messages.append(said)
        attached = {"attachments": [web_attachment(file)]} if file else {}
        self._post(person, conversation, {"id": id, "text": text, **attached})

    def decide(self, person: str, proposal: str, *, approve: bool) -> None:
        """Approves a proposal, or declines it."""
        conversation = self._conversation(person)
        conversation.messages = [msgspec.structs.replace(one, buttons=()) for one in conversation.messages]
        self._post(
            person,
            conversation,
            {"id": self._new_id(), "decision": {"subject": proposal, "approve": approve}},
        )

    def _conversation(self, person: str) -> WebConversation:
        if person not in self._conversations:
            self.start_conversation(person)
        return self._conversations[person]

    def _post(self, person: str, conversation: WebConversation, body: dict[str, Any]) -> None:
        posted = {**body, "conversation": conversation.id}
        reading = threading.Thread(target=self._read_reply, args=(person, conversation, posted), daemon=True)
        reading.start()

    def _read_reply(self, person: str, conversation: WebConversation, body: dict[str, Any]) -> None:
        reply, place = (
            ShownMessage(id=f"{body['id']}.reply", author="repartee", text="", is_assistant=True),
            -1,
        )
        headers = {"Authorization": f"Bearer {self._issue_token(person)}"}
        try:
            with httpx2.stream(
                "POST", f"{self._url}/chat", json=body, headers=headers, timeout=READ_TIMEOUT_SECONDS
            ) as response:
                for name, data in _iterate_events(response.iter_lines()):
                    conversation.status = data["text"] if name == "status" and place < 0 else ""
                    changed = _apply_event(reply, name, data)
                    if changed is None:
                        continue
                    if place < 0:
                        place = len(conversation.messages)
                        conversation.messages.append(changed)
                    reply = conversation.messages[place] = changed
        except httpx2.HTTPError as failure:
            problem = f"The connection was lost ({type(failure).__name__})."
            conversation.messages.append(msgspec.structs.replace(reply, text=problem))
        finally:
            conversation.status = ""


def _apply_event(reply: ShownMessage, name: str, data: dict[str, Any]) -> ShownMessage | None:
    """Returns the reply after an event; None if it is as it was."""
    change = msgspec.structs.replace
    if name == "delta":
        return change(reply, text=reply.text + data["text"], is_streaming=True)
    if name == "replaced":
        return change(reply, text=data["text"])
    if name == "picture":
        return change(reply, files=tuple(dict.fromkeys((*reply.files, data["name"]))))
    if name == "proposal":
        buttons = tuple((f"{word}:{data['subject']}", word.title()) for word in ("approve", "decline"))
        return change(reply, text=f"{reply.text}\n\n{data['summary']}".strip(), buttons=buttons)
    if name == "error":
        return change(reply, text=f"{reply.text}\n\n{data['error']}".strip(), is_streaming=False)
    return change(reply, is_streaming=False) if name == "done" and reply.text else None


def _iterate_events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            yield name, json.loads(line.removeprefix("data:"))
