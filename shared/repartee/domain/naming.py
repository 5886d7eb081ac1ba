"""Puts people's names in the place of their ids, in what was said and in what came along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from repartee.domain.message import ContextPart, Message, Person, StoredMessage
from repartee.domain.names import NAME_MARKS, platform_id, show_names


def ids_in_messages(messages: Iterable[Message]) -> set[str]:
    """The platform's ids of everybody who speaks, is mentioned or is quoted in the messages."""
    found: set[str] = set()
    for message in messages:
        found |= {platform_id(message.sender), *NAME_MARKS.findall(message.text)}
        found.discard(message.platform.get("self", ""))
        for part in message.context:
            found |= ids_in_part(part)
    return found


def ids_in_part(part: ContextPart) -> set[str]:
    """The platform's ids of its author, unless the name is told, and of everybody who is mentioned in it."""
    author = {platform_id(part.author.id)} if part.author.id and not part.author.name else set()
    return author | set(NAME_MARKS.findall(part.text))


def name_message(message: Message, names: Mapping[str, str]) -> Message:
    """The message with the names that are known."""
    return msgspec.structs.replace(
        message,
        text=show_names(message.text, names),
        sender_name=message.sender_name or names.get(platform_id(message.sender), ""),
        mentions=tuple(_name_person(person, names) for person in message.mentions),
        context=name_parts(message.context, names),
    )


def name_messages(messages: Iterable[Message], names: Mapping[str, str]) -> tuple[Message, ...]:
    """The messages with the names that are known."""
    return tuple(name_message(message, names) for message in messages)


def name_parts(parts: Iterable[ContextPart], names: Mapping[str, str]) -> tuple[ContextPart, ...]:
    """Returns what came along with the names that are known."""
    return tuple(
        msgspec.structs.replace(
            part, author=_name_person(part.author, names), text=show_names(part.text, names)
        )
        for part in parts
    )


def name_stored(messages: Sequence[StoredMessage], names: Mapping[str, str]) -> list[StoredMessage]:
    """Returns what was said earlier, with the names that are known by now."""
    return [
        msgspec.structs.replace(
            one,
            text=show_names(one.text, names),
            sender_name=names.get(platform_id(one.sender), one.sender_name)
            if one.side == "user"
            else one.sender_name,
        )
        for one in messages
    ]


def _name_person(person: Person, names: Mapping[str, str]) -> Person:
    name = person.name or names.get(platform_id(person.id), "")
    return person if name == person.name else Person(person.id, name)
