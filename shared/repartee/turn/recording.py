"""Makes the recording of a turn: redacted, with pseudonyms in the place of people, each text bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.domain.message import Exchange, Incoming, Message, StoredMessage, workspace_of
from repartee.domain.prompt import Prompt
from repartee.domain.recording import (
    KeptRecording,
    RecordedCall,
    RecordedEdit,
    RecordedPromptPart,
    RecordedStep,
    RecordedText,
    TurnRecording,
)
from repartee.domain.redactor import Redactor
from repartee.domain.tokens import estimate_tokens
from repartee.domain.truncation import truncate_redactable
from repartee.domain.usage import UsageTotal
from repartee.plan import Outcome
from repartee.turn.recorded_sources import find_edits, list_units

if TYPE_CHECKING:
    from repartee.turn.turn import Turn

MAX_TEXT_CHARS = 8_000
"""Characters that are recorded of one text."""

MAX_STEP_TEXTS = 40
"""Texts that are recorded of what one step found."""

MIN_NAME_CHARS = 3
"""Characters from which a name is replaced by the pseudonym: a shorter one is a word too often."""

TEXT_FIELDS = ("text", "arguments", "result", "reply", "answers", "instead")
"""Fields of a recording, and of what is in it, that hold texts of people, models and tools."""

Pseudonyms = Callable[[str], str]
"""Gives the pseudonym of a person's id."""


def build_recording(
    turn: Turn, exchange: Exchange, redactor: Redactor, pseudonym_of: Pseudonyms, cost: UsageTotal
) -> KeptRecording:
    """Returns the recording of a closed turn. Raises `BackendError` where what is personal cannot be
    found."""
    messages = [one for outcome in turn.outcomes for one in _stored_messages(outcome)]
    raw = _describe_turn(turn, exchange, pseudonym_of, cost)
    names = _pseudonyms_by_name(turn, messages, pseudonym_of)
    return KeptRecording(redact_recording(raw, redactor, names), _list_people(turn.incoming, messages))


def redact_recording(
    recording: TurnRecording, redactor: Redactor, names: Mapping[str, str] = {}
) -> TurnRecording:
    """Returns the recording with all its texts cut and redacted, in one call of the detector, and with these
    names replaced."""
    plain: dict[str, Any] = msgspec.to_builtins(recording)
    texts = list(dict.fromkeys(_texts_in(plain)))
    hidden = redactor.redact_all([truncate_redactable(text, MAX_TEXT_CHARS) for text in texts])
    named = _name_pattern(names)
    replaced = {
        text: named.sub(lambda found: names[found[0]], safe) if named else safe
        for text, safe in zip(texts, hidden, strict=True)
    }
    hidden_parts = msgspec.convert(_replace_texts(plain, replaced), TurnRecording)
    parts = tuple(map(_keep_units, recording.prompt, hidden_parts.prompt))
    return msgspec.structs.replace(hidden_parts, prompt=parts)


def _keep_units(raw: RecordedPromptPart, hidden: RecordedPromptPart) -> RecordedPromptPart:
    """Returns the part, marked if it was cut. Its units are lost where a placeholder stands for lines."""
    kept = truncate_redactable(raw.text, MAX_TEXT_CHARS)
    is_counted = kept.count("\n") == hidden.text.count("\n")
    units = {} if is_counted else {"lines": (), "edits": ()}
    return msgspec.structs.replace(hidden, is_cut=len(kept) < len(raw.text), **units)


def _describe_turn(
    turn: Turn, exchange: Exchange, pseudonym_of: Pseudonyms, cost: UsageTotal
) -> TurnRecording:
    prompt = turn.talk.prompt if turn.talk else None
    edits = find_edits(turn.assistant.graph, turn.inputs, turn.outcomes) if prompt else {}
    timeline, is_private = turn.timeline, exchange.reply != turn.reply
    return TurnRecording(
        turn=turn.id,
        chat=exchange.chat,
        room=exchange.room,
        assistant=exchange.assistant,
        closed_at=timeline.closed_at,
        incoming=tuple(_describe_incoming(turn.incoming, pseudonym_of)),
        gathered=tuple(_describe_step(one, exchange.chat, pseudonym_of) for one in turn.outcomes),
        route=find_route(turn.outcomes),
        prompt=tuple(_describe_prompt(prompt, edits)) if prompt else (),
        tools=tuple(tool.name for tool in prompt.tools) if prompt else (),
        calls=tuple(_describe_calls(prompt, is_private)) if prompt else (),
        answers=() if is_private or not turn.talk else tuple(turn.talk.answers),
        reply=exchange.reply,
        failure=turn.failure_reason,
        is_private=is_private,
        waited_seconds=max(timeline.started_at - timeline.received_at, 0.0),
        gather_seconds=max(timeline.gathered_at - timeline.started_at, 0.0),
        first_text_seconds=max(timeline.first_text_at - timeline.started_at, 0.0),
        seconds=max(timeline.closed_at - timeline.started_at, 0.0),
        tokens=cost.tokens,
        cost_usd=cost.cost_usd,
    )


