"""Whom a message in a thread is said to, where it does not mention the assistant.

The rule, in this order. It reads nothing but the message, the thread's newest messages and the names of the
room, and asks no model:

1. A message that mentions a person or a user group is said to them.
2. So is one that thanks or calls a person by a name that is not the assistant's: "Thanks Ben", "Ben, …".
3. What another person answers to something that was said to people, within `SIDE_TALK_SECONDS`, is said to
them.
4. So is a statement (no question) by a person who has not spoken to the assistant among these messages,
   unless the room wants everything to be answered.
5. Everything else is said to the assistant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from repartee.domain.message import Message

SIDE_TALK_SECONDS = 15 * 60.0
"""Seconds for which what people say to each other goes on."""

LATEST_MESSAGES = 12
"""Messages of a thread that are looked at."""

ASSISTANT_NAMES = {"repartee", "assistant", "bot"}
"""Names that call the assistant."""

THANKS = (
    "thanks|thank you|thx|cheers|danke|danke dir|vielen dank|gracias|muchas gracias|merci|obrigado|obrigada|"
    "grazie|teşekkürler|sağ ol|dhanyavaad|dhanyavad|धन्यवाद|शुक्रिया|谢谢|多谢"
)
THANKED_NAME = rf"^\W*(?:{THANKS})[\s,،，、]*@?(?P<name>\w[\w'’-]*)"
"""Thanks and the word after it, which may be a name."""

THANKED_AFTERWARDS = rf"^\W*(?P<name>\w[\w'’-]*)[\s,،，、]+(?:{THANKS})\b"
"""A name before the thanks."""

NO_NAMES = {
    "i",
    "all",
    "again",
    "dir",
    "euch",
    "everybody",
    "everyone",
    "ihnen",
    "many",
    "so",
    "team",
    "that",
    "you",
}
"""Words beside thanks that are written like names, and are none."""

THANKED_IN_JAPANESE = (
    r"(?P<name>\w+?)(?:さん|くん|様|ちゃん)[、,\s]*(?:ありがと|感謝)|ありがと\w*[、,\s]*(?P<after>\w+?)さん"
)

CALLED_NAME = (
    r"^\W*(?:(?:hey|hi|hello|ok|okay|hallo|hola|salut|bonjour|olá|oi|ciao|merhaba)\s+)?"
    r"@?(?P<name>\w[\w'’-]*)\s*[,:،，、：]"
)
"""The word before a comma or colon with which a message begins, which may be a name."""

QUESTION_MARKS = ("?", "？", "؟")

REQUEST_STARTS = (
    r"^\W*(?:please|pls|could you|can you|would you|tell|show|give|list|find|summari[sz]e|explain|translate|"
    r"write|bitte|kannst du|por favor|puedes|s'il te plaît|peux-tu|você pode|per favore|puoi|lütfen|"
    r"कृपया|请|請|お願い)"
)
"""How a request begins that ends in no question mark."""


def is_said_to_others(
    message: Message,
    latest: Sequence[Message],
    room_names: Iterable[str],
    *,
    may_be_statement: bool = False,
) -> bool:
    """Whether a message that does not mention the assistant is said to another person. `latest` are the
    thread's messages before it, oldest first; `room_names` the names of the room's people."""
    if message.mentions or names_person(message.text, room_names):
        return True
    before = [one for one in latest if one.sent < message.sent and one.id != message.id]
    if before and _answers_a_person(message, before[-1]):
        return True
    if may_be_statement:
        return False
    spoke = {one.sender for one in before if not one.overheard}
    return message.sender not in spoke and not message.attachments and not _asks(message.text)


def may_name_person(text: str) -> bool:
    """Whether the text begins like one that calls or thanks a person by name: then names are worth
    reading."""
    return bool(
        _search(CALLED_NAME, text)
        or _search(THANKED_NAME, text)
        or _search(THANKED_AFTERWARDS, text)
        or _search(THANKED_IN_JAPANESE, text)
    )


def names_person(text: str, room_names: Iterable[str]) -> bool:
    """Whether the text thanks or calls a person by name."""
    known = {part for name in room_names for part in (name.casefold(), *name.casefold().split()[:1])}
    thanked = _search(THANKED_NAME, text) or _search(THANKED_AFTERWARDS, text)
    if thanked and _is_name(thanked["name"], known):
        return True
    in_japanese = _search(THANKED_IN_JAPANESE, text)
    if in_japanese:
        return (in_japanese["name"] or in_japanese["after"]).casefold() not in ASSISTANT_NAMES
    called = _search(CALLED_NAME, text)
    return bool(called and called["name"].casefold() in known - ASSISTANT_NAMES)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern when the first message needs it: what mentions the assistant needs none."""
    return re.compile(pattern, re.IGNORECASE)


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return _compile(pattern).search(text)


def _is_name(word: str, known: set[str]) -> bool:
    """Whether the word is a name of a person: one of the room, or written like one."""
    folded = word.casefold()
    return folded not in ASSISTANT_NAMES | NO_NAMES and (
        folded in known or (word.istitle() and word.isalpha())
    )


def _answers_a_person(message: Message, before: Message) -> bool:
    is_recent = message.sent - before.sent < SIDE_TALK_SECONDS
    return before.overheard and before.sender != message.sender and is_recent


def _asks(text: str) -> bool:
    ends = text.rstrip(" \t\n\"'”’»)]!")
    return any(mark in ends for mark in QUESTION_MARKS) or bool(_search(REQUEST_STARTS, text))
