"""A person's conversation on the web, kept as their page would show it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx2
import msgspec

from local.person_files import web_attachment
from repartee.console.try_it_stage import SaidFile, ShownMessage, ShownRoom

READ_TIMEOUT_SECONDS = 280.0
"""Seconds that a reply may be silent: longer than a turn may take."""

RETRY_SECONDS = 2.0
"""Seconds after which a look into a conversation that failed is tried again."""

AUTHORS = {"member": "Team", "desk": "repartee"}


@dataclass
class WebConversation:
    """The messages of one conversation. Its id is part of the addresses of its turns."""

    id: str
    messages: list[ShownMessage] = field(default_factory=list)
    status: str = ""
    last_event: str = ""
    is_followed: bool = False
    look_due: threading.Event = field(default_factory=threading.Event)


class StreamedEvent(NamedTuple):
    """An event of a stream; `retry_seconds` is when to come back, 0 where it does not say."""

    name: str
    data: dict[str, Any]
    id: str = ""
    retry_seconds: float = 0.0


class WebTalk:
    """Posts what people say, and reads what becomes of it in a thread for each reply, and in one for what
    members of a team write."""

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
        if not conversation.is_followed:
            conversation.is_followed = True
            threading.Thread(target=self._follow, args=(person, conversation), daemon=True).start()
        posted = {**body, "conversation": conversation.id}
        reading = threading.Thread(target=self._read_reply, args=(person, conversation, posted), daemon=True)
        reading.start()

    def _read_reply(self, person: str, conversation: WebConversation, body: dict[str, Any]) -> None:
        reply, place = (
            ShownMessage(id=f"{body['id']}.reply", author="repartee", text="", is_assistant=True),
            -1,
        )
        headers = self._make_headers(person)
        try:
            with httpx2.stream(
                "POST", f"{self._url}/chat", json=body, headers=headers, timeout=READ_TIMEOUT_SECONDS
            ) as response:
                for event in _iterate_events(response.iter_text()):
                    is_status = event.name == "status" and place < 0
                    conversation.status = event.data["text"] if is_status else ""
                    changed = _apply_event(reply, event.name, event.data)
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
            conversation.look_due.set()  # it may have been passed on to a person

    def _make_headers(self, person: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._issue_token(person)}"}

    def _follow(self, person: str, conversation: WebConversation) -> None:
        """Shows what is said beside the replies, until another conversation is begun."""
        while self._conversations.get(person) is conversation:
            conversation.look_due.clear()
            conversation.look_due.wait(self._look(person, conversation))

    def _look(self, person: str, conversation: WebConversation) -> float:
        """Asks once for what is new. Returns the seconds after which to ask again."""
        headers, pause = self._make_headers(person), RETRY_SECONDS
        if conversation.last_event:
            headers["Last-Event-ID"] = conversation.last_event
        address = f"{self._url}/chat/{conversation.id}/live"
        try:
            with httpx2.stream("GET", address, headers=headers, timeout=READ_TIMEOUT_SECONDS) as response:
                response.raise_for_status()
                for event in _iterate_events(response.iter_text()):
                    pause = event.retry_seconds or pause
                    conversation.last_event = event.id or conversation.last_event
                    if event.data:
                        _show_event(conversation, event.name, event.data)
        except httpx2.HTTPError:
            return RETRY_SECONDS
        return pause


def _show_event(conversation: WebConversation, name: str, data: dict[str, Any]) -> None:
    """Shows a message or a file of the team. One that is there came again after a crash."""
    if name == "status" or any(one.id == data["id"] for one in conversation.messages):
        return
    author = AUTHORS[data.get("by", "member")]
    files = (data["name"],) if name == "picture" else ()
    conversation.messages.append(
        ShownMessage(
            id=data["id"],
            author=author,
            text=data.get("text", ""),
            is_assistant=author == AUTHORS["desk"],
            files=files,
        )
    )


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


def _iterate_events(pieces: Iterator[str]) -> Iterator[StreamedEvent]:
    """Yields the events of a stream. Its lines end at LF alone: JSON may hold other breaks."""
    rest = ""
    for piece in pieces:
        *blocks, rest = (rest + piece).split("\n\n")
        for block in blocks:
            fields = dict(line.partition(": ")[::2] for line in block.split("\n"))
            data = json.loads(fields.get("data", "{}"))
            retry_seconds = int(fields.get("retry", 0)) / 1000
            yield StreamedEvent(fields.get("event", ""), data, fields.get("id", ""), retry_seconds)