def find_route(outcomes: Iterable[Outcome]) -> str:
    """Returns the name of the route that was taken, empty where the assistant has none."""
    values = {one.name: one.value for one in outcomes if one.error is None and one.value is not None}
    route = values.get("effective_route", values.get("route"))
    return str(getattr(route, "name", "") or getattr(getattr(route, "route", None), "name", ""))


def _describe_incoming(incoming: Sequence[Incoming], pseudonym_of: Pseudonyms) -> Iterator[RecordedText]:
    for one in incoming:
        said = one.text if isinstance(one, Message) else ""
        kind = type(one).__name__.lower()
        yield RecordedText(kind, said, pseudonym_of(one.sender), one.sent, len(said))
        for part in one.context if isinstance(one, Message) else ():
            author = "" if part.by_assistant or not part.author.id else pseudonym_of(part.author.id)
            yield RecordedText(part.kind, part.text, author, part.sent, len(part.text))


def _describe_step(outcome: Outcome, chat: str, pseudonym_of: Pseudonyms) -> RecordedStep:
    value = outcome.value
    found = len(value) if isinstance(value, (str, bytes, Sequence, Mapping)) else int(value is not None)
    texts = tuple(
        RecordedText(
            kind=str(getattr(one, "side", type(one).__name__.lower())),
            text=one.text,
            author=pseudonym_of(one.sender) if getattr(one, "side", "") == "user" else "",
            sent=float(getattr(one, "sent", 0.0)),
            chars=len(one.text),
            in_chat=getattr(one, "chat", chat) == chat,
        )
        for one in _items_with_text(value)[:MAX_STEP_TEXTS]
    )
    return RecordedStep(outcome.name, outcome.status, round(outcome.seconds, 4), found, texts)


def _items_with_text(value: Any) -> list[Any]:
    items = value if isinstance(value, (list, tuple)) else ()
    return [one for one in items if isinstance(getattr(one, "text", None), str)]


def _stored_messages(outcome: Outcome) -> Iterator[StoredMessage]:
    return (one for one in _items_with_text(outcome.value) if isinstance(one, StoredMessage))


def _describe_prompt(
    prompt: Prompt, edits: Mapping[str, tuple[RecordedEdit, ...]]
) -> Iterator[RecordedPromptPart]:
    yield RecordedPromptPart("instructions", estimate_tokens(prompt.instructions), prompt.instructions)
    for name, units in list_units(prompt).items():
        text = "\n".join(units)
        lines = () if name == "context" else tuple(unit.count("\n") + 1 for unit in units)
        yield RecordedPromptPart(name, estimate_tokens(text), text, lines, edits.get(name, ()))


def _describe_calls(prompt: Prompt, is_private: bool) -> Iterator[RecordedCall]:
    for number, asked in enumerate(prompt.rounds):
        for call, result in zip(asked.calls, asked.results, strict=False):
            yield RecordedCall(number, call.name, call.arguments, "" if is_private else result)


def _list_people(incoming: Iterable[Incoming], messages: Iterable[StoredMessage]) -> frozenset[str]:
    said = [one for one in incoming if isinstance(one, Message)]
    return frozenset(
        id
        for id in (
            *(one.sender for one in incoming),
            *(part.author.id for one in said for part in one.context),
            *(person.id for one in said for person in one.mentions),
            *(one.sender for one in messages if one.side == "user"),
        )
        if id
    )


def _pseudonyms_by_name(
    turn: Turn, messages: Iterable[StoredMessage], pseudonym_of: Pseudonyms
) -> dict[str, str]:
    """Returns the pseudonyms of everybody whose name may stand in a text, by name, by its parts and by id."""
    spoke = [(one.sender_name, one.sender) for one in (*turn.incoming, *messages)]
    workspace = workspace_of(turn.incoming[-1].room)
    known = [(one.name, f"{workspace}:{id}") for id, one in turn.consent.chat_state.names.items()]
    written: dict[str, str] = {}
    for name, id in (*spoke, *known):
        for part in (name, *name.split()) if name and id else ():
            if len(part) >= MIN_NAME_CHARS:
                written.setdefault(part, pseudonym_of(id))
    for id in (*_list_people(turn.incoming, messages), *(id for _, id in known)):
        own = id.rpartition(":")[2]  # a text has the platform's id where a name could not be looked up
        if len(own) >= MIN_NAME_CHARS:
            written.setdefault(own, pseudonym_of(id))
    return written


def _name_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b") if longest_first else None


def _texts_in(plain: Any, field: str = "") -> Iterator[str]:
    if isinstance(plain, str):
        if field in TEXT_FIELDS and plain:
            yield plain
    elif isinstance(plain, dict):
        for name, value in plain.items():
            yield from _texts_in(value, name)
    elif isinstance(plain, (list, tuple)):
        for value in plain:
            yield from _texts_in(value, field)


def _replace_texts(plain: Any, replaced: Mapping[str, str], field: str = "") -> Any:
    if isinstance(plain, str):
        return replaced.get(plain, plain) if field in TEXT_FIELDS else plain
    if isinstance(plain, dict):
        return {name: _replace_texts(value, replaced, name) for name, value in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_replace_texts(value, replaced, field) for value in plain]
    return plain
